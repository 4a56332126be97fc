//! Discrete events in memory: simulated time jumps from one event to the next.
//!
//! The cost follows the events. Idle hosts and idle time cost nothing.

mod agenda;
mod carry;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mta_core::event::Event;
use mta_core::fault::NetworkFault;
use mta_core::process::Services;
use mta_core::queue::Message;
use mta_core::time::Time;
use mta_core::{Input, Mta};

use super::arrival::{Arrivals, PeerEnd, Verdict, latency_to};
use super::halves::{Halves, Outcome};
use super::sender::{Sender, earlier};
use crate::peer::{Observe, PeerInput, Seen};
use crate::plan::{Plan, PlanError};
use crate::run::RuleHits;
use crate::tap::Tap;
use crate::world::World;

use agenda::{Agenda, Scheduled};
use carry::{Between, carry};

/// Makes a run in memory.
pub(super) fn run(halves: Halves, end: Time) -> Outcome {
    let mut memory = Memory::between(halves);
    memory.run_until(end);
    let now = memory.now;
    Outcome::of(&mut memory.sender, &mut memory.arrivals, &memory.world, now)
}

/// A sender and a world, and what is due between them.
pub struct Memory {
    world: World,
    sender: Sender,
    arrivals: Arrivals,
    now: Time,
    agenda: Agenda,
    /// The peers' ends of connections that the sender has not closed, or whose closing is on its way.
    ends: BTreeMap<u32, Box<PeerEnd>>,
}

/// A run may move to another thread.
const _: () = {
    const fn moves<T: Send>() {}
    moves::<Memory>();
};

impl Memory {
    /// A sender in a world, at the start of time.
    pub fn new(world: World, mta: Mta) -> Self {
        Memory::between(Halves {
            sender: Sender::new(mta, &world),
            arrivals: Arrivals::new(&world),
            world,
        })
    }

    fn between(halves: Halves) -> Self {
        Memory {
            world: halves.world,
            sender: halves.sender,
            arrivals: halves.arrivals,
            now: Time::START,
            agenda: Agenda::default(),
            ends: BTreeMap::new(),
        }
    }

    /// The sender, the world and the messages of a plan. Nobody listens, and the peers observe nothing: what
    /// [`Plan::run`] adds for whoever looks is left out.
    ///
    /// # Errors
    /// [`PlanError`] if the plan makes no sense.
    pub fn unobserved(plan: &Plan) -> Result<Self, PlanError> {
        let halves = Halves::of(plan.prepare_for(Observe::Nothing)?);
        Ok(Memory::between(halves))
    }

    /// Lets somebody listen from now on.
    pub fn listen(&mut self, tap: Box<dyn Tap>) {
        self.sender.listen(tap, &mut self.arrivals);
    }

    /// Plans a message.
    pub fn submit_at(&mut self, at: Time, message: Message) {
        self.sender.submit_at(at.max(self.now), message);
    }

    /// Tries every deferred message now (postqueue -f).
    pub fn flush(&mut self) {
        self.tell(Input::Flush);
    }

    /// The sender.
    pub const fn sender(&mut self) -> &mut Mta {
        self.sender.mta()
    }

    /// What was installed at the sender so far.
    pub fn services(&self) -> &[Arc<Services>] {
        self.sender.services()
    }

    /// What peers saw of the connections that ended since the last call, in the order in which they were opened: the
    /// connection's number, where it led to, what was seen.
    pub fn take_seen(&mut self) -> Vec<(u32, SocketAddr, Seen)> {
        let mut seen = self.arrivals.take_seen();
        seen.sort_by_key(|(connection, ..)| *connection);
        seen
    }

    /// How often the rules of peers applied so far.
    pub fn rule_hits(&self) -> Vec<RuleHits> {
        self.sender.rule_hits(&self.world)
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
            memory.sender.is_resting() && memory.ends.is_empty()
        })
    }

    /// Lets things happen until no delivery is under way, or `end` is reached; connections may stay open. Whether
    /// something is left.
    pub fn run_until_resting(&mut self, end: Time) -> bool {
        self.run_loop(end, |memory| memory.sender.is_resting())
    }

    /// How many connections have been opened so far.
    pub const fn opened(&self) -> u32 {
        self.sender.opened()
    }

    fn run_loop(&mut self, end: Time, enough: impl Fn(&Self) -> bool) -> bool {
        while !enough(self) {
            let own = self.sender.next();
            let Some(next) = earlier(own, self.agenda.next()) else {
                return false;
            };
            // Times saturate at the end of time; what is due only then is never due.
            if next > end || next == Time::from_nanos(u64::MAX) {
                self.now = end;
                return true;
            }
            if own == Some(next) {
                self.now = next;
                if let Some(input) = self.sender.take_due(next, &mut self.world) {
                    self.tell(input);
                }
            } else if let Some(scheduled) = self.agenda.take()
                && !self.is_stale(&scheduled, next)
            {
                self.now = next;
                self.dispatch(scheduled);
            }
        }
        true
    }

    /// Whether this is a wake-up that was replaced, or that of a peer whose connection is over.
    fn is_stale(&self, scheduled: &Scheduled, at: Time) -> bool {
        let Scheduled::PeerWakes(connection) = scheduled else {
            return false;
        };
        let end = self.ends.get(connection);
        end.is_none_or(|end| end.wake_at() != Some(at))
    }

    fn dispatch(&mut self, scheduled: Scheduled) {
        let now = self.now;
        let (sender, mut between) = self.halves();
        match scheduled {
            Scheduled::Answer(query, exchange) => {
                let reply = exchange.reply.as_deref().unwrap_or_default();
                let answer = exchange.answer.clone();
                sender.answered(now, query, reply, answer, &mut between);
            }
            Scheduled::Arrives(connection, address) => self.request(connection, address),
            Scheduled::Connected(connection) => sender.connected(now, connection, &mut between),
            Scheduled::Refused(connection) => {
                let fault = NetworkFault::Refused;
                self.tell(Input::ConnectFailed { connection, fault });
            }
            Scheduled::ToPeer(connection, bytes) => {
                self.tell_peer(connection, |end| end.tell(now, PeerInput::Received(&bytes)));
            }
            Scheduled::ClosedToPeer(connection) => {
                self.tell_peer(connection, |end| end.tell(now, PeerInput::Closed));
                // What the peer still says is lost.
                if let Some(end) = self.ends.remove(&connection) {
                    self.arrivals.note(&end);
                }
            }
            Scheduled::PeerWakes(connection) => self.tell_peer(connection, |end| end.wake(now)),
            Scheduled::ToSender(connection, bytes, range) => {
                let bytes = bytes.get(range).unwrap_or_default();
                sender.received(now, connection, bytes, &mut between);
            }
            Scheduled::ClosedToSender(connection) => self.tell(Input::Closed { connection }),
            Scheduled::ResetToSender(connection) => self.tell(Input::Reset { connection }),
        }
    }

    /// A connection request reaches an address.
    fn request(&mut self, connection: u32, address: SocketAddr) {
        let back = self.now + latency_to(address, &self.world);
        let world = &mut self.world;
        match self.arrivals.request(self.now, connection, address, world) {
            Verdict::Refused => self.agenda.add(back, Scheduled::Refused(connection)),
            Verdict::Lost => {}
            Verdict::Accepted(end) => {
                self.ends.insert(connection, end);
                self.agenda.add(back, Scheduled::Connected(connection));
                self.tell_peer(connection, |_| {});
            }
        }
    }

    fn tell(&mut self, input: Input<'_>) {
        let now = self.now;
        let (sender, mut between) = self.halves();
        sender.tell(now, input, &mut between);
    }

    fn tell_peer(&mut self, connection: u32, tell: impl FnOnce(&mut PeerEnd)) {
        if let Some(end) = self.ends.get_mut(&connection) {
            tell(end);
            if self.arrivals.keeps_secrets() {
                self.sender.overhear(self.now, connection, end);
            }
            carry(end, self.now, connection, &mut self.agenda);
        }
    }

    fn halves(&mut self) -> (&mut Sender, Between<'_>) {
        let between = Between {
            now: self.now,
            world: &mut self.world,
            agenda: &mut self.agenda,
            ends: &self.ends,
        };
        (&mut self.sender, between)
    }

    /// The present instant.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// The events since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.sender.take_events()
    }

    /// The world.
    pub const fn world(&mut self) -> &mut World {
        &mut self.world
    }
}
