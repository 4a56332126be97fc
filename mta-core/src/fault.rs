//! Faults, sorted by who has to change something.
//!
//! Nothing that a peer can cause is an error of the core: it becomes a [`Fault`] in an event and in an
//! outcome. A driver's mistake is an assertion.

use std::fmt;

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
