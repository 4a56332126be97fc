//! About destinations (src/smtp/smtp_connect.c, smtp_addr.c, smtp_tls_policy.c, smtp_tlsrpt.c; src/tls/tls_dane.c;
//! src/dns/dns_sec.c).

use super::sentence::{Sentence, info, warning};
use crate::dns::{LookupFault, Question};
use crate::event::{AnchorFault, DaneObstacle, DestinationNotice, Reason, UnusableTlsa};
use crate::log::reason::{name_not_found, reason as worded};

pub(super) fn sentences(notice: &DestinationNotice) -> Vec<Sentence> {
    vec![match notice {
        DestinationNotice::NotValidated { probe, fault } => {
            return vec![
                warning("DNSSEC validation may be unavailable"),
                warning(format!("reason: {}", probed(probe, *fault))),
            ];
        }
        DestinationNotice::NoAddresses { domain } => warning(format!(
            "no MX host for {domain} has a valid address record"
        )),
        DestinationNotice::Misconfigured { parameter } => {
            warning(format!("{parameter} configuration problem"))
        }
        DestinationNotice::NeedsWrappermode => info(
            "SMTPS wrappermode (TCP port 465) requires setting \"smtp_tls_wrappermode = yes\", and \
             \"smtp_tls_security_level = encrypt\" (or stronger)",
        ),
        DestinationNotice::WrappermodeNeedsTls => warning(
            "smtp_tls_wrappermode requires \"smtp_tls_security_level = encrypt\" (or stronger)",
        ),
        DestinationNotice::NoPolicy {
            nexthop,
            host,
            reason,
        } => {
            let reason = worded(reason);
            warning(format!("TLS policy lookup for {nexthop}/{host}: {reason}"))
        }
        DestinationNotice::RequireTlsWeakened { why } => {
            info(worded(&Reason::RequireTls(why.clone())))
        }
        DestinationNotice::MxNotInPolicy { host, domain } => warning(format!(
            "MX name '{host}' does not match STS MX pattern for '{domain}'"
        )),
        DestinationNotice::DaneImpossible {
            destination,
            level,
            obstacle,
        } => {
            let trouble = match obstacle {
                DaneObstacle::NoDnssec => {
                    format!("{level} configured with dnssec lookups disabled")
                }
                DaneObstacle::ErrorsIgnored => {
                    format!("{level} configured with MX lookup errors ignored")
                }
                DaneObstacle::NamesCompleted => {
                    format!("dns resolver options incompatible with {level} TLS")
                }
            };
            warning(format!("{destination}: {trouble}"))
        }
        DestinationNotice::TlsaLookupFailed { question } => {
            // Whatever the fault is called, it is worth another try (observed: dane-servfail-rcode-refused).
            let why = name_not_found(question, LookupFault::ServerFailure);
            warning(format!("DANE TLSA lookup problem: {why}"))
        }
        DestinationNotice::AliasLookupFailed { question, fault } => {
            let why = match fault {
                LookupFault::NoSuchName | LookupFault::NoData => "no longer a CNAME".to_owned(),
                LookupFault::ServerFailure
                | LookupFault::Refused
                | LookupFault::Timeout
                | LookupFault::Malformed => name_not_found(question, *fault),
            };
            let name = &question.name;
            warning(format!("DNSSEC status lookup error for {name}: {why}"))
        }
        DestinationNotice::UnsupportedTlsa { name, what, record } => {
            let what = match what {
                UnusableTlsa::Usage => "certificate usage",
                UnusableTlsa::MatchingType => "matching type",
            };
            warning(format!("{name} unsupported TLSA {what}: {record}"))
        }
        DestinationNotice::NoFingerprints { destination } => warning(format!(
            "nexthop domain {destination}: configured at fingerprint security level, but with no fingerprints to match."
        )),
        DestinationNotice::BadFingerprint { word, is_cut } => {
            let dots = if *is_cut { "..." } else { "" };
            warning(format!("malformed fingerprint value: {word}{dots}"))
        }
        DestinationNotice::DigestByDefault => info(
            "using backwards-compatible default setting smtp_tls_fingerprint_digest=md5 to compute certificate \
             fingerprints",
        ),
        DestinationNotice::BadAnchorFile { path, fault } => warning(match fault {
            // A file that may not be read has another errno text, which is not known here.
            AnchorFault::Missing => {
                format!("error opening trust anchor file: {path}: No such file or directory")
            }
            AnchorFault::Certificate => {
                format!("error reading: {path}: malformed trust-anchor certificate")
            }
            AnchorFault::PublicKey => {
                format!("error reading: {path}: malformed trust-anchor public key")
            }
        }),
        DestinationNotice::BadServername { name } => warning(format!(
            "\"smtp_tls_servername = {name}\" specifies an invalid hostname"
        )),
        DestinationNotice::ReportLookupFailed {
            domain,
            question,
            fault,
        } => {
            let why = name_not_found(question, *fault);
            warning(format!(
                "TLSRPT support: policy lookup failed for {domain}: {why}"
            ))
        }
        DestinationNotice::BadReportPolicy { domain, record } => warning(format!(
            "TLSRPT support: ignoring malformed policy for {domain}:, \"{record}\""
        )),
        DestinationNotice::TooManyReportPolicies { domain } => warning(format!(
            "TLSRPT support: Too many TLSRPT policies for {domain}"
        )),
    }]
}

/// What the probe came to (src/dns/dns_sec.c `dns_sec_probe`).
fn probed(probe: &Question, fault: Option<LookupFault>) -> String {
    let kind = probe.kind.name().to_ascii_lowercase();
    let name = format!("dnssec_probe '{kind}:{}'", probe.name);
    match fault {
        None => format!("{name} received a response that is not DNSSEC validated"),
        Some(fault) => {
            let why = name_not_found(probe, fault);
            format!("{name} received no response: {why}")
        }
    }
}
