//! One TLS engine under many connections: what a call learns is its connection's own, and so is the time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Barrier};
use std::thread;

use mta_core::config::{Release, Settings};
use mta_core::event::ServerSignature;
use mta_core::policy::{Level, Policy};
use mta_core::time::Wall;
use mta_core::tls::{Engine, Handshake, Material, Progress, Terms, Ticket, TlsStream};
use mta_sim::crypto::{SimClock, Ticketer, Tier, provider, scope};
use mta_sim::pki::{CertSpec, Chain, KeyKind, Pki, Usage, to_pem};
use mta_sim::seed::{Purpose, Seed, Stream};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm as Algorithm,
};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};

const START: u64 = 1_780_000_000;
const TICKET_LIFETIME_SECS: u32 = 3600;
const HOUR: u64 = 3600;

fn at(secs: u64) -> Wall {
    Wall(START + secs)
}

fn pki() -> Pki {
    Pki::new(Seed(1), at(0))
}

/// A client's key and certificate.
fn own(name: &str) -> Chain {
    let mut spec = CertSpec::server(name);
    spec.usage = Usage::ClientAuth;
    pki().chain(name, &spec).unwrap()
}

fn engine() -> Arc<Engine> {
    let settings = Settings::default_for(Release::V3_12);
    let provider = provider(Tier::Seeded);
    let material = Material::load(&settings.tls, provider, &|_| None, &|_| Vec::new());
    Arc::new(Engine::new(material).unwrap())
}

/// A client with the key and certificate of this name.
fn with_key(provider: Arc<CryptoProvider>, name: &str) -> Material {
    let chain = own(name);
    let pem = to_pem(&chain.certs) + &chain.key.to_pkcs8_pem().unwrap();
    let mut settings = Settings::default_for(Release::V3_12);
    settings.tls.credentials.pairs = vec![("RSA", name.to_owned(), name.to_owned())];
    let read = |path: &str| (path == name).then(|| pem.clone().into_bytes());
    Material::load(&settings.tls, provider, &read, &|_| Vec::new())
}

/// A server that issues tickets.
struct Server {
    clock: Arc<SimClock>,
    config: Arc<ServerConfig>,
}

impl Server {
    fn new(version: &'static SupportedProtocolVersion, key: KeyKind, asks: bool) -> Server {
        let clock = Arc::new(SimClock::new(at(0)));
        let mut pki = pki();
        let spec = CertSpec::server("mx1.example").with_key(key);
        let chain = pki.chain("mx1.example", &spec).unwrap();
        let mut roots = RootCertStore::empty();
        for root in pki.system_bundle().unwrap() {
            roots.add(root).unwrap();
        }
        let crypto = provider(Tier::Seeded);
        let client = match asks {
            false => WebPkiClientVerifier::no_client_auth(),
            true => WebPkiClientVerifier::builder_with_provider(Arc::new(roots), crypto.clone())
                .allow_unauthenticated()
                .build()
                .unwrap(),
        };
        let mut config = ServerConfig::builder_with_details(crypto, clock.clone())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_client_cert_verifier(client)
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(chain.certified_key())));
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = Arc::new(Ticketer::new(
            Seed(1),
            "mx1.example",
            clock.clone(),
            TICKET_LIFETIME_SECS,
        ));
        config.send_tls13_tickets = 1;
        Server {
            clock,
            config: Arc::new(config),
        }
    }
}

/// A connection, and what travels on it when the test says so.
struct Meeting {
    client: TlsStream,
    server: ServerConnection,
    client_stream: Option<Box<Stream>>,
    server_stream: Option<Box<Stream>>,
}

impl Meeting {
    fn begin(
        engine: &Arc<Engine>,
        server: &Server,
        number: u64,
        ticket: Option<Ticket>,
        now: Wall,
    ) -> Meeting {
        let settings = Settings::default_for(Release::V3_12);
        let policy = Policy::of(Level::Encrypt);
        let terms = Arc::new(Terms::of(&settings.tls, &policy, settings.release));
        let stream = |purpose| Some(Box::new(Seed(1).stream(purpose, number)));
        let mut client_stream = stream(Purpose::ClientTls);
        let mut server_stream = stream(Purpose::ServerTls);
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let client = scope(&mut client_stream, || {
            TlsStream::start(engine, None, address, ticket, &terms, false, now)
        });
        let server = scope(&mut server_stream, || {
            ServerConnection::new(server.config.clone())
        });
        Meeting {
            client: client.unwrap(),
            server: server.unwrap(),
            client_stream,
            server_stream,
        }
    }

    /// Takes to the server what the client has to say, and gives what the server answers.
    fn answer(&mut self) -> Vec<u8> {
        let mut flight = Vec::new();
        scope(&mut self.client_stream, || self.client.drain(&mut flight));
        scope(&mut self.server_stream, || {
            let (mut rest, mut answer) = (&*flight, Vec::new());
            while !rest.is_empty() {
                self.server.read_tls(&mut rest).unwrap();
                self.server.process_new_packets().unwrap();
            }
            while self.server.wants_write() {
                self.server.write_tls(&mut answer).unwrap();
            }
            answer
        })
    }

    fn hear(&mut self, answer: &[u8], now: Wall) -> Progress {
        scope(&mut self.client_stream, || {
            self.client.read(answer, &mut Vec::new(), now).unwrap()
        })
    }

    /// Lets the handshake come to its end at once.
    fn complete(&mut self, now: Wall) -> Handshake {
        let mut handshake = None;
        for _ in 0..4 {
            let answer = self.answer();
            if self.hear(&answer, now) == Progress::JustEstablished {
                handshake = self.client.handshake();
            }
        }
        handshake.unwrap()
    }
}

/// Whether a session that came `late` seconds after its handshake began is resumed when it is `age` seconds old.
fn is_resumed(version: &'static SupportedProtocolVersion, late: u64, age: u64) -> bool {
    let engine = engine();
    let server = Server::new(version, KeyKind::EcdsaP256, false);
    let mut first = Meeting::begin(&engine, &server, 1, None, at(0));
    let answer = first.answer();
    first.hear(&answer, at(0));
    // The client's last flight is long under way.
    server.clock.set(at(late));
    let ticket = first.answer();
    first.hear(&ticket, at(late));
    let mut tickets = first.client.take_tickets();
    assert_eq!(tickets.len(), 1);
    let now = at(late + age);
    server.clock.set(now);
    let mut second = Meeting::begin(&engine, &server, 2, tickets.pop(), now);
    second.complete(now).resumed
}

#[test]
fn a_session_is_as_old_as_its_ticket_not_as_its_handshake() {
    let lifetime = u64::from(TICKET_LIFETIME_SECS);
    for version in [&TLS13, &TLS12] {
        for late in [0, 2 * HOUR] {
            assert!(is_resumed(version, late, lifetime), "{version:?}, {late}");
            let is_stale = !is_resumed(version, late, lifetime + 1);
            assert!(is_stale, "{version:?}, {late}");
        }
    }
}

#[test]
fn a_connection_keeps_its_own_signatures_while_another_makes_its() {
    let engine = Arc::new(Engine::new(with_key(provider(Tier::Seeded), "own")).unwrap());
    let asking = Server::new(&TLS13, KeyKind::EcdsaP256, true);
    let silent = Server::new(&TLS13, KeyKind::Ed25519, false);
    let mut one = Meeting::begin(&engine, &asking, 1, None, at(0));
    let mut other = Meeting::begin(&engine, &silent, 2, None, at(0));
    let (to_one, to_other) = (one.answer(), other.answer());
    assert_eq!(one.hear(&to_one, at(0)), Progress::JustEstablished);
    assert_eq!(other.hear(&to_other, at(0)), Progress::JustEstablished);
    for _ in 0..2 {
        let [one, other] = [&one, &other].map(|met| met.client.handshake().unwrap());
        assert_eq!(one.signature, Some(ServerSignature::EcdsaP256));
        assert_eq!(one.client_signature, Some(ServerSignature::EcdsaP256));
        assert_eq!(other.signature, Some(ServerSignature::Ed25519));
        assert_eq!(other.client_signature, None);
    }
}

/// Verifies when another thread is about to verify too, so that both are inside their calls at once.
#[derive(Debug)]
struct Together {
    inner: &'static dyn Algorithm,
    barrier: Arc<Barrier>,
}

impl Algorithm for Together {
    fn verify_signature(&self, key: &[u8], said: &[u8], by: &[u8]) -> Result<(), InvalidSignature> {
        self.barrier.wait();
        let verified = self.inner.verify_signature(key, said, by);
        self.barrier.wait();
        verified
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.signature_alg_id()
    }
}

/// A provider whose signatures are verified by two threads together.
fn together() -> Arc<CryptoProvider> {
    let barrier = Arc::new(Barrier::new(2));
    let mut crypto = CryptoProvider::clone(&provider(Tier::Seeded));
    let known = crypto.signature_verification_algorithms;
    let wrap = |inner: &&'static dyn Algorithm| {
        let barrier = barrier.clone();
        let inner = *inner;
        Box::leak(Box::new(Together { inner, barrier })) as &'static dyn Algorithm
    };
    let mapping = known.mapping.iter().map(|(scheme, algorithms)| {
        let all: Vec<&'static dyn Algorithm> = algorithms.iter().map(wrap).collect();
        (*scheme, &*all.leak())
    });
    crypto.signature_verification_algorithms = WebPkiSupportedAlgorithms {
        all: known.all,
        mapping: mapping.collect::<Vec<_>>().leak(),
    };
    Arc::new(crypto)
}

#[test]
fn threads_with_one_engine_do_not_swap_what_they_learn() {
    let engine = &Arc::new(Engine::new(with_key(together(), "own")).unwrap());
    let learnt = |number, key, asks| {
        let server = Server::new(&TLS13, key, asks);
        let handshake = Meeting::begin(engine, &server, number, None, at(0)).complete(at(0));
        (handshake.signature, handshake.client_signature)
    };
    for round in 0..8 {
        let (one, other) = thread::scope(|threads| {
            let one = threads.spawn(move || learnt(2 * round, KeyKind::EcdsaP256, true));
            let other = threads.spawn(move || learnt(2 * round + 1, KeyKind::Ed25519, false));
            (one.join().unwrap(), other.join().unwrap())
        });
        let own = Some(ServerSignature::EcdsaP256);
        assert_eq!(one, (Some(ServerSignature::EcdsaP256), own));
        assert_eq!(other, (Some(ServerSignature::Ed25519), None));
    }
}

#[test]
fn each_process_shows_its_own_certificate_also_when_the_next_has_begun() {
    let with = |path| with_key(provider(Tier::Seeded), path);
    let server = Server::new(&TLS13, KeyKind::EcdsaP256, true);
    let first = Arc::new(Engine::new(with("first")).unwrap());
    let mut under_way = Meeting::begin(&first, &server, 1, None, at(0));
    let next = Arc::new(first.succeed(with("next")).unwrap());
    let mut later = Meeting::begin(&next, &server, 2, None, at(0));
    under_way.complete(at(0));
    later.complete(at(0));
    let shown = |met: &Meeting| met.server.peer_certificates().map(|shown| shown[0].clone());
    assert_eq!(shown(&under_way), own("first").certs.first().cloned());
    assert_eq!(shown(&later), own("next").certs.first().cloned());
    // The one resumes what the other began, and shows nothing then.
    let ticket = under_way.client.take_tickets().pop();
    let resumed = Meeting::begin(&next, &server, 3, ticket, at(0)).complete(at(0));
    assert!(resumed.resumed && resumed.client_signature.is_none());
}
