//! What is known about a peer: where from, and of when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::date::Date;

/// `[[fact]]`: something known about a peer that stands for a provider or a product.
///
/// ```
/// use mta_sim::peer::{Fact, Knowledge};
///
/// let peer = mta_sim::peer::load("peers/somebody.toml", r#"
///     [[fact]]
///     about = "greeting, EHLO"
///     source = "SMTP transcripts in public issue threads"
///     as-of = "2026-03"
///     kind = "seen"
/// "#)?;
/// let as_of = "2026-03".parse().expect("a date");
/// let fact = Fact::new("greeting, EHLO", "SMTP transcripts in public issue threads", as_of, Knowledge::Seen);
/// assert_eq!(peer.facts, [fact]);
/// assert!(peer.facts[0].is_old("2027-04".parse().expect("a date")));
/// # Ok::<(), mta_sim::file::FileError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fact {
    /// The parts of the behaviour that it is about.
    pub about: String,
    /// Where it was read or seen.
    pub source: String,
    /// When that was so: `2026-03`, or `2026-03-17`.
    pub as_of: Date,
    /// How sure it is.
    pub kind: Knowledge,
    /// For how many months it can be relied on. Default 12.
    #[serde(default = "twelve", skip_serializing_if = "is_twelve")]
    pub months: u16,
}

/// How sure a fact is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Knowledge {
    /// The source shows it.
    Seen,
    /// Filled in from what servers of its kind do; not the provider's word.
    Approximate,
}

const fn twelve() -> u16 {
    12
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_twelve(months: &u16) -> bool {
    *months == twelve()
}

impl Fact {
    /// A fact that can be relied on for a year.
    pub fn new(
        about: impl Into<String>,
        source: impl Into<String>,
        as_of: Date,
        kind: Knowledge,
    ) -> Self {
        Fact {
            about: about.into(),
            source: source.into(),
            as_of,
            kind,
            months: twelve(),
        }
    }

    /// Whether `today` it is too old to be relied on.
    pub fn is_old(&self, today: Date) -> bool {
        self.as_of.is_older_than(self.months, today)
    }
}
