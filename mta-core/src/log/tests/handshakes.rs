//! Handshakes that succeeded, with the session cache.

use std::time::Duration;

use super::certificates::{seen, unverified};
use super::summaries::{ECDSA, TLS_1_2, established};
use super::*;
use crate::event::{Miss, PeerStatus, Protocol, SessionEvent, TlsSummary, WalkStep};
use crate::fault::ChainFault;
use crate::policy::Level;

const LIST: &str = "aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH";
const KEY: &str = "smtp&example.test&mx1.example.test&127.0.1.1&&<DIGEST>";

fn started() -> What {
    What::HandshakeStarted {
        server: server(),
        sni: None,
        cipher_list: LIST.into(),
    }
}

pub(super) fn session(event: SessionEvent) -> What {
    What::Session {
        server: server(),
        event,
    }
}

fn walk(protocol: Protocol, resumed: bool, steps: &[(usize, bool, &str)]) -> What {
    let steps = steps.iter().map(|&(depth, ok, subject)| WalkStep {
        depth,
        ok,
        subject: subject.into(),
    });
    What::HandshakeWalk {
        server: server(),
        protocol,
        resumed,
        steps: steps.collect(),
    }
}

/// As in cfg-loglevel-2, cfg-loglevel-ssl-debug and cfg-loglevel-summary-untrusted-peercert.
fn untrusted_1_3() -> Vec<What> {
    let steps = [
        (1, false, "/CN=Oracle Intermediate B"),
        (0, true, "/CN=mx1.example.test"),
    ];
    let issuer = "/CN=Oracle Root B".into();
    vec![
        started(),
        walk(Protocol::Tls13, false, &steps),
        unverified(
            Level::May,
            Some((1, ChainFault::IssuerUnknown { issuer })),
            false,
        ),
        seen(),
        established(TlsSummary {
            status: PeerStatus::Untrusted,
            ..ECDSA
        }),
        session(SessionEvent::TicketRead { saved: None }),
        session(SessionEvent::TicketRead { saved: None }),
    ]
}

#[test]
fn full_tls_1_3_at_loglevel_2() {
    // cfg-loglevel-2
    assert_log(
        V3_7,
        "2",
        &untrusted_1_3(),
        &[
            "setting up TLS connection to mx1.example.test[127.0.1.1]:25",
            "mx1.example.test[127.0.1.1]:25: TLS cipher list \"aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH\"",
            "SSL_connect:before SSL initialization",
            "SSL_connect:SSLv3/TLS write client hello",
            "SSL_connect:SSLv3/TLS write client hello",
            "SSL_connect:SSLv3/TLS read server hello",
            "SSL_connect:TLSv1.3 read encrypted extensions",
            "mx1.example.test[127.0.1.1]:25: depth=1 verify=0 subject=/CN=Oracle Intermediate B",
            "mx1.example.test[127.0.1.1]:25: depth=0 verify=1 subject=/CN=mx1.example.test",
            "SSL_connect:SSLv3/TLS read server certificate",
            "SSL_connect:TLSv1.3 read server certificate verify",
            "SSL_connect:SSLv3/TLS read finished",
            "SSL_connect:SSLv3/TLS write change cipher spec",
            "SSL_connect:SSLv3/TLS write finished",
            "mx1.example.test[127.0.1.1]:25: subject_CN=mx1.example.test, issuer_CN=Oracle Intermediate B, \
             fingerprint=8E:B2, pkey_fingerprint=91:EA",
            "Untrusted TLS connection established to mx1.example.test[127.0.1.1]:25: TLSv1.3 with cipher \
             TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature ECDSA (prime256v1) \
             server-digest SHA256",
            "SSL_connect:SSL negotiation finished successfully",
            "SSL_connect:SSL negotiation finished successfully",
            "SSL_connect:SSLv3/TLS read server session ticket",
            "SSL_connect:SSL negotiation finished successfully",
            "SSL_connect:SSL negotiation finished successfully",
            "SSL_connect:SSLv3/TLS read server session ticket",
        ],
    );
}

#[test]
fn full_tls_1_3_with_single_words() {
    // cfg-loglevel-ssl-debug
    assert_log_everywhere(
        "ssl-debug",
        &untrusted_1_3(),
        &[
            "SSL_connect:before SSL initialization",
            "SSL_connect:SSLv3/TLS write client hello",
            "SSL_connect:SSLv3/TLS write client hello",
            "SSL_connect:SSLv3/TLS read server hello",
            "SSL_connect:TLSv1.3 read encrypted extensions",
            "SSL_connect:SSLv3/TLS read server certificate",
            "SSL_connect:TLSv1.3 read server certificate verify",
            "SSL_connect:SSLv3/TLS read finished",
            "SSL_connect:SSLv3/TLS write change cipher spec",
            "SSL_connect:SSLv3/TLS write finished",
            "SSL_connect:SSL negotiation finished successfully",
            "SSL_connect:SSL negotiation finished successfully",
            "SSL_connect:SSLv3/TLS read server session ticket",
            "SSL_connect:SSL negotiation finished successfully",
            "SSL_connect:SSL negotiation finished successfully",
            "SSL_connect:SSLv3/TLS read server session ticket",
        ],
    );
    // cfg-loglevel-summary-untrusted-peercert
    assert_log(
        V3_12,
        "summary,untrusted,peercert",
        &untrusted_1_3(),
        &[
            "certificate verification failed for mx1.example.test[127.0.1.1]:25: untrusted issuer \
             /CN=Oracle Root B",
            "mx1.example.test[127.0.1.1]:25: subject_CN=mx1.example.test, issuer=Oracle Intermediate B, \
             cert fingerprint=8E:B2, pkey fingerprint=91:EA",
            "Untrusted TLS connection established to mx1.example.test[127.0.1.1]:25: TLSv1.3 with cipher \
             TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange x25519 server-signature ECDSA (prime256v1) \
             server-digest SHA256",
        ],
    );
    // cfg-loglevel-cache, cfg-loglevel-0
    assert_log_everywhere("cache", &untrusted_1_3(), &[]);
    assert_log_everywhere("0", &untrusted_1_3(), &[]);
}

#[test]
fn full_tls_1_2_at_loglevel_2() {
    // pol-exclude-may
    let events = [
        walk(
            Protocol::Tls12,
            false,
            &[
                (2, true, "/CN=Oracle Root A"),
                (1, true, "/CN=Oracle Intermediate A"),
                (0, true, "/CN=mx1.example.test"),
            ],
        ),
        established(TLS_1_2),
    ];
    assert_log_everywhere(
        "2",
        &events,
        &[
            "SSL_connect:before SSL initialization",
            "SSL_connect:SSLv3/TLS write client hello",
            "SSL_connect:SSLv3/TLS write client hello",
            "SSL_connect:SSLv3/TLS read server hello",
            "mx1.example.test[127.0.1.1]:25: depth=2 verify=1 subject=/CN=Oracle Root A",
            "mx1.example.test[127.0.1.1]:25: depth=1 verify=1 subject=/CN=Oracle Intermediate A",
            "mx1.example.test[127.0.1.1]:25: depth=0 verify=1 subject=/CN=mx1.example.test",
            "SSL_connect:SSLv3/TLS read server certificate",
            "SSL_connect:SSLv3/TLS read server key exchange",
            "SSL_connect:SSLv3/TLS read server done",
            "SSL_connect:SSLv3/TLS write client key exchange",
            "SSL_connect:SSLv3/TLS write change cipher spec",
            "SSL_connect:SSLv3/TLS write finished",
            "SSL_connect:SSLv3/TLS write finished",
            "SSL_connect:SSLv3/TLS read server session ticket",
            "SSL_connect:SSLv3/TLS read change cipher spec",
            "SSL_connect:SSLv3/TLS read finished",
            "Trusted TLS connection established to mx1.example.test[127.0.1.1]:25: TLSv1.2 with cipher \
             ECDHE-ECDSA-AES256-GCM-SHA384 (256/256 bits)",
        ],
    );
}

#[test]
fn resumed_states() {
    // As `openssl s_client -state` of OpenSSL 3.0 shows them.
    let head = [
        "SSL_connect:before SSL initialization",
        "SSL_connect:SSLv3/TLS write client hello",
        "SSL_connect:SSLv3/TLS write client hello",
        "SSL_connect:SSLv3/TLS read server hello",
    ];
    let tail_1_3 = [
        "SSL_connect:TLSv1.3 read encrypted extensions",
        "SSL_connect:SSLv3/TLS read finished",
        "SSL_connect:SSLv3/TLS write change cipher spec",
        "SSL_connect:SSLv3/TLS write finished",
    ];
    let tail_1_2 = [
        "SSL_connect:SSLv3/TLS read change cipher spec",
        "SSL_connect:SSLv3/TLS read finished",
        "SSL_connect:SSLv3/TLS write change cipher spec",
        "SSL_connect:SSLv3/TLS write finished",
    ];
    for (protocol, tail) in [(Protocol::Tls13, tail_1_3), (Protocol::Tls12, tail_1_2)] {
        let expected = [head, tail].concat();
        assert_log_everywhere("2", &[walk(protocol, true, &[])], &expected);
    }
}

#[test]
fn sni_comes_behind_the_cipher_list() {
    // dane-loglevel2
    let events = [What::HandshakeStarted {
        server: server(),
        sni: Some("mx1.example.test".into()),
        cipher_list: LIST.into(),
    }];
    assert_log_everywhere(
        "2",
        &events,
        &[
            "setting up TLS connection to mx1.example.test[127.0.1.1]:25",
            "mx1.example.test[127.0.1.1]:25: TLS cipher list \"aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH\"",
            "mx1.example.test[127.0.1.1]:25: SNI hostname: mx1.example.test",
        ],
    );
    assert_log_everywhere("1", &events, &[]);
}

fn wanted(found: Result<Duration, Miss>) -> What {
    session(SessionEvent::Wanted {
        key: KEY.into(),
        found,
    })
}

#[test]
fn a_session_is_saved_and_resumed() {
    let key = || KEY.into();
    // cache-hit-12, first delivery
    let first = [
        started(),
        wanted(Err(Miss::Absent)),
        walk(Protocol::Tls12, false, &[(0, true, "/CN=mx1.example.test")]),
        session(SessionEvent::Saved { key: key() }),
        seen(),
        established(TLS_1_2),
    ];
    let summary = "Trusted TLS connection established to mx1.example.test[127.0.1.1]:25: TLSv1.2 \
                   with cipher ECDHE-ECDSA-AES256-GCM-SHA384 (256/256 bits)";
    assert_log_everywhere(
        "summary,untrusted,cache",
        &first,
        &[
            "looking for session smtp&example.test&mx1.example.test&127.0.1.1&&<DIGEST> in smtp cache",
            "save session smtp&example.test&mx1.example.test&127.0.1.1&&<DIGEST> to smtp cache",
            summary,
        ],
    );
    // cache-hit-12, second delivery
    let second = [
        started(),
        wanted(Ok(Duration::from_secs(3))),
        walk(Protocol::Tls12, true, &[]),
        session(SessionEvent::Resumed),
        unverified(Level::May, None, true),
        seen(),
        established(TlsSummary {
            resumed: true,
            ..TLS_1_2
        }),
    ];
    assert_log(
        V3_7,
        "summary,untrusted,cache",
        &second,
        &[
            "looking for session smtp&example.test&mx1.example.test&127.0.1.1&&<DIGEST> in smtp cache",
            "reloaded session smtp&example.test&mx1.example.test&127.0.1.1&&<DIGEST> from smtp cache",
            "mx1.example.test[127.0.1.1]:25: Reusing old session",
            "mx1.example.test[127.0.1.1]:25: re-using session with untrusted certificate, look for details \
             earlier in the log",
            summary,
        ],
    );
    // cache-loglevel1-resume
    assert_log_everywhere("1", &second, &[summary]);
}

#[test]
fn what_is_not_found_or_not_taken_is_not_told() {
    let looking =
        "looking for session smtp&example.test&mx1.example.test&127.0.1.1&&<DIGEST> in smtp cache";
    let age = Duration::from_secs(9000);
    for miss in [Miss::Absent, Miss::Expired { age }, Miss::InUse] {
        assert_log_everywhere("cache", &[wanted(Err(miss))], &[looking]);
    }
    assert_log_everywhere("4", &[session(SessionEvent::Refused)], &[]);
    assert_log_everywhere(
        "1",
        &[wanted(Err(Miss::Unreadable))],
        &[
            "warning: TLS library problem: error:068000A8:asn1 encoding routines::wrong tag:<SRC>:",
            "warning: TLS library problem: error:0688010A:asn1 encoding routines::nested asn1 error:<SRC>:\
             Type=SSL_SESSION_ASN1",
        ],
    );
}
