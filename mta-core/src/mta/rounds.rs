//! Rounds of deliveries: the queue manager's part (Postfix src/qmgr).

use super::Mta;
use super::destinations::by_destination;
use crate::connection::{Mail, Recipients};
use crate::delivery::Delivery;
use crate::event::{Channel, Rule, What};
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
        let mut begun = Vec::with_capacity(1);
        for (text, recipients) in
            by_destination(recipients, self.process.settings.hosts.relayhost.as_deref())
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
                (
                    number,
                    Delivery::new(mail, text, &self.process.settings.hosts),
                ),
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

    pub(super) fn delivery_over(&mut self, number: u32, delivery: Delivery, now: Now) {
        let queue_id = delivery.mail.queue_id.clone();
        let after = self.queue.delivery_over(
            number,
            delivery.into_deferred(),
            now.time,
            &self.process.settings.queue,
        );
        match after {
            AfterRound::NotYet | AfterRound::Done => {}
            AfterRound::Retry { at, backoff } => {
                self.shared
                    .out
                    .tell(now.time, Some(&queue_id), What::RetryAt { at, backoff });
            }
            AfterRound::Expired { age } => {
                if let Some(entry) = self.queue.get(number) {
                    let sender = entry.message.sender.clone();
                    let rule = Rule::QueueLifetime;
                    let decided = What::Decided { server: None, rule };
                    self.shared.out.tell(now.time, Some(&queue_id), decided);
                    self.shared
                        .out
                        .tell(now.time, Some(&queue_id), What::Expired { sender, age });
                }
                self.queue.remove(number);
            }
        }
    }
}
