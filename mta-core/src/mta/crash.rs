//! The death of delivery agents (Postfix src/qmgr/qmgr_deliver.c, `DELIVER_STAT_CRASH`).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::batches::Batch;
use super::{Mta, UnderWay};
use crate::event::{Program, QueueNotice, What};
use crate::fault::OwnFault;
use crate::outbox::Output;
use crate::routing::{RETRY, Route};
use crate::time::Now;

/// The status that is passed to the retry service.
const STATUS: &str = "4.3.0";

impl Mta {
    /// Every smtp(8) process that has work dies at it. What it did not report never happened for the queue manager; what
    /// waits for its turn was not given to it. That the service then rests for a while is not simulated.
    pub(super) fn crash(&mut self, now: Now) {
        let begun = |(id, it): (&u32, &UnderWay)| it.process.is_some().then_some(*id);
        let begun: Vec<u32> = self.deliveries.iter().filter_map(begun).collect();
        let mut failed: BTreeSet<Arc<str>> = BTreeSet::new();
        for id in begun {
            self.set_deadline(id, None);
            self.by_query.retain(|_, delivery| *delivery != id);
            let Some(under_way) = self.deliveries.remove(&id) else {
                continue;
            };
            if let Some(connection) = under_way.delivery.connection() {
                self.by_connection.remove(&connection);
                self.shared.out.put(Output::Close { connection });
            }
            let service = &under_way.destination.0;
            if failed.insert(service.clone()) {
                self.tell_failure(service, now);
            }
            self.fail(under_way, now);
        }
    }

    fn tell_failure(&mut self, service: &Arc<str>, now: Now) {
        let service = service.clone();
        let what = What::Noticed {
            by: Program::Qmgr,
            notice: Box::new(QueueNotice::AgentDied { service }.into()),
        };
        self.shared.out.tell(now.time, None, what);
    }

    /// What the process had not reported is deferred by error(8).
    fn fail(&mut self, under_way: UnderWay, now: Now) {
        let UnderWay {
            message: number,
            destination,
            delivery,
            process,
        } = under_way;
        if let Some(process) = process {
            self.master.died(process);
        }
        let limits = self.settings.queue.destination_limits_of(&destination.0);
        self.destinations
            .done(&destination, false, now.time, limits);
        let queue_id = delivery.mail.queue_id.clone();
        let batch = Batch {
            route: Route {
                transport: RETRY.into(),
                nexthop: STATUS.into(),
            },
            destination: destination.1.clone(),
            recipients: delivery.mail.recipients.left().cloned().collect(),
            fault: OwnFault::AgentDied,
        };
        self.ready.push_back(destination);
        let mut deferred: Vec<Arc<str>> = delivery.into_deferred().collect();
        if let Some(entry) = self.queue.get(number) {
            let (age, message) = (entry.age(now.time), entry.message.clone());
            deferred.extend(self.hand_over(batch, &message, age, now));
        }
        self.part_over(number, &queue_id, deferred, now);
    }
}
