//! A plain rustls client in memory: a sender's TLS, to meet a peer with.

use std::io::{Read, Write};
use std::sync::Mutex;

use rustls::client::{ClientConnection, Tls13ClientSessionValue};
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
};
use rustls::pki_types::ServerName;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, NamedGroup, RootCertStore};

use super::*;
use crate::crypto::scope;
use crate::seed::{Purpose, Stream};

/// A sender's TLS, over several connections.
pub(super) struct Client {
    config: Arc<ClientConfig>,
    store: Arc<Counting>,
    connections: u64,
}

/// What one connection came to.
pub(super) struct Met {
    pub(super) talk: Talk,
    pub(super) tls: ClientConnection,
    pub(super) stream: Option<Box<Stream>>,
    /// Why the client gave up, if it did.
    pub(super) error: Option<rustls::Error>,
    pub(super) tickets: usize,
    pub(super) wire: Vec<u8>,
    pub(super) slice: usize,
}

impl Client {
    pub(super) fn new() -> Client {
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

    /// With a certificate of its own, for peers that ask for one.
    pub(super) fn with_certificate(mut self) -> Client {
        let minted = spec("")
            .tls
            .mint(&mut Pki::new(Seed(3), START), &Owner::host("client.test"));
        let own = Arc::new(minted.expect("minted").shown.certified_key());
        let config = Arc::get_mut(&mut self.config).expect("no connection has it");
        config.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(own));
        self
    }

    /// Connects, asks for TLS and shakes hands as far as it goes.
    pub(super) fn meet(&mut self, peer: &mut Peer, slice: usize) -> Met {
        self.meet_saying(peer, b"STARTTLS\r\n", slice)
    }

    pub(super) fn meet_saying(&mut self, peer: &mut Peer, starttls: &[u8], slice: usize) -> Met {
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
        let before = *self.store.tickets.lock().unwrap();
        let mut met = self.begin(talk, slice);
        met.pump();
        met.tickets = *self.store.tickets.lock().unwrap() - before;
        met
    }

    /// A client that has not said anything of TLS yet.
    pub(super) fn begin(&self, talk: Talk, slice: usize) -> Met {
        let mut stream = Some(Box::new(
            Seed(2).stream(Purpose::ClientTls, self.connections),
        ));
        let name = ServerName::try_from(HOST).expect("a name");
        let tls = scope(&mut stream, || {
            ClientConnection::new(self.config.clone(), name)
        })
        .expect("a client");
        Met {
            talk,
            tls,
            stream,
            error: None,
            tickets: 0,
            wire: Vec::new(),
            slice,
        }
    }
}

impl Met {
    /// Carries bytes both ways until nobody has more to say.
    pub(super) fn pump(&mut self) {
        loop {
            let out = self.written();
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

    /// What the client's TLS has to send.
    pub(super) fn written(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        scope(&mut self.stream, || {
            while self.tls.wants_write() {
                self.tls.write_tls(&mut out).expect("into a vector");
            }
        });
        out
    }

    pub(super) fn say(&mut self, text: &[u8]) -> String {
        self.tls.writer().write_all(text).expect("room");
        self.pump();
        let mut heard = Vec::new();
        let _ = self.tls.reader().read_to_end(&mut heard);
        String::from_utf8(heard).unwrap().replace("\r\n", "\n")
    }

    pub(super) fn line(&self) -> String {
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
