//! Names as keys: bytes whose plain order is the canonical order of names (RFC 4034 §6.1), so that what is below a name
//! follows it, and begins with its key.

use hickory_proto::rr::Name;

/// The key of a name: its labels from the root down, each ended by a zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub(crate) fn of(name: &Name) -> Key {
        let mut key = Key(Vec::with_capacity(name.len() + 2));
        for label in name.iter().rev() {
            key.push(label);
        }
        key
    }

    /// That of a name, by its bytes; the root's without one.
    pub(crate) fn root_or(bytes: Option<&[u8]>) -> Key {
        Key(bytes.unwrap_or_default().to_vec())
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// That of a name directly below.
    pub(crate) fn below(mut self, label: &[u8]) -> Key {
        self.push(label);
        self
    }

    fn push(&mut self, label: &[u8]) {
        for byte in label {
            match byte.to_ascii_lowercase() {
                // What ends a label comes before every byte in it.
                byte @ (0 | 1) => self.0.extend([1, byte + 1]),
                byte => self.0.push(byte),
            }
        }
        self.0.push(0);
    }
}

impl From<Key> for Box<[u8]> {
    fn from(key: Key) -> Box<[u8]> {
        key.0.into()
    }
}

/// The key and those of all names above it, the root's last.
pub(crate) fn upwards(key: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::successors(Some(key), |key| {
        let (_, labels) = key.split_last()?;
        let end = labels.iter().rposition(|&byte| byte == 0);
        key.get(..end.map_or(0, |end| end + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(name: &str) -> Key {
        Key::of(&Name::from_ascii(name).unwrap())
    }

    #[test]
    fn what_is_below_a_name_begins_with_its_key() {
        let (above, below) = (key("example.test."), key("MX1.Example.test."));
        assert!(below.as_bytes().starts_with(above.as_bytes()));
        assert!(
            !key("xexample.test.")
                .as_bytes()
                .starts_with(above.as_bytes())
        );
        assert!(
            !key("testx.")
                .as_bytes()
                .starts_with(key("test.").as_bytes())
        );
        assert_eq!(above.below(b"mx1"), below);
        let names: Vec<&[u8]> = upwards(below.as_bytes()).collect();
        let above = ["mx1.example.test.", "example.test.", "test.", "."].map(key);
        assert_eq!(names, above.each_ref().map(Key::as_bytes));
    }

    fn names() -> impl Strategy<Value = Name> {
        let byte = prop_oneof![0u8..3, b'a'..b'd', b'A'..b'D', any::<u8>()];
        let label = proptest::collection::vec(byte, 1..4);
        proptest::collection::vec(label, 0..4)
            .prop_map(|labels| Name::from_labels(labels.iter().map(Vec::as_slice)).unwrap())
    }

    proptest! {
        #[test]
        fn the_order_is_the_canonical_one(a in names(), b in names()) {
            prop_assert_eq!(Key::of(&a).as_bytes().cmp(Key::of(&b).as_bytes()), a.cmp(&b));
        }
    }
}
