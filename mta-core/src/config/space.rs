//! Blanks.

/// Blanks, as C's `isspace` knows them.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}
