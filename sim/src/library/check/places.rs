//! Where things stand in a file.

use crate::file::{FileError, SourceFile};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file that could be read.
pub(super) struct Places<'a>(pub(super) &'a SourceFile);

impl Places<'_> {
    fn tables(&self) -> &DeTable<'_> {
        self.0.tables().get_ref()
    }

    /// The elements of the list under these keys: so many, and where each begins.
    pub(super) fn list(&self, keys: &[&str]) -> Vec<usize> {
        let Some((last, keys)) = keys.split_last() else {
            return Vec::new();
        };
        let mut table = self.tables();
        for key in keys {
            let Some(inner) = table.get(*key).and_then(|value| value.get_ref().as_table()) else {
                return Vec::new();
            };
            table = inner;
        }
        let list = table
            .get(*last)
            .and_then(|value| value.get_ref().as_array());
        list.map_or_else(Vec::new, |list| {
            list.iter().map(|value| value.span().start).collect()
        })
    }

    pub(super) fn line(&self, octet: usize) -> usize {
        let before = self.0.text().get(..octet).unwrap_or_default();
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.tables().contains_key(key)
    }

    pub(super) fn at(&self, octet: usize, message: &str) -> FileError {
        self.0.fault_at(octet, message)
    }

    pub(super) fn at_key(&self, key: &str, message: &str) -> FileError {
        self.0.fault_at_key(key, message)
    }

    /// A fault at the first string of the file that the message quotes, `"gmial"` or `` `gmial` ``; at the start if
    /// there is none.
    pub(super) fn of_quoted(&self, message: &str) -> FileError {
        let quoted = message.split(['"', '`']).skip(1).step_by(2);
        let place = quoted
            .filter_map(|word| find_word(self.tables(), word))
            .next();
        self.at(place.unwrap_or(0), message)
    }
}

fn find_word(table: &DeTable<'_>, word: &str) -> Option<usize> {
    table.values().find_map(|value| find_in(value, word))
}

fn find_in(value: &Spanned<DeValue<'_>>, word: &str) -> Option<usize> {
    match value.get_ref() {
        DeValue::String(text) => (text == word).then(|| value.span().start),
        DeValue::Table(table) => find_word(table, word),
        DeValue::Array(list) => list.iter().find_map(|value| find_in(value, word)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            None
        }
    }
}
