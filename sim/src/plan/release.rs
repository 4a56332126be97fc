//! Releases of Postfix in a file: `postfix = "3.7"`, and where there may be several `postfix = ["3.7", "3.12"]`.

use std::borrow::Cow;
use std::fmt;

use mta_core::config::Release;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::Serializer;

/// A release, as files name it.
pub(crate) struct Name(Release);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        word.parse().map(Name).map_err(de::Error::custom)
    }
}

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        "Release".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = names();
        schema.insert("description".to_owned(), "A release of Postfix.".into());
        schema
    }
}

/// The schema of their names.
pub(crate) fn names() -> Schema {
    json_schema!({ "enum": Release::ALL.map(|release| release.to_string()) })
}

/// The schema of one or several.
pub(crate) fn several() -> serde_json::Value {
    serde_json::json!({
        "description": "The releases of Postfix that the expectations are about: one, or a list. Default: all.",
        "anyOf": [names(), { "type": "array", "items": names() }],
    })
}

/// For `#[serde(with = "release")]`: one or several.
pub(crate) fn serialize<S: Serializer>(releases: &[Release], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(releases.iter().map(Release::to_string))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Release>, D::Error> {
    from.deserialize_any(OneOrSeveral)
}

struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = Vec<Release>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a release of Postfix, as \"3.7\", or a list of them")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Vec<Release>, E> {
        let release = word.parse().map_err(E::custom)?;
        Ok(vec![release])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Release>, A::Error> {
        let mut releases = Vec::new();
        while let Some(Name(release)) = list.next_element()? {
            releases.push(release);
        }
        Ok(releases)
    }
}

/// For `#[serde(with = "release::one")]`.
pub(crate) mod one {
    use mta_core::config::Release;
    use serde::de::{Deserialize as _, Deserializer};
    use serde::ser::Serializer;

    use super::Name;

    pub(crate) fn serialize<S: Serializer>(release: &Release, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(release)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Release, D::Error> {
        Name::deserialize(from).map(|Name(release)| release)
    }
}
