//! Releases of Postfix in a file: `postfix = ["3.7", "3.12"]`, or a single one.

use mta_core::config::Release;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize as _, Deserializer, Serializer, de};

/// A release, as files name it.
pub(crate) struct Name;

impl schemars::JsonSchema for Name {
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
pub(crate) fn names() -> schemars::Schema {
    schemars::json_schema!({ "enum": Release::ALL.map(|release| release.to_string()) })
}

pub(crate) fn all() -> Vec<Release> {
    Release::ALL.to_vec()
}

pub(crate) fn serialize<S: Serializer>(
    releases: &[Release],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(releases.len()))?;
    for release in releases {
        list.serialize_element(&release.to_string())?;
    }
    list.end()
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Release>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    words
        .iter()
        .map(|word| word.parse().map_err(de::Error::custom))
        .collect()
}

/// A single release: `postfix = "3.12"`.
pub(crate) mod one {
    use mta_core::config::Release;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(
        release: &Release,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(release)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Release, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(de::Error::custom)
    }
}
