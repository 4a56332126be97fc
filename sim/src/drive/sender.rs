//! The sender's half of every driver: the core, what is planned for it, its randomness, and who listens.
//!
//! Inputs go in with the time. What the core asks for comes out at a [`Carrier`], which is the driver's own part.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use mta_core::dns::{Answer, Question};
use mta_core::event::Event;
use mta_core::process::Services;
use mta_core::queue::Message;
use mta_core::time::{Time, Wall};
use mta_core::{Input, Mta, Output};

use super::arrival::{Arrivals, PeerEnd};
use super::clocks::clocks;
use crate::crypto::scope;
use crate::run::{RuleHits, Timeline};
use crate::seed::{Purpose, Stream, Streams};
use crate::tap::{End, Flow, Tap, Taps};
use crate::world::World;

/// What a driver does for the sender.
pub(super) trait Carrier {
    /// Asks the resolver; the bytes that it is asked with.
    fn resolve(&mut self, query: u32, question: Question) -> Arc<[u8]>;
    /// Opens a connection.
    fn connect(&mut self, connection: u32, address: SocketAddr);
    /// Sends all of these bytes, behind those of before.
    fn send(&mut self, connection: u32, bytes: Vec<u8>);
    /// Closes a connection once everything is sent.
    fn close(&mut self, connection: u32);
}

/// The sender.
pub(super) struct Sender {
    mta: Mta,
    /// What its wall clock shows at the start, changes of it aside.
    start: Wall,
    timeline: Timeline,
    /// Messages that are still to come, in order.
    plan: VecDeque<(Time, Message)>,
    wake: Option<Time>,
    streams: Streams,
    /// The randomness of each open connection.
    randomness: BTreeMap<u32, Option<Box<Stream>>>,
    opened: u32,
    events: Vec<Event>,
    /// What follows from one input; between inputs an empty buffer.
    outputs: Vec<Output>,
    taps: Taps,
}

impl Sender {
    /// A sender in this world, before its first input.
    pub(super) fn new(mta: Mta, world: &World) -> Self {
        Sender {
            mta,
            start: world.start,
            timeline: Timeline::default(),
            plan: VecDeque::new(),
            wake: None,
            streams: world.seed.streams(Purpose::ClientTls),
            randomness: BTreeMap::new(),
            opened: 0,
            events: Vec::new(),
            outputs: Vec::new(),
            taps: Taps::default(),
        }
    }

    /// The same with what is to change by itself, and the messages, in order.
    pub(super) fn with_plan(mut self, timeline: Timeline, messages: Vec<(Time, Message)>) -> Self {
        self.timeline = timeline;
        self.plan = messages.into();
        self
    }

    /// Lets somebody listen from now on, at the ends that arrive from now on too.
    pub(super) fn listen(&mut self, tap: Box<dyn Tap>, arrivals: &mut Arrivals) {
        if tap.wants_secrets() {
            self.mta.tell_secrets(true);
            arrivals.keep_secrets();
        }
        self.taps.add(tap);
    }

    /// Plans a message, behind those that are planned for the same time.
    pub(super) fn submit_at(&mut self, at: Time, message: Message) {
        let place = self.plan.partition_point(|(planned, _)| *planned <= at);
        self.plan.insert(place, (at, message));
    }

    /// When the sender has something to do by itself.
    pub(super) fn next(&self) -> Option<Time> {
        let planned = self.plan.front().map(|(at, _)| *at);
        earlier(self.wake, earlier(self.timeline.next(), planned))
    }

    /// Takes the first thing that is due, the wake-up before changes and changes before messages: a change happens, and
    /// inputs for the core are given back.
    pub(super) fn take_due(&mut self, now: Time, world: &mut World) -> Option<Input<'static>> {
        let is_due = |at: Time| at <= now;
        if self.wake.take_if(|at| is_due(*at)).is_some() {
            return Some(Input::Timeout);
        }
        if self.timeline.next().is_some_and(is_due) {
            let crash = self.timeline.apply_next(world, &mut self.mta);
            return crash.then_some(Input::Crash);
        }
        let (_, message) = self.plan.pop_front_if(|(at, _)| is_due(*at))?;
        Some(Input::Submit(message))
    }

    /// Tells the core something, with the connection's own randomness in scope, and has done what follows.
    pub(super) fn tell(&mut self, now: Time, input: Input<'_>, carrier: &mut impl Carrier) {
        let clocks = clocks(self.timeline.sender_start(self.start), now);
        let mut none = None;
        let stream = match connection_of(&input) {
            Some(connection) => self.randomness.get_mut(&connection),
            None => None,
        };
        let Sender { mta, outputs, .. } = self;
        scope(stream.unwrap_or(&mut none), || {
            outputs.extend(mta.handle(clocks, input));
        });
        let mut outputs = std::mem::take(&mut self.outputs);
        for output in outputs.drain(..) {
            self.perform(now, output, carrier);
        }
        self.outputs = outputs;
    }

    /// Tells the core that a connection is open.
    pub(super) fn connected(&mut self, now: Time, connection: u32, carrier: &mut impl Carrier) {
        let stream = self.streams.stream(u64::from(connection));
        let stream = Some(Box::new(stream));
        self.randomness.insert(connection, stream);
        self.tell(now, Input::Connected { connection }, carrier);
    }

    /// Gives the core bytes of a peer.
    pub(super) fn received(
        &mut self,
        now: Time,
        connection: u32,
        bytes: &[u8],
        carrier: &mut impl Carrier,
    ) {
        self.taps.bytes(now, Flow::ToSender(connection), bytes);
        let bytes = bytes.into();
        self.tell(now, Input::Received { connection, bytes }, carrier);
    }

    /// Gives the core an answer, which was found with this reply.
    pub(super) fn answered(
        &mut self,
        now: Time,
        query: u32,
        reply: &[u8],
        answer: Answer,
        carrier: &mut impl Carrier,
    ) {
        self.taps.bytes(now, Flow::Reply(query), reply);
        self.tell(now, Input::Answer { query, answer }, carrier);
    }

    /// Tells those who listen what secrets have come up at a peer's end.
    pub(super) fn overhear(&mut self, now: Time, connection: u32, end: &PeerEnd) {
        for secret in end.take_secrets() {
            self.taps.secret(now, connection, End::Peer, &secret);
        }
    }

    fn perform(&mut self, now: Time, output: Output, carrier: &mut impl Carrier) {
        match output {
            Output::Resolve { query, question } => {
                let asked = carrier.resolve(query, question);
                self.taps.bytes(now, Flow::Query(query), &asked);
            }
            Output::Connect {
                connection,
                address,
            } => {
                self.opened = connection.saturating_add(1);
                carrier.connect(connection, address);
            }
            Output::Send { connection, bytes } => {
                self.taps.bytes(now, Flow::ToPeer(connection), &bytes);
                carrier.send(connection, bytes);
            }
            Output::Close { connection } => {
                self.randomness.remove(&connection);
                carrier.close(connection);
            }
            Output::WakeAt(at) => self.wake = at,
            Output::Event(event) => self.events.push(event),
            Output::Secret { connection, secret } => {
                self.taps.secret(now, connection, End::Sender, &secret);
            }
        }
    }

    /// The core.
    pub(super) const fn mta(&mut self) -> &mut Mta {
        &mut self.mta
    }

    /// Whether no delivery is under way and no message is planned. Connections may be open.
    pub(super) fn is_resting(&self) -> bool {
        self.plan.is_empty() && !self.mta.has_deliveries()
    }

    /// How many connections have been opened so far.
    pub(super) const fn opened(&self) -> u32 {
        self.opened
    }

    /// How many messages are in the queue.
    pub(super) fn queued(&self) -> usize {
        self.mta.queued()
    }

    /// What was installed so far.
    pub(super) fn services(&self) -> &[Arc<Services>] {
        self.mta.services()
    }

    /// How often the rules of peers applied so far, of those too that others have replaced.
    pub(super) fn rule_hits(&self, world: &World) -> Vec<RuleHits> {
        RuleHits::of(self.timeline.replaced().chain(&world.hosts))
    }

    /// The events since the last call.
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}

/// The connection that an input is about.
const fn connection_of(input: &Input<'_>) -> Option<u32> {
    match input {
        Input::Connected { connection }
        | Input::ConnectFailed { connection, .. }
        | Input::Received { connection, .. }
        | Input::Closed { connection }
        | Input::Reset { connection } => Some(*connection),
        Input::Submit(_) | Input::Answer { .. } | Input::Timeout | Input::Crash | Input::Flush => {
            None
        }
    }
}

/// The earlier of two times that may be there.
pub(super) fn earlier(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (Some(at), None) | (None, Some(at)) => Some(at),
        (None, None) => None,
    }
}
