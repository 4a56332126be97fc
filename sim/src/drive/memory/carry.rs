//! How things travel in memory: what the sender asks for is put on the agenda, and what a peer does.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use mta_core::dns::Question;
use mta_core::time::Time;

use super::agenda::{Agenda, Scheduled};
use crate::drive::arrival::{Departure, PeerEnd, latency_to};
use crate::drive::sender::Carrier;
use crate::world::World;

/// What lies between the two halves, at one moment.
pub(super) struct Between<'a> {
    pub(super) now: Time,
    pub(super) world: &'a mut World,
    pub(super) agenda: &'a mut Agenda,
    pub(super) ends: &'a BTreeMap<u32, Box<PeerEnd>>,
}

impl Carrier for Between<'_> {
    fn resolve(&mut self, query: u32, question: Question) -> Arc<[u8]> {
        let exchange = self.world.resolver.lookup(&question);
        let asked = exchange.query.clone();
        self.agenda.add(
            self.now + exchange.delay,
            Scheduled::Answer(query, exchange),
        );
        asked
    }

    fn connect(&mut self, connection: u32, address: SocketAddr) {
        self.agenda.add(
            self.now + latency_to(address, self.world),
            Scheduled::Arrives(connection, address),
        );
    }

    fn send(&mut self, connection: u32, bytes: Vec<u8>) {
        let end = self.ends.get(&connection);
        if let Some(end) = end.filter(|end| !end.is_cut_off()) {
            self.agenda.add(
                self.now + end.latency(),
                Scheduled::ToPeer(connection, bytes),
            );
        }
    }

    fn close(&mut self, connection: u32) {
        if let Some(end) = self.ends.get(&connection) {
            self.agenda.add(
                self.now + end.latency(),
                Scheduled::ClosedToPeer(connection),
            );
        }
    }
}

/// Puts what a peer does on its way.
pub(super) fn carry(end: &mut PeerEnd, now: Time, connection: u32, agenda: &mut Agenda) {
    let (latency, woken_at) = (end.latency(), end.wake_at());
    end.depart(now, |at, departure| {
        let arrives = match departure {
            Departure::Bytes(bytes, range) => Scheduled::ToSender(connection, bytes, range),
            Departure::Close => Scheduled::ClosedToSender(connection),
            Departure::Reset => Scheduled::ResetToSender(connection),
        };
        agenda.add(at + latency, arrives);
    });
    if let Some(at) = end.wake_at()
        && woken_at != Some(at)
    {
        agenda.add(at, Scheduled::PeerWakes(connection));
    }
}
