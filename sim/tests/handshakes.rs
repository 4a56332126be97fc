//! Handshakes whose every byte follows from the seed: versions, keys, groups, resumption, slices.

use std::process::Command;
use std::sync::Arc;

use mta_core::time::Wall;
use mta_sim::crypto::{SimClock, Ticketer, Tier, provider, scope};
use mta_sim::pki::{CertSpec, KeyKind, Pki};
use mta_sim::seed::{Purpose, Seed, Stream};
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::server::{ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, Error, HandshakeKind, NamedGroup, RootCertStore, ServerConfig,
    ServerConnection, SupportedProtocolVersion,
};
use sha2::{Digest, Sha256};

const START: u64 = 1_780_000_000;
const HOST: &str = "mx1.example";
const TICKET_LIFETIME_SECS: u32 = 3600;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Remembers {
    Nothing,
    Tickets,
    Ids,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    seed: u64,
    version: &'static SupportedProtocolVersion,
    key: KeyKind,
    group: NamedGroup,
    server: Remembers,
    /// Bytes handed over at once; 0 for whole flights.
    slice: usize,
    tier: Tier,
}

impl Case {
    fn new(version: &'static SupportedProtocolVersion, server: Remembers) -> Self {
        Case {
            seed: 1,
            version,
            key: KeyKind::EcdsaP256,
            group: NamedGroup::X25519,
            server,
            slice: 0,
            tier: Tier::Seeded,
        }
    }

    /// Every version with every way to resume.
    fn matrix() -> Vec<Case> {
        let mut all = Vec::new();
        for version in [&TLS13, &TLS12] {
            for server in [Remembers::Nothing, Remembers::Tickets, Remembers::Ids] {
                all.push(Case::new(version, server));
            }
        }
        all
    }
}

#[derive(Debug)]
struct OneCert(Arc<CertifiedKey>);

impl ResolvesServerCert for OneCert {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// A client and a server that meet several times.
struct Pair {
    case: Case,
    clock: Arc<SimClock>,
    ticketer: Arc<Ticketer>,
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    met: u64,
}

/// One connection: what kind of handshake it was, and the bytes of each direction.
#[derive(Debug, PartialEq)]
struct Meeting {
    kind: HandshakeKind,
    group: NamedGroup,
    to_server: Vec<u8>,
    to_client: Vec<u8>,
}

impl Pair {
    fn new(case: Case) -> Self {
        let mut pki = Pki::new(Seed(case.seed), Wall(START));
        let spec = CertSpec::server(HOST).with_key(case.key);
        let chain = pki.chain(HOST, &spec).expect("minted");
        let mut roots = RootCertStore::empty();
        for root in pki.system_bundle().expect("bundle") {
            roots.add(root).expect("a root");
        }
        let clock = Arc::new(SimClock::new(Wall(START)));
        let ticketer = Arc::new(Ticketer::new(
            Seed(case.seed),
            HOST,
            clock.clone(),
            TICKET_LIFETIME_SECS,
        ));
        let mut crypto = CryptoProvider::clone(&provider(case.tier));
        crypto.kx_groups.retain(|group| group.name() == case.group);
        let crypto = Arc::new(crypto);

        let mut client = ClientConfig::builder_with_details(crypto.clone(), clock.clone())
            .with_protocol_versions(&[case.version])
            .expect("a version")
            .with_root_certificates(roots)
            .with_no_client_auth();
        client.resumption = Resumption::in_memory_sessions(16);
        let mut server = ServerConfig::builder_with_details(crypto, clock.clone())
            .with_protocol_versions(&[case.version])
            .expect("a version")
            .with_client_cert_verifier(WebPkiClientVerifier::no_client_auth())
            .with_cert_resolver(Arc::new(OneCert(Arc::new(chain.certified_key()))));
        server.session_storage = Arc::new(NoServerSessionStorage {});
        match case.server {
            Remembers::Nothing => {}
            Remembers::Tickets => server.ticketer = ticketer.clone(),
            Remembers::Ids => server.session_storage = ServerSessionMemoryCache::new(16),
        }
        Pair {
            case,
            clock,
            ticketer,
            client: Arc::new(client),
            server: Arc::new(server),
            met: 0,
        }
    }

    fn meet(&mut self) -> Meeting {
        self.met += 1;
        let seed = Seed(self.case.seed);
        let stream = |purpose| Some(Box::new(seed.stream(purpose, self.met)));
        self.meet_over(stream(Purpose::ClientTls), stream(Purpose::ServerTls))
            .expect("handshake")
    }

    fn meet_over(
        &self,
        mut client_stream: Option<Box<Stream>>,
        mut server_stream: Option<Box<Stream>>,
    ) -> Result<Meeting, Error> {
        let host = ServerName::try_from(HOST).expect("a name");
        let mut client = scope(&mut client_stream, || {
            ClientConnection::new(self.client.clone(), host)
        })?;
        let mut server = scope(&mut server_stream, || {
            ServerConnection::new(self.server.clone())
        })?;
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        let mut closing = false;
        loop {
            let flight = scope(&mut client_stream, || written(&mut client));
            let answer = scope(&mut server_stream, || {
                read(&mut server, &flight, self.case.slice)?;
                Ok::<_, Error>(written(&mut server))
            })?;
            scope(&mut client_stream, || {
                read(&mut client, &answer, self.case.slice)
            })?;
            let silent = flight.is_empty() && answer.is_empty();
            to_server.extend(flight);
            to_client.extend(answer);
            if silent && closing {
                break;
            }
            if silent {
                closing = true;
                client.send_close_notify();
                server.send_close_notify();
            }
        }
        assert!(!client.is_handshaking() && !server.is_handshaking());
        Ok(Meeting {
            kind: client.handshake_kind().expect("a kind"),
            // A session resumed in TLS 1.2 exchanges no keys.
            group: client
                .negotiated_key_exchange_group()
                .map_or(self.case.group, |group| group.name()),
            to_server,
            to_client,
        })
    }
}

fn written<S>(end: &mut rustls::ConnectionCommon<S>) -> Vec<u8> {
    let mut flight = Vec::new();
    while end.wants_write() {
        end.write_tls(&mut flight).expect("a vector takes all");
    }
    flight
}

fn read<S: rustls::SideData>(
    end: &mut rustls::ConnectionCommon<S>,
    flight: &[u8],
    slice: usize,
) -> Result<(), Error> {
    for mut part in flight.chunks(if slice == 0 { usize::MAX } else { slice }) {
        while !part.is_empty() {
            end.read_tls(&mut part).expect("a slice is read");
            end.process_new_packets()?;
        }
    }
    Ok(())
}

/// Two meetings, and the digest of all their bytes.
fn run(case: Case) -> ([HandshakeKind; 2], String) {
    let mut pair = Pair::new(case);
    let meetings = [pair.meet(), pair.meet()];
    let mut hash = Sha256::new();
    for meeting in &meetings {
        assert_eq!(meeting.group, case.group, "{case:?}");
        for bytes in [&meeting.to_server, &meeting.to_client] {
            hash.update(bytes.len().to_be_bytes());
            hash.update(bytes);
        }
    }
    let digest = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    (meetings.map(|meeting| meeting.kind), digest)
}

#[test]
fn the_same_seed_gives_the_same_bytes_however_they_are_sliced() {
    for case in Case::matrix() {
        let whole = run(case);
        for slice in [0, 1, 7] {
            assert_eq!(run(Case { slice, ..case }), whole, "{case:?} by {slice}");
        }
        assert_ne!(run(Case { seed: 2, ..case }).1, whole.1, "{case:?}");
    }
}

#[test]
fn the_second_handshake_resumes_if_the_server_remembers() {
    for case in Case::matrix() {
        let second = match case.server {
            Remembers::Nothing => HandshakeKind::Full,
            Remembers::Tickets | Remembers::Ids => HandshakeKind::Resumed,
        };
        assert_eq!(run(case).0, [HandshakeKind::Full, second], "{case:?}");
    }
}

#[test]
fn every_key_and_every_group_is_repeatable() {
    for version in [&TLS13, &TLS12] {
        for key in [KeyKind::Ed25519, KeyKind::EcdsaP256, KeyKind::Rsa2048] {
            for group in [NamedGroup::X25519, NamedGroup::secp256r1] {
                // Generating RSA keys takes long, and the group has no part in it.
                if key == KeyKind::Rsa2048 && group != NamedGroup::X25519 {
                    continue;
                }
                let case = Case {
                    key,
                    group,
                    ..Case::new(version, Remembers::Tickets)
                };
                assert_eq!(run(case), run(case), "{case:?}");
            }
        }
    }
}

#[test]
fn the_system_tier_is_not_repeatable() {
    let case = Case {
        tier: Tier::System,
        ..Case::new(&TLS13, Remembers::Nothing)
    };
    assert_ne!(run(case).1, run(case).1);
}

#[test]
fn without_a_stream_nothing_begins_and_nothing_is_answered() {
    for version in [&TLS13, &TLS12] {
        let pair = Pair::new(Case::new(version, Remembers::Nothing));
        let stream = |purpose| Some(Box::new(Seed(1).stream(purpose, 1)));
        assert_eq!(
            pair.meet_over(None, stream(Purpose::ServerTls)),
            Err(Error::FailedToGetRandomBytes)
        );
        assert_eq!(
            pair.meet_over(stream(Purpose::ClientTls), None),
            Err(Error::FailedToGetRandomBytes)
        );
    }
}

#[test]
fn a_server_that_forgot_its_keys_starts_afresh() {
    for version in [&TLS13, &TLS12] {
        let mut pair = Pair::new(Case::new(version, Remembers::Tickets));
        assert_eq!(pair.meet().kind, HandshakeKind::Full);
        assert_eq!(pair.meet().kind, HandshakeKind::Resumed);
        pair.ticketer.forget_keys();
        assert_eq!(pair.meet().kind, HandshakeKind::Full);
        assert_eq!(pair.meet().kind, HandshakeKind::Resumed);
    }
}

#[test]
fn a_ticket_is_good_for_its_lifetime_of_simulated_time() {
    for version in [&TLS13, &TLS12] {
        for (age, kind) in [(1, HandshakeKind::Resumed), (2, HandshakeKind::Full)] {
            let mut pair = Pair::new(Case::new(version, Remembers::Tickets));
            assert_eq!(pair.meet().kind, HandshakeKind::Full);
            let age_secs = age * u64::from(TICKET_LIFETIME_SECS) - 1;
            pair.clock.set(Wall(START + age_secs));
            assert_eq!(pair.meet().kind, kind, "{version:?} after {age_secs} s");
        }
    }
}

const DIGESTS: &str = "MTA_SIM_PRINT_DIGESTS";

#[test]
fn another_process_gives_the_same_bytes() {
    let mut digests = String::new();
    for case in Case::matrix() {
        digests.push_str(&format!("digest {}\n", run(case).1));
    }
    if std::env::var_os(DIGESTS).is_some() {
        println!("\n{digests}");
        return;
    }
    let output = Command::new(std::env::current_exe().expect("this test"))
        .args([
            "--exact",
            "another_process_gives_the_same_bytes",
            "--nocapture",
        ])
        .env(DIGESTS, "1")
        .output()
        .expect("run");
    let printed = String::from_utf8(output.stdout).expect("text");
    let theirs: String = printed
        .lines()
        .filter(|line| line.starts_with("digest "))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(theirs, digests);
}
