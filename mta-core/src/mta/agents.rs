//! Services of master.cf that are not SMTP clients.

use std::sync::Arc;
use std::time::Duration;

use super::Mta;
use super::batches::Batch;
use crate::connection::status_of;
use crate::event::{
    Agent, Channel, Delays, Event, Program, QueueNotice, Reason, RecipientOutcome, Status, What,
};
use crate::fault::{Fault, OwnFault};
use crate::queue::Message;
use crate::routing::{ERROR, RETRY, Route};
use crate::smtp::Dsn;
use crate::time::{Now, Time};

/// The service that takes mail and does nothing with it (discard(8)).
const DISCARD: &str = "discard";

/// Services of every master.cf that deliver in other ways, none of them simulated.
const ELSEWHERE: [&str; 3] = ["lmtp", "local", "virtual"];

/// A service that is not there is looked for again after so long (`transport_retry_time`).
const TRANSPORT_RETRY: Duration = Duration::from_secs(60);

impl Mta {
    /// What becomes of recipients whose mail goes to no SMTP client; those of them that are deferred.
    pub(super) fn hand_over(
        &mut self,
        batch: Batch,
        message: &Message,
        age: Duration,
        now: Now,
    ) -> Vec<Arc<str>> {
        let Batch {
            route,
            destination,
            recipients,
            fault,
        } = batch;
        let (agent, default) = match &*route.transport {
            ERROR => (Agent::Error, Dsn::new(5, 0, 0)),
            RETRY => (Agent::Error, Dsn::new(4, 0, 0)),
            DISCARD => (Agent::Discard, Dsn::new(2, 0, 0)),
            transport if ELSEWHERE.contains(&transport) => {
                self.elsewhere(recipients, &route, message, now.time);
                return Vec::new();
            }
            _ => {
                self.look_for(&route.transport, now.time);
                let route = Route {
                    transport: RETRY.into(),
                    nexthop: "4.3.0".into(),
                };
                let batch = Batch {
                    route,
                    destination,
                    recipients,
                    fault: OwnFault::NoService,
                };
                return self.hand_over(batch, message, age, now);
            }
        };
        let (dsn, text) = reason(&route.nexthop, default);
        let reason = if fault == OwnFault::NoRoute {
            Reason::NoRoute
        } else if fault == OwnFault::NoService {
            Reason::NoService
        } else if fault == OwnFault::AgentDied {
            Reason::AgentDied
        } else {
            Reason::Given(text.into())
        };
        let (status, dsn) = match dsn.class {
            2 => (Status::Sent, dsn),
            _ => status_of(dsn, &self.settings),
        };
        let delays = Delays {
            before_active: age,
            ..Delays::default()
        };
        for recipient in &recipients {
            self.shared.out.event(Event {
                at: now.time,
                queue_id: Some(message.queue_id.clone()),
                connection: None,
                service: None,
                what: What::Recipient(Box::new(RecipientOutcome {
                    recipient: recipient.clone(),
                    relay: None,
                    agent,
                    status: message.purpose.status(status),
                    dsn,
                    reason: reason.clone(),
                    fault: (dsn.class != 2).then_some(Fault::Own(fault)),
                    delays,
                    level: None,
                    uses: 1,
                    channel: Channel::Undecided,
                    require_tls: None,
                })),
            });
        }
        if message.purpose.retries(status) {
            recipients
        } else {
            Vec::new()
        }
    }

    fn elsewhere(
        &mut self,
        recipients: Vec<Arc<str>>,
        route: &Route,
        message: &Message,
        now: Time,
    ) {
        for recipient in recipients {
            let Route { transport, nexthop } = route.clone();
            let what = What::Elsewhere {
                recipient,
                transport,
                nexthop,
            };
            self.shared.out.tell(now, Some(&message.queue_id), what);
        }
    }

    /// A service that master.cf does not have: the queue manager finds no socket (src/qmgr/qmgr_transport.c).
    fn look_for(&mut self, transport: &Arc<str>, now: Time) {
        self.missing.retain(|_, until| *until > now);
        if self.missing.contains_key(transport) {
            return;
        }
        self.missing
            .insert(transport.clone(), now + TRANSPORT_RETRY);
        let service = transport.clone();
        let what = What::Noticed {
            by: Program::Qmgr,
            notice: Box::new(QueueNotice::NoService { service }.into()),
        };
        self.shared.out.tell(now, None, what);
    }
}

/// The status code in front of a reason, and the reason (src/global/dsn_util.c `dsn_split`). One of another class is
/// not heeded (src/global/bounce.c, defer.c, sent.c).
fn reason(text: &str, default: Dsn) -> (Dsn, &str) {
    match Dsn::parse(text) {
        Some(dsn) => {
            let (_, rest) = text.split_once(' ').unwrap_or((text, ""));
            let dsn = if dsn.class == default.class {
                dsn
            } else {
                default
            };
            (dsn, rest.trim_start())
        }
        None => (default, text.trim_start()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_begin_with_a_status_code() {
        let default = Dsn::new(5, 0, 0);
        assert_eq!(reason("gone", default), (default, "gone"));
        assert_eq!(
            reason("5.1.6  moved away", default),
            (Dsn::new(5, 1, 6), "moved away")
        );
        assert_eq!(reason("4.3.0 later", default), (default, "later"));
        assert_eq!(reason("5.1 x", default), (default, "5.1 x"));
    }
}
