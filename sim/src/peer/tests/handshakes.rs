//! TLS with a plain rustls client in memory: what a peer is like, how it resumes, how it fails.

use std::io::{Read, Write};
use std::sync::Mutex;

use rustls::client::{ClientConnection, Tls13ClientSessionValue};
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, NamedGroup, RootCertStore};

use super::*;
use crate::crypto::scope;
use crate::seed::{Purpose, Stream};

/// A sender's TLS, over several connections.
struct Client {
    config: Arc<ClientConfig>,
    store: Arc<Counting>,
    connections: u64,
}

/// What one connection came to.
struct Met {
    talk: Talk,
    tls: ClientConnection,
    stream: Option<Box<Stream>>,
    /// Why the client gave up, if it did.
    error: Option<rustls::Error>,
    tickets: usize,
    wire: Vec<u8>,
    slice: usize,
}

impl Client {
    fn new() -> Client {
        let clock = Arc::new(SimClock::new(START));
        let mut roots = RootCertStore::empty();
        for root in Pki::new(Seed(1), START).system_bundle().expect("bundle") {
            roots.add(root).expect("a root");
        }
        let mut config = ClientConfig::builder_with_details(provider(Tier::Seeded), clock)
            .with_protocol_versions(&[&rustls::version::TLS12, &rustls::version::TLS13])
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let store = Arc::new(Counting::default());
        config.resumption = Resumption::store(store.clone());
        Client {
            config: Arc::new(config),
            store,
            connections: 0,
        }
    }

    /// Connects, asks for TLS and shakes hands as far as it goes.
    fn meet(&mut self, peer: &mut Peer, slice: usize) -> Met {
        self.meet_saying(peer, b"STARTTLS\r\n", slice)
    }

    fn meet_saying(&mut self, peer: &mut Peer, starttls: &[u8], slice: usize) -> Met {
        self.connections += 1;
        let mut talk = Talk::begun(peer, at(40 * self.connections));
        talk.say(b"EHLO client.test\r\n");
        talk.sends.clear();
        talk.hand(at(10), PeerInput::Received(starttls));
        // What comes in the segment of the 220 is thrown away; what comes behind it is for TLS.
        let behind = talk
            .said
            .split_off(talk.sends.first().copied().unwrap_or(0));
        assert_eq!(talk.heard(), "220 2.0.0 Ready to start TLS\n");
        talk.said = behind;
        let mut stream = Some(Box::new(
            Seed(2).stream(Purpose::ClientTls, self.connections),
        ));
        let name = ServerName::try_from(HOST).expect("a name");
        let tls = scope(&mut stream, || {
            ClientConnection::new(self.config.clone(), name)
        })
        .expect("a client");
        let before = *self.store.tickets.lock().unwrap();
        let mut met = Met {
            talk,
            tls,
            stream,
            error: None,
            tickets: 0,
            wire: Vec::new(),
            slice,
        };
        met.pump();
        met.tickets = *self.store.tickets.lock().unwrap() - before;
        met
    }
}

impl Met {
    /// Carries octets both ways until nobody has more to say.
    fn pump(&mut self) {
        loop {
            let mut out = Vec::new();
            scope(&mut self.stream, || {
                while self.tls.wants_write() {
                    self.tls.write_tls(&mut out).expect("into a vector");
                }
            });
            for slice in out.chunks(self.slice) {
                self.talk.hand(at(20), PeerInput::Received(slice));
            }
            let answer = std::mem::take(&mut self.talk.said);
            self.wire.extend_from_slice(&answer);
            if answer.is_empty() || self.error.is_some() {
                return;
            }
            let mut answer = answer.as_slice();
            let result: Result<(), rustls::Error> = scope(&mut self.stream, || {
                while !answer.is_empty() {
                    self.tls.read_tls(&mut answer).expect("room");
                    self.tls.process_new_packets()?;
                }
                Ok(())
            });
            self.error = result.err();
        }
    }

    fn say(&mut self, text: &[u8]) -> String {
        self.tls.writer().write_all(text).expect("room");
        self.pump();
        let mut heard = Vec::new();
        let _ = self.tls.reader().read_to_end(&mut heard);
        String::from_utf8(heard).unwrap().replace("\r\n", "\n")
    }

    fn line(&self) -> String {
        let seen = self.talk.seen();
        let tls = seen.tls.unwrap_or_default();
        format!(
            "{} {} resumed={:?} psk={} ticket={:?} tickets={}",
            tls.version.unwrap_or("-"),
            tls.suite.unwrap_or("-"),
            tls.resumed,
            tls.psk,
            tls.ticket,
            self.tickets
        )
    }
}

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
        ("1.3", "resume = 'none'"),
        ("1.3", "forget-tickets = '50ms'"),
        ("1.2", ""),
        ("1.2", "resume = 'session-id'"),
        (
            "1.2",
            "resume = 'session-id'\nforget-tickets = 'every-connection'",
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
                // One octet at a time, the same happens, to the octet.
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
        "valid",
        "expired",
        "not-yet-valid",
        "wrong-host",
        "untrusted-root",
        "self-signed",
        "incomplete-chain",
    ] {
        let mut peer = peer(&format!("[tls]\ncertificate = '{certificate}'"));
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
    let chain = spec.tls.mint(&mut Pki::new(Seed(1), START), HOST).unwrap();
    let tls = TlsMaterial {
        provider: provider(Tier::Seeded),
        clock: Arc::new(SimClock::new(START)),
        certificate: Arc::new(chain.certified_key()),
    };
    assert!(matches!(
        Peer::new(&spec, &host, Some(tls), Seed(1)),
        Err(PeerError::Tls(_))
    ));
}

#[test]
fn the_same_seed_gives_the_same_octets() {
    let wire = || {
        let mut peer = peer("");
        let mut client = Client::new();
        let first = client.meet(&mut peer, usize::MAX).wire;
        [first, client.meet(&mut peer, 7).wire]
    };
    assert_eq!(wire(), wire());
}

/// rustls' own cache, and how many TLS 1.3 tickets went in.
#[derive(Debug)]
struct Counting {
    cache: ClientSessionMemoryCache,
    tickets: Mutex<usize>,
}

impl Default for Counting {
    fn default() -> Self {
        Counting {
            cache: ClientSessionMemoryCache::new(64),
            tickets: Mutex::new(0),
        }
    }
}

impl ClientSessionStore for Counting {
    fn set_kx_hint(&self, name: ServerName<'static>, group: NamedGroup) {
        self.cache.set_kx_hint(name, group);
    }
    fn kx_hint(&self, name: &ServerName<'_>) -> Option<NamedGroup> {
        self.cache.kx_hint(name)
    }
    fn set_tls12_session(&self, name: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.cache.set_tls12_session(name, value);
    }
    fn tls12_session(&self, name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.cache.tls12_session(name)
    }
    fn remove_tls12_session(&self, name: &ServerName<'static>) {
        self.cache.remove_tls12_session(name);
    }
    fn insert_tls13_ticket(&self, name: ServerName<'static>, value: Tls13ClientSessionValue) {
        *self.tickets.lock().unwrap() += 1;
        self.cache.insert_tls13_ticket(name, value);
    }
    fn take_tls13_ticket(&self, name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.cache.take_tls13_ticket(name)
    }
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
