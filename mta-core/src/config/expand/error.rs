//! Why a value cannot be expanded.

/// Why a value cannot be expanded. Postfix says it in a warning and then dies.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct ExpandError(pub(in super::super) String);

pub(super) fn error<T>(what: String) -> Result<T, ExpandError> {
    Err(ExpandError(what))
}
