//! What is reported of a connection's TLS, for the domain's owner (TLSRPT, RFC 8460; src/tls/tlsrpt_wrapper.c).

use std::sync::Arc;

use super::context::Context;
use crate::config::LogMask;
use crate::event::{FailureType, ReportedFailure, TlsReport, What};
use crate::fault::ChainFault;
use crate::trust::Verdict;

impl Context<'_, '_> {
    /// TLS failed, for this reason.
    pub(super) fn report_failure(&mut self, kind: FailureType, reason: Option<&str>) {
        let failure = || {
            let reason = reason.map(Arc::from);
            Some(ReportedFailure { kind, reason })
        };
        self.report(failure);
    }

    /// The certificate is not good enough, for a reason that Postfix reports where it logs it.
    pub(super) fn report_unverified(&mut self, verdict: &Verdict, resumed: bool) {
        let is_logged =
            self.dialogue.level.must_match() || self.dialogue.log.intersects(LogMask::UNTRUSTED);
        if let Some((_, fault)) = &verdict.reason
            && !resumed
            && is_logged
            && let Some((kind, reason)) = named(fault)
        {
            self.report_failure(kind, reason);
        }
    }

    /// The verdict is final: what was not reported before is now.
    pub(super) fn report_verdict(&mut self, verdict: &Verdict, resumed: bool) {
        if let Some(to) = &self.dialogue.report_to
            && to.skip_resumed
            && resumed
        {
            return;
        }
        if !self.dialogue.level.must_match() || verdict.matched {
            self.report(|| None);
        } else if verdict.is_trusted() {
            self.report_failure(FailureType::CertificateHostMismatch, None);
        } else {
            self.report_failure(FailureType::CertificateNotTrusted, None);
        }
    }

    /// Reports once: whoever sees the cause first.
    fn report(&mut self, failure: impl FnOnce() -> Option<ReportedFailure>) {
        let Some(to) = self.dialogue.report_to.take() else {
            return;
        };
        let report = TlsReport {
            domain: to.domain.clone(),
            record: to.record.clone(),
            server: self.server(),
            failure: failure(),
        };
        self.tell(What::Report(Box::new(report)));
    }
}

/// Faults for which Postfix has words of its own (src/tls/tls_verify.c `tls_log_verify_error`); the reason is OpenSSL's
/// text, without blanks.
fn named(fault: &ChainFault) -> Option<(FailureType, Option<&'static str>)> {
    let reason = match fault {
        ChainFault::PolicyFailure(what) => return Some((of_policy(what), None)),
        ChainFault::Expired => return Some((FailureType::CertificateExpired, None)),
        ChainFault::SelfSignedLeaf => "self-signed_certificate",
        ChainFault::SelfSignedInChain { .. } => "self-signed_certificate_in_certificate_chain",
        ChainFault::IssuerUnknown { .. } => "unable_to_get_local_issuer_certificate",
        ChainFault::NotYetValid => "certificate_is_not_yet_valid",
        ChainFault::WrongPurpose => "unsuitable_certificate_purpose",
        ChainFault::TooLong { .. } => "certificate_chain_too_long",
        ChainFault::IssuerOfTrustedUnknown
        | ChainFault::NotAnAuthority
        | ChainFault::PathLengthExceeded
        | ChainFault::NotPermitted
        | ChainFault::Excluded
        | ChainFault::BadSignature
        | ChainFault::Unreadable
        | ChainFault::OtherName
        | ChainFault::NoMatch
        | ChainFault::NothingToMatch => return None,
    };
    Some((FailureType::ValidationFailure, Some(reason)))
}

/// What a fetcher of policies may say (src/tls/tlsrpt_wrapper.c `tlsrpt_policy_failure_mapping`).
fn of_policy(failure: &str) -> FailureType {
    [
        FailureType::StsPolicyFetchError,
        FailureType::StsPolicyInvalid,
        FailureType::StsWebpkiInvalid,
    ]
    .into_iter()
    .find(|kind| kind.to_string().eq_ignore_ascii_case(failure))
    .unwrap_or(FailureType::ValidationFailure)
}
