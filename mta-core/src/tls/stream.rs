//! TLS on one connection: wire bytes in and out, plaintext in and out.

use std::io::{Read as _, Write as _};
use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::{Resumption, Tls12Resumption};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, Error, HandshakeKind};

use super::clock::ToldClock;
use super::failure::handshake_fault;
use super::offer::{Offer, Ticket};
use super::secrets::{Secret, SecretLog};
use super::signatures::{Signatures, during};
use super::{Engine, Terms, names};
use crate::event::{Cipher, KeyExchange, Protocol, ServerSignature};
use crate::fault::HandshakeFault;
use crate::time::Wall;
use crate::trust::Certificate;

/// A client's TLS connection over buffers. It may move to another thread between two calls.
pub struct TlsStream {
    connection: Box<ClientConnection>,
    /// Away while rustls is called.
    signatures: Option<Signatures>,
    offer: Arc<Offer>,
    clock: Arc<ToldClock>,
    /// Plaintext that is not yet in a record.
    unsealed: Vec<u8>,
    /// Where the secrets come up, if somebody wants them.
    secrets: Option<Arc<SecretLog>>,
    shaking_hands: bool,
    closed_by_peer: bool,
}

/// Plaintext in a full record (RFC 8446 §5.1).
const RECORD_BYTES_MAX: usize = 1 << 14;

/// How far a read came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The handshake goes on.
    ShakingHands,
    /// The handshake ended with this read.
    JustEstablished,
    /// The handshake is over.
    Established,
}

/// What a handshake agreed on.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// The protocol version.
    pub protocol: Protocol,
    /// The cipher suite.
    pub cipher: Cipher,
    /// The key exchange group.
    pub key_exchange: Option<KeyExchange>,
    /// The server's signature; nothing in a resumed handshake.
    pub signature: Option<ServerSignature>,
    /// The client's own signature, if the server asked for one and there was a key.
    pub client_signature: Option<ServerSignature>,
    /// Whether a session was resumed.
    pub resumed: bool,
    /// What the server showed, leaf first; nothing in a resumed handshake.
    pub presented: Vec<Certificate>,
}

impl TlsStream {
    /// Begins a handshake, with a session to resume if there is one. The first flight is ready to be drained. A
    /// session that is too old `now` is not offered. The secrets are kept for [`TlsStream::take_secrets`] if `secrets`
    /// says so.
    ///
    /// # Errors
    /// [`HandshakeFault`] if there is nothing to offer, or rustls cannot begin; its random source may have failed.
    pub fn start(
        engine: &Engine,
        sni: Option<&str>,
        address: IpAddr,
        ticket: Option<Ticket>,
        terms: &Arc<Terms>,
        secrets: bool,
        now: Wall,
    ) -> Result<Self, HandshakeFault> {
        let offer = Arc::new(Offer::of(ticket));
        let clock = Arc::new(ToldClock::at(now));
        let mut config = engine.configs.get(sni.is_some(), terms)?;
        config.time_provider = clock.clone();
        let tls12 = if engine.no_ticket {
            Tls12Resumption::SessionIdOnly
        } else {
            Tls12Resumption::SessionIdOrTickets
        };
        config.resumption = Resumption::store(offer.clone()).tls12_resumption(tls12);
        let secrets = secrets.then(Arc::<SecretLog>::default);
        if let Some(log) = &secrets {
            config.key_log = log.clone();
        }
        // Without SNI the name is not used at all: sessions are found by our own key.
        let name = match sni {
            Some(name) => ServerName::try_from(name.to_owned())
                .map_err(|error| HandshakeFault::Other(error.to_string()))?,
            None => ServerName::IpAddress(address.into()),
        };
        let mut signatures = Some(Signatures::none(engine.keys.clone()));
        let connection = during(&mut signatures, || {
            ClientConnection::new(Arc::new(config), name)
        });
        let mut connection =
            connection.map_err(|error| HandshakeFault::Other(error.to_string()))?;
        // A message's size is bounded where it is submitted.
        connection.set_buffer_limit(None);
        Ok(TlsStream {
            connection: Box::new(connection),
            signatures,
            offer,
            clock,
            unsealed: Vec::new(),
            secrets,
            shaking_hands: true,
            closed_by_peer: false,
        })
    }

    /// Takes wire bytes; appends what they say to `plaintext`. After an error the alert waits to be drained. Sessions that
    /// come with them are as old as `now`.
    ///
    /// # Errors
    /// The fault that ended the connection.
    pub fn read(
        &mut self,
        mut wire: &[u8],
        plaintext: &mut Vec<u8>,
        now: Wall,
    ) -> Result<Progress, HandshakeFault> {
        self.clock.set(now);
        let mut just = false;
        while !wire.is_empty() {
            // Reading from a slice fails only if rustls' buffer is full, which is the peer's doing.
            let taken = self
                .connection
                .read_tls(&mut wire)
                .map_err(|error| HandshakeFault::Other(error.to_string()))?;
            let connection = &mut self.connection;
            let state = during(&mut self.signatures, || connection.process_new_packets())
                .map_err(|error| self.fault(&error))?;
            let waiting = state.plaintext_bytes_to_read();
            if waiting > 0 {
                let old = plaintext.len();
                plaintext.resize(old + waiting, 0);
                let read = self
                    .connection
                    .reader()
                    .read(&mut plaintext[old..])
                    .unwrap_or_default();
                plaintext.truncate(old + read);
            }
            self.closed_by_peer |= state.peer_has_closed();
            if self.shaking_hands && !self.connection.is_handshaking() {
                self.shaking_hands = false;
                just = true;
            }
            if taken == 0 {
                break;
            }
        }
        Ok(match (self.shaking_hands, just) {
            (true, _) => Progress::ShakingHands,
            (false, true) => Progress::JustEstablished,
            (false, false) => Progress::Established,
        })
    }

    /// Takes plaintext, to be drained as records. What is written until then shares records, as what Postfix
    /// writes into its stream buffer does.
    pub fn write(&mut self, plaintext: &[u8]) {
        if self.unsealed.len().saturating_add(plaintext.len()) > RECORD_BYTES_MAX {
            self.seal();
        }
        if plaintext.len() < RECORD_BYTES_MAX {
            self.unsealed.extend_from_slice(plaintext);
        } else {
            // Writing to rustls' unlimited buffer cannot fail.
            let _ = self.connection.writer().write_all(plaintext);
        }
    }

    fn seal(&mut self) {
        if !self.unsealed.is_empty() {
            let _ = self.connection.writer().write_all(&self.unsealed);
            self.unsealed.clear();
        }
    }

    /// Appends the records that wait to be sent.
    pub fn drain(&mut self, wire: &mut Vec<u8>) {
        self.seal();
        while self.connection.wants_write() {
            if self.connection.write_tls(wire).is_err() {
                break;
            }
        }
    }

    /// Whether anything waits to be sent.
    pub fn wants_write(&self) -> bool {
        !self.unsealed.is_empty() || self.connection.wants_write()
    }

    /// Says that nothing more will be sent (RFC 8446 §6.1).
    pub fn close(&mut self) {
        self.seal();
        self.connection.send_close_notify();
    }

    /// Whether the peer said that it sends nothing more.
    pub const fn closed_by_peer(&self) -> bool {
        self.closed_by_peer
    }

    /// The sessions that came since the last call.
    pub fn take_tickets(&self) -> Vec<Ticket> {
        self.offer.take_collected()
    }

    /// The secrets that came up since the last call; none if they are not kept.
    pub fn take_secrets(&self) -> Vec<Secret> {
        let log = self.secrets.as_ref();
        log.map(|log| log.take()).unwrap_or_default()
    }

    /// The version that the server chose, once it has.
    pub fn protocol(&self) -> Option<Protocol> {
        self.connection.protocol_version().and_then(names::protocol)
    }

    /// What the server showed, leaf first; in a resumed handshake what it showed back then.
    pub fn presented(&self) -> Vec<Certificate> {
        self.connection
            .peer_certificates()
            .unwrap_or_default()
            .iter()
            .filter_map(|der| Certificate::read(der).ok())
            .collect()
    }

    /// What was agreed on; nothing before [`Progress::JustEstablished`].
    pub fn handshake(&self) -> Option<Handshake> {
        if self.shaking_hands {
            return None;
        }
        let resumed = self.connection.handshake_kind() == Some(HandshakeKind::Resumed);
        let presented = if resumed {
            Vec::new()
        } else {
            self.presented()
        };
        let signatures = self.signatures.as_ref()?;
        Some(Handshake {
            protocol: names::protocol(self.connection.protocol_version()?)?,
            cipher: names::cipher(self.connection.negotiated_cipher_suite()?.suite())?,
            key_exchange: self
                .connection
                .negotiated_key_exchange_group()
                .and_then(|group| names::key_exchange(group.name())),
            signature: signatures
                .server()
                .and_then(|scheme| names::signature(scheme, presented.first())),
            client_signature: signatures.client().and_then(|(scheme, key)| {
                let own = Certificate::read(key.cert.first()?).ok();
                names::signature(scheme, own.as_ref())
            }),
            resumed,
            presented,
        })
    }

    fn fault(&self, error: &Error) -> HandshakeFault {
        handshake_fault(error)
    }
}

impl std::fmt::Debug for TlsStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TlsStream(shaking_hands: {})", self.shaking_hands)
    }
}
