//! Why a pattern cannot be used.

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The library that Postfix uses refuses it.
    Refused {
        /// Where, if it says so.
        offset: Option<usize>,
        /// Why, in its words.
        words: &'static str,
    },
    /// It is correct, and not supported here.
    Unsupported(&'static str),
}

pub(super) const fn refused<T>(words: &'static str) -> Result<T, Fault> {
    let offset = None;
    Err(Fault::Refused { offset, words })
}
