//! The other half of every driver: who accepts at an address, and the peer's end of a connection with the path to it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use mta_core::time::{Time, Wall};
use mta_core::tls::Secret;

use super::clocks::clocks;
use crate::network::{Arrival, Path};
use crate::peer::{Accept, PeerConnection, PeerInput, PeerOutput, Seen};
use crate::seed::{Purpose, Streams};
use crate::world::{Absent, World};

/// Where connection requests arrive.
pub(super) struct Arrivals {
    slices: Streams,
    keeps_secrets: bool,
    seen: Vec<(u32, SocketAddr, Seen)>,
    /// The texts of messages that were seen, by their digests: many are sent to several peers.
    texts: BTreeMap<[u8; 32], Arc<[u8]>>,
}

/// What becomes of a connection request that reached its address.
pub(super) enum Verdict {
    /// It is answered with a reset.
    Refused,
    /// It is not answered.
    Lost,
    /// It is accepted; the peer may have something to say at once.
    Accepted(Box<PeerEnd>),
}

/// The peer's end of a connection.
pub(super) struct PeerEnd {
    /// The number of the connection, and where it led to, if it came to a host of a run.
    arrived: Option<(u32, SocketAddr)>,
    /// What the peer's wall clock showed at the start.
    start: Wall,
    peer: Box<PeerConnection>,
    path: Path,
    wake: Option<Time>,
    /// When the latest of what the path lets through leaves; nothing overtakes it.
    left: Time,
}

/// Something that leaves the peer's end.
pub(super) enum Departure {
    /// A part of a write.
    Bytes(Arc<Vec<u8>>, Range<usize>),
    /// The end of the peer's side.
    Close,
    /// A reset.
    Reset,
}

impl Arrivals {
    /// Before the first request in this world.
    pub(super) fn new(world: &World) -> Self {
        Arrivals {
            slices: world.seed.streams(Purpose::Slices),
            keeps_secrets: false,
            seen: Vec::new(),
            texts: BTreeMap::new(),
        }
    }

    /// Peers keep the secrets of TLS on connections that arrive from now on.
    pub(super) fn keep_secrets(&mut self) {
        self.keeps_secrets = true;
    }

    /// Whether they do.
    pub(super) const fn keeps_secrets(&self) -> bool {
        self.keeps_secrets
    }

    /// A connection request reaches an address.
    pub(super) fn request(
        &self,
        now: Time,
        connection: u32,
        address: SocketAddr,
        world: &mut World,
    ) -> Verdict {
        let clocks = clocks(world.start, now);
        let Some(host) = world.hosts.get_mut(&address) else {
            return nobody(world.absent);
        };
        let Some(peer) = &mut host.peer else {
            return nobody(host.absent);
        };
        match peer.accept(clocks, world.client.seen_from(address)) {
            Accept::Refuse => Verdict::Refused,
            Accept::Drop => Verdict::Lost,
            Accept::Serve(mut peer) => {
                if self.keeps_secrets {
                    peer.keep_secrets();
                }
                let slices = self.slices.stream(u64::from(connection));
                let path = Path::new(&host.network, slices);
                let mut end = PeerEnd::new(peer, path, world.start);
                end.arrived = Some((connection, address));
                Verdict::Accepted(Box::new(end))
            }
        }
    }

    /// Notes what a peer saw of a connection that the sender has closed.
    pub(super) fn note(&mut self, end: &PeerEnd) {
        if let (Some((connection, address)), Some(mut seen)) = (end.arrived, end.seen()) {
            for message in &mut seen.messages {
                if let Some(text) = &mut message.text {
                    let known = self.texts.entry(message.digest);
                    *text = known.or_insert_with(|| text.clone()).clone();
                }
            }
            self.seen.push((connection, address, seen));
        }
    }

    /// What was noted since the last call: the connection's number, where it led to, what was seen.
    pub(super) fn take_seen(&mut self) -> Vec<(u32, SocketAddr, Seen)> {
        std::mem::take(&mut self.seen)
    }
}

/// One-way delay to an address; none if nobody has it.
pub(super) fn latency_to(address: SocketAddr, world: &World) -> Duration {
    let host = world.hosts.get(&address);
    host.map_or(Duration::ZERO, |host| host.network.latency)
}

const fn nobody(absent: Absent) -> Verdict {
    match absent {
        Absent::Refuses => Verdict::Refused,
        Absent::Silent => Verdict::Lost,
    }
}

impl PeerEnd {
    /// The end of a connection that was accepted when the wall clock had shown `start` at the start.
    pub(super) const fn new(peer: Box<PeerConnection>, path: Path, start: Wall) -> PeerEnd {
        PeerEnd {
            arrived: None,
            start,
            peer,
            path,
            wake: None,
            left: Time::START,
        }
    }

    /// Tells the peer something.
    pub(super) fn tell(&mut self, now: Time, input: PeerInput<'_>) {
        self.peer.handle(clocks(self.start, now), input);
    }

    /// Wakes the peer, if this is the time that it asked for: a wake-up that was replaced is none.
    pub(super) fn wake(&mut self, now: Time) {
        if self.wake.take_if(|at| *at <= now).is_some() {
            self.tell(now, PeerInput::Timeout);
        }
    }

    /// When the peer wants to be woken.
    pub(super) const fn wake_at(&self) -> Option<Time> {
        self.wake
    }

    /// Takes what the peer does, and gives what leaves, and when.
    pub(super) fn depart(&mut self, now: Time, mut leave: impl FnMut(Time, Departure)) {
        while let Some(output) = self.peer.poll() {
            self.left = self.left.max(now);
            match output {
                PeerOutput::Send(bytes) => self.cut(bytes, &mut leave),
                PeerOutput::Close if !self.path.is_over() => leave(self.left, Departure::Close),
                PeerOutput::Reset if !self.path.is_over() => leave(self.left, Departure::Reset),
                PeerOutput::Close | PeerOutput::Reset => {}
                PeerOutput::WakeAt(at) => self.wake = Some(at),
            }
        }
    }

    fn cut(&mut self, bytes: Vec<u8>, leave: &mut impl FnMut(Time, Departure)) {
        let arrivals = self.path.carry(bytes.len());
        let bytes = Arc::new(bytes);
        for arrival in arrivals {
            let departure = match arrival {
                Arrival::Octets(gap, range) => {
                    self.left = self.left + gap;
                    Departure::Bytes(bytes.clone(), range)
                }
                Arrival::Reset => Departure::Reset,
                Arrival::Cut => Departure::Close,
            };
            leave(self.left, departure);
        }
    }

    /// What the peer saw so far, if it observes.
    pub(super) fn seen(&self) -> Option<Seen> {
        self.peer.seen()
    }

    /// Whether the connection is over for the peer.
    #[cfg(feature = "tokio")]
    pub(super) fn is_over(&self) -> bool {
        self.peer.is_over()
    }

    /// The connection itself.
    #[cfg(feature = "tokio")]
    pub(super) fn into_connection(self) -> Box<PeerConnection> {
        self.peer
    }

    /// The secrets that came up since the last call.
    pub(super) fn take_secrets(&self) -> Vec<Secret> {
        self.peer.take_secrets()
    }

    /// Whether the path is over: what the sender sends from now on is lost.
    pub(super) fn is_cut_off(&self) -> bool {
        self.path.is_over()
    }

    /// One-way delay of every segment.
    pub(super) fn latency(&self) -> Duration {
        self.path.latency()
    }
}
