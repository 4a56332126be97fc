//! Attributes as they are written.

use crate::event::{Attribute, EntryFault};

/// What can be given once is not given yet.
pub(super) fn not_set<T>(attribute: &Option<T>, name: &str) -> Result<(), EntryFault> {
    match attribute {
        None => Ok(()),
        Some(_) => Err(EntryFault::Twice(name.into())),
    }
}

/// An attribute as it is written.
pub(super) fn attribute(name: &str, value: &str) -> Attribute {
    Attribute {
        name: name.into(),
        value: value.into(),
    }
}
