//! Why a destination has no server (src/dns/dns_lookup.c).

use std::sync::Arc;

use crate::dns::{Kind, LookupFault, Question};
use crate::event::Reason;
use crate::fault::{Fault, NetworkFault, OwnFault, PeerFault};
use crate::smtp::Dsn;

/// A reason that all recipients of a destination share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) dsn: Dsn,
    pub(super) reason: Reason,
    /// Who has to change something.
    pub(super) fault: Fault,
}

impl Why {
    /// A look-up that found nothing. A temporary reason dominates earlier and later permanent ones.
    pub(super) fn lookup(question: &Question, fault: LookupFault, earlier: Option<&Why>) -> Why {
        let soft = earlier.is_some_and(|why| why.dsn.is_temporary());
        let dsn = match fault {
            LookupFault::NoSuchName | LookupFault::NoData => Dsn::new(5, 4, 4),
            LookupFault::ServerFailure | LookupFault::Timeout | LookupFault::Malformed => {
                Dsn::new(4, 4, 3)
            }
            LookupFault::Refused => Dsn::new(5, 4, 3),
        };
        let reason = Reason::NameNotFound {
            question: question.clone(),
            fault,
        };
        let class = if soft { 4 } else { dsn.class };
        let is_absent = matches!(fault, LookupFault::NoSuchName | LookupFault::NoData);
        let fault = if is_absent && !soft {
            Fault::Peer(PeerFault::NotInDns)
        } else {
            Fault::Network(NetworkFault::NoAnswer)
        };
        Why {
            dsn: Dsn { class, ..dsn },
            reason,
            fault,
        }
    }

    /// RFC 7505 §3; Postfix answers 5.1.0 (R-NULL-01, R-DEC-06).
    pub(super) fn null_mx(domain: &Arc<str>) -> Why {
        let domain = domain.clone();
        Why {
            dsn: Dsn::new(5, 1, 0),
            reason: Reason::NullMx { domain },
            fault: Fault::Peer(PeerFault::NullMx),
        }
    }

    /// No server was tried, and nothing says why. To Postfix, that is; `fault` may.
    pub(super) fn unavailable(fault: Fault) -> Why {
        Why {
            dsn: Dsn::new(4, 3, 0),
            reason: Reason::NoServer,
            fault,
        }
    }

    /// A destination that cannot be read.
    pub(super) fn bad_destination(text: &Arc<str>) -> Why {
        Why {
            dsn: Dsn::new(5, 4, 4),
            reason: Reason::BadDestination(text.clone()),
            fault: Fault::Own(OwnFault::NextHop),
        }
    }
}

/// The address records to ask for, in order (`inet_protocols`; src/util/inet_proto.c).
pub(super) fn address_kinds(protocols: crate::config::InetProtocols) -> &'static [Kind] {
    match (protocols.has_ipv4(), protocols.has_ipv6()) {
        (true, false) => &[Kind::A],
        (false, true) => &[Kind::Aaaa],
        _ => &[Kind::A, Kind::Aaaa],
    }
}
