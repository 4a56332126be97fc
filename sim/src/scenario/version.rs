//! Releases of Postfix in a file: `postfix = ["3.7", "3.12"]`.

use mta_core::config::PostfixVersion;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize as _, Deserializer, Serializer, de};

/// A release, as files name it.
pub(super) struct Release;

impl schemars::JsonSchema for Release {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Release".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = names();
        schema.insert("description".to_owned(), "A release of Postfix.".into());
        schema
    }
}

/// The schema of their names.
pub(super) fn names() -> schemars::Schema {
    schemars::json_schema!({ "enum": PostfixVersion::ALL.map(PostfixVersion::name) })
}

pub(super) fn all() -> Vec<PostfixVersion> {
    PostfixVersion::ALL.to_vec()
}

pub(super) fn serialize<S: Serializer>(
    versions: &[PostfixVersion],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(versions.len()))?;
    for version in versions {
        list.serialize_element(version.name())?;
    }
    list.end()
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<PostfixVersion>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    words
        .iter()
        .map(|word| word.parse().map_err(de::Error::custom))
        .collect()
}
