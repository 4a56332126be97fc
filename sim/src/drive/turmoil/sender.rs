//! The sender's host: the outputs of `Mta` become tasks on sockets, and what these bring becomes its inputs.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use mta_core::dns::Answer;
use mta_core::event::Event;
use mta_core::queue::Message;
use mta_core::time::Time;
use mta_core::{Input, Mta, Output};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::connection;
use super::lookup;
use super::peer_host::PeerHost;
use super::side_channel::SideChannel;
use super::tasks::Tasks;
use crate::crypto::scope;
use crate::dns::{StubSpec, Zones};
use crate::drive::sender::clocks;
use crate::run::{Octets, Timeline, WireDigest};
use crate::seed::{Purpose, Stream};
use crate::world::World;

/// The sender.
pub(super) struct Sender {
    pub(super) tasks: Rc<Tasks>,
    pub(super) peers: BTreeMap<SocketAddr, Rc<PeerHost>>,
    zones: Rc<RefCell<Zones>>,
    state: RefCell<State>,
    /// The time to wake at has changed.
    rewake: Notify,
}

struct State {
    mta: Mta,
    world: World,
    timeline: Timeline,
    plan: VecDeque<(Time, Message)>,
    wake: Option<Time>,
    connections: BTreeMap<u32, Connection>,
    events: Vec<Event>,
    wire: WireDigest,
}

/// The sender's hold on a connection; when it is let go, the connection is closed.
struct Connection {
    send: UnboundedSender<Vec<u8>>,
    side_channel: Rc<SideChannel>,
    stream: Option<Box<Stream>>,
}

/// What there is to show in the end.
pub(super) struct Recording {
    pub(super) events: Vec<Event>,
    pub(super) wire: WireDigest,
    pub(super) left_in_queue: usize,
}

impl Sender {
    pub(super) fn new(
        tasks: Rc<Tasks>,
        (world, mta): (World, Mta),
        zones: Rc<RefCell<Zones>>,
        peers: BTreeMap<SocketAddr, Rc<PeerHost>>,
    ) -> Self {
        Sender {
            tasks,
            peers,
            zones,
            state: RefCell::new(State {
                mta,
                world,
                timeline: Timeline::default(),
                plan: VecDeque::new(),
                wake: None,
                connections: BTreeMap::new(),
                events: Vec::new(),
                wire: WireDigest::default(),
            }),
            rewake: Notify::new(),
        }
    }

    /// The same with what is to change and what is to be sent.
    pub(super) fn with_plan(self, timeline: Timeline, plan: Vec<(Duration, Message)>) -> Rc<Self> {
        let plan = plan.into_iter();
        let mut state = self.state.borrow_mut();
        state.timeline = timeline;
        state.plan = plan.map(|(at, m)| (Time::after_start(at), m)).collect();
        drop(state);
        Rc::new(self)
    }

    /// How the stub resolver asks.
    pub(super) fn stub(&self) -> StubSpec {
        self.state.borrow().world.resolver.stub()
    }

    /// When the sender has something to do by itself.
    pub(super) fn next(&self) -> Option<Time> {
        let state = self.state.borrow();
        let planned = state.plan.front().map(|(at, _)| *at);
        let changes = state.timeline.next();
        [planned, state.wake, changes].into_iter().flatten().min()
    }

    /// Submits what is planned, and wakes when it asked for it. Never ends.
    pub(super) async fn work(self: Rc<Self>) -> turmoil::Result {
        loop {
            let next = self.next();
            tokio::select! {
                biased;
                () = self.rewake.notified() => {}
                () = self.tasks.until(next) => self.act(),
            }
        }
    }

    /// Does what is due, the wake-up first, and changes before messages.
    fn act(self: &Rc<Self>) {
        let now = self.tasks.now();
        let is_due = |at: Time| at <= now;
        let mut state = self.state.borrow_mut();
        let woken = state.wake.take_if(|at| is_due(*at));
        if woken.is_none() && state.timeline.next().is_some_and(is_due) {
            let crash = self.change(&mut state);
            drop(state);
            if crash {
                self.tell(None, Input::Crash);
            }
            return;
        }
        let planned = match woken {
            Some(_) => None,
            None => state.plan.pop_front_if(|(at, _)| is_due(*at)),
        };
        drop(state);
        match planned {
            Some((_, message)) => self.tell(None, Input::Submit(message)),
            None if woken.is_some() => self.tell(None, Input::Timeout),
            None => {}
        }
    }

    /// Lets the next change happen; whether the sender's processes die by it.
    fn change(&self, state: &mut State) -> bool {
        let State {
            timeline,
            world,
            mta,
            ..
        } = state;
        let crash = timeline.apply_next(world, mta);
        self.zones.replace(world.resolver.zones().clone());
        for (address, host) in std::mem::take(&mut world.hosts) {
            if let Some(peer) = self.peers.get(&address) {
                peer.change(host);
            }
        }
        crash
    }

    /// Tells the sender something, with the connection's own randomness in scope, and does what follows.
    pub(super) fn tell(self: &Rc<Self>, connection: Option<u32>, input: Input<'_>) {
        let mut state = self.state.borrow_mut();
        let started = state.timeline.sender_start(state.world.start);
        let now = clocks(started, self.tasks.now());
        let State {
            mta, connections, ..
        } = &mut *state;
        let mut none = None;
        let stream = match connection.and_then(|connection| connections.get_mut(&connection)) {
            Some(held) => &mut held.stream,
            None => &mut none,
        };
        let mut outputs: Vec<Output> = Vec::new();
        scope(stream, || outputs.extend(mta.handle(now, input)));
        for output in outputs {
            self.obey(&mut state, output);
        }
    }

    /// Gives the sender octets of a peer.
    pub(super) fn received(self: &Rc<Self>, connection: u32, bytes: &[u8]) {
        let mut state = self.state.borrow_mut();
        state.wire.add(Octets::ToSender, connection, bytes);
        drop(state);
        self.tell(Some(connection), Input::Received { connection, bytes });
    }

    /// Gives the sender an answer, which was found with these octets.
    pub(super) fn answered(
        self: &Rc<Self>,
        query: u32,
        (asked, replied): (&[u8], &[u8]),
        answer: Answer,
    ) {
        let mut state = self.state.borrow_mut();
        state.wire.add(Octets::Dns, query, asked);
        state.wire.add(Octets::Dns, query, replied);
        drop(state);
        self.tell(None, Input::Answer { query, answer });
    }

    fn obey(self: &Rc<Self>, state: &mut State, output: Output) {
        match output {
            Output::Resolve { query, question } => {
                let work = lookup::look_up(self.clone(), query, question);
                self.tasks.spawn(work);
            }
            Output::Connect {
                connection,
                address,
            } => {
                let (send, sent) = unbounded_channel();
                let side_channel = Rc::new(SideChannel::new(connection));
                let seed = self.tasks.seed;
                let stream = seed.stream(Purpose::ClientTls, u64::from(connection));
                let held = Connection {
                    send,
                    side_channel: side_channel.clone(),
                    stream: Some(Box::new(stream)),
                };
                state.connections.insert(connection, held);
                let work = connection::hold(self.clone(), address, side_channel, sent);
                self.tasks.spawn(work);
            }
            Output::Send { connection, bytes } => {
                state.wire.add(Octets::ToPeer, connection, &bytes);
                let held = state.connections.get(&connection);
                if let Some(held) = held.filter(|held| !held.side_channel.over.get()) {
                    // Fails if the connection was refused: then nobody is there to hear it.
                    let _ = held.send.send(bytes);
                }
            }
            Output::Close { connection } => {
                state.connections.remove(&connection);
            }
            Output::WakeAt(at) => {
                state.wake = at;
                self.rewake.notify_one();
            }
            Output::Event(event) => state.events.push(event),
        }
    }

    /// Takes what there is to show.
    pub(super) fn take(&self) -> Recording {
        let mut state = self.state.borrow_mut();
        Recording {
            events: std::mem::take(&mut state.events),
            wire: std::mem::take(&mut state.wire),
            left_in_queue: state.mta.queued(),
        }
    }
}
