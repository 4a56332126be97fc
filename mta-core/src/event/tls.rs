//! What is known of a TLS connection, in Postfix's and OpenSSL's words.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::policy::Tlsa;
use crate::time::Wall;

/// The first word of Postfix's summary line (src/tls/tls_misc.c).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeerStatus {
    /// The peer showed no certificate.
    Anonymous,
    /// It showed one that did not verify.
    Untrusted,
    /// The chain leads to a trusted root; names were not asked for.
    Trusted,
    /// It is the peer that the policy asks for.
    Verified,
}

impl fmt::Display for PeerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PeerStatus::Anonymous => "Anonymous",
            PeerStatus::Untrusted => "Untrusted",
            PeerStatus::Trusted => "Trusted",
            PeerStatus::Verified => "Verified",
        })
    }
}

/// The protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Tls12 => "TLSv1.2",
            Protocol::Tls13 => "TLSv1.3",
        })
    }
}

/// A cipher suite by OpenSSL's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cipher {
    /// Such as `TLS_AES_256_GCM_SHA384`, `ECDHE-RSA-AES128-GCM-SHA256`.
    pub name: &'static str,
    /// Bits of the key, used and offered alike.
    pub bits: u16,
}

/// The key exchange group, where the summary line names it (TLS 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyExchange {
    /// RFC 7748.
    X25519,
    /// NIST P-256.
    Secp256r1,
    /// NIST P-384.
    Secp384r1,
    /// X25519 with ML-KEM-768.
    X25519MlKem768,
}

/// The signature with which the server proved its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerSignature {
    /// ECDSA on NIST P-256.
    EcdsaP256,
    /// ECDSA on NIST P-384.
    EcdsaP384,
    /// ECDSA on NIST P-521.
    EcdsaP521,
    /// Ed25519; OpenSSL names no digest.
    Ed25519,
    /// RSA-PSS with a key of so many bits and a digest of so many.
    RsaPss {
        /// Bits of the key.
        key_bits: u16,
        /// Bits of the SHA-2 digest.
        digest_bits: u16,
    },
}

/// All that the summary line shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsSummary {
    /// What the certificate proved.
    pub status: PeerStatus,
    /// The protocol version.
    pub protocol: Protocol,
    /// The cipher suite.
    pub cipher: Cipher,
    /// The key exchange group.
    pub key_exchange: Option<KeyExchange>,
    /// The server's signature; that of the first handshake if the session was resumed.
    pub signature: Option<ServerSignature>,
    /// The client's own signature, if the server asked for one.
    pub client_signature: Option<ServerSignature>,
    /// Whether a session was resumed.
    pub resumed: bool,
}

/// Why the cache had nothing to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// Nothing was ever saved under this key, or it was removed.
    Absent,
    /// What was saved is older than `smtp_tls_session_cache_timeout`.
    Expired {
        /// How old.
        age: Duration,
    },
    /// A session was saved, and deliveries under way hold all its tickets.
    InUse,
    /// What was saved cannot be read.
    Unreadable,
}

/// What happened to the TLS session cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEvent {
    /// A session was looked for.
    Wanted {
        /// The key.
        key: Arc<str>,
        /// The age of the session found, or why there was none.
        found: Result<Duration, Miss>,
    },
    /// The server took it up again.
    Resumed,
    /// The server would not, and a full handshake was made.
    Refused,
    /// A TLS 1.3 ticket was read.
    TicketRead {
        /// The key under which it was saved, if it was.
        saved: Option<Arc<str>>,
    },
    /// A TLS 1.2 session was saved.
    Saved {
        /// The key.
        key: Arc<str>,
    },
    /// A session was removed after a failed handshake.
    Removed {
        /// The key.
        key: Arc<str>,
    },
}

/// What tlsproxy(8) does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyEvent {
    /// It took the connection over, to begin TLS.
    Connected,
    /// It let go of it.
    Disconnected,
}

/// One step of OpenSSL's walk over a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkStep {
    /// 0 for the leaf.
    pub depth: usize,
    /// Whether this step found no fault.
    pub ok: bool,
    /// The subject, in the one-line form `/CN=…`.
    pub subject: Arc<str>,
}

/// What OpenSSL's DANE found: a record, and the certificate that it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMatch {
    /// What stands behind the record.
    pub what: Matched,
    /// 0 for the leaf.
    pub depth: usize,
    /// The record.
    pub record: Tlsa,
}

/// What stands behind a record that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matched {
    /// A fingerprint.
    Fingerprint,
    /// A certificate or a key of `smtp_tls_trust_anchor_file`.
    TrustAnchor,
    /// A TLSA record that means the certificate at that depth.
    Certificate,
    /// A TLSA record with the key that signed the certificate at that depth.
    Signer,
}

/// Names, times and digests of a leaf certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateNames {
    /// The name that the policy accepted, if names were asked for and one was.
    pub matched: Option<Arc<str>>,
    /// The record that matched, if records were asked for and one did.
    pub record: Option<RecordMatch>,
    /// Common name of the subject, if any; else the name that was accepted.
    pub subject_cn: String,
    /// Common name of the issuer, or its organisation.
    pub issuer_cn: String,
    /// Digest of the certificate, as `AA:BB:…`.
    pub fingerprint: String,
    /// Digest of its public key, as `AA:BB:…`.
    pub key_fingerprint: String,
    /// End of validity.
    pub not_after: Wall,
}
