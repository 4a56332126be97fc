//! Why a delivery went as it did, in the words that recipients are told.

use crate::dns::{LookupFault, Question};

/// A look-up that found nothing (src/dns/dns_lookup.c).
pub(super) fn name_not_found(question: &Question, fault: LookupFault) -> String {
    let words = match fault {
        LookupFault::NoSuchName => "Host not found",
        LookupFault::NoData => "Host found but no data record of requested type",
        LookupFault::ServerFailure | LookupFault::Timeout | LookupFault::Malformed => {
            "Host not found, try again"
        }
        LookupFault::Refused => "Non-recoverable error",
    };
    let Question { name, kind } = question;
    format!(
        "Host or domain name not found. Name service error for name={name} type={kind}: {words}"
    )
}
