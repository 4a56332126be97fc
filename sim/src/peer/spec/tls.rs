//! The TLS side of a peer, as data.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::certificate::Certificate;
use super::fail::Fail;
use super::lack::Lack;
use crate::pki::KeyKind;

/// How a peer speaks TLS. The default: TLS 1.2 and 1.3, a valid certificate, two tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TlsSpec {
    /// The versions it speaks; at least one.
    pub versions: Vec<TlsVersion>,
    /// The cipher suites it speaks, best first; absent: all that its engine has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ciphers: Option<Vec<Cipher>>,
    /// The key exchange groups it speaks, best first; absent: all that its engine has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Group>>,
    /// Extensions of TLS 1.2 that it is too old for. With `versions = ["1.2"]` only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Lack>,
    /// Its certificate: a word, several, or a table.
    pub certificate: Certificate,
    /// Whether the certificate that it shows is not truly the host's: it has a key of its own. `<leaf:HOST>` in TLSA
    /// data and `<key-sha256:HOST>` in files mean the host's own, which is valid and never shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub impostor: bool,
    /// Whether it has no certificate, but shows its bare key (RFC 7250).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub raw_public_key: bool,
    /// The kind of its key.
    pub key: KeyKind,
    /// How a client may resume a session with it.
    pub resume: Resume,
    /// Which of the sessions in its own store it finds again.
    #[serde(skip_serializing_if = "PeerStore::is_whole")]
    pub session_store: PeerStore,
    /// The name of the ticket keys: peers with the same one open each other's tickets. Absent: keys of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_keys: Option<String>,
    /// How many machines share the address, each with ticket keys and a store of sessions of its own; which of them
    /// takes a connection is drawn from the seed. At most 16.
    #[serde(skip_serializing_if = "is_one")]
    pub machines: u8,
    /// Whether it asks for a client certificate, and goes on without.
    pub client_certificate: ClientCertificate,
    /// How many authorities it names when it asks for one: 600 are 60 KB. At most 640.
    #[serde(skip_serializing_if = "no_authorities")]
    pub client_authorities: u16,
    /// Tickets sent after a TLS 1.3 handshake. At most 64.
    pub tickets: u8,
    /// Tickets sent after a resumed TLS 1.3 handshake; absent: as many as after a full one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tickets_on_resume: Option<u8>,
    /// How long it says, and means, that a ticket is good for.
    #[schemars(with = "crate::span::Text")]
    #[serde(with = "crate::span")]
    pub ticket_lifetime: Duration,
    /// When its TLS 1.3 tickets leave.
    #[serde(skip_serializing_if = "TicketsSent::is_usual")]
    pub tickets_sent: TicketsSent,
    /// The least that a ticket is long; it is filled up. At most 60,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_octets: Option<u16>,
    /// How many octets of early data its tickets say that they allow (RFC 8446 §4.6.1). It takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_data: Option<u32>,
    /// How far the clock of the machine that takes a ticket is ahead of the one that made it.
    #[schemars(with = "crate::span::Text")]
    #[serde(with = "crate::span", skip_serializing_if = "Duration::is_zero")]
    pub ticket_clock_ahead: Duration,
    /// How far the age that a client says of a ticket may be off (RFC 8446 §4.2.11.1) before the ticket is ignored;
    /// absent: it is not looked at.
    #[schemars(with = "Option<crate::span::Text>")]
    #[serde(with = "crate::span::maybe", skip_serializing_if = "Option::is_none")]
    pub ticket_age_tolerance: Option<Duration>,
    /// When it forgets the keys of its tickets, or its stored sessions.
    pub forget_tickets: Forget,
    /// Whether it sends a close_notify before it closes.
    pub close_notify: bool,
    /// Whether TLS begins at once, before the greeting (RFC 8314 §3).
    pub implicit: bool,
    /// How its handshakes go wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail: Option<Fail>,
    /// How long it takes over its first flight.
    #[schemars(with = "crate::span::Text")]
    #[serde(with = "crate::span", skip_serializing_if = "Duration::is_zero")]
    pub flight_delay: Duration,
    /// What it does about a client that asks for a name not in `by-name`.
    #[serde(skip_serializing_if = "UnknownName::is_usual")]
    pub unknown_name: UnknownName,
    /// Its certificates for the names that clients ask for (SNI, RFC 6066 §3), each issued to its name. A `*` in a name
    /// stands for any text; a name without goes first.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_name: BTreeMap<String, Certificate>,
}

/// More tickets than any server is known to send; the catalogue's largest burst.
pub(crate) const TICKETS_MAX: u8 = 64;

/// The longest ticket. A NewSessionTicket has room for 65535 octets (RFC 8446 §4.6.1), a ClientHello has not: all its
/// extensions together have no more. The engine of the simulated client does not count them, and has room for one
/// handshake message of 64 KiB with all that comes along.
pub(crate) const TICKET_BYTES_MAX: u16 = 60_000;

/// More authorities have no room in a CertificateRequest (RFC 8446 §4.3.2).
pub(crate) const AUTHORITIES_MAX: u16 = 640;

/// As many machines as may share an address. Ours.
pub(crate) const MACHINES_MAX: u8 = 16;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_one(machines: &u8) -> bool {
    *machines == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn no_authorities(count: &u16) -> bool {
    *count == 0
}

impl Default for TlsSpec {
    fn default() -> Self {
        TlsSpec {
            versions: vec![TlsVersion::Tls12, TlsVersion::Tls13],
            ciphers: None,
            groups: None,
            lacks: Vec::new(),
            certificate: Certificate::default(),
            impostor: false,
            raw_public_key: false,
            key: KeyKind::default(),
            resume: Resume::default(),
            session_store: PeerStore::default(),
            ticket_keys: None,
            machines: 1,
            client_certificate: ClientCertificate::default(),
            client_authorities: 0,
            tickets: 2,
            tickets_on_resume: None,
            ticket_lifetime: Duration::from_secs(7200),
            tickets_sent: TicketsSent::default(),
            ticket_octets: None,
            early_data: None,
            ticket_clock_ahead: Duration::ZERO,
            ticket_age_tolerance: None,
            forget_tickets: Forget::default(),
            close_notify: true,
            implicit: false,
            fail: None,
            flight_delay: Duration::ZERO,
            unknown_name: UnknownName::default(),
            by_name: BTreeMap::new(),
        }
    }
}

/// A protocol version that a peer can speak.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum TlsVersion {
    /// SSL 3.0 (RFC 6101). A peer with no newer version than 1.1 answers with a ServerHello of its own, and no client
    /// of today goes on.
    #[serde(rename = "ssl3")]
    Ssl3,
    /// RFC 2246.
    #[serde(rename = "1.0")]
    Tls10,
    /// RFC 4346.
    #[serde(rename = "1.1")]
    Tls11,
    /// RFC 5246.
    #[serde(rename = "1.2")]
    Tls12,
    /// RFC 8446.
    #[serde(rename = "1.3")]
    Tls13,
}

/// A cipher suite, under its IANA name.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[expect(missing_docs, reason = "the names are IANA's")]
pub enum Cipher {
    #[serde(rename = "TLS_AES_128_GCM_SHA256")]
    TlsAes128GcmSha256,
    #[serde(rename = "TLS_AES_256_GCM_SHA384")]
    TlsAes256GcmSha384,
    #[serde(rename = "TLS_CHACHA20_POLY1305_SHA256")]
    TlsChacha20Poly1305Sha256,
    #[serde(rename = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")]
    EcdheEcdsaAes128GcmSha256,
    #[serde(rename = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")]
    EcdheEcdsaAes256GcmSha384,
    #[serde(rename = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")]
    EcdheEcdsaChacha20Poly1305Sha256,
    #[serde(rename = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")]
    EcdheRsaAes128GcmSha256,
    #[serde(rename = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")]
    EcdheRsaAes256GcmSha384,
    #[serde(rename = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")]
    EcdheRsaChacha20Poly1305Sha256,
    // No engine here has these: a peer with nothing better finds nothing in common with its clients.
    #[serde(rename = "TLS_RSA_WITH_RC4_128_SHA")]
    RsaRc4Sha,
    #[serde(rename = "TLS_RSA_WITH_3DES_EDE_CBC_SHA")]
    Rsa3desSha,
    #[serde(rename = "TLS_RSA_WITH_AES_128_CBC_SHA")]
    RsaAes128Sha,
    #[serde(rename = "TLS_RSA_WITH_AES_256_CBC_SHA")]
    RsaAes256Sha,
    #[serde(rename = "TLS_DHE_RSA_WITH_AES_128_CBC_SHA")]
    DheRsaAes128Sha,
    #[serde(rename = "TLS_DH_anon_WITH_AES_128_CBC_SHA")]
    DhAnonAes128Sha,
    #[serde(rename = "TLS_ECDH_anon_WITH_AES_256_CBC_SHA")]
    EcdhAnonAes256Sha,
}

/// A key exchange group, under its IANA name in lower case.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are IANA's")]
pub enum Group {
    X25519,
    Secp256r1,
    Secp384r1,
    X25519Mlkem768,
}

/// What becomes of a client that asks for a name for which its peer has no certificate.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownName {
    /// It sees the peer's usual certificate, as most servers do.
    #[default]
    UsualCertificate,
    /// It is sent away with the fatal alert unrecognized_name.
    Refused,
}

impl UnknownName {
    fn is_usual(&self) -> bool {
        *self == UnknownName::UsualCertificate
    }
}

/// Whether a peer asks its clients for a certificate (RFC 8446 §4.3.2).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ClientCertificate {
    /// It does not.
    #[default]
    Ignored,
    /// It takes any, and goes on without.
    Requested,
    /// It takes any, and ends the handshake without.
    Required,
}

/// How a session may be resumed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Resume {
    /// By tickets that hold the session (RFC 5077, RFC 8446 §4.6.1); a TLS 1.2 client that knows no tickets gets a session
    /// id.
    #[default]
    Tickets,
    /// From the peer's own store: by session id (RFC 5246 §7.3), at TLS 1.3 by tickets that only name it.
    SessionId,
    /// Not at all, and no ticket is sent.
    None,
}

/// Which of the sessions in a peer's own store it finds again.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PeerStore {
    /// All of them, until they are stale.
    #[default]
    Whole,
    /// Of a full TLS 1.3 handshake the one that the first ticket names, and no other: session ids and further tickets
    /// are handed out in vain (observed of OpenSSL 3.0 without stateless tickets: cache-sessionid-13).
    FirstTicket,
}

impl PeerStore {
    fn is_whole(&self) -> bool {
        *self == PeerStore::Whole
    }
}

/// When tickets leave. They are made with the handshake; what holds them back is the server's buffers.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TicketsSent {
    /// Behind the handshake.
    #[default]
    AfterHandshake,
    /// Before the first reply inside TLS, in one segment with it.
    WithFirstReply,
    /// Behind the reply to the end of the first message.
    AfterMessage,
    /// When the peer closes the connection.
    BeforeClose,
}

impl TicketsSent {
    fn is_usual(&self) -> bool {
        *self == TicketsSent::AfterHandshake
    }
}

/// When a peer forgets what makes tickets resumable.
///
/// In a file: `never`, `every-connection`, a span of time, or `at` and a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Forget {
    /// Never before their lifetime is over.
    #[default]
    Never,
    /// Before each connection.
    EveryConnection,
    /// At whole multiples of this span, counted from the start of the driver.
    Every(Duration),
    /// Once, so long after the start of the driver.
    At(Duration),
}

impl<'de> Deserialize<'de> for Forget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "never" => Ok(Forget::Never),
            "every-connection" => Ok(Forget::EveryConnection),
            word if word.starts_with(|first: char| first.is_ascii_digit()) => {
                let span = crate::span::parse(word).map_err(de::Error::custom)?;
                if span.is_zero() {
                    return Err(de::Error::custom(
                        "tickets cannot be forgotten every 0s; use every-connection",
                    ));
                }
                Ok(Forget::Every(span))
            }
            word if word.starts_with("at ") => {
                let span = crate::span::parse(word.trim_start_matches("at ").trim_start());
                span.map(Forget::At).map_err(de::Error::custom)
            }
            word => Err(de::Error::unknown_variant(
                word,
                &["never", "every-connection", "1h", "at 1h"],
            )),
        }
    }
}

impl Serialize for Forget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Forget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Forget::Never => f.write_str("never"),
            Forget::EveryConnection => f.write_str("every-connection"),
            Forget::Every(span) => f.write_str(&crate::span::show(*span)),
            Forget::At(span) => write!(f, "at {}", crate::span::show(*span)),
        }
    }
}
