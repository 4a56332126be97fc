//! What keeps a list of tables from being used here, though Postfix could use it.

use std::fmt;

/// What Postfix could do with a table and this simulator cannot, in one clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported(String);

impl Unsupported {
    pub(super) fn new(what: String) -> Self {
        Unsupported(what)
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsupported {}
