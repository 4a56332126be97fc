//! The trace of a run, for people.

mod conversation;
mod log;

pub use conversation::{Times, conversation};
pub use log::{TimedLine, log};
