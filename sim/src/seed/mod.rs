//! One seed, and the named random streams drawn from it.

mod purpose;
mod stream;

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use sha2::{Digest, Sha256};

pub use purpose::Purpose;
pub use stream::Stream;

/// The number from which everything random in a run follows.
///
/// Written in decimal; read in decimal or, behind `0x`, in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(pub u64);

/// Separates these keys from any other use of SHA-256 over the same words. A new number here
/// means new bytes in every run: seeds kept with a report stop replaying.
const DOMAIN: &[u8] = b"mta-sim stream 1";

impl Seed {
    /// The stream number `index` for `purpose`: one per connection, host or message, as the
    /// purpose asks. Draws from one stream never move those of another.
    pub fn stream(self, purpose: Purpose, index: u64) -> Stream {
        Stream::new(self.key(purpose, ""), index)
    }

    /// As [`Seed::stream`], for things that have a name instead of a number or besides it.
    /// The empty name gives the stream of [`Seed::stream`].
    pub fn named_stream(self, purpose: Purpose, name: &str, index: u64) -> Stream {
        Stream::new(self.key(purpose, name), index)
    }

    /// The streams for `purpose`, ready to be taken one by one: `seed.streams(purpose).stream(index)` is
    /// `seed.stream(purpose, index)`, and the key is made only once.
    pub fn streams(self, purpose: Purpose) -> Streams {
        Streams(self.key(purpose, ""))
    }

    fn key(self, purpose: Purpose, name: &str) -> [u8; 32] {
        let label = purpose.label();
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(self.0.to_be_bytes());
        // A NUL ends the label, and the name runs to the end, so no two pairs share an input.
        hash.update(label.as_bytes());
        hash.update([0]);
        hash.update(name.as_bytes());
        hash.finalize().into()
    }
}

/// All streams for one purpose.
#[derive(Clone)]
pub struct Streams([u8; 32]);

impl Streams {
    /// The stream number `index`.
    pub fn stream(&self, index: u64) -> Stream {
        Stream::new(self.0, index)
    }
}

/// Shows no key: every stream follows from it.
impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A number; where TOML's are too small, its digits in hexadecimal.
impl Serialize for Seed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(self.0) {
            Ok(number) => serializer.serialize_i64(number),
            Err(_) => serializer.collect_str(&format_args!("{:#x}", self.0)),
        }
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forms)
    }
}

struct Forms;

impl de::Visitor<'_> for Forms {
    type Value = Seed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 0 to 2^64 - 1, or one in quotes: \"0x1f\"")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Seed, E> {
        let wrong = || E::invalid_value(de::Unexpected::Signed(number), &self);
        u64::try_from(number).map(Seed).map_err(|_| wrong())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Seed, E> {
        Ok(Seed(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Seed, E> {
        text.parse().map_err(E::custom)
    }
}

crate::schema::forms! {
    Seed, "Seed", "The number from which everything random follows; in quotes if it is large.", |_generator| [
        { "type": "integer", "minimum": 0 },
        { "type": "string", "pattern": "^(0[xX][0-9a-fA-F]+|[0-9]+)$" },
    ];
}

impl FromStr for Seed {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(hex) => (hex, 16),
            None => (text, 10),
        };
        if digits.is_empty() {
            return Err(SeedError::Empty);
        }
        if let Some(found) = digits.chars().find(|c| !c.is_digit(radix)) {
            return Err(SeedError::NotADigit { found, radix });
        }
        u64::from_str_radix(digits, radix)
            .map(Seed)
            .map_err(|_| SeedError::TooLarge)
    }
}

/// Why a text is not a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeedError {
    /// There is no digit.
    Empty,
    /// A character that is no digit of this radix, 10 or 16.
    NotADigit {
        /// The first such character.
        found: char,
        /// 16 behind `0x`, else 10.
        radix: u32,
    },
    /// The number needs more than 64 bits.
    TooLarge,
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SeedError::Empty => f.write_str("a seed needs at least one digit"),
            SeedError::NotADigit { found, radix: 16 } => {
                write!(f, "{found:?} is not a hexadecimal digit")
            }
            SeedError::NotADigit { found, .. } => write!(
                f,
                "{found:?} is not a decimal digit (a hexadecimal seed starts with 0x)"
            ),
            SeedError::TooLarge => write!(f, "a seed is at most {}", u64::MAX),
        }
    }
}

impl std::error::Error for SeedError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_read_back_as_it_is_shown() {
        for seed in [Seed(0), Seed(7), Seed(u64::MAX)] {
            assert_eq!(seed.to_string().parse(), Ok(seed));
            assert_eq!(format!("{:#x}", seed.0).parse(), Ok(seed));
        }
    }

    #[test]
    fn what_is_wrong_with_a_seed_is_said() {
        let wrong = |text: &str| text.parse::<Seed>().expect_err(text).to_string();
        assert_eq!(wrong(""), "a seed needs at least one digit");
        assert_eq!(wrong("0x"), "a seed needs at least one digit");
        assert_eq!(
            wrong("12f"),
            "'f' is not a decimal digit (a hexadecimal seed starts with 0x)"
        );
        assert_eq!(wrong("0x1g"), "'g' is not a hexadecimal digit");
        // The number parser of the standard library would take this sign.
        assert_eq!(
            wrong("+1"),
            "'+' is not a decimal digit (a hexadecimal seed starts with 0x)"
        );
        assert_eq!(
            wrong("18446744073709551616"),
            "a seed is at most 18446744073709551615"
        );
    }

    #[test]
    fn seed_purpose_name_and_index_each_give_another_stream() {
        let first = |mut stream: Stream| stream.bytes::<16>();
        let all = [
            first(Seed(1).stream(Purpose::Plan, 0)),
            first(Seed(2).stream(Purpose::Plan, 0)),
            first(Seed(1).stream(Purpose::Latency, 0)),
            first(Seed(1).stream(Purpose::Plan, 1)),
            first(Seed(1).named_stream(Purpose::Plan, "a", 0)),
            first(Seed(1).named_stream(Purpose::Plan, "b", 0)),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(!all[i + 1..].contains(one), "stream {i} is there twice");
        }
        for same in [
            Seed(1).named_stream(Purpose::Plan, "", 3),
            Seed(1).streams(Purpose::Plan).stream(3),
        ] {
            assert_eq!(first(same), first(Seed(1).stream(Purpose::Plan, 3)));
        }
    }
}
