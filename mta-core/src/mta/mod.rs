//! The sender as a whole: queue, deliveries, connections, behind one interface.

mod agents;
mod batches;
mod crash;
mod destinations;
mod input;
mod rounds;

#[cfg(test)]
mod threads;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use crate::Draw;
use crate::config::Settings;
use crate::connection::{self, Env, Idle};
use crate::delivery::{self, Delivery, Resources};
use crate::event::Detail;
use crate::outbox::{Outbox, Output};
use crate::process::{Master, Process, Rewrite, Services, Shared};
use crate::queue::Queue;
use crate::time::{Now, Time};
use crate::tls::SessionStore;

use destinations::{DestinationName, Destinations};
pub use input::Input;

/// The sender. It does nothing by itself: inputs go in with the time, outputs come out. It may move between threads, and
/// is used by one at a time (`Send`, not `Sync`); several may share an engine, sessions, settings, tables and files.
pub struct Mta {
    /// What the queue manager goes by: the main.cf of the last reload.
    settings: Arc<Settings>,
    rewrite: Rewrite,
    master: Master,
    /// Services that master.cf does not have, and until when nobody looks for them again.
    missing: BTreeMap<Arc<str>, Time>,
    shared: Shared,
    queue: Queue,
    destinations: Destinations,
    /// Destinations at which it may be somebody's turn.
    ready: VecDeque<DestinationName>,
    /// Destinations of services of which no process can start now.
    stalled: BTreeMap<Arc<str>, BTreeSet<DestinationName>>,
    deliveries: BTreeMap<u32, UnderWay>,
    by_query: BTreeMap<u32, u32>,
    by_connection: BTreeMap<u32, u32>,
    deadlines: BTreeSet<(Time, u32)>,
    known_deadline: BTreeMap<u32, Time>,
    next_delivery: u32,
    next_query: u32,
    next_connection: u32,
    wake: Option<Time>,
}

/// A delivery, and for whom.
struct UnderWay {
    /// The message's number in the queue.
    message: u32,
    /// The service that makes it, and its destination there.
    destination: DestinationName,
    delivery: Delivery,
    /// Nothing until it is its turn.
    process: Option<Process>,
}

/// What there is to do after an input. It borrows the sender, so the compiler sees to it that everything is taken
/// before the next input goes in.
pub struct Outputs<'a>(&'a mut Outbox);

impl Iterator for Outputs<'_> {
    type Item = Output;

    fn next(&mut self) -> Option<Output> {
        self.0.queue.pop_front()
    }
}

impl Mta {
    /// A sender with these services. `draw` orders servers of equal preference, and makes what a login needs to be new.
    pub fn new(
        services: Services,
        sessions: Arc<dyn SessionStore>,
        draw: Box<dyn Draw + Send>,
        detail: Detail,
    ) -> Self {
        let settings = services.settings().clone();
        Mta {
            rewrite: Rewrite::default(),
            master: Master::new(services),
            missing: BTreeMap::new(),
            shared: Shared::new(sessions, draw, settings.process, detail),
            settings,
            queue: Queue::default(),
            destinations: Destinations::default(),
            ready: VecDeque::new(),
            stalled: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            by_query: BTreeMap::new(),
            by_connection: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            known_deadline: BTreeMap::new(),
            next_delivery: 0,
            next_query: 0,
            next_connection: 0,
            wake: None,
        }
    }

    /// From now on processes find these services when they start. Those that run go by what they found.
    pub fn install(&mut self, services: Services) {
        self.master.install(services);
        let limits = self.master.services().settings().process;
        self.shared.proxy.install(limits, self.master.number());
    }

    /// `postfix reload`: every process ends when its work is done, and the one that takes its place goes by what is
    /// installed. tlsmgr(8) forgets all sessions.
    pub fn reload(&mut self) {
        self.settings = self.master.services().settings().clone();
        self.rewrite.end();
        self.master.reload();
        self.shared.proxy.end();
        self.shared.sessions().clear();
    }

    /// The smtp(8) processes end when their work is done, and trivial-rewrite(8) does, as when a table that they use has
    /// changed. What others keep stays.
    pub fn restart_clients(&mut self) {
        self.rewrite.end();
        self.master.end_clients();
    }

    /// Everything that was installed so far, from the first services on. Events name them by their place.
    pub fn services(&self) -> &[Arc<Services>] {
        self.master.installed()
    }

    /// Takes one input and gives everything that follows from it.
    ///
    /// # Panics
    /// If the outputs of the input before were not all taken: a driver's mistake.
    pub fn handle(&mut self, now: Now, input: Input<'_>) -> Outputs<'_> {
        assert!(
            self.shared.out.queue.is_empty(),
            "the outputs of the last input were not all taken"
        );
        match input {
            Input::Submit(message) => self.submit(message, now),
            Input::Answer { query, answer } => {
                if let Some(delivery) = self.by_query.remove(&query) {
                    self.deliver(delivery, delivery::Input::Answer(answer), now);
                }
            }
            Input::Connected { connection } => self.on(connection, delivery::Input::Connected, now),
            Input::ConnectFailed { connection, fault } => {
                self.on(connection, delivery::Input::ConnectFailed(fault), now);
            }
            Input::Received { connection, bytes } => {
                self.on(
                    connection,
                    delivery::Input::Dialogue(connection::Input::Received(&bytes)),
                    now,
                );
            }
            Input::Closed { connection } => {
                self.on(
                    connection,
                    delivery::Input::Dialogue(connection::Input::Closed),
                    now,
                );
            }
            Input::Reset { connection } => {
                self.on(
                    connection,
                    delivery::Input::Dialogue(connection::Input::Reset),
                    now,
                );
            }
            Input::Timeout => self.timeout(now),
            Input::Crash => self.crash(now),
            Input::Flush => {
                for number in self.queue.take_all_deferred() {
                    self.attempt(number, now);
                }
            }
        }
        self.begin_ready(now);
        self.announce_wake();
        Outputs(&mut self.shared.out)
    }

    /// Whether TLS secrets are put out, of connections whose handshake begins from now on. Off at first: whoever has them
    /// can read all that is said.
    pub fn tell_secrets(&mut self, tell: bool) {
        self.shared.out.tells_secrets = tell;
    }

    /// Where the TLS sessions are kept.
    pub fn sessions(&self) -> &dyn SessionStore {
        self.shared.sessions()
    }

    /// Whether any delivery is under way. If none is, deferred messages may wait, others for a process that can start, and
    /// connections may be open for further ones.
    pub fn has_deliveries(&self) -> bool {
        self.master.is_busy()
    }

    /// How many messages are in the queue.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Whether no message is in the queue: nothing is under way and nothing waits.
    pub fn queue_is_empty(&self) -> bool {
        self.queue.len() == 0
    }

    fn on(&mut self, connection: u32, input: delivery::Input<'_>, now: Now) {
        // What comes on a connection that was given up is of no interest.
        if let Some(&delivery) = self.by_connection.get(&connection) {
            self.deliver(delivery, input, now);
            return;
        }
        match input {
            delivery::Input::Dialogue(connection::Input::Received(bytes)) => {
                self.idle(connection, now, |idle, env| {
                    idle.received(connection, bytes, env);
                });
            }
            delivery::Input::Dialogue(_) => {
                self.drop_idle(connection, now);
            }
            delivery::Input::Answer(_)
            | delivery::Input::Connected
            | delivery::Input::ConnectFailed(_)
            | delivery::Input::Timeout => {}
        }
    }

    fn drop_idle(&mut self, connection: u32, now: Now) {
        self.idle(connection, now, |idle, env| idle.drop(connection, env));
    }

    /// Does something with a connection that nobody uses.
    fn idle(&mut self, connection: u32, now: Now, work: impl FnOnce(&mut Idle, &mut Env<'_>)) {
        self.master
            .with_idle(connection, &mut self.shared, now, work);
    }

    fn deliver(&mut self, id: u32, input: delivery::Input<'_>, now: Now) {
        self.run(id, now, |delivery, env, resources| {
            delivery.handle(input, env, resources)
        });
    }

    /// Lets a delivery do something, and keeps track of what it waits for.
    fn run(
        &mut self,
        id: u32,
        now: Now,
        work: impl FnOnce(&mut Delivery, &mut Env<'_>, &mut Resources<'_>),
    ) {
        let Some(under_way) = self.deliveries.get_mut(&id) else {
            return;
        };
        let UnderWay {
            delivery,
            process: Some(process),
            ..
        } = under_way
        else {
            return;
        };
        let connection_before = delivery.connection();
        process.act(&mut self.shared, now, |env, memory, idle| {
            let mut resources = Resources {
                next_query: &mut self.next_query,
                next_connection: &mut self.next_connection,
                memory,
                idle,
            };
            work(delivery, env, &mut resources);
        });
        let connection = delivery.connection();
        if connection != connection_before {
            if let Some(gone) = connection_before {
                self.by_connection.remove(&gone);
            }
            if let Some(new) = connection {
                self.by_connection.insert(new, id);
            }
        }
        if let Some(query) = delivery.query() {
            self.by_query.insert(query, id);
        }
        let deadline = delivery.deadline();
        let over = delivery.is_over();
        self.set_deadline(id, deadline);
        if over && let Some(under_way) = self.deliveries.remove(&id) {
            self.delivery_over(under_way, now);
        }
    }

    fn timeout(&mut self, now: Now) {
        self.wake = None;
        while let Some(&(at, id)) = self.deadlines.first() {
            if at > now.time {
                break;
            }
            self.set_deadline(id, None);
            self.deliver(id, delivery::Input::Timeout, now);
        }
        while let Some(connection) = self.shared.idle.expired(now.time) {
            self.drop_idle(connection, now);
        }
        while let Some(number) = self.queue.take_due(now.time) {
            self.attempt(number, now);
        }
        self.try_stalled(now);
    }

    fn set_deadline(&mut self, id: u32, deadline: Option<Time>) {
        let known = match deadline {
            Some(at) => self.known_deadline.insert(id, at),
            None => self.known_deadline.remove(&id),
        };
        if known == deadline {
            return;
        }
        if let Some(known) = known {
            self.deadlines.remove(&(known, id));
        }
        if let Some(at) = deadline {
            self.deadlines.insert((at, id));
        }
    }

    fn announce_wake(&mut self) {
        let deadline = self.deadlines.first().map(|(at, _)| *at);
        let throttled = self.stalled.keys();
        let throttled = throttled.filter_map(|service| self.master.throttled_until(service));
        let wake = [
            deadline,
            self.queue.next_due(),
            self.shared.idle.deadline(),
            throttled.min(),
        ]
        .into_iter()
        .flatten()
        .min();
        if wake != self.wake {
            self.wake = wake;
            self.shared.out.put(Output::WakeAt(wake));
        }
    }
}

impl fmt::Debug for Mta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Mta({} messages, {} deliveries)",
            self.queue.len(),
            self.deliveries.len()
        )
    }
}
