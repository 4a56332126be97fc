//! What is reported to the owner of a domain about TLS with its servers (TLSRPT, RFC 8460).

use std::fmt;
use std::sync::Arc;

use super::Server;

/// How TLS went on one connection. A connection gives one report at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsReport {
    /// The domain that asked for reports.
    pub domain: Arc<str>,
    /// Its record (RFC 8460 §3), which says where they go.
    pub record: Arc<str>,
    /// The server.
    pub server: Arc<Server>,
    /// What failed; nothing if TLS came up as the policy asks.
    pub failure: Option<ReportedFailure>,
}

/// A failure, as reports have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedFailure {
    /// `result-type`
    pub kind: FailureType,
    /// `failure-reason-code`
    pub reason: Option<Arc<str>>,
}

/// Why TLS failed (RFC 8460 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureType {
    /// The server offers no STARTTLS, or refused it.
    StartTlsNotSupported,
    /// The certificate is for other names.
    CertificateHostMismatch,
    /// The certificate is out of date.
    CertificateExpired,
    /// Nobody who is trusted vouches for the certificate.
    CertificateNotTrusted,
    /// Anything else.
    ValidationFailure,
    /// TLSA records that cannot be used.
    TlsaInvalid,
    /// The MTA-STS policy could not be fetched.
    StsPolicyFetchError,
    /// The MTA-STS policy is invalid.
    StsPolicyInvalid,
    /// The certificate of the server with the MTA-STS policy is not good enough.
    StsWebpkiInvalid,
}

impl fmt::Display for FailureType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FailureType::StartTlsNotSupported => "starttls-not-supported",
            FailureType::CertificateHostMismatch => "certificate-host-mismatch",
            FailureType::CertificateExpired => "certificate-expired",
            FailureType::CertificateNotTrusted => "certificate-not-trusted",
            FailureType::ValidationFailure => "validation-failure",
            FailureType::TlsaInvalid => "tlsa-invalid",
            FailureType::StsPolicyFetchError => "sts-policy-fetch-error",
            FailureType::StsPolicyInvalid => "sts-policy-invalid",
            FailureType::StsWebpkiInvalid => "sts-webpki-invalid",
        })
    }
}
