//! Handshakes that no engine makes, and tickets that are not as usual: what a plain client makes of them.

use super::client::Client;
use super::*;

/// What comes of two connections: of the second, the session of the first is offered.
fn twice(tls: &str) -> String {
    let mut peer = peer(tls);
    let mut client = Client::new();
    let mut text = String::new();
    for _ in 0..2 {
        let mut met = client.meet(&mut peer, usize::MAX);
        let noop = if met.error.is_some() || met.tls.is_handshaking() {
            "-".to_owned()
        } else {
            met.say(b"NOOP\r\n").replace('\n', "")
        };
        let error = met
            .error
            .as_ref()
            .map_or("fine".to_owned(), ToString::to_string);
        let resumed = met.tls.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
        let ends = &met.talk.ends;
        text.push_str(&format!(
            "  client {error}, resumed {resumed}, hears {noop:?}, ends {ends:?}\n"
        ));
    }
    text
}

#[test]
fn what_no_engine_says_is_noticed_by_the_client() {
    let mut text = String::new();
    for (version, fail) in [
        ("1.3", "hello-retry-twice"),
        ("1.3", "hello-retry-same-group"),
        ("1.3", "record-overflow"),
        ("1.3", "empty-records"),
        ("1.3", "unsolicited-alpn"),
        ("1.2", "unsolicited-alpn"),
        ("1.2", "downgrade-sentinel"),
        ("1.3", "downgrade-sentinel"),
        ("1.3", "corrupt-finished"),
        ("1.2", "corrupt-finished"),
        ("1.3", "corrupt-certificate-verify"),
        ("1.2", "corrupt-certificate-verify"),
        ("1.3", "resume-with-other-hash"),
        ("1.3", "resume-with-bad-index"),
        ("1.3", "resume-without-key-share"),
        ("1.2", "resume-without-ems"),
        ("1.3", "key-updates"),
        ("1.2", "key-updates"),
        ("1.3", "alert-before-hello:internal_error"),
        ("1.3", "alert-mid-flight:internal_error"),
        ("1.2", "alert-mid-flight:internal_error"),
        ("1.2", "warn-alert-mid-flight:unrecognized_name"),
        ("1.3", "alert-on-client-flight:bad_certificate"),
        ("1.3", "alert-after-handshake:certificate_required"),
        ("1.3", "warn-alert-after-handshake:user_canceled"),
    ] {
        let tls = format!("[tls]\nversions = ['{version}']\nfail = '{fail}'");
        text.push_str(&format!("{fail} {version}\n{}", twice(&tls)));
    }
    for tls in [
        "versions = ['1.0']",
        "versions = ['ssl3', '1.1']",
        "ciphers = ['TLS_RSA_WITH_RC4_128_SHA', 'TLS_DH_anon_WITH_AES_128_CBC_SHA']",
        "raw-public-key = true",
        "client-certificate = 'requested'\nclient-authorities = 640",
        "client-certificate = 'required'",
    ] {
        text.push_str(&format!("{tls}\n{}", twice(&format!("[tls]\n{tls}"))));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn tickets_may_be_unusual() {
    let mut text = String::new();
    for tls in [
        "tickets-sent = 'with-first-reply'",
        "tickets-sent = 'after-message'",
        "tickets-sent = 'before-close'",
        "early-data = 16384",
        "ticket-octets = 60000",
        "versions = ['1.2']\nticket-octets = 60000",
        "ticket-lifetime = '0s'",
        "ticket-lifetime = '8d'",
        "forget-tickets = 'at 60ms'",
        "forget-tickets = 'at 20ms'",
        "ticket-age-tolerance = '10s'",
        "ticket-age-tolerance = '10s'\nticket-clock-ahead = '1h'",
        "tickets = 64",
    ] {
        text.push_str(&format!("{tls}\n{}", twice(&format!("[tls]\n{tls}"))));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn held_tickets_leave_when_they_are_due() {
    for (sent, say, due) in [
        ("with-first-reply", &b"NOOP\r\n"[..], true),
        ("after-message", b"NOOP\r\n", false),
        (
            "after-message",
            b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nx\r\n.\r\n",
            true,
        ),
        ("before-close", b"NOOP\r\n", false),
        ("before-close", b"QUIT\r\n", true),
    ] {
        let mut peer = peer(&format!("[tls]\ntickets-sent = '{sent}'"));
        let mut client = Client::new();
        let mut met = client.meet(&mut peer, usize::MAX);
        assert_eq!(met.tickets, 0);
        met.say(say);
        let next = client.meet(&mut peer, usize::MAX);
        let resumed = next.tls.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
        assert_eq!(resumed, due, "{sent}, {say:?}");
    }
}

#[test]
fn rules_ask_what_a_client_hello_is_like() {
    let fails = |condition: &str| -> Vec<bool> {
        let rule = format!("[[on]]\nfail = 'reset-on-hello'\n{condition}");
        let mut peer = peer(&rule);
        let mut client = Client::new();
        let mut resets = || {
            let mut met = client.meet(&mut peer, usize::MAX);
            let reset = met.talk.ends == [PeerOutput::Reset];
            if !reset {
                met.say(b"NOOP\r\n");
            }
            reset
        };
        vec![resets(), resets()]
    };
    assert_eq!(fails("resumes = true"), [false, true]);
    assert_eq!(fails("resumes = false"), [true, true]);
    // A ticket makes the second hello longer.
    assert_eq!(fails("hello-over = 300"), [false, true]);
    assert_eq!(fails("hello-over = 1460"), [false, false]);
    assert_eq!(fails("sni = '*.'"), [false, false]);
    assert_eq!(fails("sni = true"), [true, true]);
}

#[test]
fn a_first_flight_may_take_long() {
    let mut peer = peer("[tls]\nflight-delay = '40s'");
    let met = Client::new().meet(&mut peer, usize::MAX);
    assert!(met.tls.is_handshaking() && met.error.is_none());
    let mut talk = met.talk;
    let due = *talk.wakes.last().expect("a wake-up");
    assert_eq!(due, at(40_020).time);
    talk.hand(at(40_019), PeerInput::Timeout);
    assert!(talk.said.is_empty());
    talk.hand(at(40_020), PeerInput::Timeout);
    assert_eq!(talk.said.first(), Some(&22), "a handshake record");
}
