//! The Postfix whose rules and words are followed.

use std::fmt;
use std::str::FromStr;

/// A Postfix release, oldest first. It is an input, because defaults, rules and log words changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostfixVersion {
    /// 3.7 (observed: 3.7.11).
    #[default]
    V3_7,
    /// 3.12 (observed: the snapshot of 2026-08-21).
    V3_12,
}

impl PostfixVersion {
    /// The versions that are known, oldest first.
    pub const ALL: [PostfixVersion; 2] = [PostfixVersion::V3_7, PostfixVersion::V3_12];

    /// Major and minor number, as users write them.
    pub const fn name(self) -> &'static str {
        match self {
            PostfixVersion::V3_7 => "3.7",
            PostfixVersion::V3_12 => "3.12",
        }
    }
}

impl fmt::Display for PostfixVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PostfixVersion {
    type Err = UnknownVersion;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        PostfixVersion::ALL
            .into_iter()
            .find(|version| version.name() == word)
            .ok_or(UnknownVersion)
    }
}

/// The word names no version of Postfix that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownVersion;

impl fmt::Display for UnknownVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown Postfix version; known are 3.7 and 3.12")
    }
}

impl std::error::Error for UnknownVersion {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_age_and_not_as_text() {
        assert!("3.7".parse::<PostfixVersion>().unwrap() < "3.12".parse().unwrap());
        assert_eq!(PostfixVersion::default().to_string(), "3.7");
        assert_eq!("3.8".parse::<PostfixVersion>(), Err(UnknownVersion));
    }
}
