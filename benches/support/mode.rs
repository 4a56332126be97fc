//! The kinds of delivery that are measured.

use sim::peer::TlsVersion;

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
}

impl Tls {
    /// Every kind.
    pub(crate) const ALL: [Tls; 4] = [
        Tls::of(TlsVersion::Tls13, false),
        Tls::of(TlsVersion::Tls13, true),
        Tls::of(TlsVersion::Tls12, false),
        Tls::of(TlsVersion::Tls12, true),
    ];

    const fn of(version: TlsVersion, resumed: bool) -> Tls {
        Tls { version, resumed }
    }

    /// Its name, in tables and on command lines.
    pub(crate) const fn name(self) -> &'static str {
        match (self.version, self.resumed) {
            (TlsVersion::Tls13, false) => "full-1.3",
            (TlsVersion::Tls13, true) => "resumed-1.3",
            (TlsVersion::Tls12, false) => "full-1.2",
            (TlsVersion::Tls12, true) => "resumed-1.2",
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
