//! Handshakes that failed, and engines that never started.

use super::handshakes::session;
use super::*;
use crate::event::{Protocol, SessionEvent};
use crate::fault::HandshakeFault;
use crate::log::engine::engine_lines;
use crate::tls::{EngineFault, EngineRemarks};
use crate::trust::UnusableBundle;

pub(super) fn failed(fault: HandshakeFault, protocol: Option<Protocol>) -> What {
    What::HandshakeFailed {
        server: server(),
        fault,
        protocol,
    }
}

/// What the library says, at loglevel 0.
#[track_caller]
fn assert_library(fault: HandshakeFault, expected: &str) {
    let expected = format!("warning: TLS library problem: {expected}");
    let head = "SSL_connect error to mx1.example.test[127.0.1.1]:25: -1";
    for protocol in [None, Some(Protocol::Tls12), Some(Protocol::Tls13)] {
        let events = [failed(fault.clone(), protocol)];
        assert_log_everywhere("0", &events, &[head, &expected]);
    }
}

#[test]
fn the_network_let_go() {
    for (fault, expected, _case) in [
        (
            HandshakeFault::Closed,
            "lost connection",
            "hs-may-close-before-hello",
        ),
        (
            HandshakeFault::Reset,
            "Connection reset by peer",
            "cfg-loglevel-0-hsfail",
        ),
        (
            HandshakeFault::TimedOut,
            "Connection timed out",
            "hs-encrypt-stall-on-hello",
        ),
    ] {
        let expected = format!("SSL_connect error to mx1.example.test[127.0.1.1]:25: {expected}");
        assert_log_everywhere("0", &[failed(fault, None)], &[&expected]);
    }
}

#[test]
fn the_library_complains() {
    // hs-encrypt-garbage-before-hello
    assert_library(
        HandshakeFault::NotTls,
        "error:0A00010B:SSL routines::wrong version number:<SRC>:",
    );
    // hs-encrypt-corrupt-flight
    assert_library(
        HandshakeFault::BadRecordMac,
        "error:0A000119:SSL routines::decryption failed or bad record mac:<SRC>:",
    );
    // hs-encrypt-corrupt-flight-tls12
    assert_library(
        HandshakeFault::BadSignature,
        "error:0A00007B:SSL routines::bad signature:<SRC>:",
    );
    // Not observed in Postfix: OpenSSL 3.0's own words.
    assert_library(
        HandshakeFault::UnsupportedVersion,
        "error:0A000102:SSL routines::unsupported protocol:<SRC>:",
    );
    assert_library(
        HandshakeFault::NoCommonParameters,
        "error:0A000105:SSL routines::wrong cipher returned:<SRC>:",
    );
    assert_library(
        HandshakeFault::Other("received corrupt message\nof type Handshake".to_owned()),
        "received corrupt message?of type Handshake",
    );
}

#[test]
fn the_server_sends_an_alert() {
    for (number, expected) in [
        // hs-encrypt-alert-handshake-failure
        (
            40,
            "error:0A000410:SSL routines::sslv3 alert handshake failure:<SRC>:SSL alert number 40:",
        ),
        // hs-encrypt-alert-protocol-version
        (
            70,
            "error:0A00042E:SSL routines::tlsv1 alert protocol version:<SRC>:SSL alert number 70:",
        ),
        // hs-encrypt-alert-internal-error
        (
            80,
            "error:0A000438:SSL routines::tlsv1 alert internal error:<SRC>:SSL alert number 80:",
        ),
        // hs-may-alert-unrecognized-name
        (
            112,
            "error:0A000458:SSL routines::tlsv1 unrecognized name:<SRC>:SSL alert number 112:",
        ),
        // hsf-client-cert-required-tls13
        (
            116,
            "error:0A00045C:SSL routines::tlsv13 alert certificate required:<SRC>:SSL alert number 116:",
        ),
        // As OpenSSL 3.0 puts an alert that it does not know.
        (
            255,
            "error:0A0004E7:SSL routines::reason(1255):<SRC>:SSL alert number 255:",
        ),
    ] {
        assert_library(HandshakeFault::AlertReceived(number), expected);
    }
}

#[test]
fn states_of_a_reset_in_the_first_flight() {
    // cfg-loglevel-3-hsfail, without its packet dumps
    assert_log_everywhere(
        "3",
        &[failed(HandshakeFault::Reset, Some(Protocol::Tls13))],
        &[
            "SSL_connect:before SSL initialization",
            "SSL_connect:SSLv3/TLS write client hello",
            "SSL_connect:SSLv3/TLS write client hello",
            "SSL_connect:SSLv3/TLS read server hello",
            "SSL_connect:error in TLSv1.3 read encrypted extensions",
            "SSL_connect error to mx1.example.test[127.0.1.1]:25: Connection reset by peer",
        ],
    );
}

#[test]
fn states_of_an_alert_for_the_client_hello() {
    // proto-grade-null-may
    assert_log_everywhere(
        "2",
        &[failed(HandshakeFault::AlertReceived(40), None)],
        &[
            "SSL_connect:before SSL initialization",
            "SSL_connect:SSLv3/TLS write client hello",
            "SSL3 alert read:fatal:handshake failure",
            "SSL_connect:error in error",
            "SSL_connect error to mx1.example.test[127.0.1.1]:25: -1",
            "warning: TLS library problem: error:0A000410:SSL routines::sslv3 alert handshake failure:<SRC>:SSL \
             alert number 40:",
        ],
    );
}

#[test]
fn states_that_openssl_was_seen_in() {
    // As `openssl s_client -state` of OpenSSL 3.0 shows them.
    let wrote = "SSL_connect:SSLv3/TLS write client hello";
    for (fault, expected) in [
        (
            HandshakeFault::NotTls,
            &[wrote, "SSL_connect:error in error"][..],
        ),
        (
            HandshakeFault::Closed,
            &[wrote, "SSL_connect:error in SSLv3/TLS write client hello"][..],
        ),
        (HandshakeFault::TimedOut, &[wrote][..]),
        (
            HandshakeFault::AlertReceived(109),
            &[
                wrote,
                "SSL3 alert read:fatal:unknown",
                "SSL_connect:error in error",
            ][..],
        ),
        (
            HandshakeFault::UnsupportedVersion,
            &[
                wrote,
                wrote,
                "SSL3 alert write:fatal:protocol version",
                "SSL_connect:error in error",
            ][..],
        ),
        (
            HandshakeFault::NoCommonParameters,
            &[
                wrote,
                wrote,
                "SSL3 alert write:fatal:illegal parameter",
                "SSL_connect:error in error",
            ][..],
        ),
    ] {
        let lines = log(V3_7, "ssl-debug", &[failed(fault.clone(), None)]);
        let states: Vec<&String> = lines
            .iter()
            .filter(|line| line.starts_with("SSL_connect:") || line.starts_with("SSL3 "))
            .collect();
        assert_eq!(states[1..], *expected, "{fault:?}");
    }
}

#[test]
fn the_session_goes_behind_the_error() {
    // cache-hs-fail-removes-13
    let key = "smtp&example.test&mx1.example.test&127.0.1.1&&<DIGEST>".into();
    assert_log_everywhere(
        "summary,untrusted,cache",
        &[
            failed(HandshakeFault::Reset, None),
            session(SessionEvent::Removed { key }),
        ],
        &[
            "SSL_connect error to mx1.example.test[127.0.1.1]:25: Connection reset by peer",
            "remove session smtp&example.test&mx1.example.test&127.0.1.1&&<DIGEST> from client cache",
        ],
    );
}

#[track_caller]
fn assert_engine(loglevel: &str, fault: Option<EngineFault>, expected: &[&str]) {
    for release in Release::ALL {
        let lines = engine_lines(
            &style(release, loglevel),
            fault.as_ref().map_or(Ok(&EngineRemarks::default()), Err),
        );
        let lines: Vec<String> = lines.into_iter().map(|line| line.text).collect();
        assert_eq!(lines, expected);
    }
}

#[test]
fn the_engine() {
    // cfg-loglevel-2, cfg-loglevel-ssl-debug
    let starting = "initializing the client-side TLS engine";
    assert_engine("2", None, &[starting]);
    assert_engine("ssl-debug", None, &[]);
    // ver-cafile-missing
    assert_engine(
        "1",
        Some(EngineFault::CaFileUnreadable {
            path: "$DIR/nosuch.pem".to_owned(),
        }),
        &[
            "cannot load Certification Authority data, CAfile=\"$DIR/nosuch.pem\": disabling TLS support",
            "warning: TLS library problem: error:80000002:system library::No such file or directory:<SRC>:\
             calling fopen($DIR/nosuch.pem, r):",
            "warning: TLS library problem: error:10000080:BIO routines::no such file:<SRC>:",
            "warning: TLS library problem: error:05880002:x509 certificate routines::system lib:<SRC>:",
        ],
    );
    // ver-cafile-garbage
    assert_engine(
        "verbose",
        Some(EngineFault::CaFileUnusable {
            path: "$DIR/junk.pem".to_owned(),
            fault: UnusableBundle::Empty,
        }),
        &[
            starting,
            "cannot load Certification Authority data, CAfile=\"$DIR/junk.pem\": disabling TLS support",
            "warning: TLS library problem: error:05800088:x509 certificate routines::\
             no certificate or crl found:<SRC>:",
        ],
    );
    assert_engine(
        "0",
        Some(EngineFault::Provider("no suites".to_owned())),
        &["warning: TLS library problem: no suites"],
    );
}
