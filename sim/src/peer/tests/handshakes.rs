//! TLS with a plain rustls client in memory: what a peer is like, how it resumes, how it fails.

use std::collections::BTreeMap;

use super::client::Client;
use super::*;

#[test]
fn a_delivery_inside_tls() {
    let mut peer = peer("");
    let mut met = Client::new().meet(&mut peer, usize::MAX);
    assert_eq!(met.error, None);
    let ehlo = met.say(b"EHLO client.test\r\n");
    assert!(
        !ehlo.contains("STARTTLS") && ehlo.contains("PIPELINING"),
        "{ehlo}"
    );
    assert_eq!(
        met.say(b"STARTTLS\r\n"),
        "554 5.5.1 Error: TLS already active\n"
    );
    met.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n");
    assert_eq!(met.say(b"x\r\n.\r\n"), "250 2.0.0 Ok: queued\n");
    assert_eq!(met.say(b"QUIT\r\n"), "221 2.0.0 Bye\n");
    assert_eq!(met.talk.ends, [PeerOutput::Close]);
    let seen = met.talk.seen();
    assert_eq!(seen.plain, ["EHLO client.test", "STARTTLS"]);
    assert!(seen.messages[0].in_tls);
    let tls = seen.tls.unwrap();
    assert_eq!(tls.sni.as_deref(), Some(HOST));
    assert_eq!(tls.offered_versions, [772, 771]);
    assert_eq!(met.line().split(' ').next(), Some("TLSv1_3"));
}

#[test]
fn clear_text_behind_starttls_is_thrown_away() {
    let mut met =
        Client::new().meet_saying(&mut peer(""), b"STARTTLS\r\nNOOP\r\nMAIL FR", usize::MAX);
    assert_eq!(met.talk.seen().plain, ["EHLO client.test", "STARTTLS"]);
    assert_eq!(met.say(b"RSET\r\n"), "250 2.0.0 Ok\n");
    assert_eq!(met.talk.seen().in_tls, ["RSET"]);
}

#[test]
fn sessions_are_resumed_as_the_spec_says() {
    let mut text = String::new();
    for (version, tls) in [
        ("1.3", ""),
        ("1.3", "tickets = 1"),
        ("1.3", "tickets-on-resume = 0"),
        (
            "1.3",
            "tickets-on-resume = 0\nforget-tickets = 'every-connection'",
        ),
        ("1.3", "tickets-on-resume = 1\nresume = 'session-id'"),
        (
            "1.3",
            "tickets = 1\nresume = 'session-id'\nsession-store = 'first-ticket'",
        ),
        (
            "1.3",
            "tickets = 2\nresume = 'session-id'\nsession-store = 'first-ticket'",
        ),
        ("1.3", "resume = 'none'"),
        ("1.3", "forget-tickets = '50ms'"),
        ("1.2", ""),
        ("1.2", "resume = 'session-id'"),
        (
            "1.2",
            "resume = 'session-id'\nforget-tickets = 'every-connection'",
        ),
        (
            "1.2",
            "resume = 'session-id'\nsession-store = 'first-ticket'",
        ),
        ("1.2", "resume = 'none'"),
    ] {
        let mut peer = peer(&format!("[tls]\nversions = ['{version}']\n{tls}"));
        let mut client = Client::new();
        text.push_str(&format!("# {version} {}\n", tls.replace('\n', ", ")));
        for _ in 0..2 {
            let mut met = client.meet(&mut peer, usize::MAX);
            assert_eq!(met.error, None);
            assert_eq!(met.say(b"NOOP\r\n"), "250 2.0.0 Ok\n");
            text.push_str(&format!("{}\n", met.line()));
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_machine_does_not_resume_what_another_behind_its_address_made() {
    for resume in ["tickets", "session-id"] {
        let resumed = |machines: u8| -> Vec<bool> {
            let tls = format!("[tls]\nmachines = {machines}\nresume = '{resume}'");
            let (mut peer, mut client) = (peer(&tls), Client::new());
            let mut meet = || {
                let mut met = client.meet(&mut peer, usize::MAX);
                met.say(b"NOOP\r\n");
                met.line().contains("resumed=Some(true)")
            };
            (0..40).map(|_| meet()).collect()
        };
        assert!(resumed(1)[1..].iter().all(|resumed| *resumed));
        let two = resumed(2);
        let hits = two.iter().filter(|resumed| **resumed).count();
        assert!((10..=30).contains(&hits), "{resume}: {hits} of 39");
        assert_eq!(two, resumed(2), "which of them it is follows from the seed");
    }
}

#[test]
fn every_failure_happens_at_its_moment() {
    let mut text = String::new();
    for fail in [
        "close-before-hello",
        "reset-before-hello",
        "garbage-before-hello",
        "close-on-hello",
        "reset-on-hello",
        "stall-on-hello",
        "garbage-on-hello",
        "plaintext-454-on-hello",
        "sslv2-only",
        "alert:handshake_failure",
        "warn-alert:unrecognized_name",
        "close-mid-flight",
        "reset-mid-flight",
        "stall-mid-flight",
        "corrupt-flight",
        "close-on-client-flight",
        "reset-on-client-flight",
        "close-after-handshake",
        "reset-after-handshake",
        "stall-after-handshake",
    ] {
        for version in ["1.2", "1.3"] {
            let mut whole = None;
            for slice in [usize::MAX, 1] {
                let mut peer = peer(&format!("[tls]\nversions = ['{version}']\nfail = '{fail}'"));
                let mut met = Client::new().meet(&mut peer, slice);
                let noop = if met.tls.is_handshaking() || met.error.is_some() {
                    "-".to_owned()
                } else {
                    met.say(b"NOOP\r\n")
                };
                let seen = met.talk.seen();
                let line = format!(
                    "{fail} {version}: client {}, up there {:?}, ends {:?}, peer's error {:?}, hears {:?}\n",
                    met.error
                        .as_ref()
                        .map_or("fine".to_owned(), ToString::to_string),
                    seen.tls.as_ref().and_then(|tls| tls.version),
                    met.talk.ends,
                    seen.tls.as_ref().and_then(|tls| tls.error.as_deref()),
                    noop,
                );
                // One byte at a time, the same happens, to the byte.
                let (line, _) = whole
                    .get_or_insert((line.clone(), met.wire.clone()))
                    .clone();
                if slice == usize::MAX {
                    text.push_str(&line);
                }
                assert_eq!(
                    whole.as_ref().map(|(_, wire)| wire == &met.wire),
                    Some(true),
                    "{fail} {version}"
                );
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_failure_may_be_for_one_connection_only() {
    let mut peer = peer("[[on]]\nfail = 'reset-on-hello'\nconnection = 1");
    let mut client = Client::new();
    assert_eq!(
        client.meet(&mut peer, usize::MAX).talk.ends,
        [PeerOutput::Reset]
    );
    assert_eq!(
        client.meet(&mut peer, usize::MAX).line().split(' ').next(),
        Some("TLSv1_3")
    );
}

#[test]
fn rules_reach_into_the_handshake_and_beyond() {
    let mut peer = peer(
        "[tls]\nclose-notify = false
         [[on]]\nmoment = 'client-hello'\nconnection = 1\nsend = { hex = '15030300020228' }\nthen = 'close'
         [[on]]\nmoment = 'after-handshake'\nconnection = 2\nsend = '220 once more'
         [[on]]\ncommand = 'NOOP'\nin-tls = true\nconnection = 2\nsend = { raw = '250 cut' }\nthen = 'close'",
    );
    let mut client = Client::new();
    let met = client.meet(&mut peer, usize::MAX);
    assert_eq!(
        met.error,
        Some(rustls::Error::AlertReceived(
            rustls::AlertDescription::HandshakeFailure
        ))
    );
    let mut met = client.meet(&mut peer, usize::MAX);
    assert_eq!(met.say(b"NOOP\r\n"), "220 once more\n250 cut");
    assert_eq!(met.talk.ends, [PeerOutput::Close]);
}

#[test]
fn certificates_are_wrong_in_the_way_asked_for() {
    let mut text = String::new();
    for certificate in [
        "'valid'",
        "'expired'",
        "'not-yet-valid'",
        "'wrong-host'",
        "'untrusted-root'",
        "'self-signed'",
        "'incomplete-chain'",
        "'reversed-chain'",
        "'no-common-name'",
        "'no-subject'",
        "'sha1-intermediate'",
        "'1000-sans'",
        "'10000-sans'",
        "['self-signed', 'expired']",
        "{ is = 'wrong-host', names = ['{host}'] }",
        "{ names = ['*.example.test'], not-before = '-1s', not-after = '+1s' }",
        "{ names = ['*.test'] }",
        "{ names = [], common-name = '{host}' }",
        r#"{ names = ["{host}\u0000.evil.test"] }"#,
        "{ names = ['{host}.'] }",
        "{ names = ['MX1.Example.TEST'] }",
        "{ key = 'rsa-8192' }",
        "{ key = 'ecdsa-p521' }",
        "{ key = 'ecdsa-p384', chain = ['leaf', 'intermediates', 'unrelated', 'unrelated'] }",
        "{ usage = 'client' }",
        "{ name-constraints = ['other.test'] }",
        "{ name-constraints = ['example.test'] }",
        "{ issuer = { names = ['evil.test'], ca = false } }",
        "{ issuer = { not-after = '-1d' } }",
        "{ issuer = { issuer = 'untrusted-root' } }",
        "{ issuer = 'sim-root-r2' }",
        "{ intermediates = 0 }",
        "{ intermediates = 12 }",
        "{ signature = 'sha1' }",
        "{ must-staple = true, revocation-list = 'http://crl.example/1' }",
        "{ ca = true }",
        "{ organization = 'Example', common-name = '', addresses = ['192.0.2.1'] }",
    ] {
        let mut peer = peer(&format!("[tls]\ncertificate = {certificate}"));
        let met = Client::new().meet(&mut peer, usize::MAX);
        let error = met
            .error
            .map_or("fine".to_owned(), |error| format!("{error:?}"));
        let word = error.split(['{', '[']).next().unwrap_or_default().trim();
        text.push_str(&format!("{certificate}: {word}\n"));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn versions_suites_and_keys_are_those_of_the_spec() {
    for (tls, expected) in [
        (
            "versions = ['1.2']",
            "TLSv1_2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        ),
        (
            "ciphers = ['TLS_AES_128_GCM_SHA256']\nversions = ['1.3']",
            "TLSv1_3 TLS13_AES_128_GCM_SHA256",
        ),
        (
            "versions = ['1.2']\nkey = 'rsa-2048'",
            "TLSv1_2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        ),
        (
            "key = 'ed25519'\ngroups = ['secp256r1']",
            "TLSv1_3 TLS13_AES_256_GCM_SHA384",
        ),
    ] {
        let met = Client::new().meet(&mut peer(&format!("[tls]\n{tls}")), usize::MAX);
        assert_eq!(met.error, None, "{tls}");
        assert!(met.line().starts_with(expected), "{tls}: {}", met.line());
    }
    let host = Host {
        name: HOST.to_owned(),
        address: [192, 0, 2, 1].into(),
    };
    let spec = spec("[tls]\nversions = ['1.2']\nciphers = ['TLS_AES_128_GCM_SHA256']");
    let chain = spec
        .tls
        .mint(&mut Pki::new(Seed(1), START), &Owner::host(HOST))
        .unwrap()
        .shown;
    let tls = TlsMaterial {
        provider: provider(Tier::Seeded),
        clock: Arc::new(SimClock::new(START)),
        certificate: Arc::new(chain.certified_key()),
        by_name: BTreeMap::new(),
    };
    assert!(matches!(
        Peer::new(&spec, &host, Some(tls), Seed(1)),
        Err(PeerError::Tls(_))
    ));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let wire = || {
        let mut peer = peer("");
        let mut client = Client::new();
        let first = client.meet(&mut peer, usize::MAX).wire;
        [first, client.meet(&mut peer, 7).wire]
    };
    assert_eq!(wire(), wire());
}

#[test]
fn peers_with_the_same_ticket_keys_open_each_others_tickets() {
    let resumes = |first: &str, second: &str| {
        let with = |keys: &str| peer(&format!("[tls]\nticket-keys = '{keys}'"));
        let mut both = with(first).followed_by(with(second));
        let mut client = Client::new();
        let kinds: Vec<_> = (0..2)
            .map(|_| {
                let mut met = client.meet(&mut both, usize::MAX);
                met.say(b"NOOP\r\n");
                met.tls.handshake_kind()
            })
            .collect();
        kinds
            == [
                Some(rustls::HandshakeKind::Full),
                Some(rustls::HandshakeKind::Resumed),
            ]
    };
    assert!(resumes("a", "a"));
    assert!(!resumes("a", "b"));
}

#[test]
fn a_peer_may_have_a_certificate_for_every_name() {
    // The client refuses a certificate that has expired, so its error tells which one it saw.
    let fault = |tls: &str| {
        let met = Client::new().meet(&mut peer(&format!("[tls]\n{tls}")), usize::MAX);
        format!("{:?}", met.error)
    };
    let own = format!("by-name = {{ '{}' = 'expired' }}", HOST.to_uppercase());
    let expired = fault(&own);
    assert_ne!(expired, "None");
    assert_eq!(fault(&format!("unknown-name = 'refused'\n{own}")), expired);
    let other = "by-name = { 'other.example' = 'expired' }";
    assert_eq!(fault(other), "None");
    let refused = fault(&format!("unknown-name = 'refused'\n{other}"));
    assert!(refused.contains("Unrecogni"), "{refused}");
    let like = "by-name = { '*.Example.test' = 'expired' }";
    assert_eq!(fault(&format!("unknown-name = 'refused'\n{like}")), expired);
    // A name without a pattern goes first.
    let both = format!("by-name = {{ '*' = 'expired', '{HOST}' = 'valid' }}");
    assert_eq!(fault(&both), "None");
}

#[test]
fn rules_may_ask_for_the_name_that_the_client_asks_for() {
    let mut client = Client::new();
    for (sni, fails) in [
        ("true", true),
        ("false", false),
        ("'*.example.test'", true),
        ("'mx2.*'", false),
    ] {
        let mut peer = peer(&format!(
            "[[on]]\nfail = 'alert:unrecognized_name'\nsni = {sni}
             [[on]]\ncommand = 'NOOP'\nsni = 'MX1.example.test'\nsend = '250 {{n}}'"
        ));
        let mut met = client.meet(&mut peer, usize::MAX);
        assert_eq!(met.error.is_some(), fails, "{sni}");
        if !fails {
            assert_eq!(met.say(b"NOOP\r\n"), "250 1\n");
        }
    }
}
