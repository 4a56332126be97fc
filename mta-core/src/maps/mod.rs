//! Lookup tables, read from their source text: the values of the parameters whose names end in `_maps`.
//!
//! ```
//! use mta_core::maps::Maps;
//!
//! let mut read = |path: &str| {
//!     let text = "example.test secure match=nexthop\n.example.test encrypt\n";
//!     (path == "/etc/postfix/tls_policy").then(|| text.into())
//! };
//! let value = "inline:{ {other.test = may} }, hash:/etc/postfix/tls_policy";
//! let maps = Maps::load("smtp_tls_policy_maps", value, &mut read)?;
//! let found = maps.find("Example.Test").unwrap();
//! assert_eq!(found.as_deref(), Some("secure match=nexthop"));
//! assert!(maps.opening_notices().is_empty());
//! # Ok::<(), mta_core::maps::Unsupported>(())
//! ```
//!
//! The core has no files: whoever loads tables reads the text that postmap(1) would compile. `proxy:` is taken for
//! the table behind it.

use std::fmt;
use std::sync::Arc;

use crate::event::TableNotice;

mod limits;

pub(crate) mod syntax;

mod dictionary;
mod fault;
mod lines;
mod reach;
mod table;
mod text;
mod unsupported;

mod cidr;
mod rules;

mod class;
mod pattern;
mod patterns;
mod perl;
mod posix;
mod replacement;

#[cfg(test)]
mod tests;

pub(crate) use dictionary::Dictionary;
pub use limits::{
    MAX_COMPILED_BYTES, MAX_FILE_BYTES, MAX_KEY_BYTES, MAX_LINES, MAX_NESTING, MAX_PATTERN_BYTES,
    MAX_RESULT_BYTES, MAX_TABLES,
};
pub use reach::{Reach, reaches, written};
pub(crate) use syntax::braced_words;
use table::{Failed, Opening, Table};
pub use unsupported::Unsupported;

/// The tables of one parameter, in the order in which they are asked (src/global/maps.c). A clone shares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maps {
    title: String,
    tables: Arc<[Table]>,
    untyped: Option<String>,
    opening: Vec<TableNotice>,
    postmap: Vec<TableNotice>,
}

impl Maps {
    /// Opens the tables that `value` lists. `title` is the name of the parameter, and `read` gives the contents of a
    /// source file, or nothing if there is none.
    ///
    /// What Postfix would complain of is not an error: it goes on without the table, or without a rule in it, and so do
    /// we. See [`Maps::opening_notices`].
    ///
    /// # Errors
    /// [`Unsupported`] if Postfix could answer from a table and we could not, or a limit is exceeded.
    pub fn load(
        title: &str,
        value: &str,
        read: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Maps, Unsupported> {
        Maps::open(title, value, Opening::new(read, true))
    }

    /// The same for a parameter whose results are to be trusted: a pattern may not put a part of the key into one
    /// (`DICT_FLAG_NO_REGSUB`).
    ///
    /// # Errors
    /// As for [`Maps::load`].
    pub fn load_literal(
        title: &str,
        value: &str,
        read: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Maps, Unsupported> {
        Maps::open(title, value, Opening::new(read, false))
    }

    fn open(title: &str, value: &str, mut opening: Opening<'_>) -> Result<Maps, Unsupported> {
        let tables: Result<Arc<[Table]>, Unsupported> = braced_words(value)
            .map(|spec| opening.table(spec, 0))
            .collect();
        let untyped = braced_words(value).find(|spec| !spec.contains(':'));
        Ok(Maps {
            title: title.to_owned(),
            tables: tables?,
            untyped: untyped.map(str::to_owned),
            opening: opening.log,
            postmap: opening.postmap_log,
        })
    }

    /// What the first table that knows `key` says of it. Tables of keys do not mind the case of letters; patterns see
    /// the key as it is given.
    ///
    /// # Errors
    /// [`LookupError`] if a table that is asked before has no answer to give, not even a negative one.
    pub fn find(&self, key: &str) -> Result<Option<String>, LookupError> {
        self.find_in(key, |_| true)
    }

    /// The same for a part of what is looked for: tables of patterns see the whole alone, and are passed over.
    ///
    /// # Errors
    /// As for [`Maps::find`].
    pub fn find_part(&self, key: &str) -> Result<Option<String>, LookupError> {
        self.find_in(key, Table::is_fixed)
    }

    fn find_in(
        &self,
        key: &str,
        is_asked: fn(&Table) -> bool,
    ) -> Result<Option<String>, LookupError> {
        if key.is_empty() {
            return Ok(None);
        }
        let mut log = Vec::new();
        for table in self.tables.iter().filter(|table| is_asked(table)) {
            match table.find(key, &mut log) {
                Ok(None) => {}
                Ok(Some(found)) if found.is_empty() => {
                    log.push(TableNotice::EmptyResult {
                        parameter: self.title.as_str().into(),
                        key: key.into(),
                    });
                    return Err(LookupError { notices: log });
                }
                Ok(Some(found)) => return Ok(Some(found)),
                Err(Failed) => {
                    log.push(TableNotice::LookupFailed {
                        table: table.spec(),
                        key: key.into(),
                    });
                    return Err(LookupError { notices: log });
                }
            }
        }
        Ok(None)
    }

    /// The name of the parameter.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What smtp(8) remarks on when it opens the tables, once for each process.
    pub fn opening_notices(&self) -> &[TableNotice] {
        &self.opening
    }

    /// What postmap(1) says on the terminal when it compiles the tables; smtp(8) never does.
    pub fn postmap_notices(&self) -> &[TableNotice] {
        &self.postmap
    }

    /// The first table that is given without a type. Postfix 3.7 ends with `fatal:` over it where later versions log
    /// the same as `error:` (src/util/dict_open.c).
    pub fn untyped(&self) -> Option<&str> {
        self.untyped.as_deref()
    }

    /// Whether no table is listed, which is the same as an empty parameter.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }
}

/// A look-up gave neither a result nor the certainty that there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupError {
    /// What Postfix remarks on, in order.
    pub notices: Vec<TableNotice>,
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a lookup table has no answer")
    }
}

impl std::error::Error for LookupError {}
