//! What a level of DANE comes to at a server (src/smtp/smtp_tls_policy.c `dane_init`; RFC 7672 §2).

use std::sync::Arc;

use super::destination::Destination;
use super::held::Invalid;
use super::memory::Found;
use super::notices::notice;
use super::servers::{Candidate, MxFacts};
use crate::connection::Env;
use crate::dns::ascii_name;
use crate::event::{DaneObstacle, DestinationNotice, Reason, Rule};
use crate::fault::{Fault, NetworkFault, PolicyFault};
use crate::policy::{Level, Matching, Name, Policy, Tlsa};

/// A policy that was worked out, and the rule that decided.
pub(super) type Settled = Result<(Policy, Rule), Invalid>;

/// Who is to blame where a level asks for records, and nobody vouches for any.
const NO_RECORDS: Fault = Fault::Policy(PolicyFault::NoTlsaRecords);

/// Whether TLSA records need to be looked for at all; if not, what holds without them.
pub(super) fn before_lookup(
    policy: &Policy,
    destination: &Destination,
    mx: Option<&MxFacts>,
    env: &mut Env<'_>,
) -> Option<Settled> {
    let settings = env.settings;
    let level = policy.level;
    let obstacle = if !settings.resolver.has_dnssec() {
        Some(DaneObstacle::NoDnssec)
    } else if settings.hosts.ignore_mx_lookup_error {
        Some(DaneObstacle::ErrorsIgnored)
    } else if settings.resolver.completes_names {
        Some(DaneObstacle::NamesCompleted)
    } else {
        None
    };
    if let Some(obstacle) = obstacle {
        let impossible = DestinationNotice::DaneImpossible {
            destination: destination.text.clone(),
            level,
            obstacle,
        };
        notice(impossible, env);
        let invalid = Invalid::configuration();
        return Some(without(policy, Level::May, Rule::DaneImpossible, invalid));
    }
    let mx_counts_for_nothing =
        level == Level::DaneOnly || settings.tls.dane.insecure_mx <= Level::May;
    if is_insecure(mx) && mx_counts_for_nothing {
        let invalid = Invalid::because(Reason::NotSigned, NO_RECORDS);
        return Some(without(policy, Level::May, Rule::InsecureMx, invalid));
    }
    None
}

/// What holds where the look-up failed: nobody knows whether there are records, so nothing is sent (RFC 7672 §2.1.1).
pub(super) fn lookup_failed(candidate: &Candidate) -> Settled {
    let server = &candidate.server;
    let port = server.address.port();
    let host = server.host.clone();
    let reason = Reason::TlsaLookupFailed { host, port };
    let fault = Fault::Network(NetworkFault::NoAnswer);
    Err(Invalid::because(reason, fault))
}

/// What holds with what was found at the name of `base`.
pub(super) fn with_records(
    policy: &Policy,
    found: Found,
    base: &Arc<str>,
    mx: Option<&MxFacts>,
    env: &Env<'_>,
) -> Settled {
    let records = match found {
        Found::Nothing => {
            let invalid = Invalid::because(Reason::NoTlsaRecords, NO_RECORDS);
            return without(policy, Level::May, Rule::NoTlsaRecords, invalid);
        }
        Found::OtherUsages => {
            let invalid = Invalid::because(Reason::UnusableTlsaRecords, NO_RECORDS);
            return without(policy, Level::Encrypt, Rule::RecordsUnusable, invalid);
        }
        Found::Records(records) => records,
    };
    let mut level = policy.level;
    if is_insecure(mx) {
        if env.settings.tls.dane.insecure_mx == Level::Encrypt {
            let invalid = Invalid::because(Reason::NotSigned, NO_RECORDS);
            return without(policy, Level::Encrypt, Rule::InsecureMx, invalid);
        }
        level = Level::HalfDane;
    }
    let has_anchors = records
        .iter()
        .any(|record| record.usage == Tlsa::TRUST_ANCHOR);
    let mut names = vec![base];
    if let Some(mx) = mx {
        names.push(&mx.rname);
        if mx.qname != mx.rname {
            names.push(&mx.qname);
        }
    }
    let names = names.into_iter().filter(|_| has_anchors);
    let matching = Matching::Tlsa {
        records,
        names: names.map(|name| Name::Host(ascii_name(name))).collect(),
    };
    let policy = Policy {
        level,
        // RFC 7672 §8.1: SNI is the name whose records were looked up, whatever else is configured.
        sni: Some(ascii_name(base)),
        matching,
        ..policy.clone()
    };
    Ok((policy, Rule::TlsaRecords))
}

fn is_insecure(mx: Option<&MxFacts>) -> bool {
    mx.is_some_and(|mx| !mx.secure)
}

/// Opportunistic DANE goes on at a lower level; `dane-only` does not.
fn without(policy: &Policy, level: Level, rule: Rule, invalid: Invalid) -> Settled {
    if policy.level == Level::DaneOnly {
        return Err(invalid);
    }
    let policy = Policy {
        level,
        ..policy.clone()
    };
    Ok((policy, rule))
}
