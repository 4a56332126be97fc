//! The words for a certificate that is not as it ought to be, most of them those of badssl.com.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One thing that is wrong with a certificate, or that nothing is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateWord {
    /// Issued to the host by an authority of the world, with its intermediate.
    #[default]
    Valid,
    /// Its time is over, since a day.
    Expired,
    /// Its time has not come, for a day.
    NotYetValid,
    /// Issued to another host.
    WrongHost,
    /// Issued by an authority that nobody trusts.
    UntrustedRoot,
    /// Signed with its own key.
    SelfSigned,
    /// The intermediate is not sent.
    IncompleteChain,
    /// The root is sent before the intermediate.
    ReversedChain,
    /// Its subject has no common name.
    NoCommonName,
    /// It has neither subject nor names.
    NoSubject,
    /// Its intermediate is signed over SHA-1.
    #[serde(rename = "sha1-intermediate")]
    Sha1Intermediate,
    /// It has a thousand names more.
    #[serde(rename = "1000-sans")]
    ThousandSans,
    /// It has ten thousand names more.
    #[serde(rename = "10000-sans")]
    TenThousandSans,
}

/// What of the path from certificate to root a server sends.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// The server's own certificate.
    Leaf,
    /// All intermediates, the issuer first.
    Intermediates,
    /// The root.
    Root,
    /// A certificate that has nothing to do with it; each time another.
    Unrelated,
}

/// A moment, in seconds from the world's start. In a file: `"-1d"`, `"+200s"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offset(pub i64);

/// The units, longest first, with their length in seconds.
const UNITS: [(&str, i64); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

impl std::str::FromStr for Offset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (sign, span) = match text.strip_prefix('-') {
            Some(span) => (-1, span),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let digits = span.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = span.split_at(digits);
        let number: i64 = number.parse().map_err(|_| {
            format!("invalid offset `{text}`; expected for example `-1d` or `+200s`")
        })?;
        let (_, length) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(|| format!("`{unit}` is no unit of time here; use d, h, m or s"))?;
        number
            .checked_mul(sign * length)
            .map(Offset)
            .ok_or_else(|| format!("`{text}` is too far away"))
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.unsigned_abs();
        let sign = if self.0 < 0 { '-' } else { '+' };
        for (name, length) in UNITS {
            let length = length.unsigned_abs();
            if secs.is_multiple_of(length) && (secs > 0 || length == 1) {
                return write!(f, "{sign}{}{name}", secs / length);
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Serialize for Offset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_with_their_sign_and_the_longest_unit() {
        for (text, secs, written) in [
            ("-1d", -86_400, "-1d"),
            ("200s", 200, "+200s"),
            ("+48h", 172_800, "+2d"),
            ("-0s", 0, "+0s"),
        ] {
            let offset: Offset = text.parse().expect("a moment");
            assert_eq!((offset.0, offset.to_string().as_str()), (secs, written));
        }
        for wrong in ["", "d", "--1d", "1y", "9223372036854775807d", "-1 d"] {
            assert!(wrong.parse::<Offset>().is_err(), "{wrong}");
        }
    }
}
