//! The trace of a run, for people.

use std::fmt;

use crate::run::Run;

mod blame;
mod conversation;
mod log;
mod told;

pub use blame::Blame;
pub use conversation::{Times, conversation};
pub use log::{TimedLine, log};
pub use told::{Told, told};

/// The conversation, with times.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&conversation(&self.events, Times::Shown))
    }
}
