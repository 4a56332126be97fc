//! The sender as a whole: queue, deliveries, connections, behind one door.

mod agents;
mod crash;
mod destinations;
mod input;
mod process;
mod rounds;
mod sites;

#[cfg(test)]
mod threads;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use crate::Draw;
use crate::config::{Files, Settings};
use crate::connection::{self, Idle, Surroundings};
use crate::delivery::{self, Delivery, Numbers};
use crate::event::Detail;
use crate::outbox::{Outbox, Output};
use crate::policy_table::Tables;
use crate::queue::Queue;
use crate::routing::route;
use crate::time::{Now, Time};
use crate::tls::{Engine, SessionStore};

pub use input::Input;
use process::{Process, SMTP, Shared};
use sites::{SiteName, Sites};

/// The sender. It does nothing by itself: inputs go in with the time, outputs come out. It may move between threads, and
/// is used by one at a time (`Send`, not `Sync`); several may share an engine, sessions, settings, tables and files.
pub struct Mta {
    /// What the queue manager goes by; overrides in master.cf are a service's own.
    settings: Arc<Settings>,
    tables: Arc<Tables>,
    /// The SMTP clients of master.cf, by name.
    services: BTreeMap<Arc<str>, Process>,
    /// Services that master.cf does not have, and until when nobody looks for them again.
    missing: BTreeMap<Arc<str>, Time>,
    shared: Shared,
    draw: Box<dyn Draw + Send>,
    queue: Queue,
    sites: Sites,
    /// Destinations at which it may be somebody's turn.
    ready: VecDeque<SiteName>,
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
    site: SiteName,
    delivery: Delivery,
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
    /// A sender with these settings. Without an engine there is no TLS, as when Postfix cannot set it up. Sender
    /// processes that share `sessions` must share the engine too. `draw` orders servers of equal preference.
    pub fn new(
        settings: Arc<Settings>,
        engine: Option<Arc<Engine>>,
        sessions: Arc<dyn SessionStore>,
        draw: Box<dyn Draw + Send>,
        detail: Detail,
    ) -> Self {
        let smtp = Process::new(SMTP, settings.clone(), engine, Arc::default());
        Mta {
            settings,
            tables: Arc::default(),
            services: BTreeMap::from([(SMTP.into(), smtp)]),
            missing: BTreeMap::new(),
            shared: Shared::new(sessions, detail),
            draw,
            queue: Queue::default(),
            sites: Sites::default(),
            ready: VecDeque::new(),
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

    /// The same with tables of policies.
    #[must_use]
    pub fn with_tables(mut self, tables: Arc<Tables>) -> Self {
        if let Some(smtp) = self.services.get_mut(SMTP) {
            smtp.tables = tables.clone();
        }
        self.tables = tables;
        self
    }

    /// The same sender with the files that settings name. Without them there are none.
    #[must_use]
    pub fn with_files(mut self, files: Arc<Files>) -> Self {
        self.shared.files = files;
        self
    }

    /// From now on these are the files that settings name: for a process that starts with
    /// [`reconfigure`](Self::reconfigure).
    pub fn replace_files(&mut self, files: Arc<Files>) {
        self.shared.files = files;
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
                    delivery::Input::Dialogue(connection::Input::Received(bytes)),
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

    /// Goes on with other settings, as when a new smtp(8) process takes over: what is in the queue stays. To resume the
    /// sessions of before, the engine must be a successor ([`Engine::succeed`]) of the one before.
    pub fn reconfigure(
        &mut self,
        settings: Arc<Settings>,
        engine: Option<Arc<Engine>>,
        tables: Arc<Tables>,
    ) {
        self.settings = settings.clone();
        self.tables = tables.clone();
        self.serve(SMTP, settings, engine, tables);
    }

    /// A SMTP client of master.cf besides `smtp`, or `smtp` with overrides (`-o name=value`). What main.cf says goes on
    /// to hold for the queue manager. A service that was there already gets a new process.
    pub fn serve(
        &mut self,
        service: &str,
        settings: Arc<Settings>,
        engine: Option<Arc<Engine>>,
        tables: Arc<Tables>,
    ) {
        let process = Process::new(service, settings, engine, tables);
        self.services.insert(service.into(), process);
    }

    /// Whether TLS secrets are told, of connections whose handshake begins from now on. Off at first: whoever has them
    /// can read all that is said.
    pub fn tell_secrets(&mut self, tell: bool) {
        self.shared.out.tells_secrets = tell;
    }

    /// Where the TLS sessions are kept.
    pub fn sessions(&self) -> &dyn SessionStore {
        self.shared.sessions()
    }

    /// The service of master.cf that a recipient's mail goes to, if that can be found out now.
    pub fn service_for(&self, recipient: &str) -> Option<Arc<str>> {
        let table = self.tables.transport.as_ref();
        let route = route(recipient, &self.settings, table);
        route.ok().map(|route| route.transport)
    }

    /// Whether nothing is under way; deferred messages may wait, and connections may be open for further ones.
    pub fn is_resting(&self) -> bool {
        self.deliveries.is_empty()
    }

    /// How many messages are in the queue.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing is under way and nothing waits.
    pub fn is_idle(&self) -> bool {
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
                self.idle(connection, now, |idle, around| {
                    idle.received(connection, bytes, around);
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
        self.idle(connection, now, |idle, around| {
            idle.drop(connection, around)
        });
    }

    /// Does something with a connection that nobody uses.
    fn idle(
        &mut self,
        connection: u32,
        now: Now,
        work: impl FnOnce(&mut Idle, &mut Surroundings<'_>),
    ) {
        let service = self.shared.idle.service_of(connection);
        let Some(process) = service.and_then(|service| self.services.get_mut(service)) else {
            return;
        };
        let mut idle = std::mem::take(&mut self.shared.idle);
        process.act(&mut self.shared, now, |around, _| work(&mut idle, around));
        self.shared.idle = idle;
    }

    fn deliver(&mut self, id: u32, input: delivery::Input<'_>, now: Now) {
        self.run(id, now, |delivery, around, numbers| {
            delivery.handle(input, around, numbers)
        });
    }

    /// Lets a delivery do something, and keeps track of what it waits for.
    fn run(
        &mut self,
        id: u32,
        now: Now,
        work: impl FnOnce(&mut Delivery, &mut Surroundings<'_>, &mut Numbers<'_>),
    ) {
        let Some(under_way) = self.deliveries.get_mut(&id) else {
            return;
        };
        let Some(process) = self.services.get_mut(&under_way.site.0) else {
            return;
        };
        let delivery = &mut under_way.delivery;
        let connection_before = delivery.connection();
        process.act(&mut self.shared, now, |around, memory| {
            let mut numbers = Numbers {
                next_query: &mut self.next_query,
                next_connection: &mut self.next_connection,
                memory,
                draw: &mut *self.draw,
            };
            work(delivery, around, &mut numbers);
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
        let wake = [deadline, self.queue.next_due(), self.shared.idle.deadline()]
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
