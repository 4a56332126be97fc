//! How the path to a peer behaves: latency, slices, stall, reset. Data only; a driver acts it out.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The path between the sender and one peer. The default is a clean path with no latency.
///
/// Octets are counted from the start of the connection, in the direction from the peer to the sender.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetworkSpec {
    /// One-way delay of every segment, in both directions.
    #[serde(with = "crate::span", skip_serializing_if = "Duration::is_zero")]
    pub latency: Duration,
    /// Cuts what the peer sends into segments of so many octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slice: Option<Slice>,
    /// Time between two slices of one write.
    #[serde(with = "crate::span", skip_serializing_if = "Duration::is_zero")]
    pub slice_gap: Duration,
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

#[derive(Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    use super::*;

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
