//! One table by itself, for parameters that mix tables with words.

use std::sync::Arc;

use super::table::{Failed, Opening, Table};
use super::{LookupError, Unsupported};
use crate::event::TableNotice;

/// A table as smtp(8) opens it. A clone shares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dictionary {
    table: Arc<Table>,
    opening: Vec<TableNotice>,
}

impl Dictionary {
    /// Opens the table `type:name`. What Postfix would complain of is not an error, as for [`Maps`](super::Maps).
    ///
    /// # Errors
    /// [`Unsupported`] if Postfix could answer from the table and we could not, or a limit is exceeded.
    pub(crate) fn open(
        spec: &str,
        read: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Dictionary, Unsupported> {
        let mut opening = Opening::new(read, true);
        let table = Arc::new(opening.table(spec, 0)?);
        Ok(Dictionary {
            table,
            opening: opening.log,
        })
    }

    /// What the table says of `key`.
    ///
    /// # Errors
    /// [`LookupError`] if it has no answer to give, not even a negative one.
    pub(crate) fn find(&self, key: &str) -> Result<Option<String>, LookupError> {
        let mut log = Vec::new();
        let found = self.table.find(key, &mut log);
        found.map_err(|Failed| LookupError { notices: log })
    }

    /// Whether it looks for equal keys, so that parents of a name have to be asked for one by one.
    pub(crate) fn is_fixed(&self) -> bool {
        self.table.is_fixed()
    }

    /// What smtp(8) remarks on when it opens the table.
    pub(crate) fn opening_notices(&self) -> &[TableNotice] {
        &self.opening
    }

    /// The table, `type:name`.
    pub(crate) fn spec(&self) -> Arc<str> {
        self.table.spec()
    }
}
