//! The sender as a whole: queue, deliveries, connections, behind one door.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::connection::{self, Idle, Mail, Recipients, Surroundings};
use crate::delivery::{self, Delivery, DnsMemory, Numbers};
use crate::dns::Answer;
use crate::event::{Channel, Detail, Rule, What};
use crate::fault::NetworkFault;
use crate::outbox::{Outbox, Output};
use crate::policy::RequireTls;
use crate::policy_table::Tables;
use crate::queue::{AfterRound, Message, Queue};
use crate::time::{Now, Time};
use crate::tls::{Engine, SessionStore, TermsKnown};
use crate::{
    Draw,
    config::{Files, Settings},
};

/// What the driver has to say.
#[derive(Debug)]
pub enum Input<'a> {
    /// A new message. Its first attempt begins at once.
    Submit(Message),
    /// The resolver's answer to [`Output::Resolve`].
    Answer {
        /// The query's number.
        query: u32,
        /// The answer.
        answer: Answer,
    },
    /// The connection of [`Output::Connect`] is open.
    Connected {
        /// Its number.
        connection: u32,
    },
    /// It could not be opened.
    ConnectFailed {
        /// Its number.
        connection: u32,
        /// Why.
        fault: NetworkFault,
    },
    /// Bytes from the peer, in order.
    Received {
        /// The connection's number.
        connection: u32,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// The peer sends nothing more.
    Closed {
        /// The connection's number.
        connection: u32,
    },
    /// The connection was reset.
    Reset {
        /// Its number.
        connection: u32,
    },
    /// The time of the last [`Output::WakeAt`] has come.
    Timeout,
    /// Every deferred message is tried now (postqueue -f).
    Flush,
}

/// The sender. It does nothing by itself: inputs go in with the time, outputs come out.
pub struct Mta {
    settings: Arc<Settings>,
    engine: Option<Arc<Engine>>,
    sessions: Arc<dyn SessionStore>,
    files: Arc<Files>,
    /// What is known of DNS, as a smtp(8) process knows it.
    memory: DnsMemory,
    terms: TermsKnown,
    tables: Arc<Tables>,
    idle: Idle,
    draw: Box<dyn Draw + Send>,
    queue: Queue,
    deliveries: BTreeMap<u32, (u32, Delivery)>,
    by_query: BTreeMap<u32, u32>,
    by_connection: BTreeMap<u32, u32>,
    deadlines: BTreeSet<(Time, u32)>,
    known_deadline: BTreeMap<u32, Time>,
    next_delivery: u32,
    next_query: u32,
    next_connection: u32,
    wake: Option<Time>,
    out: Outbox,
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
        Mta {
            settings,
            engine,
            sessions,
            files: Arc::default(),
            memory: DnsMemory::default(),
            terms: TermsKnown::default(),
            tables: Arc::default(),
            idle: Idle::default(),
            draw,
            queue: Queue::default(),
            deliveries: BTreeMap::new(),
            by_query: BTreeMap::new(),
            by_connection: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            known_deadline: BTreeMap::new(),
            next_delivery: 0,
            next_query: 0,
            next_connection: 0,
            wake: None,
            out: Outbox {
                detail,
                ..Outbox::default()
            },
        }
    }

    /// The same with tables of policies.
    #[must_use]
    pub fn with_tables(self, tables: Arc<Tables>) -> Self {
        Mta { tables, ..self }
    }

    /// The same sender with the files that settings name. Without them there are none.
    #[must_use]
    pub fn with_files(self, files: Arc<Files>) -> Self {
        Mta { files, ..self }
    }

    /// Takes one input and gives everything that follows from it.
    ///
    /// # Panics
    /// If the outputs of the input before were not all taken: a driver's mistake.
    pub fn handle(&mut self, now: Now, input: Input<'_>) -> Outputs<'_> {
        assert!(
            self.out.queue.is_empty(),
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
            Input::Flush => {
                for number in self.queue.take_all_deferred() {
                    self.attempt(number, now);
                }
            }
        }
        self.announce_wake();
        Outputs(&mut self.out)
    }

    /// Goes on with other settings, as when a new smtp(8) process takes over: what is in the queue stays. To resume the
    /// sessions of before, the engine must be a successor ([`Engine::succeed`]) of the one before.
    pub fn reconfigure(
        &mut self,
        settings: Arc<Settings>,
        engine: Option<Arc<Engine>>,
        tables: Arc<Tables>,
    ) {
        self.tables = tables;
        self.settings = settings;
        self.engine = engine;
        self.terms = TermsKnown::default();
        self.memory = DnsMemory::default();
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

    fn submit(&mut self, message: Message, now: Now) {
        let queue_id = message.queue_id.clone();
        let what = What::Queued {
            sender: message.sender.clone(),
            recipients: message.recipients.len(),
        };
        self.out.tell(now.time, Some(&queue_id), what);
        let number = self.queue.add(message, now.time);
        self.attempt(number, now);
    }

    /// One round: a delivery for each destination.
    fn attempt(&mut self, number: u32, now: Now) {
        let recipients = self.queue.take_recipients(number);
        let Some(entry) = self.queue.get(number) else {
            return;
        };
        let (age, message) = (entry.age(now.time), entry.message.clone());
        self.out
            .tell(now.time, Some(&message.queue_id), What::Activated { age });
        let mut begun = Vec::with_capacity(1);
        for (text, recipients) in
            by_destination(recipients, self.settings.hosts.relayhost.as_deref())
        {
            let mail = Mail {
                queue_id: message.queue_id.clone(),
                sender: message.sender.clone(),
                body: message.body.clone(),
                recipients: Recipients::new(recipients),
                age,
                begun: now.time,
                set_up: None,
                is_best_server: true,
                is_last_server: true,
                is_last_transaction: false,
                keeps_connection: false,
                uses: 1,
                level: None,
                channel: Channel::Undecided,
                probe: message.probe,
                asks: message.asks,
                require_tls: RequireTls::default(),
                promise: None,
            };
            let id = self.next_delivery;
            self.next_delivery = self.next_delivery.wrapping_add(1);
            self.queue.delivery_begins(number);
            self.deliveries.insert(
                id,
                (number, Delivery::new(mail, text, &self.settings.hosts)),
            );
            begun.push(id);
        }
        if begun.is_empty() {
            self.queue.remove(number);
        }
        for id in begun {
            self.run(id, now, |delivery, around, numbers| {
                delivery.start(around, numbers)
            });
        }
    }

    fn on(&mut self, connection: u32, input: delivery::Input<'_>, now: Now) {
        // What comes on a connection that was given up is of no interest.
        if let Some(&delivery) = self.by_connection.get(&connection) {
            self.deliver(delivery, input, now);
            return;
        }
        match input {
            delivery::Input::Dialogue(connection::Input::Received(bytes)) => {
                self.idle(now, |idle, around| idle.received(connection, bytes, around));
            }
            delivery::Input::Dialogue(_) => {
                self.idle(now, |idle, around| idle.drop(connection, around));
            }
            delivery::Input::Answer(_)
            | delivery::Input::Connected
            | delivery::Input::ConnectFailed(_)
            | delivery::Input::Timeout => {}
        }
    }

    /// Does something with the connections that nobody uses.
    fn idle(&mut self, now: Now, work: impl FnOnce(&mut Idle, &mut Surroundings<'_>)) {
        let mut idle = std::mem::take(&mut self.idle);
        let mut around = Surroundings {
            now,
            settings: &self.settings,
            engine: self.engine.as_ref(),
            sessions: &*self.sessions,
            tables: &self.tables,
            idle: &mut self.idle,
            files: &self.files,
            terms: &mut self.terms,
            out: &mut self.out,
        };
        work(&mut idle, &mut around);
        self.idle = idle;
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
        let Some((number, delivery)) = self.deliveries.get_mut(&id) else {
            return;
        };
        let number = *number;
        let connection_before = delivery.connection();
        let mut around = Surroundings {
            now,
            settings: &self.settings,
            engine: self.engine.as_ref(),
            sessions: &*self.sessions,
            tables: &self.tables,
            idle: &mut self.idle,
            files: &self.files,
            terms: &mut self.terms,
            out: &mut self.out,
        };
        let mut numbers = Numbers {
            next_query: &mut self.next_query,
            next_connection: &mut self.next_connection,
            memory: &mut self.memory,
            draw: &mut *self.draw,
        };
        work(delivery, &mut around, &mut numbers);
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
        if over && let Some((_, delivery)) = self.deliveries.remove(&id) {
            self.delivery_over(number, delivery, now);
        }
    }

    fn delivery_over(&mut self, number: u32, delivery: Delivery, now: Now) {
        let queue_id = delivery.mail.queue_id.clone();
        let after = self.queue.delivery_over(
            number,
            delivery.into_deferred(),
            now.time,
            &self.settings.queue,
        );
        match after {
            AfterRound::NotYet | AfterRound::Done => {}
            AfterRound::Retry { at, backoff } => {
                self.out
                    .tell(now.time, Some(&queue_id), What::RetryAt { at, backoff });
            }
            AfterRound::Expired { age } => {
                if let Some(entry) = self.queue.get(number) {
                    let sender = entry.message.sender.clone();
                    let rule = Rule::QueueLifetime;
                    let decided = What::Decided { server: None, rule };
                    self.out.tell(now.time, Some(&queue_id), decided);
                    self.out
                        .tell(now.time, Some(&queue_id), What::Expired { sender, age });
                }
                self.queue.remove(number);
            }
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
        if self.idle.deadline().is_some_and(|at| at <= now.time) {
            self.idle(now, Idle::expire);
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
        let wake = [deadline, self.queue.next_due(), self.idle.deadline()]
            .into_iter()
            .flatten()
            .min();
        if wake != self.wake {
            self.wake = wake;
            self.out.put(Output::WakeAt(wake));
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

/// Recipients by next hop, in the order of their first appearance.
fn by_destination(
    recipients: Vec<Arc<str>>,
    relayhost: Option<&str>,
) -> Vec<(Arc<str>, Vec<Arc<str>>)> {
    let mut groups: Vec<(Arc<str>, Vec<Arc<str>>)> = Vec::with_capacity(1);
    let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for recipient in recipients {
        let nexthop: Arc<str> = match relayhost {
            Some(relayhost) => relayhost.into(),
            None => recipient
                .rsplit_once('@')
                .map_or("", |(_, domain)| domain)
                .to_ascii_lowercase()
                .into(),
        };
        match places
            .get(&nexthop)
            .and_then(|&place| groups.get_mut(place))
        {
            Some((_, group)) => group.push(recipient),
            None => {
                places.insert(nexthop.clone(), groups.len());
                groups.push((nexthop, vec![recipient]));
            }
        }
    }
    groups
}
