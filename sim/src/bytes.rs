//! Bytes of a file as TOML writes them: their text, or escaped where they are none.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// The bytes of a file, exactly.
///
/// In TOML they are a string where they are UTF-8; else a table whose `escaped` is that string with `\xFC` in the
/// place of each byte that is no part of a character, and `\\` for a backslash.
///
/// ```
/// use mta_sim::bytes::Bytes;
///
/// let table = Bytes::from(b"b\xFCcher.test encrypt\n".to_vec());
/// assert_eq!(table.to_string(), "b\\xFCcher.test encrypt\n");
/// assert_eq!(Bytes::unescape(&table.to_string()), Ok(table));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(Arc<[u8]>);

impl Bytes {
    /// Their text, if they are UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What `escaped` stands for.
    ///
    /// # Errors
    /// One line that says what is wrong, if a backslash does not begin `\\` or `\xHH`.
    pub fn unescape(text: &str) -> Result<Bytes, String> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('\\') {
            bytes.extend_from_slice(before.as_bytes());
            let byte = |digits: &str| u8::from_str_radix(digits, 16).ok();
            rest = if let Some(after) = after.strip_prefix('\\') {
                bytes.push(b'\\');
                after
            } else if let Some((digits, after)) = after
                .strip_prefix('x')
                .and_then(|after| after.split_at_checked(2))
                && let Some(byte) = byte(digits).filter(|_| !digits.starts_with('+'))
            {
                bytes.push(byte);
                after
            } else {
                let start: String = after.chars().take(3).collect();
                return Err(format!(
                    "invalid escape `\\{start}`; expected `\\\\`, or `\\x` and two hexadecimal digits"
                ));
            };
        }
        bytes.extend_from_slice(rest.as_bytes());
        Ok(bytes.into())
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Bytes(Arc::new([]))
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes(bytes.into())
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Bytes(bytes.into())
    }
}

impl From<String> for Bytes {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&String> for Bytes {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

/// Escaped, whether they are UTF-8 or not.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(&chunk.valid().replace('\\', "\\\\"))?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({:?})", self.to_string())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = self.text() {
            return serializer.serialize_str(text);
        }
        let mut table = serializer.serialize_map(Some(1))?;
        table.serialize_entry("escaped", &self.to_string())?;
        table.end()
    }
}

impl<'de> de::Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forms)
    }
}

struct Forms;

/// The form for what is not UTF-8.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Escaped {
    /// The bytes: UTF-8, `\xFC` for a byte that is no part of a character, `\\` for a backslash.
    escaped: String,
}

impl<'de> Visitor<'de> for Forms {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a table with `escaped`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
        Ok(text.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Bytes, A::Error> {
        let table = de::value::MapAccessDeserializer::new(table);
        let Escaped { escaped } = de::Deserialize::deserialize(table)?;
        Bytes::unescape(&escaped).map_err(de::Error::custom)
    }
}

crate::schema::forms! {
    Bytes, "Bytes", "The text of a file; in a table, with escapes, if it is not UTF-8.", |generator| [
        { "type": "string" },
        generator.subschema_for::<Escaped>(),
    ];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_utf8_is_escaped() {
        for (bytes, written) in [
            (&b"a \\ b"[..], "f = 'a \\ b'\n"),
            (b"b\xFCcher", "[f]\nescaped = 'b\\xFCcher'\n"),
            (
                b"\\\xE2\x82 \xE2\x82\xAC",
                "[f]\nescaped = '\\\\\\xE2\\x82 €'\n",
            ),
        ] {
            let file = BTreeMap::from([("f", Bytes::from(bytes))]);
            assert_eq!(toml::to_string(&file).unwrap(), written);
        }
    }

    #[test]
    fn an_invalid_escape_is_told() {
        for escaped in ["\\n", "\\x1", "\\xzz", "\\x+1", "a\\", "\\xü"] {
            let fault = Bytes::unescape(escaped).unwrap_err();
            assert!(fault.starts_with("invalid escape `\\"), "{fault}");
        }
        let read = |text| toml::from_str::<BTreeMap<String, Bytes>>(text);
        assert!(read("f = { escaped = 'a', text = 'b' }").is_err());
        assert!(read("f = 1").is_err());
    }

    proptest! {
        #[test]
        fn bytes_survive_toml(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                "(?s).{0,40}".prop_map(String::into_bytes),
                "[ \r\n\t\"'\\\\a=#\u{0}]{0,40}".prop_map(String::into_bytes),
            ],
        ) {
            let file = BTreeMap::from([("f".to_owned(), Bytes::from(bytes))]);
            let written = toml::to_string(&file).unwrap();
            prop_assert_eq!(toml::from_str(&written), Ok(file), "{}", written);
        }
    }
}
