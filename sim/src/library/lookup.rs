//! Why nothing is found under a name.

use std::fmt;

use crate::file::FileError;
use crate::nearest;

/// A name that nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What was looked for: `peer`, `world`, `scenario` …
    pub kind: &'static str,
    /// The name.
    pub name: String,
    /// The nearest name that something has.
    pub nearest: Option<String>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} is called \"{}\"", self.kind, self.name)?;
        match &self.nearest {
            Some(near) => write!(f, "; did you mean \"{near}\"?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Unknown {}

impl Unknown {
    /// Nothing of this kind has the name; the nearest of `names` is offered.
    pub(super) fn new<'a>(
        kind: &'static str,
        name: &str,
        names: impl Iterator<Item = &'a String>,
    ) -> Unknown {
        Unknown {
            kind,
            name: name.to_owned(),
            nearest: nearest(name, names.map(String::as_str)).map(str::to_owned),
        }
    }
}

/// Why a name gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// Nothing has it.
    Unknown(Unknown),
    /// The file that has it is wrong, or one that it builds on.
    Invalid(FileError),
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LookupError::Unknown(unknown) => unknown.fmt(f),
            LookupError::Invalid(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for LookupError {}

impl From<Unknown> for LookupError {
    fn from(unknown: Unknown) -> Self {
        LookupError::Unknown(unknown)
    }
}

impl From<&FileError> for LookupError {
    fn from(fault: &FileError) -> Self {
        LookupError::Invalid(fault.clone())
    }
}
