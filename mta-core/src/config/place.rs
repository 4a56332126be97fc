//! Where a setting stands.

use std::fmt;
use std::sync::Arc;

/// A line of a configuration file, or the whole file where no line is to blame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    file: Arc<str>,
    line: Option<u32>,
}

impl Place {
    /// The line `line` of `file`; the first line is 1.
    pub fn at(file: &Arc<str>, line: u32) -> Self {
        Place {
            file: Arc::clone(file),
            line: Some(line),
        }
    }

    /// No line in particular: a default, or something that is missing.
    pub fn in_file(file: &Arc<str>) -> Self {
        Place {
            file: Arc::clone(file),
            line: None,
        }
    }

    /// The file's name, as the embedder gave it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, counted from 1; `None` if no line is to blame.
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// As Postfix names it in its log: `/etc/postfix/main.cf, line 3`. A bare file name is taken to be in
    /// `/etc/postfix`.
    pub fn in_postfix_words(&self) -> String {
        let directory = if self.file.contains('/') {
            ""
        } else {
            "/etc/postfix/"
        };
        match self.line {
            Some(line) => format!("{directory}{}, line {line}", self.file),
            None => format!("{directory}{}", self.file),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}
