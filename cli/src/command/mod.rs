//! One file for each command.

pub(crate) mod catalogue;
pub(crate) mod completions;
pub(crate) mod conform;
pub(crate) mod list;
pub(crate) mod preview;
pub(crate) mod run;
