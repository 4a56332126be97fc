//! Deliveries, and servers given up.

use std::time::Duration;

use super::*;
use crate::event::{
    Agent, Channel, Delays, DestinationNotice, FailureType, Gap, Promise, Reason, RecipientOutcome,
    ReportedFailure, Status, TlsReport,
};
use crate::fault::NetworkFault;
use crate::policy::Level;
use crate::smtp::{Dsn, ReplyNote};

fn sent(level: Option<Level>, channel: Channel) -> What {
    What::Recipient(Box::new(RecipientOutcome {
        recipient: "user@example.test".into(),
        relay: Some(server()),
        agent: Agent::Smtp,
        status: Status::Sent,
        dsn: Dsn::new(2, 0, 0),
        reason: Reason::Taken("250 2.0.0 Ok: queued".into()),
        fault: None,
        delays: Delays {
            before_active: Duration::from_millis(1_240),
            in_active: Duration::from_millis(4),
            setup: Duration::from_millis(120),
            transmission: Duration::from_millis(61),
        },
        level,
        uses: 1,
        channel,
        require_tls: None,
    }))
}

#[test]
fn a_delivery() {
    let sent = [sent(Some(Level::May), Channel::Tls)];
    // cfg-loglevel-0
    assert_log(
        V3_7,
        "0",
        &sent,
        &[
            "<QID1>: to=<user@example.test>, relay=mx1.example.test[127.0.1.1]:25, delay=1.4, \
             delays=1.2/0/0.12/0.06, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued)",
        ],
    );
    assert_log(
        V3_12,
        "0",
        &sent,
        &[
            "<QID1>: to=<user@example.test>, relay=mx1.example.test[127.0.1.1]:25, delay=1.4, \
             delays=1.2/0/0.12/0.06, tls=may, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued)",
        ],
    );
}

#[test]
fn no_server_was_reached() {
    // dlg-connect-refused, where the last server ends as `relay=none`.
    let text = "connect to mx1.example.test[127.0.1.1]:25: Connection refused";
    let events = [
        What::ConnectFailed {
            server: server(),
            fault: NetworkFault::Refused,
        },
        What::Recipient(Box::new(RecipientOutcome {
            recipient: "user@example.test".into(),
            relay: None,
            agent: Agent::Smtp,
            status: Status::Deferred,
            dsn: Dsn::new(4, 4, 1),
            reason: Reason::NotConnected {
                server: server(),
                fault: NetworkFault::Refused,
            },
            fault: None,
            delays: Delays::default(),
            level: None,
            uses: 1,
            channel: Channel::Undecided,
            require_tls: None,
        })),
    ];
    let delivery = "<QID1>: to=<user@example.test>, relay=none, delay=0, delays=0/0/0/0, dsn=4.4.1, \
                    status=deferred (connect to mx1.example.test[127.0.1.1]:25: Connection refused)";
    assert_log_everywhere("0", &events, &[text, delivery]);
}

#[test]
fn tls_status_of_3_12() {
    let status = |level, channel| {
        let line = log(V3_12, "0", &[sent(level, channel)]).remove(0);
        let (_, rest) = line.split_once(", delays=").unwrap();
        let words: Vec<&str> = rest.split(", ").collect();
        words[1].to_owned()
    };
    for (level, channel, expected, case) in [
        (Level::May, Channel::Tls, "tls=may", "cfg-loglevel-0"),
        (
            Level::May,
            Channel::Cleartext,
            "tls=may:none",
            "cfg-loglevel-1-notls",
        ),
        (
            Level::May,
            Channel::Undecided,
            "tls=may?",
            "hs-may-close-before-hello",
        ),
        (
            Level::None,
            Channel::Cleartext,
            "tls=none",
            "cfg-level-empty",
        ),
        (
            Level::None,
            Channel::Undecided,
            "tls=none?",
            "reuse-tls-reuse-two-domains-none",
        ),
        (
            Level::Encrypt,
            Channel::Tls,
            "tls=encrypt",
            "cfg-wrapper-encrypt",
        ),
        (
            Level::Encrypt,
            Channel::Undecided,
            "tls=encrypt?",
            "cfg-loglevel-0-hsfail",
        ),
        (
            Level::Encrypt,
            Channel::Blocked,
            "tls=!encrypt",
            "dane-unusable-notls",
        ),
        (
            Level::HalfDane,
            Channel::Tls,
            "tls=halfdane",
            "dane-insecure-mx-default-dane",
        ),
    ] {
        assert_eq!(status(Some(level), channel), expected, "{case}");
    }
    assert_eq!(status(None, Channel::Undecided), "dsn=2.0.0");
}

#[test]
fn a_server_is_given_up() {
    // hs-may-close-before-hello, the second attempt
    let failed = What::ServerFailed {
        server: Some(server()),
        dsn: Dsn::new(4, 7, 5),
        reason: Reason::Handshake,
    };
    assert_log_everywhere(
        "0",
        &[failed],
        &["<QID1>: Cannot start TLS: handshake failure"],
    );
}

#[test]
fn a_message_is_given_up() {
    let expired = event(What::Expired {
        sender: "sender@client.test".into(),
        age: Duration::from_secs(432_000),
    });
    let lines = lines(&expired, &style(V3_7, "0"));
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        ["postfix/qmgr: <QID1>: from=<sender@client.test>, status=expired, returned to sender"]
    );
}

fn odd(note: ReplyNote, pipelining: bool) -> What {
    What::OddReply {
        server: server(),
        note,
        pipelining,
    }
}

#[test]
fn odd_replies() {
    let garbage = ReplyNote::Garbage("xyz nonsense".to_owned());
    // dlg-starttls-xyz-encrypt
    assert_log_everywhere(
        "0",
        &[odd(garbage.clone(), true)],
        &[
            "warning: <QID1>: non-ESMTP response from mx1.example.test[127.0.1.1]:25: xyz nonsense",
            "warning: to prevent loss of mail, turn off command pipelining for 127.0.1.1 with the \
             smtp_discard_ehlo_keyword_address_maps parameter",
        ],
    );
    assert_log_everywhere("0", &[odd(garbage, false)], &[]);
    // dlg-ehlo-longline
    let line = ReplyNote::LongLine("250-X-kkkkkkkkkkkkkkkkkkkkkkkk".to_owned());
    let reply = ReplyNote::LongReply("250-mx1.example.test\n250-X-kkk".to_owned());
    assert_log_everywhere(
        "0",
        &[odd(line, true), odd(reply, true)],
        &[
            "warning: mx1.example.test[127.0.1.1]:25: response longer than 2048: \
             250-X-kkkkkkkkkkkkkkkkkkkkkkkk...",
            "warning: mx1.example.test[127.0.1.1]:25: multi-line response longer than 2048 \
             250-mx1.example.test?250-X-kkk...",
        ],
    );
}

#[test]
fn a_warning_says_so() {
    // dlg-dns-mx-a-nx
    let domain = "example.test".into();
    let warning = What::noticed(DestinationNotice::NoAddresses { domain });
    assert_log_everywhere(
        "0",
        &[warning],
        &["warning: no MX host for example.test has a valid address record"],
    );
}

#[test]
fn an_event_without_a_message_has_no_queue_id() {
    let mut event = event(odd(ReplyNote::Garbage("xyz".to_owned()), true));
    event.queue_id = None;
    let lines = lines(&event, &style(V3_7, "0"));
    assert_eq!(
        lines[0].text,
        "warning: non-ESMTP response from mx1.example.test[127.0.1.1]:25: xyz"
    );
}

#[test]
fn what_became_of_requiretls_stands_behind_the_level() {
    for (level, channel, promise, expected) in [
        // v312-rt-hsfail
        (
            Some(Level::Secure),
            Channel::Undecided,
            Promise::Undecided,
            "tls=secure?/requiretls?",
        ),
        // v312-rt-dane
        (
            Some(Level::Dane),
            Channel::Tls,
            Promise::Passed(Gap::None),
            "tls=dane/requiretls",
        ),
        // v312-rt-opportunistic-nostarttls
        (
            Some(Level::May),
            Channel::Cleartext,
            Promise::Passed(Gap::Keyword),
            "tls=may:none/requiretls:none",
        ),
        // v312-tlsno-requiretls
        (
            Some(Level::Secure),
            Channel::Blocked,
            Promise::Blocked(Gap::StartTls),
            "tls=!secure/!requiretls:nostarttls",
        ),
    ] {
        let What::Recipient(mut outcome) = sent(level, channel) else {
            panic!("a recipient's outcome is sent");
        };
        outcome.require_tls = Some(promise);
        let lines = log(V3_12, "0", &[What::Recipient(outcome)]);
        assert!(
            lines[0].contains(&format!(", {expected}, dsn=")),
            "{lines:?}"
        );
    }
}

#[test]
fn a_policy_that_cannot_be_read_is_unknown() {
    // v312-status-policy-invalid
    let lines = log(V3_12, "0", &[sent(None, Channel::Unknown)]);
    assert!(lines[0].contains(", tls=unknown?, dsn="), "{lines:?}");
}

#[test]
fn a_report_of_tls_names_its_failure_with_underscores() {
    let report = |failure| {
        What::Report(Box::new(TlsReport {
            domain: "example.test".into(),
            record: "v=TLSRPTv1;rua=mailto:reports@example.test".into(),
            server: server(),
            failure,
        }))
    };
    let failure = ReportedFailure {
        kind: FailureType::ValidationFailure,
        reason: Some("self-signed_certificate".into()),
    };
    // rpt-ok-may, rpt-secure-selfsigned
    assert_log(
        V3_12,
        "0",
        &[report(None), report(Some(failure))],
        &[
            "TLSRPT: status=success, domain=example.test, receiving_mx=mx1.example.test[127.0.1.1]",
            "TLSRPT: status=failure, domain=example.test, receiving_mx=mx1.example.test[127.0.1.1], \
             failure_type=validation_failure, failure_reason=self-signed_certificate",
        ],
    );
}
