//! What working out a policy comes to: one that holds, or none.

use std::sync::Arc;

use crate::event::{Reason, Rule};
use crate::fault::{Fault, OwnFault};
use crate::policy::Policy;
use crate::smtp::Dsn;

/// A policy, and the rule that it comes from.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) policy: Arc<Policy>,
    pub(super) rule: Rule,
    /// The domain whose MTA-STS policy does not allow this host, if it does not (RFC 8461 §4.1).
    pub(super) barred_by: Option<Arc<str>>,
}

/// No policy holds: nothing is delivered to this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    pub(super) dsn: Dsn,
    /// Why, as recipients see it.
    pub(super) reason: Reason,
    /// Who has to change something.
    pub(super) fault: Fault,
}

impl Invalid {
    pub(super) fn configuration() -> Invalid {
        let ours = Fault::Own(OwnFault::TlsPolicy);
        Invalid::because(Reason::TlsPolicy, ours)
    }

    pub(super) fn because(reason: Reason, fault: Fault) -> Invalid {
        Invalid {
            dsn: Dsn::new(4, 7, 5),
            reason,
            fault,
        }
    }
}
