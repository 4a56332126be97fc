//! Where a peer is found: the MX records of a domain that it receives mail for.

use std::fmt;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::PeerSpec;
use super::down::Down;

/// One MX record, and the host that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MxSpec {
    /// The preference; lower is tried first. Default 10.
    #[serde(default = "ten")]
    pub preference: u16,
    /// The host's name.
    pub host: String,
    /// Its addresses. Default: one of 192.0.2.0/24.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// The port at which it takes mail. Senders go to 25 (RFC 5321 §4.5.4.2) unless their next hop names another, as
    /// `[relay.test]:587` does. Default 25.
    #[schemars(range(min = 1))]
    #[serde(
        default = "smtp",
        deserialize_with = "port",
        skip_serializing_if = "is_smtp"
    )]
    pub port: u16,
    /// The peer at these addresses, if not the domain's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<PeerRef>,
    /// Whether nobody is there: `true` or `"refuses"`, `"silent"` if nothing answers at all, or a table of these by
    /// address.
    #[serde(default, skip_serializing_if = "Down::is_up")]
    pub down: Down,
}

const fn ten() -> u16 {
    10
}

const fn smtp() -> u16 {
    25
}

fn is_smtp(port: &u16) -> bool {
    *port == smtp()
}

fn port<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    match u16::deserialize(deserializer)? {
        0 => Err(de::Error::custom("invalid port `0`; expected 1 to 65535")),
        port => Ok(port),
    }
}

impl MxSpec {
    /// A host with this preference.
    pub fn new(preference: u16, host: impl Into<String>) -> Self {
        MxSpec {
            preference,
            host: host.into(),
            addresses: Vec::new(),
            port: smtp(),
            peer: None,
            down: Down::default(),
        }
    }
}

/// A peer, by the name of its file, or written out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PeerRef {
    /// The name of a peer file, without `.toml`.
    Named(String),
    /// The peer itself.
    Inline(Box<PeerSpec>),
}

// By hand, so that a fault inside a peer that is written out keeps its own words and place.
impl<'de> Deserialize<'de> for PeerRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PeerRefVisitor)
    }
}

struct PeerRefVisitor;

impl<'de> Visitor<'de> for PeerRefVisitor {
    type Value = PeerRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a peer file, or a table with the words of one")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<PeerRef, E> {
        Ok(PeerRef::from(name))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PeerRef, A::Error> {
        PeerSpec::deserialize(MapAccessDeserializer::new(map)).map(PeerRef::from)
    }
}

impl From<&str> for PeerRef {
    fn from(name: &str) -> Self {
        PeerRef::Named(name.to_owned())
    }
}

impl From<PeerSpec> for PeerRef {
    fn from(spec: PeerSpec) -> Self {
        PeerRef::Inline(Box::new(spec))
    }
}
