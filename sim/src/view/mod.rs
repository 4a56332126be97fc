//! The trace of a run, for people.

mod blame;
mod conversation;
mod log;

pub use blame::Blame;
pub use conversation::{Times, conversation};
pub use log::{TimedLine, log};
