//! The peer's certificate, and why it is not trusted (src/tls/tls_verify.c `tls_log_verify_error`).

use std::fmt;

use super::line::Page;
use crate::config::{Feature, LogMask};
use crate::event::{CertificateNames, Matched, RecordMatch, Server};
use crate::fault::ChainFault;
use crate::policy::Level;

/// The reason, or for a resumed session the hint that it was logged before. Postfix gives this hint for trusted
/// sessions too, since at `may` and `encrypt` no peer is ever matched (observed: cache-hit-12).
pub(super) fn unverified(
    server: &Server,
    level: Level,
    reason: Option<&(usize, ChainFault)>,
    resumed: bool,
    page: &mut Page,
) {
    if !level.must_match() && !page.mask.intersects(LogMask::UNTRUSTED) {
        return;
    }
    if resumed {
        let what = if page.release.has(Feature::CredentialWords) {
            "peer credential"
        } else {
            "certificate"
        };
        page.smtp(format_args!(
            "{server}: re-using session with untrusted {what}, look for details earlier in the log"
        ));
    } else if let Some((depth, fault)) = reason {
        verify_error(server, *depth, fault, page);
    }
}

/// Some faults say whose certificate it is, and those for which Postfix has no words of its own say their number.
fn verify_error(server: &Server, depth: usize, fault: &ChainFault, page: &mut Page) {
    let whose = if depth > 0 { "CA" } else { "server" };
    match fault {
        ChainFault::SelfSignedLeaf
        | ChainFault::SelfSignedInChain { .. }
        | ChainFault::IssuerUnknown { .. }
        | ChainFault::TooLong { .. }
        | ChainFault::PolicyFailure(_) => page.smtp(format_args!(
            "certificate verification failed for {server}: {fault}"
        )),
        ChainFault::WrongPurpose => page.smtp(format_args!(
            "certificate verification failed for {server}: not designated for use as a {whose} certificate"
        )),
        ChainFault::NotYetValid | ChainFault::Expired => page.smtp(format_args!(
            "{whose} certificate verification failed for {server}: {fault}"
        )),
        ChainFault::IssuerOfTrustedUnknown
        | ChainFault::NotAnAuthority
        | ChainFault::PathLengthExceeded
        | ChainFault::NotPermitted
        | ChainFault::Excluded
        | ChainFault::BadSignature
        | ChainFault::Unreadable
        | ChainFault::OtherName
        | ChainFault::NoMatch
        | ChainFault::NothingToMatch => page.smtp(format_args!(
            "{whose} certificate verification failed for {server}: num={}:{fault}",
            fault.number()
        )),
    }
}

/// Names and digests of the leaf.
pub(super) fn seen(server: &Server, names: &CertificateNames, page: &mut Page) {
    let CertificateNames {
        matched,
        record,
        subject_cn,
        issuer_cn,
        fingerprint,
        key_fingerprint,
        ..
    } = names;
    let kinds = LogMask::CERTMATCH | LogMask::VERBOSE | LogMask::PEERCERT;
    if let Some(name) = matched {
        page.smtp_if(kinds, format_args!("{server}: matched peername: {name}"));
    }
    if let Some(found) = record {
        page.smtp_if(kinds, format_args!("{server}: Matched {}", Found(found)));
    }
    if page.release.has(Feature::CredentialWords) {
        page.smtp_if(
            kinds,
            format_args!(
                "{server}: subject_CN={subject_cn}, issuer={issuer_cn}, \
                 cert fingerprint={fingerprint}, pkey fingerprint={key_fingerprint}"
            ),
        );
    } else {
        page.smtp_if(
            kinds,
            format_args!(
                "{server}: subject_CN={subject_cn}, issuer_CN={issuer_cn}, \
                 fingerprint={fingerprint}, pkey_fingerprint={key_fingerprint}"
            ),
        );
    }
}

/// A record that matched (src/tls/tls_dane.c `tls_dane_log`).
struct Found<'a>(&'a RecordMatch);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RecordMatch {
            what,
            depth,
            record,
        } = self.0;
        let what = match what {
            Matched::Fingerprint => return write!(f, "fingerprint: {}", record.hex()),
            Matched::TrustAnchor => return write!(f, "trust anchor at depth {depth}"),
            Matched::Signer => "TA public key verified",
            Matched::Certificate if *depth > 0 => "TA",
            Matched::Certificate => "EE",
        };
        write!(f, "DANE {what} certificate at depth {depth}: {record}")
    }
}
