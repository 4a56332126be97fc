//! What can be wrong with zone data, and how it is reported.

use std::fmt;

/// A mistake in zone data: where, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneError {
    /// The name as the data spells it.
    pub name: String,
    /// The field: `mx`, `delay`, …
    pub field: &'static str,
    /// The text at fault.
    pub text: String,
    /// What is wrong with it.
    pub trouble: Trouble,
}

/// ``dns `example.test`, mx `1O mx1.example.test`: the preference is no number from 0 to 65535, …``
impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dns `{}`, {} ", self.name, self.field)?;
        if self.text.chars().count() > TEXT_SHOWN_MAX {
            let start: String = self.text.chars().take(TEXT_SHOWN_MAX).collect();
            write!(f, "`{start}…`: {}", self.trouble)
        } else {
            write!(f, "`{}`: {}", self.text, self.trouble)
        }
    }
}

impl std::error::Error for ZoneError {}

/// As much of a wrong text as a message shows, in characters. Ours: one line of a terminal.
const TEXT_SHOWN_MAX: usize = 80;

/// What is wrong with a text in zone data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A label is empty or over 63 bytes, RFC 1035 §2.3.4.
    Label,
    /// The name is over 255 bytes on the wire, RFC 1035 §2.3.4.
    NameTooLong,
    /// A backslash without a character or three digits up to 255 behind it, RFC 1035 §5.1.
    Escape,
    /// The name is listed more than once.
    NameTwice,
    /// A CNAME beside other records, RFC 1034 §3.6.2.
    CnameBesideData,
    /// Not an IPv4 address.
    Ipv4,
    /// Not an IPv6 address.
    Ipv6,
    /// Not a preference and an exchange.
    MxWords,
    /// The preference is no number from 0 to 65535.
    MxPreference,
    /// Fewer than three numbers, or one over 255.
    TlsaNumbers,
    /// The association data is not hex.
    TlsaHex,
    /// The records of one type need more bytes than one message has.
    TooMuchData,
    /// Not a number and a unit.
    Duration,
    /// Over an hour.
    DelayTooLong,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Trouble::Label => "a label is empty or longer than 63 octets",
            Trouble::NameTooLong => "the name is longer than 255 octets",
            Trouble::Escape => "a backslash needs a character, or three digits up to 255, behind it",
            Trouble::NameTwice => "the name is listed more than once; put its records in one entry",
            Trouble::CnameBesideData => "a name with a CNAME has no other records",
            Trouble::Ipv4 => "not an IPv4 address, such as `192.0.2.1`",
            Trouble::Ipv6 => "not an IPv6 address, such as `2001:db8::1`",
            Trouble::MxWords => {
                "not a preference and an exchange, such as `10 mx1.example.test`, or `0 .` for null MX"
            }
            Trouble::MxPreference => {
                "the preference is no number from 0 to 65535, such as `10` in `10 mx1.example.test`"
            }
            Trouble::TlsaNumbers => {
                "not usage, selector and matching type from 0 to 255 and hex, such as `3 1 1 0f1e…`"
            }
            Trouble::TlsaHex => "the association data is not pairs of hex digits",
            Trouble::TooMuchData => "the records of this type do not fit into one message",
            Trouble::Duration => "not a number and a unit, such as `200ms`, `29s` or `2min`",
            Trouble::DelayTooLong => "longer than one hour",
        })
    }
}
