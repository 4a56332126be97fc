//! Notices about a destination, its servers, and our settings for it.

use std::sync::Arc;

use crate::dns::{LookupFault, Question};
use crate::event::{Reason, RequireTlsReason};
use crate::policy::{Level, Tlsa};

/// About a destination, its servers, or our settings for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DestinationNotice {
    /// There are MX records, and no host of them has an address.
    NoAddresses {
        /// The destination's domain.
        domain: Arc<str>,
    },
    /// `dnssec_probe` shows that nobody validates.
    NotValidated {
        /// What was asked.
        probe: Question,
        /// Why there was no answer; nothing if there was one that nobody vouches for.
        fault: Option<LookupFault>,
    },
    /// A parameter names a relay that cannot be found.
    Misconfigured {
        /// The parameter.
        parameter: &'static str,
    },
    /// The destination is at port 465, and `smtp_tls_wrappermode` is off.
    NeedsWrappermode,
    /// `smtp_tls_wrappermode` is on, at a level that does not ask for TLS.
    WrappermodeNeedsTls,
    /// No policy holds at a server.
    NoPolicy {
        /// The destination.
        nexthop: Arc<str>,
        /// The server.
        host: Arc<str>,
        /// Why.
        reason: Reason,
    },
    /// REQUIRETLS is passed on though the level does not ask for matching certificates.
    RequireTlsWeakened {
        /// Why it could not be promised.
        why: RequireTlsReason,
    },
    /// The server is not one that the domain's MTA-STS policy names (RFC 8461 §4.1).
    MxNotInPolicy {
        /// The server, in A-labels.
        host: Arc<str>,
        /// The domain of the policy.
        domain: Arc<str>,
    },
    /// Our settings rule DANE out.
    DaneImpossible {
        /// The destination.
        destination: Arc<str>,
        /// The level asked for.
        level: Level,
        /// What is in the way.
        obstacle: DaneObstacle,
    },
    /// The resolver has no answer about TLSA records.
    TlsaLookupFailed {
        /// The question.
        question: Question,
    },
    /// The resolver has no answer about the DNSSEC status of an alias.
    AliasLookupFailed {
        /// The question.
        question: Question,
        /// Why.
        fault: LookupFault,
    },
    /// A TLSA record that mail cannot use.
    UnsupportedTlsa {
        /// Where it stands.
        name: Arc<str>,
        /// What about it.
        what: UnusableTlsa,
        /// The record.
        record: Tlsa,
    },
    /// The level is `fingerprint`, and there is no fingerprint to match.
    NoFingerprints {
        /// The destination.
        destination: Arc<str>,
    },
    /// A fingerprint that cannot be read.
    BadFingerprint {
        /// What was written, as far as it is repeated.
        word: Arc<str>,
        /// Whether there is more of it.
        is_cut: bool,
    },
    /// `smtp_tls_fingerprint_digest` is not set, and its default is an old digest.
    DigestByDefault,
    /// A file of trust anchors that cannot be used.
    BadAnchorFile {
        /// The file.
        path: Arc<str>,
        /// Why.
        fault: AnchorFault,
    },
    /// `smtp_tls_servername`, or what a table says in its place, is not a host name.
    BadServername {
        /// What was written.
        name: Arc<str>,
    },
    /// The resolver has no answer about the domain's TLSRPT policy.
    ReportLookupFailed {
        /// The domain.
        domain: Arc<str>,
        /// The question.
        question: Question,
        /// Why.
        fault: LookupFault,
    },
    /// A TLSRPT policy that cannot be read.
    BadReportPolicy {
        /// The domain.
        domain: Arc<str>,
        /// The record.
        record: Arc<str>,
    },
    /// More than one TLSRPT policy (RFC 8460 §3).
    TooManyReportPolicies {
        /// The domain.
        domain: Arc<str>,
    },
}

/// What rules DANE out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaneObstacle {
    /// `smtp_dns_support_level` is not `dnssec`.
    NoDnssec,
    /// `ignore_mx_lookup_error`: whoever ignores errors ignores attacks.
    ErrorsIgnored,
    /// `smtp_dns_resolver_options` completes names.
    NamesCompleted,
}

/// What mail cannot use of a TLSA record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnusableTlsa {
    /// The usage.
    Usage,
    /// The matching type.
    MatchingType,
}

/// Why a file of trust anchors cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorFault {
    /// It is not there.
    Missing,
    /// A certificate in it cannot be read.
    Certificate,
    /// A public key in it cannot be read.
    PublicKey,
}
