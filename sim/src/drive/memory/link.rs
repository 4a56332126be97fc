//! One connection: the peer's end of it, the path, and the sender's randomness.

use std::rc::Rc;

use mta_core::time::Time;

use super::agenda::{Agenda, Scheduled};
use crate::network::{Arrival, NetworkSpec, Path};
use crate::peer::{PeerConnection, PeerOutput};
use crate::seed::{Purpose, Seed, Stream, Streams};

pub(super) struct Link {
    pub(super) peer: Box<PeerConnection>,
    pub(super) path: Path,
    pub(super) sender_stream: Option<Box<Stream>>,
    wake: Option<Time>,
    /// When the latest of the peer's octets arrive; nothing overtakes them.
    arrived: Time,
}

/// The streams that links take theirs from.
pub(super) struct LinkStreams {
    sender: Streams,
    slices: Streams,
}

impl LinkStreams {
    pub(super) fn new(seed: Seed) -> Self {
        LinkStreams {
            sender: seed.streams(Purpose::ClientTls),
            slices: seed.streams(Purpose::Slices),
        }
    }
}

impl Link {
    pub(super) fn new(
        peer: Box<PeerConnection>,
        network: &NetworkSpec,
        streams: &LinkStreams,
        connection: u32,
    ) -> Self {
        Link {
            peer,
            path: Path::new(network, streams.slices.stream(u64::from(connection))),
            sender_stream: Some(Box::new(streams.sender.stream(u64::from(connection)))),
            wake: None,
            arrived: Time::START,
        }
    }

    /// Whether the peer is to be woken at this time; a wake-up that was replaced is none.
    pub(super) fn wakes(&self, at: Time) -> bool {
        self.wake == Some(at)
    }

    /// Puts what the peer does on its way.
    pub(super) fn carry(&mut self, now: Time, connection: u32, agenda: &mut Agenda) {
        while let Some(output) = self.peer.poll() {
            self.arrived = self.arrived.max(now + self.path.latency());
            match output {
                PeerOutput::Send(octets) => self.carry_octets(octets, connection, agenda),
                PeerOutput::Close if !self.path.is_over() => {
                    agenda.add(self.arrived, Scheduled::ClosedToSender(connection));
                }
                PeerOutput::Reset if !self.path.is_over() => {
                    agenda.add(self.arrived, Scheduled::ResetToSender(connection));
                }
                PeerOutput::Close | PeerOutput::Reset => {}
                PeerOutput::WakeAt(at) => {
                    self.wake = Some(at);
                    agenda.add(at, Scheduled::PeerWakes(connection));
                }
            }
        }
    }

    fn carry_octets(&mut self, octets: Vec<u8>, connection: u32, agenda: &mut Agenda) {
        let arrivals = self.path.carry(octets.len());
        let octets = Rc::new(octets);
        for arrival in arrivals {
            match arrival {
                Arrival::Octets(gap, range) => {
                    self.arrived = self.arrived + gap;
                    agenda.add(
                        self.arrived,
                        Scheduled::ToSender(connection, octets.clone(), range),
                    );
                }
                Arrival::Reset => agenda.add(self.arrived, Scheduled::ResetToSender(connection)),
                Arrival::Cut => agenda.add(self.arrived, Scheduled::ClosedToSender(connection)),
            }
        }
    }
}
