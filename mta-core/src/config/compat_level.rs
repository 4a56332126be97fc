//! `compatibility_level`: whose defaults an admin has agreed to.

use std::fmt;
use std::str::FromStr;

/// A compatibility level, `major.minor.patch`; what is not written is 0 (src/global/compat_level.c).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CompatLevel {
    major: u64,
    minor: u64,
    patch: u64,
}

/// Largest major number: what is left of a `long` of 64 bits.
const MAX_MAJOR: u64 = i64::MAX as u64 >> 20;
/// Largest minor number and patch number: Postfix has ten bits for each.
const MAX_MINOR: u64 = 1023;

impl CompatLevel {
    /// The level `major.minor`.
    pub const fn new(major: u64, minor: u64) -> Self {
        CompatLevel {
            major,
            minor,
            patch: 0,
        }
    }
}

impl FromStr for CompatLevel {
    type Err = MalformedCompatLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('.');
        let major = number(parts.next(), MAX_MAJOR)?;
        let minor = number(parts.next().or(Some("0")), MAX_MINOR)?;
        let patch = number(parts.next().or(Some("0")), MAX_MINOR)?;
        match parts.next() {
            None => Ok(CompatLevel {
                major,
                minor,
                patch,
            }),
            Some(_) => Err(MalformedCompatLevel),
        }
    }
}

fn number(part: Option<&str>, max: u64) -> Result<u64, MalformedCompatLevel> {
    let digits = part.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|text| text.parse().ok());
    number
        .filter(|number| *number <= max)
        .ok_or(MalformedCompatLevel)
}

impl fmt::Display for CompatLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.major)?;
        if (self.minor, self.patch) != (0, 0) {
            write!(f, ".{}", self.minor)?;
        }
        if self.patch != 0 {
            write!(f, ".{}", self.patch)?;
        }
        Ok(())
    }
}

/// The text is not a compatibility level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedCompatLevel;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_compare_by_number_and_not_as_text() {
        let level = |text: &str| text.parse::<CompatLevel>().unwrap();
        assert!(level("3.9") < level("3.10"));
        assert!(level("2") < level("3.6"));
        assert_eq!(level("3.6"), CompatLevel::new(3, 6));
        // Whoever wants all of today's defaults may write this (COMPATIBILITY_README).
        assert_eq!(level("9999"), CompatLevel::new(9999, 0));
        assert_eq!(level("8796093022207").to_string(), "8796093022207");
        assert_eq!(level("3.6.0").to_string(), "3.6");
        assert_eq!(level("3.0.1").to_string(), "3.0.1");
    }

    #[test]
    fn other_texts_are_malformed() {
        for text in [
            "",
            "x",
            "3.",
            ".6",
            "3.6.1.1",
            "3,6",
            "-1",
            "3.1024",
            "8796093022208",
            "3.6 ",
        ] {
            assert_eq!(
                text.parse::<CompatLevel>(),
                Err(MalformedCompatLevel),
                "{text:?}"
            );
        }
    }
}
