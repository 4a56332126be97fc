//! Rounds of deliveries: the queue manager's part (Postfix src/qmgr).

use std::sync::Arc;
use std::time::Duration;

use super::batches::batches;
use super::destinations::DestinationName;
use super::{Mta, UnderWay};
use crate::connection::{Attempt, Mail, Recipients, Reuse};
use crate::delivery::Delivery;
use crate::event::{Agent, Program, Rule, What};
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
        let (settings, tables) = self.rewrite.ask(self.master.services(), now.time);
        let (batches, notices) = batches(&message.sender, recipients, settings, tables);
        for notice in notices {
            let what = What::Noticed {
                by: Program::TrivialRewrite,
                notice: Box::new(notice),
            };
            self.shared.out.tell(now.time, None, what);
        }
        // The round is over when this and every delivery is.
        self.queue.delivery_begins(number);
        let mut deferred = Vec::new();
        for batch in batches {
            match self.master.services().client(&batch.route.transport) {
                Some(_) => {
                    let nexthop = batch.route.nexthop.clone();
                    let mail = mail(&message, batch.recipients, age, now);
                    let delivery = Delivery::new(mail, nexthop);
                    let destination = (batch.route.transport, batch.destination);
                    self.add(number, destination, delivery);
                }
                None => deferred.extend(self.hand_over(batch, &message, age, now)),
            }
        }
        self.begin_ready(now);
        self.part_over(number, &message.queue_id, deferred, now);
    }

    /// Begins every delivery whose turn it is.
    pub(super) fn begin_ready(&mut self, now: Now) {
        while let Some(destination) = self.ready.pop_front() {
            while self.destinations.is_turn(&destination) {
                let Some(process) = self.master.employ(&destination.0, &mut self.shared, now)
                else {
                    self.stalled
                        .entry(destination.0.clone())
                        .or_default()
                        .insert(destination);
                    break;
                };
                let selected = self.destinations.select(&destination, now.time);
                let Some((id, demand)) = selected else {
                    self.master.done(process, now.time);
                    break;
                };
                if let Some(under_way) = self.deliveries.get_mut(&id) {
                    let mail = &mut under_way.delivery.mail;
                    mail.waited = now.time.since(mail.begun);
                    mail.begun = now.time;
                    mail.demand = demand;
                    under_way.process = Some(process);
                }
                self.run(id, now, |delivery, env, resources| {
                    delivery.start(env, resources)
                });
            }
        }
    }

    /// Mail goes on where a process may start again.
    pub(super) fn try_stalled(&mut self, now: Now) {
        let may_start = |service: &&Arc<str>| {
            let until = self.master.throttled_until(service);
            until.is_none_or(|until| until <= now.time)
        };
        let services: Vec<Arc<str>> = self.stalled.keys().filter(may_start).cloned().collect();
        for service in services {
            self.ready
                .extend(self.stalled.remove(&service).unwrap_or_default());
        }
    }

    fn add(&mut self, message: u32, destination: DestinationName, delivery: Delivery) {
        let id = self.next_delivery;
        self.next_delivery = self.next_delivery.wrapping_add(1);
        self.queue.delivery_begins(message);
        let limits = self.settings.queue.destination_limits_of(&destination.0);
        self.destinations.add(destination.clone(), id, limits);
        self.ready.push_back(destination.clone());
        let under_way = UnderWay {
            message,
            destination,
            delivery,
            process: None,
        };
        self.deliveries.insert(id, under_way);
    }

    pub(super) fn delivery_over(&mut self, under_way: UnderWay, now: Now) {
        let UnderWay {
            message,
            destination,
            delivery,
            process,
        } = under_way;
        if let Some(process) = process {
            self.master.done(process, now.time);
        }
        // A destination at which mail was spoken of is one that can be talked to.
        let went_well = delivery.mail.attempt.set_up.is_some();
        let limits = self.settings.queue.destination_limits_of(&destination.0);
        self.destinations
            .done(&destination, went_well, now.time, limits);
        self.ready.push_back(destination);
        let queue_id = delivery.mail.queue_id.clone();
        self.part_over(message, &queue_id, delivery.into_deferred(), now);
    }

    /// A part of a round is over; these recipients were deferred.
    pub(super) fn part_over(
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
        waited: Duration::ZERO,
        begun: now.time,
        attempt: Attempt::none(),
        demand: Reuse::default(),
        reuse: Reuse::default(),
        purpose: message.purpose,
        asks: message.asks,
        require_tls: RequireTls::default(),
        agent: Agent::Smtp,
    }
}
