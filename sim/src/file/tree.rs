//! Files that build on others: several texts as one tree of tables, in which every value keeps its place.
//!
//! The texts stand one behind the other in an imagined text, each at its own distance from the start. So one number
//! is a place in one of them, and what is found wrong, however late, is told with file, line and column.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::{FILE_OCTETS_MAX, FileError, explain, explain_at, find_key};

/// So many texts, the one that is read included, may make one tree. Ours.
const TEXTS_MAX: usize = 64;
/// So many octets they may have together. Ours; the whole catalogue of peers has less.
const TOGETHER_OCTETS_MAX: usize = 1 << 20;

/// Texts that together make one tree. The first is the one that is read; the others are what it builds on.
pub struct Texts(Vec<Text>);

struct Text {
    file: String,
    /// Blanks, as far as the texts before it reach, and the text.
    padded: String,
    start: usize,
}

impl Texts {
    /// The text of a file; `file` is only its name, for errors.
    ///
    /// # Errors
    /// If it is too long.
    pub fn new(file: &str, text: &str) -> Result<Self, FileError> {
        let mut texts = Texts(Vec::new());
        texts.add(file, text)?;
        Ok(texts)
    }

    /// Adds a text that another builds on.
    ///
    /// # Errors
    /// If it is too long, or the texts are too many.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), FileError> {
        let fault = |message: String| Err(FileError::at_octet(file, text, 0, message));
        if text.len() > FILE_OCTETS_MAX {
            return fault(format!("a file has at most {FILE_OCTETS_MAX} octets"));
        }
        // One more: an error at the very end of a text belongs to that text.
        let start = self.0.last().map_or(0, |last| last.padded.len() + 1);
        if self.0.len() >= TEXTS_MAX || start > TOGETHER_OCTETS_MAX {
            return fault(format!(
                "a file builds on at most {TEXTS_MAX} others, of {TOGETHER_OCTETS_MAX} octets together"
            ));
        }
        self.0.push(Text {
            file: file.to_owned(),
            padded: " ".repeat(start) + text,
            start,
        });
        Ok(())
    }

    /// How many texts there are.
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The tables of the text with this number, from 0.
    ///
    /// # Errors
    /// If it is not TOML.
    pub fn parse(&self, number: usize) -> Result<Spanned<DeTable<'_>>, FileError> {
        let padded = self.0.get(number).map_or("", |text| &text.padded);
        DeTable::parse(padded).map_err(|error| self.error(&error))
    }

    /// Reads tables, wherever each of their values came from.
    ///
    /// # Errors
    /// The first thing wrong with them.
    pub fn read<T: DeserializeOwned>(&self, tree: Spanned<DeTable<'_>>) -> Result<T, FileError> {
        T::deserialize(Deserializer::from(tree)).map_err(|error| self.error(&error))
    }

    fn error(&self, error: &toml::de::Error) -> FileError {
        let octet = error.span().map_or(0, |span| span.start);
        self.fault_at(octet, error.message())
    }

    /// A fault at a place in one of the texts, as a span of the tree tells it.
    pub fn fault_at(&self, octet: usize, message: &str) -> FileError {
        match self.0.iter().rev().find(|text| text.start <= octet) {
            Some(text) => {
                let octet = octet - text.start;
                let message = explain_at(text.own(), octet, message);
                FileError::at_octet(&text.file, text.own(), octet, message)
            }
            None => FileError::at_octet("", "", 0, explain(message)),
        }
    }

    /// A fault where `key` is first set: in the text that is read, else in what it builds on, the nearest first.
    pub fn fault_at_key(&self, key: &str, message: &str) -> FileError {
        let mut places = self
            .0
            .iter()
            .filter_map(|text| Some(text.start + find_key(text.own(), key)?));
        self.fault_at(places.next().unwrap_or(0), message)
    }
}

impl Text {
    fn own(&self) -> &str {
        self.padded.get(self.start..).unwrap_or_default()
    }
}

/// How a value of the upper tree meets one of the lower under the same keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// Tables are laid over one another key by key; everything else takes the place of what was there.
    Merge,
    /// It takes the place of what was there, tables too.
    Replace,
    /// Lists are joined, the upper before the lower.
    Before,
}

/// Lays `upper` over `lower`. `how` is told the keys that lead to a value.
pub fn lay_over<'a>(lower: &mut DeTable<'a>, upper: DeTable<'a>, how: fn(&[String]) -> Meeting) {
    lay_over_at(&mut Vec::new(), lower, upper, how);
}

fn lay_over_at<'a>(
    path: &mut Vec<String>,
    lower: &mut DeTable<'a>,
    upper: DeTable<'a>,
    how: fn(&[String]) -> Meeting,
) {
    for (key, above) in upper {
        let name = key.get_ref().to_string();
        let Some(below) = lower.get_mut(name.as_str()) else {
            lower.insert(key, above);
            continue;
        };
        path.push(name);
        let span = above.span();
        let was = std::mem::replace(below.get_mut(), DeValue::Boolean(false));
        let is = match (how(path), was, above.into_inner()) {
            (Meeting::Merge, DeValue::Table(mut below), DeValue::Table(above)) => {
                lay_over_at(path, &mut below, above, how);
                DeValue::Table(below)
            }
            (Meeting::Before, DeValue::Array(below), DeValue::Array(mut above)) => {
                below.into_iter().for_each(|value| above.push(value));
                DeValue::Array(above)
            }
            (_, _, above) => above,
        };
        *below = Spanned::new(span, is);
        path.pop();
    }
}
