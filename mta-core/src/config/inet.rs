//! IP versions: which are in use, and which comes first.

use std::fmt;
use std::str::FromStr;

/// `inet_protocols`: the IP versions in use, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InetProtocols {
    /// Both.
    All,
    /// IPv4 only.
    Ipv4,
    /// IPv6 only.
    Ipv6,
}

/// Why a value of `inet_protocols` is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BadProtocols {
    Empty,
    Unknown(String),
}

impl InetProtocols {
    /// The words of `inet_protocols`; lower case only.
    pub const WORDS: &'static [&'static str] = &["all", "ipv4", "ipv6"];

    /// Reads a list of words (src/util/inet_proto.c).
    pub(super) fn parse(text: &str) -> Result<Self, BadProtocols> {
        let (mut v4, mut v6) = (false, false);
        for word in words(text) {
            match word {
                "all" => (v4, v6) = (true, true),
                "ipv4" => v4 = true,
                "ipv6" => v6 = true,
                _ => return Err(BadProtocols::Unknown(word.to_owned())),
            }
        }
        match (v4, v6) {
            (true, true) => Ok(InetProtocols::All),
            (true, false) => Ok(InetProtocols::Ipv4),
            (false, true) => Ok(InetProtocols::Ipv6),
            (false, false) => Err(BadProtocols::Empty),
        }
    }

    /// Whether IPv4 is in use.
    pub const fn has_ipv4(self) -> bool {
        matches!(self, InetProtocols::All | InetProtocols::Ipv4)
    }

    /// Whether IPv6 is in use.
    pub const fn has_ipv6(self) -> bool {
        matches!(self, InetProtocols::All | InetProtocols::Ipv6)
    }
}

impl fmt::Display for InetProtocols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InetProtocols::All => "all",
            InetProtocols::Ipv4 => "ipv4",
            InetProtocols::Ipv6 => "ipv6",
        })
    }
}

/// `smtp_address_preference`: which IP version is tried first among hosts of one preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressPreference {
    /// As it comes.
    Any,
    /// IPv4 first.
    Ipv4,
    /// IPv6 first.
    Ipv6,
}

impl AddressPreference {
    /// The words of `smtp_address_preference`; case does not matter.
    pub const WORDS: &'static [&'static str] = &["any", "ipv4", "ipv6"];
}

impl FromStr for AddressPreference {
    type Err = UnknownPreference;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [
            AddressPreference::Any,
            AddressPreference::Ipv4,
            AddressPreference::Ipv6,
        ]
        .into_iter()
        .find(|preference| preference.to_string().eq_ignore_ascii_case(word))
        .ok_or(UnknownPreference)
    }
}

impl fmt::Display for AddressPreference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressPreference::Any => "any",
            AddressPreference::Ipv4 => "ipv4",
            AddressPreference::Ipv6 => "ipv6",
        })
    }
}

/// The word names no address preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPreference;

/// The words of a list; separators are commas and blanks (`CHARS_COMMA_SP`).
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_a_list_in_lower_case() {
        for (text, expected) in [
            ("all", Ok(InetProtocols::All)),
            ("ipv4", Ok(InetProtocols::Ipv4)),
            ("ipv6", Ok(InetProtocols::Ipv6)),
            ("ipv4, ipv6", Ok(InetProtocols::All)),
            ("ipv6\tipv4", Ok(InetProtocols::All)),
            ("all ipv4", Ok(InetProtocols::All)),
            ("", Err(BadProtocols::Empty)),
            (" , ", Err(BadProtocols::Empty)),
            ("IPv4", Err(BadProtocols::Unknown("IPv4".to_owned()))),
            ("ipv4 ipv5", Err(BadProtocols::Unknown("ipv5".to_owned()))),
        ] {
            assert_eq!(InetProtocols::parse(text), expected, "{text:?}");
        }
        assert!(InetProtocols::All.has_ipv4() && InetProtocols::All.has_ipv6());
        assert!(!InetProtocols::Ipv4.has_ipv6() && !InetProtocols::Ipv6.has_ipv4());
    }

    #[test]
    fn the_preference_is_a_word_in_any_case() {
        assert_eq!("IPv6".parse(), Ok(AddressPreference::Ipv6));
        assert_eq!("both".parse::<AddressPreference>(), Err(UnknownPreference));
    }
}
