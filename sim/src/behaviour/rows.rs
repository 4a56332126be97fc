//! The rows of all behaviours, and where they are settled otherwise: the catalogue's, and one's own over them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mta_sim_scenarios::{CORRECTIONS, ROWS};

use super::correction::{self, Correction};
use super::row::{self, Row};
use crate::file::FileError;

/// The rows by the names of their behaviours, which are those of peers and worlds, and the corrections.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Behaviours {
    rows: BTreeMap<String, Row>,
    corrections: Vec<Correction>,
}

static EMBEDDED: LazyLock<Result<Behaviours, FileError>> = LazyLock::new(Behaviours::built_in);

impl Behaviours {
    /// Those of the catalogue that is built in.
    ///
    /// # Errors
    /// The first fault in one of its files. A test sees to it that there is none.
    pub fn embedded() -> Result<Behaviours, FileError> {
        EMBEDDED.clone()
    }

    fn built_in() -> Result<Behaviours, FileError> {
        let mut all = Behaviours::default();
        for (name, text) in ROWS {
            all.add_rows(name, text)?;
        }
        all.set_corrections(CORRECTIONS)?;
        Ok(all)
    }

    /// Adds rows, or puts them in the place of those with their names. `text` is that of a file of rows.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn add_rows(&mut self, name: &str, text: &str) -> Result<(), FileError> {
        let rows = row::load(&format!("rows/{name}.toml"), text)?;
        self.rows.extend(rows);
        Ok(())
    }

    /// Settles rows otherwise. `text` is that of the file of corrections.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn set_corrections(&mut self, text: &str) -> Result<(), FileError> {
        self.corrections = correction::load("corrections.toml", text)?;
        Ok(())
    }

    /// What each behaviour comes to.
    pub fn rows(&self) -> &BTreeMap<String, Row> {
        &self.rows
    }

    /// Where rows are settled otherwise.
    pub fn corrections(&self) -> &[Correction] {
        &self.corrections
    }
}
