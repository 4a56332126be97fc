//! Where a setting stands.

use std::fmt;
use std::sync::Arc;

use crate::event::FileLine;

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

    /// The file as Postfix names it: a bare name is taken to be in `/etc/postfix`.
    pub fn path(&self) -> Arc<str> {
        if self.file.contains('/') {
            self.file.clone()
        } else {
            format!("/etc/postfix/{}", self.file).into()
        }
    }

    /// The same in a notice.
    pub(super) fn noticed(&self) -> FileLine {
        FileLine {
            path: self.path(),
            line: self.line,
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
