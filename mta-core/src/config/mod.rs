//! Configuration: the text of a main.cf comes in, valid [`Settings`] come out.

mod compat_level;
mod expand;
mod inet;
mod log_mask;
mod logical_line;
mod main_cf;
mod parameter;
mod place;
mod problem;
mod table;
mod version;

/// Blanks, as C's `isspace` knows them.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}
