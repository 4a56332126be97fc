//! Keys that stand in one table beside those of another type, all read where they are written.
//!
//! Serde's `flatten` reads the other type from copies of its values: they have lost their places, and of a key that is not
//! known nobody can say which it might have been. Here the other type reads the very table, and the keys that are not its
//! own are taken out on the way.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{Error as NoValue, StrDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

/// A type that has some keys of its own, and those of a part of it.
pub(crate) trait Beside: Default {
    /// The part.
    type Part;
    /// The type's own keys. One that the part has too is not the part's to read.
    const OWN: &'static [&'static str];
    /// Those of them that must be there.
    const REQUIRED: &'static [&'static str];

    /// Reads the value of one of its own keys.
    fn read<'de, A: MapAccess<'de>>(&mut self, key: &str, from: &mut A) -> Result<(), A::Error>;

    /// Takes the part.
    fn set_part(&mut self, part: Self::Part);
}

/// Implements [`Beside`] and `Deserialize`: `Whole with field: Part`, and a line for each own key with the field that it
/// is about, `as "module"` if the module reads it.
macro_rules! beside {
    (
        $whole:ident with $part:ident: $of:ty;
        $($key:literal => $field:ident $(: $value:ty as $with:literal)?,)*
        required: [$($required:literal),*]
    ) => {
        impl $crate::file::Beside for $whole {
            type Part = $of;
            const OWN: &'static [&'static str] = &[$($key),*];
            const REQUIRED: &'static [&'static str] = &[$($required),*];

            fn read<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                key: &str,
                from: &mut A,
            ) -> Result<(), A::Error> {
                match key {
                    $($key => self.$field = $crate::file::beside!(@value from $(: $value as $with)?),)*
                    _ => {
                        from.next_value::<serde::de::IgnoredAny>()?;
                    }
                }
                Ok(())
            }

            fn set_part(&mut self, part: $of) {
                self.$part = part;
            }
        }

        impl<'de> serde::Deserialize<'de> for $whole {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                static KEYS: std::sync::LazyLock<Vec<&'static str>> =
                    std::sync::LazyLock::new($crate::file::keys_of_both::<$whole>);
                $crate::file::read_beside(stringify!($whole), &KEYS, from)
            }
        }
    };
    (@value $from:ident) => {
        $from.next_value()?
    };
    (@value $from:ident: $value:ty as $with:literal) => {{
        #[derive(serde::Deserialize)]
        #[serde(transparent)]
        struct Value(#[serde(with = $with)] $value);
        $from.next_value::<Value>()?.0
    }};
}

pub(crate) use beside;

/// Reads a type and the part of it from one table; `keys` are those of both.
pub(crate) fn read_beside<'de, T, D>(
    name: &'static str,
    keys: &'static [&'static str],
    from: D,
) -> Result<T, D::Error>
where
    T: Beside<Part: Deserialize<'de>>,
    D: Deserializer<'de>,
{
    let whole = Whole {
        keys,
        of: PhantomData,
    };
    from.deserialize_struct(name, keys, whole)
}

/// The keys of a type and of its part.
pub(crate) fn keys_of_both<T>() -> Vec<&'static str>
where
    T: Beside<Part: for<'de> Deserialize<'de>>,
{
    let mut keys = T::OWN.to_vec();
    let part = keys_of::<T::Part>();
    keys.extend(part.iter().filter(|key| !T::OWN.contains(key)));
    keys
}

struct Whole<T> {
    keys: &'static [&'static str],
    of: PhantomData<T>,
}

impl<'de, T: Beside<Part: Deserialize<'de>>> Visitor<'de> for Whole<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let (mut whole, mut read) = (T::default(), Vec::new());
        let part = T::Part::deserialize(Others {
            whole: &mut whole,
            read: &mut read,
            keys: self.keys,
            map,
        })?;
        whole.set_part(part);
        match T::REQUIRED.iter().find(|key| !read.contains(*key)) {
            Some(key) => Err(A::Error::missing_field(key)),
            None => Ok(whole),
        }
    }
}

/// A table as the part sees it: without the keys that are not its own, which are read in passing.
struct Others<'w, T, A> {
    whole: &'w mut T,
    /// Own keys that were there.
    read: &'w mut Vec<&'static str>,
    keys: &'static [&'static str],
    map: A,
}

impl<'de, T: Beside, A: MapAccess<'de>> Deserializer<'de> for Others<'_, T, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, T: Beside, A: MapAccess<'de>> MapAccess<'de> for Others<'_, T, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let mut seed = Some(seed);
        loop {
            let key = self.map.next_key_seed(Key {
                own: T::OWN,
                keys: self.keys,
                seed: &mut seed,
            })?;
            match key {
                Some(Whose::Own(key)) => {
                    self.whole.read(key, &mut self.map)?;
                    self.read.push(key);
                }
                Some(Whose::Part(key)) => return Ok(Some(key)),
                None => return Ok(None),
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Reads a key: what is wrong with it is reported while it is read, so that it has a place.
struct Key<'k, K> {
    own: &'static [&'static str],
    keys: &'static [&'static str],
    /// How the part reads one. It is taken when that happens, after which the part is asked again.
    seed: &'k mut Option<K>,
}

enum Whose<P> {
    Own(&'static str),
    Part(P),
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for Key<'_, K> {
    type Value = Whose<K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_identifier(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for Key<'_, K> {
    type Value = Whose<K::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        if let Some(own) = self.own.iter().find(|own| **own == key) {
            return Ok(Whose::Own(own));
        }
        match self.seed.take().filter(|_| self.keys.contains(&key)) {
            Some(seed) => seed.deserialize(StrDeserializer::new(key)).map(Whose::Part),
            None => Err(E::unknown_field(key, self.keys)),
        }
    }
}

/// The keys that a type reads: it is asked to read, and says first which.
fn keys_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut keys: &'static [&'static str] = &[];
    let read = T::deserialize(Asked(&mut keys));
    debug_assert!(read.is_err(), "there is nothing to read");
    keys
}

struct Asked<'k>(&'k mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = NoValue;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NoValue> {
        Err(NoValue::custom("no value"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NoValue> {
        *self.0 = keys;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde::Deserialize;

    use crate::file::read;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
    struct Inner {
        number: u8,
        inner_list: Vec<Item>,
        both: u8,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        name: String,
    }

    #[derive(Debug, Default, PartialEq)]
    struct Middle {
        span: Duration,
        inner: Inner,
    }

    beside! {
        Middle with inner: Inner;
        "span" => span: Duration as "crate::span",
        required: []
    }

    #[derive(Debug, Default, PartialEq)]
    struct Outer {
        title: String,
        both: Vec<String>,
        middle: Middle,
    }

    beside! {
        Outer with middle: Middle;
        "title" => title,
        "both" => both,
        required: ["title"]
    }

    fn error(text: &str) -> String {
        read::<Outer>("p.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn each_type_reads_its_own_keys() {
        let text = "title = 'x'\nboth = ['a']\nspan = '5s'\nnumber = 7\n[[inner-list]]\nname = 'y'";
        let expected = Outer {
            title: "x".to_owned(),
            both: vec!["a".to_owned()],
            middle: Middle {
                span: Duration::from_secs(5),
                inner: Inner {
                    number: 7,
                    inner_list: vec![Item {
                        name: "y".to_owned(),
                    }],
                    both: 0,
                },
            },
        };
        assert_eq!(read::<Outer>("p.toml", text), Ok(expected));
    }

    #[test]
    fn what_is_wrong_has_its_place_in_whichever_type() {
        assert_eq!(
            error("title = 'x'\nboth = [1]"),
            "p.toml:2:9: invalid type: integer `1`, expected a string"
        );
        assert_eq!(
            error("title = 'x'\nspan = '5 parsecs'"),
            "p.toml:2:8: invalid unit of time ` parsecs`; expected d, h, m, s, ms, us or ns"
        );
        assert_eq!(
            error("title = 'x'\n[[inner-list]]\nnmae = 'y'"),
            "p.toml:3:1: unknown key `nmae`; did you mean `name`?"
        );
        assert_eq!(
            error("title = 'x'\nnumber =   'y'"),
            "p.toml:2:12: invalid type: string \"y\", expected a whole number from 0 to 255"
        );
        assert_eq!(error("number = 1"), "p.toml:1:1: missing field `title`");
    }

    #[test]
    fn a_key_that_none_has_is_answered_with_the_nearest_of_all() {
        for (key, near) in [("titel", "title"), ("spam", "span"), ("numbr", "number")] {
            assert_eq!(
                error(&format!("title = 'x'\n{key} = 1")),
                format!("p.toml:2:1: unknown key `{key}`; did you mean `{near}`?")
            );
        }
        assert_eq!(
            error("title = 'x'\nwholly-different = 1"),
            "p.toml:2:1: unknown key `wholly-different`; known are title, both, span, number, inner-list"
        );
    }
}
