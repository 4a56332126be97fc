//! The Postfix whose rules and words are followed.

use std::fmt;
use std::str::FromStr;

/// A Postfix release, oldest first. It is an input, because defaults, rules and log words changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Release {
    /// 3.7 (observed: 3.7.11).
    #[default]
    V3_7,
    /// 3.12 (observed: the snapshot of 2026-08-21).
    V3_12,
}

impl Release {
    /// The releases that are known, oldest first.
    pub const ALL: [Release; 2] = [Release::V3_7, Release::V3_12];

    /// Major and minor number, as users write them.
    pub const fn name(self) -> &'static str {
        match self {
            Release::V3_7 => "3.7",
            Release::V3_12 => "3.12",
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Release {
    type Err = UnsupportedRelease;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Release::ALL
            .into_iter()
            .find(|release| release.name() == word)
            .ok_or(UnsupportedRelease)
    }
}

/// The word names no release of Postfix that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsupportedRelease;

impl fmt::Display for UnsupportedRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown Postfix version; known are 3.7 and 3.12")
    }
}

impl std::error::Error for UnsupportedRelease {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_age_and_not_as_text() {
        assert!("3.7".parse::<Release>().unwrap() < "3.12".parse().unwrap());
        assert_eq!(Release::default().to_string(), "3.7");
        assert_eq!("3.8".parse::<Release>(), Err(UnsupportedRelease));
    }
}
