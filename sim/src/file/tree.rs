//! Files that build on others: several files as one tree of tables, in which every value keeps its place.
//!
//! The texts stand one behind the other in an imagined text, each at its own distance from the start. So one number
//! is a place in one of them, and what is found wrong, however late, is reported with file, line and column.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

use super::{FileError, SourceFile, explain, explain_at, find_key};

/// So many files, the one that is read included, may make one tree. Ours.
const FILES_MAX: usize = 64;
/// So many bytes they may have together. Ours; the whole catalogue of peers has less.
const TOGETHER_BYTES_MAX: usize = 1 << 20;

/// Files that together make one tree. The first is the one that is read; the others are what it builds on.
#[derive(Debug)]
pub struct Texts(Vec<Text>);

#[derive(Debug)]
struct Text {
    file: Arc<SourceFile>,
    start: usize,
}

impl Texts {
    /// A file alone.
    ///
    /// # Errors
    /// If it is not TOML, or too long.
    pub fn new(file: &Arc<SourceFile>) -> Result<Self, FileError> {
        let mut texts = Texts(Vec::new());
        texts.add(file)?;
        Ok(texts)
    }

    /// Adds a file that another builds on; its number, from 0.
    ///
    /// # Errors
    /// If it is not TOML or too long, or the files are too many.
    pub fn add(&mut self, file: &Arc<SourceFile>) -> Result<usize, FileError> {
        if let Some(fault) = file.faults().first() {
            return Err(fault.clone());
        }
        // One more: an error at the very end of a text belongs to that text.
        let end = |last: &Text| last.start + last.file.text().len() + 1;
        let start = self.0.last().map_or(0, end);
        if self.0.len() >= FILES_MAX || start > TOGETHER_BYTES_MAX {
            let most = format!(
                "a file builds on at most {FILES_MAX} others, of {TOGETHER_BYTES_MAX} octets together"
            );
            return Err(file.fault_at(0, most));
        }
        self.0.push(Text {
            file: file.clone(),
            start,
        });
        Ok(self.0.len() - 1)
    }

    /// The tables of the file with this number, with their places in the imagined text.
    pub fn tables(&self, number: usize) -> Spanned<DeTable<'_>> {
        let Some(text) = self.0.get(number) else {
            return Spanned::new(0..0, DeTable::new());
        };
        let tables = text.file.tables();
        let span = moved_span(tables.span(), text.start);
        Spanned::new(span, moved(tables.get_ref(), text.start))
    }

    /// Reads tables, wherever each of their values came from.
    ///
    /// # Errors
    /// The first thing wrong with them.
    pub fn read<T: DeserializeOwned>(&self, tree: Spanned<DeTable<'_>>) -> Result<T, FileError> {
        T::deserialize(Deserializer::from(tree)).map_err(|error| {
            let octet = error.span().map_or(0, |span| span.start);
            self.fault_at(octet, error.message())
        })
    }

    /// A fault at a place in one of the texts, as a span of the tree tells it.
    pub fn fault_at(&self, octet: usize, message: &str) -> FileError {
        match self.0.iter().rev().find(|text| text.start <= octet) {
            Some(text) => {
                let octet = octet - text.start;
                let message = explain_at(text.file.text(), octet, message);
                text.file.fault_at(octet, message)
            }
            None => FileError::at_byte("", "", 0, explain(message)),
        }
    }

    /// A fault where `key` is first set: in the file that is read, else in what it builds on, the nearest first.
    pub fn fault_at_key(&self, key: &str, message: &str) -> FileError {
        let mut places = self
            .0
            .iter()
            .filter_map(|text| Some(text.start + find_key(text.file.text(), key)?));
        self.fault_at(places.next().unwrap_or(0), message)
    }
}

const fn moved_span(span: Range<usize>, by: usize) -> Range<usize> {
    span.start + by..span.end + by
}

/// A copy of tables, with every place this much later.
fn moved<'t>(table: &DeTable<'t>, by: usize) -> DeTable<'t> {
    if by == 0 {
        return table.clone();
    }
    table
        .iter()
        .map(|(key, value)| {
            let key = Spanned::new(moved_span(key.span(), by), key.get_ref().clone());
            (key, moved_value(value, by))
        })
        .collect()
}

fn moved_value<'t>(value: &Spanned<DeValue<'t>>, by: usize) -> Spanned<DeValue<'t>> {
    let copy = match value.get_ref() {
        DeValue::Table(table) => DeValue::Table(moved(table, by)),
        DeValue::Array(list) => {
            let mut copy = DeArray::new();
            list.iter()
                .for_each(|value| copy.push(moved_value(value, by)));
            DeValue::Array(copy)
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => value.get_ref().clone(),
    };
    Spanned::new(moved_span(value.span(), by), copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Page {
        first: u8,
        list: Vec<u8>,
    }

    #[test]
    fn a_value_keeps_its_place_among_several_files() {
        let files = [
            SourceFile::new("upper.toml", "first = 1"),
            SourceFile::new("middle.toml", "\n\nlist = [1,\n  'two']"),
            SourceFile::new("lower.toml", "list = [3]\n  frist = 4"),
        ];
        let mut texts = Texts::new(&files[0]).unwrap();
        let numbers: Vec<usize> = files[1..]
            .iter()
            .map(|file| texts.add(file).unwrap())
            .collect();
        assert_eq!(numbers, [1, 2]);
        let fault = |number: usize| {
            let mut tree = texts.tables(number);
            let first = texts.tables(0).into_inner();
            first.into_iter().for_each(|(key, value)| {
                tree.get_mut().insert(key, value);
            });
            texts.read::<Page>(tree).unwrap_err().to_string()
        };
        assert_eq!(
            fault(1),
            "middle.toml:4:3: invalid type: string \"two\", expected a whole number from 0 to 255"
        );
        assert_eq!(
            fault(2),
            "lower.toml:2:3: unknown key `frist`; did you mean `first`?"
        );
        assert_eq!(
            texts.fault_at_key("list", "no").to_string(),
            "middle.toml:3:1: no"
        );
    }
}
