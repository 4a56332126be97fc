//! What a preview shows, destination by destination.

use serde::Serialize;

use super::finding::Finding;
use super::login::Login;
use super::not_known::NotKnown;
use super::note::Note;
use super::own_domain::OwnDomain;
use super::places::Places;
use super::row::Row;
use crate::date::Date;
use crate::view::Told;

/// What a preview shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The Postfix whose rules were followed.
    pub postfix: String,
    /// The seed; the same one gives the same preview.
    pub seed: u64,
    /// Where randomness came from.
    pub crypto: &'static str,
    /// What looks unintended in the configuration.
    pub warnings: Vec<Told>,
    /// What happens to mail, destination by destination.
    pub destinations: Vec<Destination>,
    /// Destinations whose mail does not go out as it is.
    pub own_domains: Vec<OwnDomain>,
    /// What should make an administrator think twice; with one of these the command exits with 1.
    pub findings: Vec<Finding>,
    /// What was not looked at, and is neither right nor wrong; with one of these and no finding the command exits with 3.
    pub not_known: Vec<NotKnown>,
    /// What there is to note of the files that were looked at.
    pub notes: Vec<Note>,
    /// The line of main.cf that sets each parameter.
    pub(super) places: Places,
}

/// What happens to mail for one destination.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Destination {
    /// The domain.
    pub domain: String,
    /// Where its mail goes instead of to its own servers, as main.cf has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_hop: Option<String>,
    /// Whether mail for every other domain goes there too, so that no other destination is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_for_all: bool,
    /// The peer that stands there, if one is known to receive the mail.
    pub peer: Option<String>,
    /// The date of what is known about that peer.
    pub as_of: Option<String>,
    /// What is filled in from what servers of its kind do, and is not the provider's word.
    pub approximate: Vec<String>,
    /// What was known too long ago to be relied on today.
    pub old: Vec<OldFact>,
    /// The login there, if mail is to log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
    /// The same mail under different circumstances.
    pub rows: Vec<Row>,
    /// What Postfix would log for the mails with this configuration.
    pub log: Vec<String>,
}

/// A fact that is too old to be relied on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OldFact {
    /// What it is about.
    pub about: String,
    /// When it was so.
    pub as_of: Date,
}
