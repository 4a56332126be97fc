//! The rows of the catalogue: what each behaviour comes to at each level.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::file::{FileError, read};
use mta_core::policy::Level;
use serde::{Deserialize, Serialize};

use super::code::Cell;

/// The levels of a row, in its order.
pub const LEVELS: [Level; 8] = [
    Level::None,
    Level::May,
    Level::Encrypt,
    Level::Fingerprint,
    Level::Verify,
    Level::Secure,
    Level::Dane,
    Level::DaneOnly,
];

/// A row, as its file writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Row {
    /// The world in which the behaviour is met, if it is a peer. Default `w0`.
    #[serde(default = "w0")]
    pub world: String,
    /// Which layer deviates, and who makes it.
    pub layer: String,
    /// What the first delivery comes to.
    pub out: Out,
    /// What the second delivery comes to: the retry, or else a second message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Out>,
    /// How TLS came up in the last delivery, where it was sent in TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionWord>,
    /// How long after the first message the second one comes, where the row is about two. Default one minute.
    #[serde(default = "a_minute", with = "crate::span")]
    pub after: Duration,
    /// How much simulated time the run may take. Default three hours: the longest delivery that waits for a slow server,
    /// and the attempt after it.
    #[serde(default = "three_hours", with = "crate::span")]
    pub limit: Duration,
    /// The capability that this row waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Capability>,
}

fn w0() -> String {
    "w0".to_owned()
}

const fn a_minute() -> Duration {
    Duration::from_secs(60)
}

const fn three_hours() -> Duration {
    Duration::from_secs(3 * 3600)
}

/// What a row can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Policies fetched over HTTPS (RFC 8461 §3.3).
    MtaStsOverHttps,
    /// Reports, and their delivery (RFC 8460 §4).
    TlsrptDocuments,
    /// Peers that relay REQUIRETLS (RFC 8689).
    RequiretlsTowardsPeers,
}

impl Capability {
    /// The word for it in a row.
    pub const fn name(self) -> &'static str {
        match self {
            Capability::MtaStsOverHttps => "mta-sts-over-https",
            Capability::TlsrptDocuments => "tlsrpt-documents",
            Capability::RequiretlsTowardsPeers => "requiretls-towards-peers",
        }
    }
}

/// How TLS came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionWord {
    /// A session was resumed.
    Resumed,
    /// By a full handshake.
    Full,
    /// It may be the one or the other.
    Either,
}

/// A cell for each level, or one for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "an outcome, such as `D:4.4.2`, or a table with one for each of the eight levels"
)]
pub enum Out {
    /// The same at every level.
    Same(Cell),
    /// By the names of the levels.
    ByLevel(BTreeMap<String, Cell>),
}

impl Out {
    /// The cell of a level.
    pub fn at(&self, level: Level) -> Option<&Cell> {
        match self {
            Out::Same(cell) => Some(cell),
            Out::ByLevel(cells) => cells.get(level.name()),
        }
    }

    /// What is wrong with it, if its levels are not the eight.
    fn check(&self) -> Result<(), String> {
        if let Some(missing) = LEVELS.iter().find(|level| self.at(**level).is_none()) {
            return Err(format!("no outcome at level {missing}"));
        }
        match self {
            Out::ByLevel(cells) if cells.len() > LEVELS.len() => {
                Err("outcomes at levels that do not exist".to_owned())
            }
            Out::ByLevel(_) | Out::Same(_) => Ok(()),
        }
    }
}

/// Reads a file of rows.
///
/// # Errors
/// The first thing wrong with it.
pub(super) fn load(file: &str, text: &str) -> Result<BTreeMap<String, Row>, FileError> {
    let rows: BTreeMap<String, Row> = read(file, text)?;
    for (id, row) in &rows {
        for out in std::iter::once(&row.out).chain(&row.then) {
            out.check()
                .map_err(|message| FileError::at_key(file, text, id, &message))?;
        }
    }
    Ok(rows)
}
