//! Certificates, and why they are not trusted.

use super::*;
use crate::event::CertificateNames;
use crate::fault::ChainFault;
use crate::policy::Level;
use crate::time::Wall;

pub(super) fn seen() -> What {
    What::CertificateSeen {
        server: server(),
        names: Box::new(CertificateNames {
            record: None,
            matched: None,
            subject_cn: "mx1.example.test".to_owned(),
            issuer_cn: "Oracle Intermediate B".to_owned(),
            fingerprint: "8E:B2".to_owned(),
            key_fingerprint: "91:EA".to_owned(),
            not_after: Wall::default(),
        }),
    }
}

pub(super) fn unverified(level: Level, reason: Option<(usize, ChainFault)>, resumed: bool) -> What {
    What::Unverified {
        server: server(),
        level,
        reason,
        resumed,
    }
}

#[test]
fn names_and_fingerprints() {
    // cfg-loglevel-summary-untrusted-peercert; fp-verify-loglevel-cert; cfg-loglevel-2
    for loglevel in ["peercert", "certmatch", "verbose"] {
        assert_log(
            V3_7,
            loglevel,
            &[seen()],
            &[
                "mx1.example.test[127.0.1.1]:25: subject_CN=mx1.example.test, \
               issuer_CN=Oracle Intermediate B, fingerprint=8E:B2, pkey_fingerprint=91:EA",
            ],
        );
        assert_log(
            V3_12,
            loglevel,
            &[seen()],
            &[
                "mx1.example.test[127.0.1.1]:25: subject_CN=mx1.example.test, \
               issuer=Oracle Intermediate B, cert fingerprint=8E:B2, pkey fingerprint=91:EA",
            ],
        );
    }
    assert_log_everywhere("1 untrusted cache ssl-debug", &[seen()], &[]);
}

#[test]
fn every_reason() {
    use ChainFault::{
        BadSignature, Excluded, Expired, IssuerOfTrustedUnknown, IssuerUnknown, NotAnAuthority,
        NotPermitted, NotYetValid, PathLengthExceeded, SelfSignedInChain, SelfSignedLeaf, TooLong,
        Unreadable, WrongPurpose,
    };
    let root_b = || "/CN=Oracle Root B".into();
    for (depth, fault, expected) in [
        // level-verify-self-signed, cache-verify-selfsigned-12
        (
            0,
            SelfSignedLeaf,
            "certificate verification failed for NAP: self-signed certificate",
        ),
        // cfg-loglevel-summary-untrusted-peercert
        (
            1,
            IssuerUnknown { issuer: root_b() },
            "certificate verification failed for NAP: untrusted issuer /CN=Oracle Root B",
        ),
        (
            2,
            SelfSignedInChain { issuer: root_b() },
            "certificate verification failed for NAP: untrusted issuer /CN=Oracle Root B",
        ),
        // ver-may-ca-ll2-future
        (
            0,
            NotYetValid,
            "server certificate verification failed for NAP: certificate not yet valid",
        ),
        // level-verify-expired
        (
            0,
            Expired,
            "server certificate verification failed for NAP: certificate has expired",
        ),
        // ver-may-ca-ll2-under-expired-inter
        (
            1,
            Expired,
            "CA certificate verification failed for NAP: certificate has expired",
        ),
        // ver-verify-client-eku
        (
            0,
            WrongPurpose,
            "certificate verification failed for NAP: not designated for use as a server certificate",
        ),
        (
            1,
            WrongPurpose,
            "certificate verification failed for NAP: not designated for use as a CA certificate",
        ),
        // ver-depth-0
        (
            2,
            TooLong { limit: 1 },
            "certificate verification failed for NAP: certificate chain longer than limit(1)",
        ),
        // ver-cafile-only-inter
        (
            1,
            IssuerOfTrustedUnknown,
            "CA certificate verification failed for NAP: num=2:unable to get issuer certificate",
        ),
        // ver-may-ca-ll2-not-a-ca-issued
        (
            1,
            NotAnAuthority,
            "CA certificate verification failed for NAP: num=79:invalid CA certificate",
        ),
        // Not observed: OpenSSL's words.
        (
            2,
            PathLengthExceeded,
            "CA certificate verification failed for NAP: num=25:path length constraint exceeded",
        ),
        (
            0,
            NotPermitted,
            "server certificate verification failed for NAP: num=47:permitted subtree violation",
        ),
        (
            0,
            Excluded,
            "server certificate verification failed for NAP: num=48:excluded subtree violation",
        ),
        (
            0,
            BadSignature,
            "server certificate verification failed for NAP: num=7:certificate signature failure",
        ),
        (
            0,
            Unreadable,
            "server certificate verification failed for NAP: num=6:unable to decode issuer public key",
        ),
    ] {
        let expected = expected.replace("NAP", "mx1.example.test[127.0.1.1]:25");
        let event = [unverified(Level::May, Some((depth, fault)), false)];
        assert_log_everywhere("untrusted", &event, &[&expected]);
        assert_log_everywhere("2", &event, &[]);
    }
}

#[test]
fn where_the_peer_must_match_the_reason_is_always_told() {
    // ver-secure-expired (loglevel 0)
    let event = |level| unverified(level, Some((0, ChainFault::Expired)), false);
    let expected = "server certificate verification failed for mx1.example.test[127.0.1.1]:25: \
                    certificate has expired";
    assert_log_everywhere("0", &[event(Level::Secure)], &[expected]);
    assert_log_everywhere("0", &[event(Level::Fingerprint)], &[expected]);
    assert_log_everywhere("0", &[event(Level::Encrypt)], &[]);
}

#[test]
fn a_resumed_session_points_back_even_if_it_is_trusted() {
    // cache-untrusted-12, cache-hit-12
    for reason in [Some((0, ChainFault::SelfSignedLeaf)), None] {
        let event = [unverified(Level::May, reason, true)];
        assert_log(
            V3_7,
            "untrusted",
            &event,
            &[
                "mx1.example.test[127.0.1.1]:25: re-using session with untrusted certificate, \
               look for details earlier in the log",
            ],
        );
        assert_log(
            V3_12,
            "untrusted",
            &event,
            &[
                "mx1.example.test[127.0.1.1]:25: re-using session with untrusted peer credential, \
               look for details earlier in the log",
            ],
        );
        assert_log_everywhere("2", &event, &[]);
    }
}
