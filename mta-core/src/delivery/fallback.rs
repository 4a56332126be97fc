//! The fallback rule: when TLS failed, may the same address be tried again in cleartext?

use std::time::Duration;

use crate::connection::FailureKind;
use crate::event::{Purpose, Rule};
use crate::policy::{Level, RequireTls};

/// What the rule looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    /// The effective level.
    pub(super) level: Level,
    /// How TLS failed.
    pub(super) failure: FailureKind,
    /// How long the message had been in the queue when it entered the active queue for this attempt.
    pub(super) age: Duration,
    /// What the message is for: a probe gives nothing away in cleartext, and nobody comes back later.
    pub(super) purpose: Purpose,
    /// `minimal_backoff_time`.
    pub(super) minimal_backoff: Duration,
    /// How far the sender's REQUIRETLS is heeded.
    pub(super) require_tls: RequireTls,
    /// There are credentials for this server, which cleartext would give away (`smtp_sasl_password_maps`).
    pub(super) has_credentials: bool,
    /// Whether a recipient is still undecided.
    pub(super) recipients_open: bool,
}

/// Postfix's condition, exactly (semantics §5.1; src/smtp/smtp.h `PLAINTEXT_FALLBACK_OK_AFTER_…`; R-PFX-01).
/// `Some(OldMessageFallsBack)` is a yes; any other rule is a no with its reason; `None` where TLS is not to blame.
pub(super) fn plaintext_fallback(case: Circumstances) -> Option<Rule> {
    match case.failure {
        FailureKind::Handshake => {}
        FailureKind::LostInTls if case.recipients_open => {}
        FailureKind::LostInTls
        | FailureKind::Lost
        | FailureKind::Polite
        | FailureKind::PoliteElsewhere
        | FailureKind::Silent
        | FailureKind::Stale => return None,
    }
    // Ages count in whole seconds.
    let is_old =
        case.purpose == Purpose::Probe || case.age.as_secs() >= case.minimal_backoff.as_secs();
    Some(match case.level {
        Level::May if case.require_tls.needs_tls() || case.has_credentials => {
            Rule::NoFallbackWhereRequired
        }
        Level::May if is_old => Rule::OldMessageFallsBack,
        Level::May => Rule::YoungMessageWaits,
        Level::None
        | Level::Encrypt
        | Level::Fingerprint
        | Level::HalfDane
        | Level::Dane
        | Level::DaneOnly
        | Level::Verify
        | Level::Secure => Rule::NoFallbackWhereRequired,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILURES: [FailureKind; 6] = [
        FailureKind::PoliteElsewhere,
        FailureKind::Handshake,
        FailureKind::LostInTls,
        FailureKind::Lost,
        FailureKind::Polite,
        FailureKind::Silent,
    ];

    fn yes(level: Level, failure: FailureKind, age_millis: u64) -> bool {
        let case = Circumstances {
            level,
            failure,
            age: Duration::from_millis(age_millis),
            purpose: Purpose::Delivery,
            minimal_backoff: Duration::from_secs(300),
            require_tls: RequireTls::Ignored,
            has_credentials: false,
            recipients_open: true,
        };
        plaintext_fallback(case) == Some(Rule::OldMessageFallsBack)
    }

    #[test]
    fn only_an_old_message_at_may_whose_tls_failed_falls_back() {
        for level in Level::CONFIGURABLE {
            for failure in FAILURES {
                for age_millis in [0, 299_999, 300_000, 86_400_000] {
                    let tls_failed =
                        matches!(failure, FailureKind::Handshake | FailureKind::LostInTls);
                    let expected = level == Level::May && tls_failed && age_millis >= 300_000;
                    assert_eq!(
                        yes(level, failure, age_millis),
                        expected,
                        "{level} {failure:?} {age_millis}"
                    );
                }
            }
        }
    }

    #[test]
    fn nothing_is_left_to_retry_when_every_recipient_is_decided() {
        let case = Circumstances {
            level: Level::May,
            failure: FailureKind::LostInTls,
            age: Duration::from_secs(3600),
            purpose: Purpose::Delivery,
            minimal_backoff: Duration::from_secs(300),
            require_tls: RequireTls::Ignored,
            has_credentials: false,
            recipients_open: false,
        };
        assert_eq!(plaintext_fallback(case), None);
    }

    fn decides(purpose: Purpose, require_tls: RequireTls) -> Option<Rule> {
        plaintext_fallback(Circumstances {
            level: Level::May,
            failure: FailureKind::Handshake,
            age: match purpose {
                Purpose::Delivery => Duration::from_secs(3600),
                Purpose::Probe => Duration::ZERO,
            },
            purpose,
            minimal_backoff: Duration::from_secs(300),
            require_tls,
            has_credentials: false,
            recipients_open: true,
        })
    }

    #[test]
    fn a_probe_falls_back_at_once() {
        let rule = decides(Purpose::Probe, RequireTls::Ignored);
        assert_eq!(rule, Some(Rule::OldMessageFallsBack));
    }

    #[test]
    fn a_message_that_requires_tls_never_falls_back() {
        for (require_tls, expected) in [
            (RequireTls::Opportunistic, Rule::OldMessageFallsBack),
            (RequireTls::StartTls, Rule::NoFallbackWhereRequired),
            (RequireTls::Enforced, Rule::NoFallbackWhereRequired),
        ] {
            assert_eq!(decides(Purpose::Delivery, require_tls), Some(expected));
        }
    }
}
