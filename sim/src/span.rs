//! Spans of time as files write them: a whole number and a unit, `20ms`, `6s`, `48h`.

use std::fmt;
use std::time::Duration;

use serde::{Deserializer, Serializer, de};

/// The units, longest first, with their length in nanoseconds.
const UNITS: [(&str, u128); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// The longest span a file may ask for: a year, far above the queue lifetime of any mailer.
const SPAN_MAX: Duration = Duration::from_secs(366 * 86_400);

/// A span as files write it, for their JSON Schema.
pub struct Text;

/// Reads a span. Units: `d`, `h`, `m` (minutes), `s`, `ms`, `us`, `ns`.
///
/// # Errors
/// One line that says what is wrong, if `text` is no whole number with a unit, or longer than a year.
pub fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u128 = number.parse().map_err(|_| {
        format!("invalid span `{text}`; expected a number and a unit, such as `20ms` or `6s`")
    })?;
    let (_, length) = UNITS
        .iter()
        .find(|(name, _)| *name == unit.trim_start())
        .ok_or_else(|| {
            format!("invalid unit of time `{unit}`; expected d, h, m, s, ms, us or ns")
        })?;
    let nanos = number.saturating_mul(*length);
    match u64::try_from(nanos).map(Duration::from_nanos) {
        Ok(span) if span <= SPAN_MAX => Ok(span),
        Ok(_) | Err(_) => Err(format!("invalid span `{text}`; expected at most a year")),
    }
}

/// Writes a span with the longest unit that leaves a whole number: `90s`, not `1.5m`.
pub fn show(span: Duration) -> String {
    let nanos = span.as_nanos();
    for (name, length) in UNITS {
        if nanos >= length && nanos.is_multiple_of(length) {
            return format!("{}{name}", nanos / length);
        }
    }
    "0s".to_owned()
}

/// For `#[serde(with = "crate::span")]`.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&show(*span))
}

/// For `#[serde(with = "crate::span")]`.
///
/// # Errors
/// If the text is no span; see [`parse`].
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_str(Words)
}

struct Words;

impl de::Visitor<'_> for Words {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a span of time, as \"20ms\" or \"6s\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(E::custom)
    }
}

/// For `#[serde(with = "crate::span::maybe")]`: a span that may be absent.
pub mod maybe {
    use std::time::Duration;

    use serde::{Deserializer, Serializer};

    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        span: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) => super::serialize(span, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// # Errors
    /// If the text is no span; see [`parse`](super::parse).
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}

crate::schema::texts! {
    Text, "Span", format!("^{}$", crate::schema::SPAN), "A span of time: a number and a unit, `20ms`, `6s`, `48h`, `5d`.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_back() {
        for text in ["0s", "20ms", "90s", "5m", "48h", "7d", "1us", "3ns"] {
            let span = parse(text).unwrap();
            assert_eq!(parse(&show(span)).unwrap(), span, "{text}");
        }
        assert_eq!(show(Duration::from_secs(90)), "90s");
        assert_eq!(show(parse("120s").unwrap()), "2m");
    }

    #[test]
    fn what_is_no_span_is_refused_in_words() {
        for text in [
            "",
            "5",
            "ms",
            "-1s",
            "1.5s",
            "5 parsecs",
            "99999999999999999999999999999999999999999d",
            "400d",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(
            parse("5parsecs").unwrap_err(),
            "invalid unit of time `parsecs`; expected d, h, m, s, ms, us or ns"
        );
    }
}
