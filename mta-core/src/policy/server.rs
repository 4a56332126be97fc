//! The policy that holds for a server.

use std::sync::Arc;

use super::{Level, Tlsa};

/// What is asked of TLS at one server. What is absent is as main.cf says for the level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The level.
    pub level: Level,
    /// Protocol list in the place of main.cf's.
    pub protocols: Option<Arc<str>>,
    /// Cipher grade in the place of main.cf's.
    pub grade: Option<Arc<str>>,
    /// Excluded ciphers in the place of all of main.cf's.
    pub excluded: Option<Arc<str>>,
    /// The name to say in SNI (RFC 6066 §3).
    pub sni: Option<Arc<str>>,
    /// Who must be at the other end.
    pub matching: Matching,
    /// Whether a connection with TLS stays open for other messages, in the place of main.cf's word.
    pub connection_reuse: Option<bool>,
    /// Why nobody is good enough: what whoever fetched the policy elsewhere (MTA-STS, RFC 8461) says of it, in the words
    /// of RFC 8460 §4.3.
    pub failure: Option<Arc<str>>,
}

/// Who must be at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matching {
    /// Anybody: levels up to `encrypt`.
    Anybody,
    /// Somebody with one of these names, vouched for by a trusted authority: `verify`, `secure`.
    Names {
        /// One of these.
        wanted: Arc<[Name]>,
        /// Words of the list that are invalid; reported at every handshake.
        ignored: Arc<[Arc<str>]>,
        /// These alone are trusted, in the place of CAfile and CApath (`smtp_tls_trust_anchor_file`).
        anchors: Option<Arc<[Tlsa]>>,
    },
    /// Somebody with one of these certificates or keys: `fingerprint`.
    Fingerprints(Arc<[Tlsa]>),
    /// Somebody whom one of the TLSA records means: levels of DANE.
    Tlsa {
        /// The records, as they stand in DNS.
        records: Arc<[Tlsa]>,
        /// The names that count where a record means an authority (RFC 7672 §3.2.2).
        names: Arc<[Name]>,
    },
}

impl Matching {
    /// What OpenSSL's DANE has to match, whatever stands behind it.
    pub fn records(&self) -> Option<&[Tlsa]> {
        match self {
            Matching::Anybody => None,
            Matching::Names { anchors, .. } => anchors.as_deref(),
            Matching::Fingerprints(records) | Matching::Tlsa { records, .. } => Some(records),
        }
    }

    /// The names that count.
    pub fn names(&self) -> Option<&[Name]> {
        match self {
            Matching::Anybody | Matching::Fingerprints(_) => None,
            Matching::Names { wanted: names, .. } | Matching::Tlsa { names, .. } => Some(names),
        }
    }
}

/// A name or a rule for names in a match list (postconf(5) `smtp_tls_verify_cert_match`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// This name.
    Host(Arc<str>),
    /// Any name below this one.
    Below(Arc<str>),
}

impl Policy {
    /// A policy that is a level and nothing else.
    pub const fn of(level: Level) -> Policy {
        Policy {
            level,
            protocols: None,
            grade: None,
            excluded: None,
            sni: None,
            matching: Matching::Anybody,
            connection_reuse: None,
            failure: None,
        }
    }
}
