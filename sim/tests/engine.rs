//! One TLS engine under many connections: each is told the time by itself.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use mta_core::config::{CredentialSettings, PostfixVersion, Settings};
use mta_core::policy::{Level, Policy};
use mta_core::time::Wall;
use mta_core::tls::{Engine, Handshake, Material, Progress, Terms, Ticket, TlsStream};
use mta_sim::crypto::{SimClock, Ticketer, Tier, provider, scope};
use mta_sim::pki::{CertSpec, Pki};
use mta_sim::seed::{Purpose, Seed, Stream};
use rustls::crypto::CryptoProvider;
use rustls::server::NoServerSessionStorage;
use rustls::sign::SingleCertAndKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, ServerConnection, SupportedProtocolVersion};

const START: u64 = 1_780_000_000;
const TICKET_LIFETIME_SECS: u32 = 3600;
const HOUR: u64 = 3600;

fn at(secs: u64) -> Wall {
    Wall(START + secs)
}

fn pki() -> Pki {
    Pki::new(Seed(1), at(0))
}

fn material(provider: Arc<CryptoProvider>) -> Material {
    Material {
        provider,
        ca_file: None,
        ca_directories: Vec::new(),
        fingerprint_digest: "sha256".to_owned(),
        dane_digests: "sha512 sha256".to_owned(),
        verify_depth: 9,
        credentials: CredentialSettings::default(),
        curves: Vec::new(),
        no_ticket: false,
        library_config: "default".to_owned(),
        files: Arc::default(),
    }
}

fn engine() -> Arc<Engine> {
    Arc::new(Engine::new(material(provider(Tier::Seeded))).unwrap())
}

/// A server that issues tickets.
struct Server {
    clock: Arc<SimClock>,
    config: Arc<ServerConfig>,
}

impl Server {
    fn new(version: &'static SupportedProtocolVersion) -> Server {
        let clock = Arc::new(SimClock::new(at(0)));
        let spec = CertSpec::server("mx1.example");
        let chain = pki().chain("mx1.example", &spec).unwrap();
        let crypto = provider(Tier::Seeded);
        let mut config = ServerConfig::builder_with_details(crypto, clock.clone())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
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
        let settings = Settings::default_for(PostfixVersion::V3_12);
        let policy = Policy::of(Level::Encrypt);
        let terms = Arc::new(Terms::of(&settings.tls, &policy, settings.version));
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
    let server = Server::new(version);
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
