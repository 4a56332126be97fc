//! TLS security levels: Postfix's words, Postfix's order.

use std::fmt;
use std::str::FromStr;

/// What a policy asks of TLS, weakest first (`smtp_tls_security_level`; src/tls/tls_level.c).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// STARTTLS is never sent.
    None,
    /// Opportunistic: TLS if the peer offers it, cleartext if not.
    May,
    /// TLS or no delivery; the certificate is not looked at.
    Encrypt,
    /// As `encrypt`, and the leaf certificate or its key must be a listed one.
    Fingerprint,
    /// TLSA records are usable though the MX records are insecure. Result of a policy, never configured.
    HalfDane,
    /// Opportunistic DANE (RFC 7672).
    Dane,
    /// DANE or no delivery.
    DaneOnly,
    /// PKIX with the name of the MX host.
    Verify,
    /// PKIX with the name of the destination.
    Secure,
}

impl Level {
    /// The levels that can be configured, weakest first.
    pub const CONFIGURABLE: [Level; 8] = [
        Level::None,
        Level::May,
        Level::Encrypt,
        Level::Fingerprint,
        Level::Dane,
        Level::DaneOnly,
        Level::Verify,
        Level::Secure,
    ];

    /// The word for it in main.cf and in log lines.
    pub const fn name(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::May => "may",
            Level::Encrypt => "encrypt",
            Level::Fingerprint => "fingerprint",
            Level::HalfDane => "halfdane",
            Level::Dane => "dane",
            Level::DaneOnly => "dane-only",
            Level::Verify => "verify",
            Level::Secure => "secure",
        }
    }

    /// Postfix's number for it, as it stands in session cache keys from 3.10 on.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Whether mail waits rather than travel in cleartext.
    pub fn is_mandatory(self) -> bool {
        self > Level::May
    }

    /// Whether mail waits rather than go to a peer that did not prove who it is.
    pub fn must_match(self) -> bool {
        self > Level::Encrypt
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    /// Reads a configurable level; case does not matter (observed: case `pol-level-case`).
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Level::CONFIGURABLE
            .into_iter()
            .find(|level| level.name().eq_ignore_ascii_case(word))
            .ok_or(UnknownLevel)
    }
}

/// The word names no level that can be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLevel;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_dane_is_a_result_and_never_a_setting() {
        assert_eq!("half-dane".parse::<Level>(), Err(UnknownLevel));
        assert_eq!("halfdane".parse::<Level>(), Err(UnknownLevel));
        assert_eq!("Dane-Only".parse::<Level>(), Ok(Level::DaneOnly));
    }

    #[test]
    fn numbers_are_postfix_numbers() {
        assert_eq!(Level::None.number(), 0);
        assert_eq!(Level::HalfDane.number(), 4);
        assert_eq!(Level::Secure.number(), 8);
    }
}
