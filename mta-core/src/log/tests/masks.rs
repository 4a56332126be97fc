//! What `smtp_tls_loglevel` adds, and that it takes nothing away.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::certificates::{seen, unverified};
use super::failures::failed;
use super::handshakes::session;
use super::summaries::{ECDSA, TLS_1_2, established};
use super::*;
use crate::event::{Miss, Protocol, QueueNotice, Reason, Rule, SessionEvent, WalkStep};
use crate::fault::ChainFault;
use crate::fault::{HandshakeFault, NetworkFault};
use crate::policy::Level;
use crate::smtp::{Dsn, ReplyNote};

/// Events whose lines depend on the mask, or that have none.
fn optional() -> Vec<What> {
    let key = || "KEY".into();
    let steps = vec![WalkStep {
        depth: 0,
        ok: false,
        subject: "/CN=mx1.example.test".into(),
    }];
    let mut events = vec![
        What::HandshakeStarted {
            server: server(),
            sni: Some("mx1.example.test".into()),
            cipher_list: "HIGH".into(),
        },
        session(SessionEvent::Wanted {
            key: key(),
            found: Ok(Duration::ZERO),
        }),
        session(SessionEvent::Wanted {
            key: key(),
            found: Err(Miss::Absent),
        }),
        session(SessionEvent::Resumed),
        session(SessionEvent::Refused),
        session(SessionEvent::TicketRead { saved: None }),
        session(SessionEvent::Saved { key: key() }),
        session(SessionEvent::Removed { key: key() }),
        unverified(Level::May, Some((0, ChainFault::Expired)), false),
        unverified(Level::Encrypt, None, true),
        seen(),
        established(ECDSA),
        established(TLS_1_2),
        What::Connected(server()),
        What::Decided {
            server: None,
            rule: Rule::MxFound,
        },
    ];
    for protocol in [Protocol::Tls12, Protocol::Tls13] {
        for resumed in [false, true] {
            events.push(What::HandshakeWalk {
                server: server(),
                protocol,
                resumed,
                steps: steps.clone(),
            });
        }
    }
    events
}

/// Events that are logged at every loglevel, with the start of their first line.
fn always() -> Vec<(What, &'static str)> {
    let mut events = vec![
        (
            What::noticed(QueueNotice::NoService {
                service: "x".into(),
            }),
            "warning: connect to transport private/x",
        ),
        (
            What::ServerFailed {
                server: None,
                dsn: Dsn::new(4, 4, 2),
                reason: Reason::Given("x".into()),
            },
            "<QID1>: x",
        ),
        (
            What::ConnectFailed {
                server: server(),
                fault: NetworkFault::TimedOut,
            },
            "connect to mx1.example.test[127.0.1.1]:25: Connection timed out",
        ),
        (
            What::OddReply {
                server: server(),
                note: ReplyNote::Garbage("x".to_owned()),
                pipelining: true,
            },
            "warning: <QID1>: non-ESMTP",
        ),
        (
            unverified(Level::Secure, Some((0, ChainFault::Expired)), false),
            "server certificate verification failed",
        ),
    ];
    for fault in [
        HandshakeFault::Closed,
        HandshakeFault::Reset,
        HandshakeFault::TimedOut,
        HandshakeFault::AlertReceived(40),
        HandshakeFault::NotTls,
        HandshakeFault::UnsupportedVersion,
        HandshakeFault::NoCommonParameters,
        HandshakeFault::BadRecordMac,
        HandshakeFault::BadSignature,
        HandshakeFault::Other("x".to_owned()),
    ] {
        for protocol in [None, Some(Protocol::Tls12), Some(Protocol::Tls13)] {
            events.push((failed(fault.clone(), protocol), "SSL_connect error to "));
        }
    }
    events
}

#[test]
fn loglevel_0_is_not_silent_and_tells_no_more() {
    for what in optional() {
        assert_log_everywhere("0", &[what], &[]);
    }
    for (what, start) in always() {
        for release in Release::ALL {
            let lines = log(release, "0", std::slice::from_ref(&what));
            let first = lines.first().map(String::as_str).unwrap_or_default();
            assert!(first.starts_with(start), "{what:?}: {lines:?}");
        }
    }
}

fn is_subsequence(part: &[String], whole: &[String]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|line| rest.any(|other| other == line))
}

proptest! {
    #[test]
    fn more_kinds_never_take_a_line_away(
        what in select(optional().into_iter().chain(always().into_iter().map(|row| row.0)).collect::<Vec<_>>()),
        release in select(Release::ALL.to_vec()),
        few in subsequence(LogMask::WORDS[..20].to_vec(), 0..=20),
        more in subsequence(LogMask::WORDS[..20].to_vec(), 0..=20),
    ) {
        let few = few.join(" ");
        let both = format!("{few} {}", more.join(" "));
        let told = log(release, &few, std::slice::from_ref(&what));
        let all = log(release, &both, std::slice::from_ref(&what));
        prop_assert!(is_subsequence(&told, &all), "{told:?} {all:?}");
    }

    #[test]
    fn no_line_holds_a_control_character(text in ".{0,40}") {
        let events = [
            What::noticed(QueueNotice::NoService {
                service: text.clone().into(),
            }),
            failed(HandshakeFault::Other(text.clone()), None),
            unverified(Level::Secure, Some((0, ChainFault::IssuerUnknown { issuer: text.into() })), false),
        ];
        for line in log(V3_7, "4", &events) {
            prop_assert!(!line.contains(|c: char| c.is_ascii_control()), "{line:?}");
        }
    }
}
