//! How the path to a peer behaves: latency, slices, stall, reset. Data only; a driver acts it out.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The path between the sender and one peer. The default is a clean path with no latency.
///
/// Octets are counted from the start of the connection, in the direction from the peer to the sender.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetworkSpec {
    /// One-way delay of every segment, in both directions.
    #[schemars(with = "crate::span::Text")]
    #[serde(with = "crate::span", skip_serializing_if = "Duration::is_zero")]
    pub latency: Duration,
    /// Cuts what the peer sends into segments of so many octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slice: Option<Slice>,
    /// Time between two slices of one write.
    #[schemars(with = "crate::span::Text")]
    #[serde(with = "crate::span", skip_serializing_if = "Duration::is_zero")]
    pub slice_gap: Duration,
    /// So much of what the peer sends gets through in a second, segment by segment: `"10 KB/s"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<Bandwidth>,
    /// The connection is reset once the peer has sent so many octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_after: Option<u64>,
    /// The connection ends, as if the peer had closed it, once the peer has sent so many octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_after: Option<u64>,
    /// Nothing more arrives in either direction once the peer has sent so many octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_after: Option<u64>,
}

impl NetworkSpec {
    /// Whether the path is clean: what is sent arrives at once and whole.
    pub fn is_clean(&self) -> bool {
        *self == NetworkSpec::default()
    }
}

/// The size of the segments, in octets: `slice = 7`, or drawn for each from a range, `slice = [1, 7]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The smallest segment; at least 1.
    pub min: u32,
    /// The largest segment; at least `min`.
    pub max: u32,
}

impl Slice {
    /// Segments of exactly `octets`, or none if that is 0.
    pub const fn of(octets: u32) -> Option<Slice> {
        Slice::between(octets, octets)
    }

    /// Segments of `min` to `max` octets, or none if `min` is 0 or above `max`.
    pub const fn between(min: u32, max: u32) -> Option<Slice> {
        if min == 0 || min > max {
            None
        } else {
            Some(Slice { min, max })
        }
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a slice is a number of octets, or a range of two: 7, or [1, 7]"
)]
enum SliceWords {
    Same(u32),
    Range([u32; 2]),
}

impl<'de> Deserialize<'de> for Slice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let slice = match SliceWords::deserialize(deserializer)? {
            SliceWords::Same(octets) => Slice::of(octets),
            SliceWords::Range([min, max]) => Slice::between(min, max),
        };
        slice.ok_or_else(|| {
            de::Error::custom("a slice has at least one octet, and its range is not reversed")
        })
    }
}

impl Serialize for Slice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.min == self.max {
            SliceWords::Same(self.min).serialize(serializer)
        } else {
            SliceWords::Range([self.min, self.max]).serialize(serializer)
        }
    }
}

/// Octets in a second. In a file: `"800 B/s"`, `"10 KB/s"`, `"2 MB/s"`; a K is a thousand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bandwidth {
    /// At least 1.
    octets_per_second: u64,
}

/// The units of a bandwidth, largest first.
const UNITS: [(&str, u64); 3] = [("MB/s", 1_000_000), ("KB/s", 1_000), ("B/s", 1)];

impl Bandwidth {
    /// How long so many octets take.
    pub fn time_for(self, octets: usize) -> Duration {
        let nanos = u128::try_from(octets)
            .unwrap_or(u128::MAX)
            .saturating_mul(1_000_000_000)
            / u128::from(self.octets_per_second.max(1));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl FromStr for Bandwidth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unread = || {
            format!(
                "invalid bandwidth `{text}`; expected a number of B/s, KB/s or MB/s, such as `10 KB/s`"
            )
        };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| unread())?;
        let (_, octets) = UNITS
            .iter()
            .find(|(name, _)| *name == unit.trim())
            .ok_or_else(unread)?;
        match number.checked_mul(*octets) {
            Some(0) => Err("a bandwidth of nothing is a stall; use `stall-after`".to_owned()),
            Some(octets_per_second) => Ok(Bandwidth { octets_per_second }),
            None => Err(unread()),
        }
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, octets): &&(&str, u64)| self.octets_per_second.is_multiple_of(*octets);
        match UNITS.iter().find(fits) {
            Some((name, octets)) => write!(f, "{} {name}", self.octets_per_second / octets),
            None => write!(f, "{} B/s", self.octets_per_second),
        }
    }
}

impl<'de> Deserialize<'de> for Bandwidth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Serialize for Bandwidth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

crate::schema::texts! {
    Bandwidth, "Bandwidth", "^ *[0-9]+ *[KM]?B/s *$", "Octets in a second: `10 KB/s`.";
}

crate::schema::forms! {
    Slice, "Slice", "The size of segments in octets, or the range it is drawn from: `7`, `[1, 7]`.", |_generator| [
        { "type": "integer", "minimum": 1 },
        { "type": "array", "items": { "type": "integer", "minimum": 1 }, "minItems": 2, "maxItems": 2 },
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bandwidth_is_bytes_in_a_second() {
        let read: Bandwidth = "10 KB/s".parse().unwrap();
        assert_eq!(read.time_for(1460), Duration::from_millis(146));
        for text in ["10 KB/s", "1500 B/s", "2 MB/s"] {
            assert_eq!(text.parse::<Bandwidth>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "10",
            "KB/s",
            "10 kbit",
            "0 B/s",
            "99999999999999999 MB/s",
        ] {
            assert!(text.parse::<Bandwidth>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_holds_only_what_is_wrong_with_the_path() {
        let read: NetworkSpec = toml::from_str("latency = '20ms'\nslice = [1, 7]\n").unwrap();
        assert_eq!(read.latency, Duration::from_millis(20));
        assert_eq!(read.slice, Slice::between(1, 7));
        assert_eq!(
            toml::to_string(&read).unwrap(),
            "latency = \"20ms\"\nslice = [1, 7]\n"
        );
        assert!(toml::from_str::<NetworkSpec>("").unwrap().is_clean());
        assert!(toml::from_str::<NetworkSpec>("slice = 0").is_err());
        assert!(toml::from_str::<NetworkSpec>("slice = [7, 1]").is_err());
    }
}
