//! A file that counts in the place of another.

use std::fmt;

use super::FileKind;

/// A file that another of the same kind and name has taken the place of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Overridden {
    /// What both are.
    pub kind: FileKind,
    /// Their name.
    pub name: String,
    /// The path of the one that counts.
    pub path: String,
}

impl fmt::Display for Overridden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Overridden { kind, name, path } = self;
        write!(f, "{kind} \"{name}\" is {path}, not that of the catalogue")
    }
}
