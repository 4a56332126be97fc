//! Where a row of the catalogue is settled otherwise, and why.

use crate::file::{FileError, read};
use mta_core::policy::Level;
use serde::{Deserialize, Serialize};

use super::code::Cell;
use super::row::SessionWord;

/// A decision about cells of a row: what Postfix does there, by whose word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Correction {
    /// The behaviour.
    pub behaviour: String,
    /// The levels, by their names. Default: all at which the outcome is another one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
    /// What the delivery comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out: Option<Cell>,
    /// What the second delivery comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Cell>,
    /// How TLS came up in the last delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionWord>,
    /// Who says so: an observed case, a paragraph of an RFC, a file of Postfix.
    pub source: String,
    /// Why, in a line.
    pub why: String,
}

impl Correction {
    /// Whether it is about this level.
    pub fn is_about(&self, level: Level) -> bool {
        self.levels.is_empty() || self.levels.iter().any(|name| name == level.name())
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    correction: Vec<Correction>,
}

/// Reads the file of corrections.
///
/// # Errors
/// The first thing wrong with it.
pub(super) fn load(file: &str, text: &str) -> Result<Vec<Correction>, FileError> {
    let File { correction } = read(file, text)?;
    for correction in &correction {
        let unknown = |name: &&String| name.parse::<Level>().is_err();
        if let Some(name) = correction.levels.iter().find(unknown) {
            let message = format!("unknown level `{name}`");
            return Err(FileError::at_key(file, text, "levels", &message));
        }
        if correction.out.is_none() && correction.then.is_none() && correction.session.is_none() {
            let message = "a correction says what comes out: out, then or session";
            return Err(FileError::at_key(file, text, "correction", message));
        }
        if correction.source.trim().is_empty() || correction.why.trim().is_empty() {
            let message = "`source` and `why` are required";
            return Err(FileError::at_key(file, text, "correction", message));
        }
    }
    Ok(correction)
}
