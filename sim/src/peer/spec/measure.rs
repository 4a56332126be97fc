//! What conditions measure with: chances, rates, networks of clients, names asked for.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A chance, in millionths, so that every machine draws the same. In a file: a number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chance {
    /// Hits in a million draws.
    pub millionths: u32,
}

impl Chance {
    /// Of how many draws [`Chance::millionths`] are hits.
    pub const OF: u32 = 1_000_000;
}

impl<'de> Deserialize<'de> for Chance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChanceVisitor)
    }
}

const NO_CHANCE: &str = "a chance lies between 0 and 1, as 0.3";

struct ChanceVisitor;

impl Visitor<'_> for ChanceVisitor {
    type Value = Chance;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a chance from 0 to 1, as 0.3")
    }

    fn visit_f64<E: de::Error>(self, chance: f64) -> Result<Chance, E> {
        let millionths = (chance * f64::from(Chance::OF)).round();
        let read = (0.0..=f64::from(Chance::OF))
            .contains(&millionths)
            .then(|| format!("{:.0}", millionths.abs()).parse().ok())
            .flatten();
        read.map(|millionths| Chance { millionths })
            .ok_or_else(|| E::custom(NO_CHANCE))
    }

    fn visit_i64<E: de::Error>(self, chance: i64) -> Result<Chance, E> {
        match chance {
            0 => Ok(Chance { millionths: 0 }),
            1 => Ok(Chance {
                millionths: Chance::OF,
            }),
            _ => Err(E::custom(NO_CHANCE)),
        }
    }
}

impl Serialize for Chance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.millionths) / f64::from(Self::OF))
    }
}

/// How many connections or commands within a span of time. In a file: `"3 per 1m"`, also `"3 per minute"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least 1, and at most 10,000.
    pub count: u32,
    /// The window that slides with the time.
    pub per: Duration,
}

/// The largest count of a rate: a peer remembers when each of so many came.
pub(crate) const RATE_MAX: u32 = 10_000;

/// The units that a rate may name without a number.
const UNITS: [(&str, &str); 4] = [
    ("second", "1s"),
    ("minute", "1m"),
    ("hour", "1h"),
    ("day", "1d"),
];

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unread = || format!("invalid rate `{text}`; expected for example `3 per 1m`");
        let (count, span) = text.split_once(" per ").ok_or_else(unread)?;
        let count = count.trim().parse().map_err(|_| unread())?;
        if !(1..=RATE_MAX).contains(&count) {
            return Err(format!("a rate counts from 1 to {RATE_MAX}"));
        }
        let span = span.trim();
        let span = match UNITS.iter().find(|(word, _)| *word == span) {
            Some((_, span)) => span,
            None => span,
        };
        let per = crate::span::parse(span)?;
        if per.is_zero() {
            return Err("a rate is about a span of time, as `3 per 1m`".to_owned());
        }
        Ok(Rate { count, per })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", self.count, crate::span::show(self.per))
    }
}

/// Clients whose addresses begin with the same bits. In a file: `"192.0.2.0/24"`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientNet {
    address: IpAddr,
    bits: u8,
}

impl ClientNet {
    /// Whether `client` is among them.
    pub fn contains(self, client: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
            IpAddr::V6(address) => address.to_bits(),
        };
        let unlike = bits(self.address) ^ bits(client);
        self.address.is_ipv4() == client.is_ipv4() && unlike.leading_zeros() >= u32::from(self.bits)
    }
}

impl FromStr for ClientNet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unread = || format!("invalid network `{text}`; expected for example `192.0.2.0/24`");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| unread())?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), |bits| bits.parse().map_err(|_| unread()))?;
        if bits > all {
            return Err(format!("`{text}`: an address has {all} bits"));
        }
        Ok(ClientNet { address, bits })
    }
}

impl fmt::Display for ClientNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// Read from a string, and written as one.
macro_rules! as_text {
    ($($name:ident, $what:literal;)*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Words;
                impl Visitor<'_> for Words {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($what)
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Words)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )*};
}

as_text! {
    Rate, "a rate, as \"3 per 1m\"";
    ClientNet, "a network, as \"192.0.2.0/24\"";
}

/// What a client asks for by SNI: any name, none, or one that is like this. In a file: `true`, `false`, `"*.test"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "`sni` is true, false, or a name in which `*` stands for any text"
)]
pub enum Sni {
    /// Whether it asks for any name at all.
    Any(bool),
    /// A name, as it stands in the ClientHello, a trailing dot included. Case does not matter.
    Like(String),
}

impl Sni {
    /// Whether a ClientHello that asks for `name` is meant.
    pub fn holds(&self, name: Option<&str>) -> bool {
        match (self, name) {
            (Sni::Any(any), name) => *any == name.is_some(),
            (Sni::Like(pattern), Some(name)) => crate::pattern::is_like(pattern, name),
            (Sni::Like(_), None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    struct Holder<T> {
        x: T,
    }

    fn read<T: de::DeserializeOwned>(value: &str) -> Result<T, String> {
        toml::from_str::<Holder<T>>(&format!("x = {value}"))
            .map(|holder| holder.x)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn chances_are_millionths() {
        for (text, millionths) in [("0.3", 300_000), ("1", 1_000_000), ("0.0", 0), ("1e-6", 1)] {
            assert_eq!(read::<Chance>(text), Ok(Chance { millionths }), "{text}");
        }
        for text in ["1.1", "-0.1", "2", "nan", "inf"] {
            assert_eq!(
                read::<Chance>(text),
                Err("a chance lies between 0 and 1, as 0.3".to_owned())
            );
        }
        let written = toml::to_string(&Holder {
            x: Chance {
                millionths: 300_000,
            },
        });
        assert_eq!(written.unwrap(), "x = 0.3\n");
    }

    #[test]
    fn rates_are_read_and_shown() {
        let rate: Rate = "3 per minute".parse().unwrap();
        assert_eq!(rate.to_string(), "3 per 1m");
        for text in [
            "3",
            "three per 1m",
            "0 per 1m",
            "3 per 0s",
            "10001 per 1d",
            "3 per 1x",
        ] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_network_holds_the_addresses_that_begin_like_it() {
        let net: ClientNet = "192.0.2.0/25".parse().unwrap();
        assert!(net.contains([192, 0, 2, 127].into()));
        assert!(!net.contains([192, 0, 2, 128].into()));
        let net: ClientNet = "2001:db8::/32".parse().unwrap();
        assert!(net.contains("2001:db8:ffff::25".parse().unwrap()));
        assert!(!net.contains([192, 0, 2, 1].into()));
        let all: ClientNet = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains([192, 0, 2, 1].into()));
        assert!(!all.contains("::".parse().unwrap()));
        for text in ["192.0.2", "192.0.2.0/33", "192.0.2.0/x"] {
            assert!(text.parse::<ClientNet>().is_err(), "{text}");
        }
    }

    #[test]
    fn names_asked_for_are_any_none_or_like_a_pattern() {
        let like: Sni = read("'*.Example.test'").unwrap();
        assert!(like.holds(Some("mx1.example.test")));
        assert!(!like.holds(Some("mx1.example.test.")) && !like.holds(None));
        assert!(read::<Sni>("false").unwrap().holds(None));
        assert!(read::<Sni>("7").is_err());
    }
}
