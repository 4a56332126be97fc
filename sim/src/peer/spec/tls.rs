//! The TLS side of a peer, as data.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::certificate::Certificate;
use super::fail::Fail;
use crate::pki::KeyKind;

/// How a peer speaks TLS. The default: TLS 1.2 and 1.3, a valid certificate, two tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether it asks for a client certificate, and goes on without.
    pub client_certificate: ClientCertificate,
    /// Tickets sent after a TLS 1.3 handshake. At most [`TICKETS_MAX`].
    pub tickets: u8,
    /// Tickets sent after a resumed TLS 1.3 handshake; absent: as many as after a full one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tickets_on_resume: Option<u8>,
    /// How long it says, and means, that a ticket is good for.
    #[serde(with = "crate::span")]
    pub ticket_lifetime: Duration,
    /// When it forgets the keys of its tickets, or its stored sessions.
    pub forget_tickets: Forget,
    /// Whether it sends a close_notify before it closes.
    pub close_notify: bool,
    /// Whether TLS begins at once, before the greeting (RFC 8314 §3).
    pub implicit: bool,
    /// How its handshakes go wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail: Option<Fail>,
    /// What it does about a client that asks for a name not in `by-name`.
    #[serde(skip_serializing_if = "UnknownName::is_usual")]
    pub unknown_name: UnknownName,
    /// Its certificates for the names that clients ask for (SNI, RFC 6066 §3), each issued to its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_name: BTreeMap<String, Certificate>,
}

/// More tickets than any server is known to send; the catalogue's largest burst.
pub const TICKETS_MAX: u8 = 64;

impl Default for TlsSpec {
    fn default() -> Self {
        TlsSpec {
            versions: vec![TlsVersion::Tls12, TlsVersion::Tls13],
            ciphers: None,
            groups: None,
            certificate: Certificate::default(),
            impostor: false,
            raw_public_key: false,
            key: KeyKind::default(),
            resume: Resume::default(),
            session_store: PeerStore::default(),
            ticket_keys: None,
            client_certificate: ClientCertificate::default(),
            tickets: 2,
            tickets_on_resume: None,
            ticket_lifetime: Duration::from_secs(7200),
            forget_tickets: Forget::default(),
            close_notify: true,
            implicit: false,
            fail: None,
            unknown_name: UnknownName::default(),
            by_name: BTreeMap::new(),
        }
    }
}

/// A protocol version that a peer can speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TlsVersion {
    /// RFC 5246.
    #[serde(rename = "1.2")]
    Tls12,
    /// RFC 8446.
    #[serde(rename = "1.3")]
    Tls13,
}

/// A cipher suite, under its IANA name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
}

/// A key exchange group, under its IANA name in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are IANA's")]
pub enum Group {
    X25519,
    Secp256r1,
    Secp384r1,
    X25519Mlkem768,
}

/// What becomes of a client that asks for a name for which its peer has no certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// When a peer forgets what makes tickets resumable.
///
/// In a file: `never`, `every-connection`, or a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Forget {
    /// Never before their lifetime is over.
    #[default]
    Never,
    /// Before each connection.
    EveryConnection,
    /// At whole multiples of this span, counted from the start of the driver.
    Every(Duration),
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
            word => Err(de::Error::unknown_variant(
                word,
                &["never", "every-connection"],
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
        }
    }
}
