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
        let names = PostfixVersion::ALL.map(PostfixVersion::name);
        schemars::json_schema!({ "description": "A release of Postfix.", "enum": names })
    }
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
