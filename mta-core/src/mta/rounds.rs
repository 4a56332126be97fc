//! Rounds of deliveries: the queue manager's part (Postfix src/qmgr).

use std::sync::Arc;
use std::time::Duration;

use super::destinations::batches;
use super::{Mta, UnderWay};
use crate::connection::{Mail, Recipients};
use crate::delivery::Delivery;
use crate::event::{Agent, Channel, Rule, What};
use crate::policy::RequireTls;
use crate::queue::{AfterRound, Message};
use crate::time::Now;

impl Mta {
    pub(super) fn submit(&mut self, message: Message, now: Now) {
        let queue_id = message.queue_id.clone();
        let what = What::Queued {
            sender: message.sender.clone(),
            recipients: message.recipients.len(),
        };
        self.shared.out.tell(now.time, Some(&queue_id), what);
        let number = self.queue.add(message, now.time);
        self.attempt(number, now);
    }

    /// One round: a delivery for each destination.
    pub(super) fn attempt(&mut self, number: u32, now: Now) {
        let recipients = self.queue.take_recipients(number);
        let Some(entry) = self.queue.get(number) else {
            return;
        };
        let (age, message) = (entry.age(now.time), entry.message.clone());
        self.shared
            .out
            .tell(now.time, Some(&message.queue_id), What::Activated { age });
        let table = self.tables.transport.as_ref();
        let (batches, log) = batches(recipients, &self.settings, table);
        for text in log {
            let daemon = "trivial-rewrite";
            let text = text.into();
            self.shared
                .out
                .tell(now.time, None, What::Logged { daemon, text });
        }
        // The round is over when this and every delivery is.
        self.queue.delivery_begins(number);
        let mut deferred = Vec::new();
        let mut begun = Vec::with_capacity(1);
        for batch in batches {
            match self.services.get(&batch.route.transport) {
                Some(process) => {
                    let nexthop = batch.route.nexthop.clone();
                    let mail = mail(&message, batch.recipients, age, now);
                    let delivery = Delivery::new(mail, nexthop, &process.settings.hosts);
                    begun.push(self.add(number, batch.route.transport, delivery));
                }
                None => deferred.extend(self.hand_over(batch, &message, age, now)),
            }
        }
        for id in begun {
            self.run(id, now, |delivery, around, numbers| {
                delivery.start(around, numbers)
            });
        }
        self.part_over(number, &message.queue_id, deferred, now);
    }

    fn add(&mut self, message: u32, service: Arc<str>, delivery: Delivery) -> u32 {
        let id = self.next_delivery;
        self.next_delivery = self.next_delivery.wrapping_add(1);
        self.queue.delivery_begins(message);
        let under_way = UnderWay {
            message,
            service,
            delivery,
        };
        self.deliveries.insert(id, under_way);
        id
    }

    pub(super) fn delivery_over(&mut self, message: u32, delivery: Delivery, now: Now) {
        let queue_id = delivery.mail.queue_id.clone();
        self.part_over(message, &queue_id, delivery.into_deferred(), now);
    }

    /// A part of a round is over; these recipients were deferred.
    fn part_over(
        &mut self,
        number: u32,
        queue_id: &Arc<str>,
        deferred: impl IntoIterator<Item = Arc<str>>,
        now: Now,
    ) {
        let settings = &self.settings.queue;
        let after = self
            .queue
            .delivery_over(number, deferred, now.time, settings);
        match after {
            AfterRound::NotYet | AfterRound::Done => {}
            AfterRound::Retry { at, backoff } => {
                self.shared
                    .out
                    .tell(now.time, Some(queue_id), What::RetryAt { at, backoff });
            }
            AfterRound::Expired { age } => {
                if let Some(entry) = self.queue.get(number) {
                    let sender = entry.message.sender.clone();
                    let rule = Rule::QueueLifetime;
                    let decided = What::Decided { server: None, rule };
                    self.shared.out.tell(now.time, Some(queue_id), decided);
                    self.shared
                        .out
                        .tell(now.time, Some(queue_id), What::Expired { sender, age });
                }
                self.queue.remove(number);
            }
        }
    }
}

/// A message on its way to some of its recipients.
fn mail(message: &Message, recipients: Vec<Arc<str>>, age: Duration, now: Now) -> Mail {
    Mail {
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
        agent: Agent::Smtp,
    }
}
