//! Everybody: both halves, where every task of the one thread can reach them, and the loop of the sender.

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use mta_core::Input;
use mta_core::time::Time;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

use super::Net;
use super::side_channel::{Answer, SideChannel};
use super::tasks::Tasks;
use crate::drive::arrival::{Arrivals, PeerEnd, Verdict, latency_to};
use crate::drive::halves::{Halves, Outcome};
use crate::drive::sender::Sender;
use crate::drive::server::until;
use crate::world::World;

/// Everybody in a run, on this net.
pub(super) struct Hosts<N> {
    pub(super) net: N,
    pub(super) tasks: Rc<Tasks>,
    /// The resolver's address.
    pub(super) resolver: SocketAddr,
    state: RefCell<State>,
    /// The time at which the sender has something to do by itself has changed.
    rewake: Notify,
}

pub(super) struct State {
    pub(super) world: World,
    pub(super) sender: Sender,
    pub(super) arrivals: Arrivals,
    connections: BTreeMap<u32, Connection>,
    /// The connection requests on their way to each address. One path keeps them in order.
    requests: BTreeMap<SocketAddr, VecDeque<Rc<SideChannel>>>,
}

/// The sender's hold on a connection; when it is let go, the connection is closed.
pub(super) struct Connection {
    pub(super) send: UnboundedSender<Vec<u8>>,
    pub(super) side_channel: Rc<SideChannel>,
}

impl<N: Net> Hosts<N> {
    pub(super) fn new(net: N, halves: Halves) -> Rc<Self> {
        Rc::new(Hosts {
            net,
            tasks: Rc::default(),
            resolver: halves.world.client.resolver,
            state: RefCell::new(State {
                world: halves.world,
                sender: halves.sender,
                arrivals: halves.arrivals,
                connections: BTreeMap::new(),
                requests: BTreeMap::new(),
            }),
            rewake: Notify::new(),
        })
    }

    /// The state; nobody may hold it while others work.
    pub(super) fn state(&self) -> RefMut<'_, State> {
        self.state.borrow_mut()
    }

    /// The addresses of the world, in order.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.state().world.hosts.keys().copied().collect()
    }

    /// Waits for a time; for ever, if there is none.
    pub(super) async fn until(&self, at: Option<Time>) {
        until(&self.net, at).await;
    }

    /// Starts something that is on the way until it is done.
    pub(super) fn spawn(self: &Rc<Self>, work: impl Future<Output = io::Result<()>> + 'static) {
        let Some(task) = self.tasks.begin() else {
            return;
        };
        self.net.spawn(async move {
            if let Err(error) = work.await {
                task.trouble(&error.to_string());
            }
        });
    }

    /// When the sender has something to do by itself.
    pub(super) fn next(&self) -> Option<Time> {
        self.state().sender.next()
    }

    /// Does what is due at the sender. Never ends.
    pub(super) async fn work(self: Rc<Self>) {
        loop {
            let next = self.next();
            tokio::select! {
                biased;
                () = self.rewake.notified() => {}
                () = self.until(next) => self.act(),
            }
        }
    }

    fn act(self: &Rc<Self>) {
        let mut state = self.state();
        let State { sender, world, .. } = &mut *state;
        let input = sender.take_due(self.net.now(), world);
        drop(state);
        if let Some(input) = input {
            self.tell(input);
        }
    }

    /// Tells the sender something.
    pub(super) fn tell(self: &Rc<Self>, input: Input<'_>) {
        self.at_sender(|sender, now, sockets| sender.tell(now, input, sockets));
    }

    /// Does something with the sender.
    pub(super) fn at_sender(
        self: &Rc<Self>,
        work: impl FnOnce(&mut Sender, Time, &mut Sockets<'_, N>),
    ) {
        let mut state = self.state();
        let State {
            world,
            sender,
            connections,
            ..
        } = &mut *state;
        let before = sender.next();
        let mut sockets = Sockets {
            hosts: self,
            world,
            connections,
        };
        work(sender, self.net.now(), &mut sockets);
        if sender.next() != before {
            self.rewake.notify_one();
        }
    }

    /// One-way delay to an address, if anybody ever has it.
    pub(super) fn latency_to(&self, address: SocketAddr) -> Option<Duration> {
        let world = &self.state().world;
        let known = world.hosts.contains_key(&address);
        known.then(|| latency_to(address, world))
    }

    /// A connection request is about to leave.
    pub(super) fn expect(&self, address: SocketAddr, request: Rc<SideChannel>) {
        let requests = &mut self.state().requests;
        requests.entry(address).or_default().push_back(request);
    }

    /// The connection request that has reached this address.
    pub(super) fn expected(&self, address: SocketAddr) -> io::Result<Rc<SideChannel>> {
        let requests = &mut self.state().requests;
        let request = requests.get_mut(&address).and_then(VecDeque::pop_front);
        request.ok_or_else(|| io::Error::other("a connection that nobody opened"))
    }

    /// Answers a connection request; the peer's end, if it is accepted.
    pub(super) fn request(
        &self,
        address: SocketAddr,
        request: &SideChannel,
    ) -> Option<Box<PeerEnd>> {
        let mut state = self.state();
        let State {
            world, arrivals, ..
        } = &mut *state;
        let verdict = arrivals.request(self.net.now(), request.connection, address, world);
        let (answer, end) = match verdict {
            Verdict::Refused => (Answer::Refused, None),
            Verdict::Lost => (Answer::Lost, None),
            Verdict::Accepted(end) => (Answer::Accepted, Some(end)),
        };
        request.answer.set(answer);
        end
    }

    /// What came out of a run that ended now.
    pub(super) fn outcome(&self, ended: Time) -> Outcome {
        let mut state = self.state();
        let State {
            world,
            sender,
            arrivals,
            ..
        } = &mut *state;
        Outcome::of(sender, arrivals, world, ended)
    }
}

/// How the sender reaches others: by tasks on sockets.
pub(super) struct Sockets<'a, N> {
    pub(super) hosts: &'a Rc<Hosts<N>>,
    pub(super) world: &'a World,
    pub(super) connections: &'a mut BTreeMap<u32, Connection>,
}
