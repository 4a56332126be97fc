//! Messages, when to try them again, when to give up (Postfix src/qmgr).

mod header;
mod message;
mod schedule;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::config::QueueSettings;
use crate::time::Time;

pub use header::HeaderAsks;
pub use message::Message;
use schedule::{backoff, next_scan};

/// All messages that are not done with.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    entries: BTreeMap<u32, Entry>,
    /// Deferred messages by the time of their next attempt.
    deferred: BTreeSet<(Time, u32)>,
    next: u32,
}

/// One message in the queue.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) message: Message,
    queued_at: Time,
    /// Deliveries under way.
    under_way: usize,
    /// Recipients that were deferred in this round.
    left: Vec<Arc<str>>,
}

/// What becomes of a message after a round of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterRound {
    /// Deliveries are still under way.
    NotYet,
    /// Every recipient has its result.
    Done,
    /// It waits.
    Retry { at: Time, backoff: Duration },
    /// It is given up.
    Expired { age: Duration },
}

impl Entry {
    /// How long ago it entered the queue.
    pub(crate) fn age(&self, now: Time) -> Duration {
        self.message.age + now.since(self.queued_at)
    }
}

impl Queue {
    pub(crate) fn add(&mut self, message: Message, now: Time) -> u32 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.entries.insert(
            number,
            Entry {
                message,
                queued_at: now,
                under_way: 0,
                left: Vec::new(),
            },
        );
        number
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Entry> {
        self.entries.get(&number)
    }

    /// Begins a round: the recipients that are left are handed out.
    pub(crate) fn take_recipients(&mut self, number: u32) -> Vec<Arc<str>> {
        self.entries
            .get_mut(&number)
            .map(|entry| std::mem::take(&mut entry.message.recipients))
            .unwrap_or_default()
    }

    pub(crate) fn delivery_begins(&mut self, number: u32) {
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.under_way += 1;
        }
    }

    /// A delivery is over; these recipients were deferred.
    pub(crate) fn delivery_over(
        &mut self,
        number: u32,
        deferred: impl IntoIterator<Item = Arc<str>>,
        now: Time,
        settings: &QueueSettings,
    ) -> AfterRound {
        let Some(entry) = self.entries.get_mut(&number) else {
            return AfterRound::Done;
        };
        entry.left.extend(deferred);
        entry.under_way = entry.under_way.saturating_sub(1);
        if entry.under_way > 0 {
            return AfterRound::NotYet;
        }
        if entry.left.is_empty() {
            self.entries.remove(&number);
            return AfterRound::Done;
        }
        entry.message.recipients = std::mem::take(&mut entry.left);
        let age = entry.age(now);
        if age.as_secs() > schedule::lifetime(&entry.message, settings).as_secs() {
            return AfterRound::Expired { age };
        }
        let backoff = backoff(age, settings);
        let at = next_scan(now + backoff, settings.run_delay);
        self.deferred.insert((at, number));
        AfterRound::Retry { at, backoff }
    }

    /// Takes a message out for good.
    pub(crate) fn remove(&mut self, number: u32) {
        self.entries.remove(&number);
    }

    /// The next message that is due at `now`, if any.
    pub(crate) fn take_due(&mut self, now: Time) -> Option<u32> {
        let &(at, number) = self.deferred.first()?;
        (at <= now).then(|| {
            self.deferred.pop_first();
            number
        })
    }

    /// All deferred messages, now (postqueue -f).
    pub(crate) fn take_all_deferred(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.deferred)
            .into_iter()
            .map(|(_, number)| number)
            .collect()
    }

    pub(crate) fn next_due(&self) -> Option<Time> {
        self.deferred.first().map(|(at, _)| *at)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
