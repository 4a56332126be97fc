//! The kinds of delivery that are measured.

use mta_sim::peer::TlsVersion;

/// A kind of delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    /// Without TLS.
    Plaintext,
    /// Inside TLS.
    Tls(Tls),
}

/// A kind of TLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tls {
    /// The only version that the peer speaks.
    pub(crate) version: TlsVersion,
    /// Whether a session is resumed, by ticket.
    pub(crate) resumed: bool,
    /// Whether the client offers this version alone, too. If not it offers TLS 1.3 and 1.2, and makes a key for 1.3.
    pub(crate) only: bool,
}

impl Tls {
    /// Every kind: a full handshake, then the resumed one.
    pub(crate) const ALL: [Tls; 6] = [
        Tls::of(TlsVersion::Tls13, false, false),
        Tls::of(TlsVersion::Tls13, true, false),
        Tls::of(TlsVersion::Tls12, false, true),
        Tls::of(TlsVersion::Tls12, true, true),
        Tls::of(TlsVersion::Tls12, false, false),
        Tls::of(TlsVersion::Tls12, true, false),
    ];

    const fn of(version: TlsVersion, resumed: bool, only: bool) -> Tls {
        Tls {
            version,
            resumed,
            only,
        }
    }

    /// Its name, in tables and on command lines.
    pub(crate) const fn name(self) -> &'static str {
        match (self.version, self.resumed, self.only) {
            (TlsVersion::Ssl3 | TlsVersion::Tls10 | TlsVersion::Tls11, ..) => "not-measured",
            (TlsVersion::Tls13, false, _) => "full-1.3",
            (TlsVersion::Tls13, true, _) => "resumed-1.3",
            (TlsVersion::Tls12, false, true) => "full-1.2",
            (TlsVersion::Tls12, true, true) => "resumed-1.2",
            (TlsVersion::Tls12, false, false) => "full-1.2-of-both",
            (TlsVersion::Tls12, true, false) => "resumed-1.2-of-both",
        }
    }
}

impl Mode {
    /// Every kind.
    pub(crate) fn all() -> impl Iterator<Item = Mode> {
        std::iter::once(Mode::Plaintext).chain(Tls::ALL.map(Mode::Tls))
    }

    /// Its name, in tables and on command lines.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Mode::Plaintext => "plaintext",
            Mode::Tls(tls) => tls.name(),
        }
    }
}
