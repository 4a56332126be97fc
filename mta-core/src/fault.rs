//! Faults, sorted by who has to change something.
//!
//! Nothing that a peer can cause is an error of the core: it becomes a [`Fault`] in an event and in an
//! outcome. A driver's mistake is an assertion.

use std::fmt;
use std::sync::Arc;

/// Why an attempt did not go as wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Our own side is to be changed: our configuration, our certificate, our services.
    Own(OwnFault),
    /// The peer broke a rule, or said no.
    Peer(PeerFault),
    /// The peer was fine; our policy said no.
    Policy(PolicyFault),
    /// The network let go.
    Network(NetworkFault),
}

impl Fault {
    /// Whose side it is on, in a word that does not change: `own`, `peer`, `policy`, `network`.
    pub const fn side(&self) -> &'static str {
        match self {
            Fault::Own(_) => "own",
            Fault::Peer(_) => "peer",
            Fault::Policy(_) => "policy",
            Fault::Network(_) => "network",
        }
    }

    /// Which it is, in words that do not change: the variant's name, such as `starttls-refused`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Fault::Own(fault) => fault.name(),
            Fault::Peer(fault) => fault.name(),
            Fault::Policy(fault) => fault.name(),
            Fault::Network(fault) => fault.name(),
        }
    }

    /// Who is to blame for a handshake that failed. A server that complains of a certificate means ours, if we
    /// `show_one`.
    pub(crate) fn of_handshake(fault: HandshakeFault, show_one: bool) -> Fault {
        match fault {
            HandshakeFault::NoProtocols => Fault::Own(OwnFault::Protocols),
            HandshakeFault::AlertReceived(CERTIFICATE_REQUIRED) => {
                Fault::Own(OwnFault::NoCertificate)
            }
            HandshakeFault::AlertReceived(
                number @ (BAD_CERTIFICATE..=CERTIFICATE_UNKNOWN | UNKNOWN_CA),
            ) if show_one => Fault::Own(OwnFault::CertificateRefused(number)),
            HandshakeFault::Closed
            | HandshakeFault::Reset
            | HandshakeFault::TimedOut
            | HandshakeFault::AlertReceived(_)
            | HandshakeFault::NotTls
            | HandshakeFault::UnsupportedVersion
            | HandshakeFault::NoCommonParameters
            | HandshakeFault::LegacyProtocol
            | HandshakeFault::UnexpectedMessage
            | HandshakeFault::BadRecordMac
            | HandshakeFault::BadSignature
            | HandshakeFault::Other(_) => Fault::Peer(PeerFault::Handshake(fault)),
        }
    }
}

/// `own: no-engine`
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.side(), self.kind())
    }
}

/// RFC 8446 §6.2: what the other side does not like about a certificate.
const BAD_CERTIFICATE: u8 = 42;
const CERTIFICATE_UNKNOWN: u8 = 46;
const UNKNOWN_CA: u8 = 48;
const CERTIFICATE_REQUIRED: u8 = 116;

/// What is to be changed on our own side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnFault {
    /// TLS is required and the engine could not be set up.
    NoEngine,
    /// Our list of protocols leaves none, or is invalid.
    Protocols,
    /// Our settings leave no cipher, or are invalid.
    Ciphers,
    /// `tlsproxy_service_name` names a service that is not there.
    NoProxy,
    /// The server asks for a certificate, and we have none.
    NoCertificate,
    /// The server does not like our certificate: the alert that it sent (RFC 8446 §6.2).
    CertificateRefused(u8),
    /// What main.cf or a table says of TLS at the destination is invalid.
    TlsPolicy,
    /// `smtp_requiretls_policy` is invalid.
    RequireTlsPolicy,
    /// TLS comes first, at a level that does not ask for TLS (`smtp_tls_wrappermode`).
    Wrappermode,
    /// A lookup table has no answer.
    Table,
    /// The relay that main.cf names cannot be found.
    Relay,
    /// The next hop cannot be read.
    NextHop,
    /// Mail is sent to a service that delivers none (error(8)).
    Routed,
    /// No route can be found.
    NoRoute,
    /// master.cf has no such service.
    NoService,
    /// The delivery agent died at its work.
    AgentDied,
    /// The server does not take our name and password.
    LoginRefused,
}

impl OwnFault {
    const fn name(self) -> &'static str {
        match self {
            OwnFault::NoEngine => "no-engine",
            OwnFault::Protocols => "protocols",
            OwnFault::Ciphers => "ciphers",
            OwnFault::NoProxy => "no-proxy",
            OwnFault::NoCertificate => "no-certificate",
            OwnFault::CertificateRefused(_) => "certificate-refused",
            OwnFault::TlsPolicy => "tls-policy",
            OwnFault::RequireTlsPolicy => "require-tls-policy",
            OwnFault::Wrappermode => "wrappermode",
            OwnFault::Table => "table",
            OwnFault::Relay => "relay",
            OwnFault::NextHop => "next-hop",
            OwnFault::Routed => "routed",
            OwnFault::NoRoute => "no-route",
            OwnFault::NoService => "no-service",
            OwnFault::AgentDied => "agent-died",
            OwnFault::LoginRefused => "login-refused",
        }
    }
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
    /// It takes no message of this size (RFC 1870).
    SizeLimit {
        /// Its limit, in bytes.
        limit: u64,
    },
    /// DNS does not know the name, or no record of the kind.
    NotInDns,
    /// It says that it takes no mail (RFC 7505).
    NullMx,
    /// What it says in a login makes no sense, or it does not know the password itself.
    Login,
}

impl PeerFault {
    const fn name(&self) -> &'static str {
        match self {
            PeerFault::Refused { .. } => "refused",
            PeerFault::Handshake(fault) => fault.name(),
            PeerFault::LacksSmtputf8 => "lacks-smtputf8",
            PeerFault::SizeLimit { .. } => "size-limit",
            PeerFault::NotInDns => "not-in-dns",
            PeerFault::NullMx => "null-mx",
            PeerFault::Login => "login",
        }
    }
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

impl HandshakeFault {
    const fn name(&self) -> &'static str {
        match self {
            HandshakeFault::Closed => "handshake-closed",
            HandshakeFault::Reset => "handshake-reset",
            HandshakeFault::TimedOut => "handshake-timed-out",
            HandshakeFault::AlertReceived(_) => "handshake-alert-received",
            HandshakeFault::NotTls => "handshake-not-tls",
            HandshakeFault::UnsupportedVersion => "handshake-unsupported-version",
            HandshakeFault::NoCommonParameters => "handshake-no-common-parameters",
            HandshakeFault::NoProtocols => "handshake-no-protocols",
            HandshakeFault::LegacyProtocol => "handshake-legacy-protocol",
            HandshakeFault::UnexpectedMessage => "handshake-unexpected-message",
            HandshakeFault::BadRecordMac => "handshake-bad-record-mac",
            HandshakeFault::BadSignature => "handshake-bad-signature",
            HandshakeFault::Other(_) => "handshake-other",
        }
    }
}

/// What our policy asked for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyFault {
    /// TLS is required and STARTTLS was not offered.
    StartTlsNotOffered,
    /// TLS is required and STARTTLS was refused.
    StartTlsRefused,
    /// The server did not prove to be the one that the policy asks for.
    NotVerified,
    /// The server goes by our own name.
    LoopsBack,
    /// The sender asks for REQUIRETLS, and that cannot be promised here.
    RequireTlsUnmet,
    /// The level is `dane-only`, and there are no TLSA records that can be used, or no DNSSEC.
    NoTlsaRecords,
    /// The domain's MTA-STS policy does not name the server (RFC 8461 §4.1).
    MxNotInPolicy,
    /// There is no server that may be tried.
    NoServer,
    /// No way to log in is both offered and permitted (`smtp_sasl_security_options`, `smtp_sasl_mechanism_filter`).
    NoMechanism,
}

impl PolicyFault {
    const fn name(self) -> &'static str {
        match self {
            PolicyFault::StartTlsNotOffered => "starttls-not-offered",
            PolicyFault::StartTlsRefused => "starttls-refused",
            PolicyFault::NotVerified => "not-verified",
            PolicyFault::LoopsBack => "loops-back",
            PolicyFault::RequireTlsUnmet => "require-tls-unmet",
            PolicyFault::NoTlsaRecords => "no-tlsa-records",
            PolicyFault::MxNotInPolicy => "mx-not-in-policy",
            PolicyFault::NoServer => "no-server",
            PolicyFault::NoMechanism => "no-mechanism",
        }
    }
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
    /// DNS gave no answer.
    NoAnswer,
}

impl NetworkFault {
    const fn name(self) -> &'static str {
        match self {
            NetworkFault::Refused => "refused",
            NetworkFault::TimedOut => "timed-out",
            NetworkFault::Unreachable => "unreachable",
            NetworkFault::Reset => "reset",
            NetworkFault::Closed => "closed",
            NetworkFault::NoAnswer => "no-answer",
        }
    }
}

/// The text of `strerror(3)`, or `hstrerror(3)`, as Postfix logs it.
impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NetworkFault::Refused => "Connection refused",
            NetworkFault::TimedOut => "Connection timed out",
            NetworkFault::Unreachable => "No route to host",
            NetworkFault::Reset => "Connection reset by peer",
            NetworkFault::Closed => "lost connection",
            NetworkFault::NoAnswer => "Host not found, try again",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_of_our_own_certificate_are_ours() {
        let blame = |number, show_one| {
            Fault::of_handshake(HandshakeFault::AlertReceived(number), show_one).to_string()
        };
        for (number, show_one, blamed) in [
            (42, true, "own: certificate-refused"),
            (42, false, "peer: handshake-alert-received"),
            (46, true, "own: certificate-refused"),
            (47, true, "peer: handshake-alert-received"),
            (48, true, "own: certificate-refused"),
            (116, false, "own: no-certificate"),
            (40, true, "peer: handshake-alert-received"),
        ] {
            assert_eq!(blame(number, show_one), blamed, "{number}");
        }
        let ours = Fault::of_handshake(HandshakeFault::NoProtocols, false);
        assert_eq!(ours, Fault::Own(OwnFault::Protocols));
    }
}
