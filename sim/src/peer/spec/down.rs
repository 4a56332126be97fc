//! Whether somebody is at a host's addresses.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// Where nobody is, and what a connection request finds there: in a file `down = true`, `down = "silent"`, or
/// `down = { "2001:db8::1" = "silent" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Down {
    /// Somebody is at every address.
    #[default]
    Up,
    /// Nobody is at any.
    All(Nobody),
    /// Nobody is at these addresses.
    At(BTreeMap<IpAddr, Nobody>),
}

/// What becomes of a connection request where nobody is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Nobody {
    /// It is answered with a reset: the machine is there, and nothing listens.
    Refuses,
    /// It is lost.
    Silent,
}

impl Down {
    /// Who is missing at this address.
    pub fn at(&self, address: IpAddr) -> Option<Nobody> {
        match self {
            Down::Up => None,
            Down::All(nobody) => Some(*nobody),
            Down::At(addresses) => addresses.get(&address).copied(),
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        *self == Down::Up
    }
}

impl Serialize for Down {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Down::Up => to.serialize_bool(false),
            Down::All(nobody) => nobody.serialize(to),
            Down::At(addresses) => addresses.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Down {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DownVisitor)
    }
}

struct DownVisitor;

impl<'de> Visitor<'de> for DownVisitor {
    type Value = Down;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false, \"refuses\", \"silent\", or a table of these by address")
    }

    fn visit_bool<E: de::Error>(self, down: bool) -> Result<Down, E> {
        Ok(if down {
            Down::All(Nobody::Refuses)
        } else {
            Down::Up
        })
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Down, E> {
        Nobody::deserialize(de::value::StrDeserializer::new(word)).map(Down::All)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Down, A::Error> {
        let mut addresses = BTreeMap::new();
        while let Some((address, nobody)) = map.next_entry()? {
            addresses.insert(address, nobody);
        }
        Ok(Down::At(addresses))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::MxSpec;

    fn read(down: &str) -> Result<MxSpec, toml::de::Error> {
        toml::from_str(&format!("host = 'mx1.test'\n{down}"))
    }

    #[test]
    fn a_host_is_down_at_all_addresses_or_at_some() {
        let [v4, v6]: [IpAddr; 2] = ["192.0.2.1", "2001:db8::1"].map(|a| a.parse().unwrap());
        for (text, at_v4, at_v6) in [
            ("", None, None),
            ("down = false", None, None),
            ("down = true", Some(Nobody::Refuses), Some(Nobody::Refuses)),
            (
                "down = 'silent'",
                Some(Nobody::Silent),
                Some(Nobody::Silent),
            ),
            (
                "down = { '2001:db8::1' = 'silent' }",
                None,
                Some(Nobody::Silent),
            ),
        ] {
            let mx = read(text).unwrap();
            assert_eq!((mx.down.at(v4), mx.down.at(v6)), (at_v4, at_v6), "{text}");
            let written = toml::to_string(&mx).unwrap();
            assert_eq!(toml::from_str::<MxSpec>(&written).unwrap(), mx);
        }
        assert!(read("down = 'quiet'").is_err() && read("down = { here = 'silent' }").is_err());
    }
}
