//! Discrete events in memory: simulated time jumps from one event to the next.
//!
//! The cost follows the events. Idle hosts and idle time cost nothing.

mod act;
mod agenda;
mod link;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use mta_core::event::Event;
use mta_core::queue::Message;
use mta_core::time::{Now, Time, Wall};
use mta_core::{Input, Mta, Output};

use crate::peer::Seen;
use crate::run::{Run, Setup, Start, Timeline, WireDigest};
use crate::world::{CLIENT_IPV4, CLIENT_IPV6, World, WorldError};

use agenda::{Agenda, Scheduled};
use link::{Link, LinkStreams};

/// Makes a run in memory.
///
/// # Errors
/// [`WorldError`] if the world cannot be built.
pub fn run(setup: &Setup) -> Result<Run, WorldError> {
    let mut world = World::build(&setup.world, &setup.peers, setup.seed, true)?;
    let Start {
        mta,
        timeline,
        services,
    } = setup.sender(&mut world)?;
    let mut memory = Memory::new(world, mta);
    memory.record(true);
    memory.take_timeline(timeline);
    for (at, message) in setup.plan() {
        memory.submit_at(Time::after_start(at), message);
    }
    memory.run_until(Time::after_start(setup.limit));
    Ok(Run {
        events: memory.take_events(),
        seen: std::mem::take(&mut memory.seen),
        wire: memory.wire.take().unwrap_or_default(),
        ended: memory.now,
        left_in_queue: memory.mta.queued(),
        services,
    })
}

/// A sender and a world, and what is due between them.
pub struct Memory {
    mta: Mta,
    world: World,
    now: Time,
    agenda: Agenda,
    wake: Option<Time>,
    links: BTreeMap<u32, Link>,
    streams: LinkStreams,
    events: Vec<Event>,
    /// What follows from one input; between inputs an empty buffer.
    outputs: Vec<Output>,
    seen: Vec<(u32, Seen)>,
    /// Where the connections lead that were served.
    served: BTreeMap<u32, SocketAddr>,
    opened: u32,
    /// Messages that are still to come.
    submits: usize,
    wire: Option<WireDigest>,
    timeline: Timeline,
}

impl Memory {
    /// A sender in a world, at the start of time.
    pub fn new(world: World, mta: Mta) -> Self {
        Memory {
            streams: LinkStreams::new(world.seed),
            mta,
            world,
            now: Time::START,
            agenda: Agenda::default(),
            wake: None,
            links: BTreeMap::new(),
            events: Vec::new(),
            outputs: Vec::new(),
            seen: Vec::new(),
            served: BTreeMap::new(),
            opened: 0,
            submits: 0,
            wire: None,
            timeline: Timeline::default(),
        }
    }

    /// Plans the changes, each before what else is planned for its time from now on.
    fn take_timeline(&mut self, timeline: Timeline) {
        for at in timeline.times() {
            self.agenda.add(at, Scheduled::Change);
        }
        self.timeline = timeline;
    }

    /// The sender, the world and the messages of `setup`. Nothing is recorded, and the peers observe nothing: what
    /// [`run`] adds for whoever looks is left out.
    ///
    /// # Errors
    /// [`WorldError`] if the world cannot be built.
    pub fn unobserved(setup: &Setup) -> Result<Self, WorldError> {
        let mut world = World::build(&setup.world, &setup.peers, setup.seed, false)?;
        let Start { mta, timeline, .. } = setup.sender(&mut world)?;
        let mut memory = Memory::new(world, mta);
        memory.take_timeline(timeline);
        for (at, message) in setup.plan() {
            memory.submit_at(Time::after_start(at), message);
        }
        Ok(memory)
    }

    /// Whether the octets on the wire are digested. Off at first: it costs.
    pub fn record(&mut self, record: bool) {
        self.wire = record.then(WireDigest::default);
    }

    /// Plans a message.
    pub fn submit_at(&mut self, at: Time, message: Message) {
        self.submits += 1;
        self.agenda
            .add(at.max(self.now), Scheduled::Submit(Box::new(message)));
    }

    /// Tries every deferred message now (postqueue -f).
    pub fn flush(&mut self) {
        self.tell(None, Input::Flush);
    }

    /// The sender.
    pub const fn sender(&mut self) -> &mut Mta {
        &mut self.mta
    }

    /// What peers saw of the connections that ended since the last call, in the order in which they were opened: the
    /// connection's number, where it led to, what was seen.
    pub fn take_seen(&mut self) -> Vec<(u32, SocketAddr, Seen)> {
        let mut seen = std::mem::take(&mut self.seen);
        seen.sort_by_key(|(connection, _)| *connection);
        seen.into_iter()
            .filter_map(|(connection, seen)| {
                let address = self.served.remove(&connection)?;
                Some((connection, address, seen))
            })
            .collect()
    }

    /// Lets things happen until nothing is left to do, or `end` is reached; whether something is left.
    pub fn run_until(&mut self, end: Time) -> bool {
        self.run_loop(end, |_| false)
    }

    /// Lets this span pass, whether anything happens or not.
    pub fn wait(&mut self, span: Duration) {
        let end = self.now + span;
        self.run_until(end);
        self.now = self.now.max(end);
    }

    /// Lets things happen until no delivery is under way and every connection is over, or `end` is reached. What
    /// waits in the queue goes on waiting. Whether something is left.
    pub fn run_until_quiet(&mut self, end: Time) -> bool {
        self.run_loop(end, |memory| {
            memory.submits == 0 && memory.mta.is_resting() && memory.links.is_empty()
        })
    }

    /// Lets things happen until no delivery is under way, or `end` is reached; connections may stay open. Whether
    /// something is left.
    pub fn run_until_resting(&mut self, end: Time) -> bool {
        self.run_loop(end, |memory| memory.submits == 0 && memory.mta.is_resting())
    }

    /// How many connections have been opened so far.
    pub const fn opened(&self) -> u32 {
        self.opened
    }

    fn run_loop(&mut self, end: Time, enough: impl Fn(&Self) -> bool) -> bool {
        while !enough(self) {
            let next = match (self.agenda.next(), self.wake) {
                (Some(due), Some(wake)) => due.min(wake),
                (Some(at), None) | (None, Some(at)) => at,
                (None, None) => return false,
            };
            // Times saturate at the end of time; what is due only then is never due.
            if next > end || next == Time::from_nanos(u64::MAX) {
                self.now = end;
                return true;
            }
            if self.wake.is_some_and(|wake| wake <= next) {
                self.now = next;
                self.wake = None;
                self.tell(None, Input::Timeout);
            } else if let Some(due) = self.agenda.take()
                && !self.is_stale(&due, next)
            {
                self.now = next;
                self.dispatch(due);
            }
        }
        true
    }

    /// Whether this is a wake-up that was replaced, or that of a peer whose connection is over.
    fn is_stale(&self, due: &Scheduled, at: Time) -> bool {
        match due {
            Scheduled::PeerWakes(connection) => !self
                .links
                .get(connection)
                .is_some_and(|link| link.wakes(at)),
            Scheduled::Submit(_)
            | Scheduled::Change
            | Scheduled::Answer(..)
            | Scheduled::Arrives(..)
            | Scheduled::Connected(_)
            | Scheduled::Refused(..)
            | Scheduled::ToPeer(..)
            | Scheduled::ClosedToPeer(_)
            | Scheduled::ToSender(..)
            | Scheduled::ClosedToSender(_)
            | Scheduled::ResetToSender(_) => false,
        }
    }

    /// The present instant.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// The events since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// The world.
    pub const fn world(&mut self) -> &mut World {
        &mut self.world
    }

    fn both_clocks(&self) -> Now {
        clocks(self.world.start, self.now)
    }
}

/// Both clocks of a world that started at `start`.
pub(crate) fn clocks(start: Wall, time: Time) -> Now {
    Now {
        time,
        wall: Wall(start.0.saturating_add(time.as_secs())),
    }
}

/// The address that the sender has towards a peer.
pub(crate) fn client_of(peer: SocketAddr) -> SocketAddr {
    SocketAddr::new(
        if peer.is_ipv4() {
            CLIENT_IPV4
        } else {
            CLIENT_IPV6
        },
        CLIENT_PORT,
    )
}

/// The sender's port; which one it is makes no difference to anybody.
const CLIENT_PORT: u16 = 40_000;

/// The sender's randomness on one connection.
#[cfg(feature = "turmoil")]
pub(crate) fn sender_stream(seed: crate::seed::Seed, connection: u32) -> Box<crate::seed::Stream> {
    Box::new(seed.stream(crate::seed::Purpose::ClientTls, u64::from(connection)))
}
