//! The floor: two ends of rustls in memory, one handshake and the records of one delivery, and nothing else.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use mta_sim::crypto::{SimClock, Ticketer, Tier, provider, scope};
use mta_sim::peer::{Owner, TlsSpec, TlsVersion};
use mta_sim::pki::Pki;
use mta_sim::seed::{Purpose, Seed, Stream};
use mta_sim::world::WORLD_START;
use rustls::client::{ClientSessionStore, Resumption, WebPkiServerVerifier};
use rustls::pki_types::ServerName;
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
};

use super::Tls;
use super::dialogue::{Exchange, inside_tls};

/// The name in the certificate, as the MX host of the measured world has it.
const HOST: &str = "mx1.example.test";
const SEED: Seed = Seed(1);

/// Two configurations as sender and peer have them: the same provider, versions, chain, tickets and checks.
pub(crate) struct Bare {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    name: ServerName<'static>,
    exchanges: Vec<Exchange>,
    resumed: bool,
    number: u64,
    wire: Vec<u8>,
    plain: Vec<u8>,
}

impl Bare {
    /// Both ends for `tls`, after the one full handshake that resumed ones rest on.
    pub(crate) fn new(tls: Tls) -> Self {
        let resumption = if tls.resumed {
            Resumption::in_memory_sessions(16)
        } else {
            Resumption::disabled()
        };
        Bare::with(tls, resumption)
    }

    /// Both ends, with a store of one's own for the client's sessions.
    pub(crate) fn storing_in(tls: Tls, store: Arc<dyn ClientSessionStore>) -> Self {
        Bare::with(tls, Resumption::store(store))
    }

    fn with(tls: Tls, resumption: Resumption) -> Self {
        let clock = Arc::new(SimClock::new(WORLD_START.wall()));
        let mut bare = Bare {
            client: client_config(tls, &clock, resumption),
            server: server_config(tls, &clock),
            name: HOST.try_into().expect("a good name"),
            exchanges: inside_tls(tls),
            resumed: false,
            number: 0,
            wire: Vec::new(),
            plain: Vec::new(),
        };
        bare.next();
        bare.resumed = tls.resumed;
        bare
    }

    /// One connection, from the first hello to the close_notify of either end.
    pub(crate) fn next(&mut self) {
        self.number += 1;
        let mut streams = (
            Some(Box::new(SEED.stream(Purpose::ClientTls, self.number))),
            Some(Box::new(SEED.named_stream(
                Purpose::ServerTls,
                HOST,
                self.number,
            ))),
        );
        let mut client = scope(&mut streams.0, || {
            ClientConnection::new(self.client.clone(), self.name.clone())
        })
        .expect("a client");
        let mut server = scope(&mut streams.1, || {
            ServerConnection::new(self.server.clone())
        })
        .expect("a server");
        client.set_buffer_limit(None);
        let mut pair = Pair {
            client: &mut client,
            server: &mut server,
            streams: &mut streams,
            wire: &mut self.wire,
        };
        while pair.client.is_handshaking() || pair.server.is_handshaking() {
            pair.serve();
            pair.answer();
        }
        for exchange in &self.exchanges {
            scope(&mut pair.streams.0, || {
                pair.client.writer().write_all(&exchange.client)
            })
            .expect("room");
            pair.serve();
            read(pair.server.reader(), &mut self.plain, &exchange.client);
            scope(&mut pair.streams.1, || {
                pair.server.writer().write_all(&exchange.server)
            })
            .expect("room");
            // The server's close_notify leaves with its last words.
            if std::ptr::eq(exchange, self.exchanges.last().expect("a dialogue")) {
                pair.server.send_close_notify();
            }
            pair.answer();
            read(pair.client.reader(), &mut self.plain, &exchange.server);
        }
        // Nobody reads the client's close_notify: the server is gone.
        client.send_close_notify();
        self.wire.clear();
        client.write_tls(&mut self.wire).expect("a vector");
        let kind = client.handshake_kind();
        assert_eq!(kind == Some(HandshakeKind::Resumed), self.resumed);
    }
}

struct Pair<'a> {
    client: &'a mut ClientConnection,
    server: &'a mut ServerConnection,
    streams: &'a mut (Option<Box<Stream>>, Option<Box<Stream>>),
    wire: &'a mut Vec<u8>,
}

impl Pair<'_> {
    fn serve(&mut self) {
        self.wire.clear();
        scope(&mut self.streams.0, || {
            while self.client.wants_write() {
                self.client.write_tls(self.wire).expect("a vector");
            }
        });
        let mut rest = self.wire.as_slice();
        scope(&mut self.streams.1, || {
            while !rest.is_empty() {
                self.server.read_tls(&mut rest).expect("room");
                self.server.process_new_packets().expect("good records");
            }
        });
    }

    fn answer(&mut self) {
        self.wire.clear();
        scope(&mut self.streams.1, || {
            while self.server.wants_write() {
                self.server.write_tls(self.wire).expect("a vector");
            }
        });
        let mut rest = self.wire.as_slice();
        scope(&mut self.streams.0, || {
            while !rest.is_empty() {
                self.client.read_tls(&mut rest).expect("room");
                self.client.process_new_packets().expect("good records");
            }
        });
    }
}

fn read(mut reader: rustls::Reader<'_>, plain: &mut Vec<u8>, expected: &[u8]) {
    plain.clear();
    plain.resize(expected.len(), 0);
    reader.read_exact(plain).expect("all of it");
    assert_eq!(plain, expected);
}

fn client_config(tls: Tls, clock: &Arc<SimClock>, resumption: Resumption) -> Arc<ClientConfig> {
    let provider = provider(Tier::Seeded);
    let mut roots = RootCertStore::empty();
    let bundle = pki().system_bundle().expect("the bundle can be minted");
    roots.add_parsable_certificates(bundle);
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
    let versions: &[&SupportedProtocolVersion] = if tls.only {
        &[version(tls)]
    } else {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    };
    let mut config = ClientConfig::builder_with_details(provider, clock.clone())
        .with_protocol_versions(versions)
        .expect("the provider has both")
        .with_webpki_verifier(verifier.expect("there are roots"))
        .with_no_client_auth();
    // As in the measured delivery.
    config.enable_sni = false;
    config.resumption = resumption;
    Arc::new(config)
}

fn server_config(tls: Tls, clock: &Arc<SimClock>) -> Arc<ServerConfig> {
    let spec = TlsSpec::default();
    let chain = spec
        .mint(&mut pki(), &Owner::host(HOST))
        .expect("the chain")
        .shown;
    assert_eq!(chain.certs.len(), 2, "leaf and intermediate");
    let resolver = rustls::sign::SingleCertAndKey::from(chain.certified_key());
    let mut config = ServerConfig::builder_with_details(provider(Tier::Seeded), clock.clone())
        .with_protocol_versions(&[version(tls)])
        .expect("the provider has it")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = usize::from(spec.tickets);
    let lifetime = u32::try_from(spec.ticket_lifetime.as_secs()).expect("two hours");
    config.ticketer = Arc::new(Ticketer::new(SEED, HOST, clock.clone(), lifetime));
    Arc::new(config)
}

const fn version(tls: Tls) -> &'static SupportedProtocolVersion {
    match tls.version {
        // Older versions are not measured: no session is ever made in them.
        TlsVersion::Ssl3 | TlsVersion::Tls10 | TlsVersion::Tls11 | TlsVersion::Tls12 => {
            &rustls::version::TLS12
        }
        TlsVersion::Tls13 => &rustls::version::TLS13,
    }
}

fn pki() -> Pki {
    Pki::new(SEED, WORLD_START.wall())
}
