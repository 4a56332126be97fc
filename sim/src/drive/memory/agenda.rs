//! What is due, and when. Things due at one moment happen in the order in which they were planned.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

use mta_core::time::Time;

use crate::dns::Exchange;

/// Something that happens at a time.
#[derive(Debug)]
pub(super) enum Scheduled {
    Answer(u32, Arc<Exchange>),
    /// A connection request reaches this address.
    Arrives(u32, SocketAddr),
    Connected(u32),
    Refused(u32),
    ToPeer(u32, Vec<u8>),
    ClosedToPeer(u32),
    PeerWakes(u32),
    /// A part of a write reaches the sender.
    ToSender(u32, Arc<Vec<u8>>, Range<usize>),
    ClosedToSender(u32),
    ResetToSender(u32),
}

/// Everything that is due.
#[derive(Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<Item>>,
    planned: u64,
}

struct Item {
    at: Time,
    order: u64,
    scheduled: Scheduled,
}

impl Agenda {
    pub(super) fn add(&mut self, at: Time, scheduled: Scheduled) {
        self.planned += 1;
        self.heap.push(Reverse(Item {
            at,
            order: self.planned,
            scheduled,
        }));
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse(item)| item.at)
    }

    pub(super) fn take(&mut self) -> Option<Scheduled> {
        self.heap.pop().map(|Reverse(item)| item.scheduled)
    }
}

impl Ord for Item {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Item {}
