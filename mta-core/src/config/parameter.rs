//! What is known of a parameter: its name, its type, its defaults.

use std::fmt;

use super::feature::Since;
use super::release::Release;

/// A parameter of main.cf that the simulator uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; case matters.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// The default at first: raw, so it may name other parameters. Empty for a name that comes from the machine
    /// ([`Kind::HostName`]).
    pub first_default: &'static str,
    /// The default that took its place, and since when.
    pub later_default: Option<(Since, &'static str)>,
    /// The releases that brought it, if not all of those that are simulated know it.
    pub since: Option<Since>,
    /// What it means, in a few words.
    pub meaning: &'static str,
}

/// The type of a parameter. A limit of 0 is no limit, as in Postfix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text of at least `min` bytes.
    Text {
        /// 1 if the text must not be empty, else 0.
        min: usize,
    },
    /// Lookup tables, each `type:name`, separated by commas or blanks.
    Tables,
    /// A host name, by default the machine's own or what follows from it.
    HostName,
    /// `yes` or `no`, in any case.
    YesNo,
    /// A whole number.
    Number {
        /// The least value allowed.
        min: i32,
        /// The greatest value allowed.
        max: i32,
    },
    /// A span of whole seconds, minutes, hours, days or weeks: `300s`, `5d`. Without a unit it has the
    /// unit of its default.
    Time {
        /// The least value allowed, in seconds.
        min: i32,
        /// The greatest value allowed, in seconds.
        max: i32,
    },
    /// One word of these, or nothing.
    Word(&'static [&'static str]),
    /// Words of these, separated by commas or blanks.
    Words(&'static [&'static str]),
}

impl Parameter {
    /// Whether `release` knows it. To any other it is a name that an admin made up.
    pub fn is_known_to(&self, release: Release) -> bool {
        self.since.is_none_or(|since| since.includes(release))
    }

    /// The raw default in `release`.
    pub fn default(&self, release: Release) -> &'static str {
        match self.later_default {
            Some((since, default)) if since.includes(release) => default,
            Some(_) | None => self.first_default,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Text { min: 0 } => f.write_str("text"),
            Kind::Text { .. } => f.write_str("text, not empty"),
            Kind::Tables => f.write_str("tables"),
            Kind::HostName => f.write_str("host name"),
            Kind::YesNo => f.write_str("yes or no"),
            Kind::Number { min, max } => write_limits(f, "number", *min, *max, ""),
            Kind::Time { min, max } => write_limits(f, "time", *min, *max, "s"),
            Kind::Word(words) => write!(f, "word: {}", words.join(" ")),
            Kind::Words(words) => write!(f, "words: {}", words.join(" ")),
        }
    }
}

fn write_limits(
    f: &mut fmt::Formatter<'_>,
    kind: &str,
    min: i32,
    max: i32,
    unit: &str,
) -> fmt::Result {
    f.write_str(kind)?;
    if min != 0 {
        write!(f, ", at least {min}{unit}")?;
    }
    if max != 0 {
        write!(f, ", at most {max}{unit}")?;
    }
    Ok(())
}
