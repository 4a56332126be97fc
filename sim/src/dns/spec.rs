//! What a scenario writes about one name of the DNS: `[[dns]]` in a world file.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use mta_core::dns::Kind;
use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::words::{Expected, Word};

/// One name and what the resolver says about it. Everything but the name may be left out.
///
/// ```
/// # use mta_sim::dns::{NameSpec, Zones};
/// # #[derive(serde::Deserialize)] struct World { dns: Vec<NameSpec> }
/// let world: World = toml::from_str(r#"
///     [[dns]]
///     name = "example.test"
///     mx = ["10 mx1.example.test", "20 mx2.example.test"]
///     dnssec = "secure"              # holds for all names below, until one says otherwise
///
///     [[dns]]
///     name = "mx1.example.test"
///     a = ["192.0.2.1"]
///     aaaa = ["2001:db8::1"]
///     ttl = 300
///     delay = "200ms"
///     fault.aaaa = "timeout"         # or for every type: fault = "servfail"
/// "#)?;
/// Zones::new(&world.dns)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A name starting with `*.` is a wildcard (RFC 4592). The name `.` is the root: what it says about
/// DNSSEC holds everywhere.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NameSpec {
    /// The name, with or without the trailing dot.
    pub name: String,
    /// `PREFERENCE EXCHANGE`; a null MX (RFC 7505) is `0 .`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mx: Vec<String>,
    /// IPv4 addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub a: Vec<String>,
    /// IPv6 addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aaaa: Vec<String>,
    /// The name that this one is an alias of; then it has no other records (RFC 1034 §3.6.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cname: Option<String>,
    /// `USAGE SELECTOR MATCHING HEX` (RFC 6698 §2.2); the hex digits may be spaced. In a world `<leaf:HOST>` and
    /// `<issuer:HOST>` stand for the certificates that an MX host shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tlsa: Vec<String>,
    /// Texts. One longer than 255 octets travels as several strings of one record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub txt: Vec<String>,
    /// Names of name servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ns: Vec<String>,
    /// Time to live of all records here, in seconds. Default: an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// What validation makes of this name and the names below it, denials included. Default: that of
    /// the name above, and `insecure` at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dnssec: Option<PerKind<Dnssec>>,
    /// What goes wrong when this name is asked for. Holds for this name only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<PerKind<Fault>>,
    /// How many queries `fault` is for; those that come later find nothing wrong. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What somebody on the way puts in the place of the records of a type, an empty list for a denial. Where
    /// validation would find the data secure it finds them bogus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoof: Option<Spoof>,
    /// How long the resolver takes over this name: `"200ms"`, `"29s"`, `"2min"`. Default: no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
}

/// The state that a validating resolver finds data in, RFC 4035 §4.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dnssec {
    /// A chain of trust leads to it: the AD bit is set.
    Secure,
    /// Provably unsigned: answered without AD bit.
    Insecure,
    /// Signed, and the signature does not hold: SERVFAIL, unless the query has the CD bit.
    Bogus,
}

impl Word for Dnssec {
    const WHAT: &'static str = "DNSSEC state";
    const WORDS: &'static [(&'static str, Dnssec)] = &[
        ("secure", Dnssec::Secure),
        ("insecure", Dnssec::Insecure),
        ("bogus", Dnssec::Bogus),
    ];
}

/// How a look-up goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The name is denied, whatever records it has (RCODE 3).
    NxDomain,
    /// The records are denied: NOERROR without them (RFC 2308 §2.2).
    NoData,
    /// RCODE 2.
    ServFail,
    /// RCODE 5.
    Refused,
    /// RCODE 4.
    NotImp,
    /// No reply, neither over UDP nor over TCP.
    Timeout,
    /// Over UDP only TC; over TCP the whole answer.
    Truncated,
    /// Over UDP only TC; over TCP no reply.
    TruncatedNoTcp,
    /// A reply with the right id and question, and an answer section that cannot be read.
    Garbled,
}

impl Word for Fault {
    const WHAT: &'static str = "fault";
    const WORDS: &'static [(&'static str, Fault)] = &[
        ("nxdomain", Fault::NxDomain),
        ("nodata", Fault::NoData),
        ("servfail", Fault::ServFail),
        ("refused", Fault::Refused),
        ("notimp", Fault::NotImp),
        ("timeout", Fault::Timeout),
        ("truncated", Fault::Truncated),
        ("truncated-no-tcp", Fault::TruncatedNoTcp),
        ("garbled", Fault::Garbled),
    ];
}

/// Records by type, as texts, that are not the owner's: `spoof.mx = ["10 mx.evil.test"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoof(pub BTreeMap<Kind, Vec<String>>);

impl<'de> Deserialize<'de> for Spoof {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let table = BTreeMap::<String, Vec<String>>::deserialize(from)?;
        let kinds = table.into_iter().map(|(kind, texts)| {
            let kind = Kind::from_word(&kind).map_err(de::Error::custom)?;
            Ok((kind, texts))
        });
        kinds.collect::<Result<_, _>>().map(Spoof)
    }
}

impl Serialize for Spoof {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(kind, texts)| (kind.word(), texts)))
    }
}

/// One value for every record type, or a table of values by type: `fault = "servfail"`,
/// `fault.mx = "timeout"`. A type that is not in the table has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PerKind<T> {
    /// The same for every type, even one that [`Kind`] does not have.
    All(T),
    /// By record type.
    Table(BTreeMap<Kind, T>),
}

impl<T: Copy> PerKind<T> {
    /// The value for `kind`, where `None` is a type that [`Kind`] does not have.
    pub fn get(&self, kind: Option<Kind>) -> Option<T> {
        match self {
            PerKind::All(value) => Some(*value),
            PerKind::Table(table) => kind.and_then(|kind| table.get(&kind).copied()),
        }
    }
}

impl<'de, T: Word> Deserialize<'de> for PerKind<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PerKindVisitor(PhantomData))
    }
}

struct PerKindVisitor<T>(PhantomData<T>);

impl<'de, T: Word> Visitor<'de> for PerKindVisitor<T> {
    type Value = PerKind<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Expected::<T>(PhantomData), f)
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Self::Value, E> {
        T::from_word(word).map(PerKind::All).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut table = BTreeMap::new();
        while let Some((kind, word)) = map.next_entry::<String, String>()? {
            let kind = Kind::from_word(&kind).map_err(de::Error::custom)?;
            let value = T::from_word(&word).map_err(de::Error::custom)?;
            table.insert(kind, value);
        }
        Ok(PerKind::Table(table))
    }
}

impl<T: Word> Serialize for PerKind<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            PerKind::All(value) => to.serialize_str(value.word()),
            PerKind::Table(table) => {
                let mut map = to.serialize_map(Some(table.len()))?;
                for (kind, value) in table {
                    map.serialize_entry(kind.word(), value.word())?;
                }
                map.end()
            }
        }
    }
}

/// The words for the types of DNS records.
fn kinds() -> Vec<&'static str> {
    Kind::WORDS.iter().map(|(word, _)| *word).collect()
}

impl<T: Word> JsonSchema for PerKind<T> {
    fn schema_name() -> Cow<'static, str> {
        T::WHAT.replace(' ', "-").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
        json_schema!({
            "description": "A word for records of every type, or a table of words by type.",
            "anyOf": [
                { "enum": words },
                {
                    "type": "object",
                    "propertyNames": { "enum": kinds() },
                    "additionalProperties": { "enum": words },
                },
            ],
        })
    }
}

impl JsonSchema for Spoof {
    fn schema_name() -> Cow<'static, str> {
        "Spoof".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Records by type, as texts, that are not the owner's.",
            "type": "object",
            "propertyNames": { "enum": kinds() },
            "additionalProperties": { "type": "array", "items": { "type": "string" } },
        })
    }
}
