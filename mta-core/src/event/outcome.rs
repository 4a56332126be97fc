//! What became of a recipient.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Promise, Reason, Server};
use crate::fault::Fault;
use crate::policy::Level;
use crate::smtp::Dsn;

/// The end of one attempt for one recipient: Postfix's delivery line.
#[derive(Clone, Debug, PartialEq)]
pub struct RecipientOutcome {
    /// The address.
    pub recipient: Arc<str>,
    /// The server that decided, if one was reached.
    pub relay: Option<Arc<Server>>,
    /// Which program decided.
    pub agent: Agent,
    /// What became of it.
    pub status: Status,
    /// The enhanced status code.
    pub dsn: Dsn,
    /// Why.
    pub reason: Reason,
    /// Who has to change something, where the message did not arrive.
    pub fault: Option<Fault>,
    /// Where the time went.
    pub delays: Delays,
    /// The level asked for at the last server, `None` if no policy was looked at.
    pub level: Option<Level>,
    /// Ordinal of this message on its connection (`conn_use`), from 1.
    pub uses: u32,
    /// How the message travelled, or would have.
    pub channel: Channel,
    /// What became of REQUIRETLS, if the sender asked for it and it was heeded.
    pub require_tls: Option<Promise>,
}

/// A program that delivers mail, or says why not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agent {
    /// smtp(8)
    #[default]
    Smtp,
    /// error(8), the program behind the services `error` and `retry`.
    Error,
    /// discard(8)
    Discard,
}

impl Agent {
    /// The program's name, as it stands in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Agent::Smtp => "smtp",
            Agent::Error => "error",
            Agent::Discard => "discard",
        }
    }
}

/// The final words of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The server took responsibility (RFC 5321 §6.1).
    Sent,
    /// Another attempt will be made.
    Deferred,
    /// No attempt will be made, and the sender is notified.
    Bounced,
    /// A probe: the server would take the message.
    Deliverable,
    /// A probe: it would not, or nobody could be asked.
    Undeliverable,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To be delivered.
    #[default]
    Delivery,
    /// To find out whether its recipients would be accepted: nothing is delivered, and nothing tried again (verify(8)).
    Probe,
}

impl Purpose {
    /// What a recipient's status is called in the log (src/global/verify.c).
    pub(crate) const fn status(self, status: Status) -> Status {
        match (self, status) {
            (Purpose::Delivery, status) => status,
            (Purpose::Probe, Status::Sent | Status::Deliverable) => Status::Deliverable,
            (Purpose::Probe, Status::Deferred | Status::Bounced | Status::Undeliverable) => {
                Status::Undeliverable
            }
        }
    }

    /// Whether a recipient with this status is tried again.
    pub(crate) const fn retries(self, status: Status) -> bool {
        matches!((self, status), (Purpose::Delivery, Status::Deferred))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Sent => "sent",
            Status::Deferred => "deferred",
            Status::Bounced => "bounced",
            Status::Deliverable => "deliverable",
            Status::Undeliverable => "undeliverable",
        })
    }
}

/// How a message travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// The attempt ended before this was decided.
    Undecided,
    /// In cleartext.
    Cleartext,
    /// Inside TLS.
    Tls,
    /// Inside TLS, at a weaker level than was asked for: there was nothing that could prove more.
    WeakerTls(Level),
    /// Not at all: what the policy asks for could not be had.
    Blocked,
    /// Not at all: the policy cannot be read.
    Unknown,
}

/// Postfix's `delays=a/b/c/d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Delays {
    /// From arrival to the last entry into the active queue.
    pub before_active: Duration,
    /// From there to the start of the attempt.
    pub in_active: Duration,
    /// DNS, connection, EHLO, TLS.
    pub setup: Duration,
    /// The transaction.
    pub transmission: Duration,
}

impl Delays {
    /// All four together: Postfix's `delay=`.
    pub fn total(&self) -> Duration {
        self.before_active + self.in_active + self.setup + self.transmission
    }
}
