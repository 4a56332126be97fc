//! A release of Postfix: a number.

use std::fmt;
use std::str::FromStr;

use super::problem::clip;

/// A release of Postfix whose rules and words are followed, older ones first. It is an input, because defaults, rules
/// and log words changed. What a release does is asked with [`Release::has`], not by comparing numbers.
///
/// Users name a line of releases, `3.7`; what is followed is the patch level of it that was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    major: u8,
    minor: u8,
    patch: u8,
}

impl Release {
    /// 3.7 (observed: 3.7.11).
    pub const V3_7: Release = Release::new(3, 7, 11);
    /// 3.12 (observed: the snapshot of 2026-08-21, which stands for 3.12.0).
    pub const V3_12: Release = Release::new(3, 12, 0);

    /// The releases that are simulated, oldest first.
    pub const ALL: [Release; 2] = [Release::V3_7, Release::V3_12];

    pub(super) const fn new(major: u8, minor: u8, patch: u8) -> Release {
        Release {
            major,
            minor,
            patch,
        }
    }

    /// The first two numbers, as in 3.7.
    pub(super) const fn line(self) -> (u8, u8) {
        (self.major, self.minor)
    }

    /// The third number.
    pub(super) const fn patch(self) -> u8 {
        self.patch
    }
}

impl Default for Release {
    /// 3.7.
    fn default() -> Release {
        Release::V3_7
    }
}

impl fmt::Display for Release {
    /// Its line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Release {
    type Err = UnsupportedRelease;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Release::ALL
            .into_iter()
            .find(|release| release.to_string() == word)
            .ok_or_else(|| UnsupportedRelease {
                asked: clip(word).to_string(),
            })
    }
}

/// No release of this name is simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedRelease {
    asked: String,
}

impl fmt::Display for UnsupportedRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Release::ALL.map(|release| release.to_string()).join(" or ");
        write!(
            f,
            "unsupported Postfix release `{}`; expected {known}",
            self.asked
        )
    }
}

impl std::error::Error for UnsupportedRelease {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_named_by_its_line() {
        for release in Release::ALL {
            assert_eq!(release.to_string().parse(), Ok(release));
        }
        assert_eq!(Release::default().to_string(), "3.7");
    }

    #[test]
    fn what_is_not_simulated_is_told() {
        for word in ["3.5", "3.8", "3.7.11", "3.07", " 3.7", "postfix", ""] {
            assert_eq!(
                word.parse::<Release>().unwrap_err().to_string(),
                format!("unsupported Postfix release `{word}`; expected 3.7 or 3.12")
            );
        }
    }
}
