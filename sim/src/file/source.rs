//! A file as it was read: its path, its text, and its tables, which are parsed once.

use std::fmt;
use std::sync::{Arc, OnceLock};

use toml::Spanned;
use toml::de::DeTable;
use yoke::{Yoke, Yokeable};

use super::{FILE_BYTES_MAX, FileError};

/// At most this many errors are reported per file. Limit chosen here; Postfix has none.
pub const FAULTS_MAX: usize = 100;

/// A file of peers, worlds or scenarios. It may be shared: many can build on one.
pub struct SourceFile {
    path: String,
    text: Arc<str>,
    /// Why there is no text.
    unreadable: Option<String>,
    parsed: OnceLock<Parsed>,
}

struct Parsed {
    tables: Yoke<Tables<'static>, Arc<str>>,
    faults: Vec<FileError>,
}

/// The tables of a text, and they borrow from it.
#[derive(Yokeable)]
struct Tables<'t>(Spanned<DeTable<'t>>);

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SourceFile").field(&self.path).finish()
    }
}

impl SourceFile {
    /// A file with this text; `path` is only its name, for errors.
    pub fn new(path: impl Into<String>, text: impl Into<Arc<str>>) -> Arc<SourceFile> {
        Arc::new(SourceFile {
            path: path.into(),
            text: text.into(),
            unreadable: None,
            parsed: OnceLock::new(),
        })
    }

    /// A file that has no text, and why. It has this one fault.
    pub fn unreadable(path: impl Into<String>, why: impl Into<String>) -> Arc<SourceFile> {
        Arc::new(SourceFile {
            path: path.into(),
            text: Arc::from(""),
            unreadable: Some(why.into()),
            parsed: OnceLock::new(),
        })
    }

    /// Its path, as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its name without folders and ending: what others call it by.
    pub fn name(&self) -> &str {
        let file = self.path.rsplit(['/', '\\']).next();
        let file = file.unwrap_or(&self.path);
        file.strip_suffix(".toml").unwrap_or(file)
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its tables; with faults, as far as they can be read.
    pub fn tables(&self) -> &Spanned<DeTable<'_>> {
        &self.parsed().tables.get().0
    }

    /// What keeps it from being read as TOML, in the order of their places.
    pub fn faults(&self) -> &[FileError] {
        &self.parsed().faults
    }

    fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| {
            let at_start = |message: String| FileError::at_byte(&self.path, "", 0, message);
            let refused = if self.text.len() > FILE_BYTES_MAX {
                let message = format!("a file has at most {FILE_BYTES_MAX} octets");
                Some(at_start(message))
            } else {
                self.unreadable.clone().map(at_start)
            };
            if let Some(fault) = refused {
                return Parsed {
                    tables: Yoke::attach_to_cart(Arc::from(""), |text| Tables(parse(text).0)),
                    faults: vec![fault],
                };
            }
            let mut errors = Vec::new();
            let tables = Yoke::attach_to_cart(self.text.clone(), |text| {
                let (tables, found) = parse(text);
                errors = found;
                Tables(tables)
            });
            let told =
                |error: &toml::de::Error| FileError::of_reader(&self.path, &self.text, error);
            Parsed {
                tables,
                faults: errors.iter().take(FAULTS_MAX).map(told).collect(),
            }
        })
    }

    /// A fault at a byte of the text, counted from 0.
    pub fn fault_at(&self, octet: usize, message: impl Into<String>) -> FileError {
        FileError::at_byte(&self.path, &self.text, octet, message.into())
    }

    /// A fault where `key` is first set; at the start if it is nowhere.
    pub fn fault_at_key(&self, key: &str, message: &str) -> FileError {
        FileError::at_key(&self.path, &self.text, key, message)
    }
}

fn parse(text: &str) -> (Spanned<DeTable<'_>>, Vec<toml::de::Error>) {
    DeTable::parse_recoverable(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_a_fault_at_the_start() {
        let dark = SourceFile::unreadable("d/dark.toml", "permission denied");
        assert_eq!(
            dark.faults()[0].to_string(),
            "d/dark.toml:1:1: permission denied"
        );
        assert_eq!((dark.name(), dark.text()), ("dark", ""));
        let long = SourceFile::new("long.toml", "#".repeat(FILE_BYTES_MAX + 1));
        assert!(long.faults()[0].message.contains("at most"));
        assert!(long.tables().get_ref().is_empty());
    }

    #[test]
    fn tables_are_there_as_far_as_they_can_be_read() {
        let torn = SourceFile::new("torn.toml", "a = 1\n[[b]\nc = 2");
        assert!(torn.tables().get_ref().contains_key("a"));
        assert_eq!(torn.faults()[0].line, 2);
        assert!(SourceFile::new("whole.toml", "a = 1").faults().is_empty());
    }
}
