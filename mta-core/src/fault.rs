//! Faults, sorted by who has to change something.
//!
//! Nothing that a peer can cause is an error of the core: it becomes a [`Fault`] in an event and in an
//! outcome. A driver's mistake is an assertion.

use std::fmt;
use std::sync::Arc;

/// Why an attempt at a host did not go as wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The peer broke a rule, or said no.
    Peer(PeerFault),
    /// The peer was fine; our policy said no.
    Policy(PolicyFault),
    /// The network let go.
    Network(NetworkFault),
}

/// A rule that the peer broke, or its refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerFault {
    /// A reply that ends this host's turn: code, as the peer gave it.
    Refused {
        /// The reply's three digits.
        code: u16,
    },
    /// The TLS handshake failed.
    Handshake(HandshakeFault),
    /// It does not offer SMTPUTF8, and the message needs it.
    LacksSmtputf8,
}

/// How a TLS handshake failed, as far as the client can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandshakeFault {
    /// The peer closed the connection in the middle of it.
    Closed,
    /// The connection was reset in the middle of it.
    Reset,
    /// It took longer than `smtp_starttls_timeout`.
    TimedOut,
    /// The peer sent a fatal alert: its number (RFC 8446 §6).
    AlertReceived(u8),
    /// What came was not TLS: wrong record type or version.
    NotTls,
    /// The peer answered with a protocol version that we do not speak.
    UnsupportedVersion,
    /// The peer chose parameters that were not offered, or none in common are left.
    NoCommonParameters,
    /// Our own list of protocols leaves none.
    NoProtocols,
    /// The server has no TLS above 1.1. OpenSSL takes its choice, and finds at security level 1 that the signature that
    /// goes with it is too weak.
    LegacyProtocol,
    /// A handshake message came out of turn.
    UnexpectedMessage,
    /// A record did not decrypt.
    BadRecordMac,
    /// A signature in the handshake did not verify.
    BadSignature,
    /// Anything else the TLS engine refused, in its own words.
    Other(String),
}

/// What our policy asked for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyFault {
    /// TLS is required and STARTTLS was not offered.
    StartTlsNotOffered,
    /// TLS is required and STARTTLS was refused.
    StartTlsRefused,
    /// TLS is required and the engine could not be set up.
    EngineUnavailable,
    /// The server did not prove to be the one that the policy asks for.
    NotVerified,
    /// The server goes by our own name.
    LoopsBack,
    /// The sender asks for REQUIRETLS, and that cannot be promised here.
    RequireTlsUnmet,
}

/// What the network did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFault {
    /// The connection was refused (ECONNREFUSED).
    Refused,
    /// No answer to the connection request (ETIMEDOUT).
    TimedOut,
    /// No route (EHOSTUNREACH).
    Unreachable,
    /// The connection was reset (ECONNRESET).
    Reset,
    /// The peer closed the connection where something was still owed.
    Closed,
}

/// The text of `strerror(3)`, as Postfix logs it.
impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NetworkFault::Refused => "Connection refused",
            NetworkFault::TimedOut => "Connection timed out",
            NetworkFault::Unreachable => "No route to host",
            NetworkFault::Reset => "Connection reset by peer",
            NetworkFault::Closed => "lost connection",
        })
    }
}

/// What is wrong with a chain. The number is OpenSSL's `X509_V_ERR_…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainFault {
    /// 18: the leaf is its own issuer, and not trusted.
    SelfSignedLeaf,
    /// 19: the chain ends in a self-signed certificate that is not trusted.
    SelfSignedInChain {
        /// Its name.
        issuer: Arc<str>,
    },
    /// 20: an issuer is nowhere to be found.
    IssuerUnknown {
        /// Its name.
        issuer: Arc<str>,
    },
    /// 2: a trusted certificate's own issuer is nowhere to be found.
    IssuerOfTrustedUnknown,
    /// 22: more certificates than `smtp_tls_scert_verifydepth` allows.
    TooLong {
        /// OpenSSL's limit.
        limit: usize,
    },
    /// 9: not yet valid.
    NotYetValid,
    /// 10: no longer valid.
    Expired,
    /// 26: not for a server.
    WrongPurpose,
    /// 79: an issuer that may not issue.
    NotAnAuthority,
    /// 25: more certificates below an issuer than it allows.
    PathLengthExceeded,
    /// 47: an issuer permits other names only.
    NotPermitted,
    /// 48: an issuer may not give this name.
    Excluded,
    /// 7: a signature does not verify.
    BadSignature,
    /// 4 or 6: a certificate that cannot be read, or a key that is not known.
    Unreadable,
    /// 62: it is for other names.
    OtherName,
    /// 65: no TLSA record, fingerprint or trust anchor matches.
    NoMatch,
    /// 1: there is nothing that it could match.
    NothingToMatch,
    /// 1: whoever fetched the policy says that it failed, in the words of RFC 8460 §4.3.
    PolicyFailure(Arc<str>),
}

impl ChainFault {
    /// OpenSSL's number.
    pub const fn number(&self) -> u8 {
        match self {
            ChainFault::SelfSignedLeaf => 18,
            ChainFault::SelfSignedInChain { .. } => 19,
            ChainFault::IssuerUnknown { .. } => 20,
            ChainFault::IssuerOfTrustedUnknown => 2,
            ChainFault::TooLong { .. } => 22,
            ChainFault::NotYetValid => 9,
            ChainFault::Expired => 10,
            ChainFault::WrongPurpose => 26,
            ChainFault::NotAnAuthority => 79,
            ChainFault::PathLengthExceeded => 25,
            ChainFault::NotPermitted => 47,
            ChainFault::Excluded => 48,
            ChainFault::BadSignature => 7,
            ChainFault::Unreadable => 6,
            ChainFault::OtherName => 62,
            ChainFault::NoMatch => 65,
            ChainFault::NothingToMatch | ChainFault::PolicyFailure(_) => 1,
        }
    }
}

/// OpenSSL's words for it, or Postfix's where it has its own.
impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChainFault::SelfSignedLeaf => f.write_str("self-signed certificate"),
            ChainFault::SelfSignedInChain { issuer } | ChainFault::IssuerUnknown { issuer } => {
                write!(f, "untrusted issuer {issuer}")
            }
            ChainFault::IssuerOfTrustedUnknown => f.write_str("unable to get issuer certificate"),
            ChainFault::TooLong { limit } => {
                write!(f, "certificate chain longer than limit({limit})")
            }
            ChainFault::NotYetValid => f.write_str("certificate not yet valid"),
            ChainFault::Expired => f.write_str("certificate has expired"),
            ChainFault::WrongPurpose => {
                f.write_str("not designated for use as a server certificate")
            }
            ChainFault::NotAnAuthority => f.write_str("invalid CA certificate"),
            ChainFault::PathLengthExceeded => f.write_str("path length constraint exceeded"),
            ChainFault::NotPermitted => f.write_str("permitted subtree violation"),
            ChainFault::Excluded => f.write_str("excluded subtree violation"),
            ChainFault::BadSignature => f.write_str("certificate signature failure"),
            ChainFault::Unreadable => f.write_str("unable to decode issuer public key"),
            ChainFault::OtherName => f.write_str("hostname mismatch"),
            ChainFault::NoMatch => f.write_str("no matching DANE TLSA records"),
            ChainFault::NothingToMatch => f.write_str("unspecified certificate verification error"),
            ChainFault::PolicyFailure(what) => write!(f, "external policy failure ({what})"),
        }
    }
}
