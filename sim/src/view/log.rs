//! What Postfix would have logged.

use std::fmt;

use mta_core::log::{LogLine, engine_lines, lines};
use mta_core::time::Time;

use crate::run::Run;

/// A line of the log, with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedLine {
    /// When it was logged.
    pub at: Time,
    /// The line.
    pub line: LogLine,
}

/// `0.060 postfix/smtp: TEXT`
impl fmt::Display for TimedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at, self.line)
    }
}

/// All lines of a run, in order. What is logged when the TLS engine starts comes first, as Postfix starts it with
/// the process.
pub fn log(run: &Run) -> Vec<TimedLine> {
    let engine = engine_lines(&run.style, run.engine.as_deref());
    let first = engine.into_iter().map(|line| TimedLine {
        at: Time::START,
        line,
    });
    let rest = run.events.iter().flat_map(|event| {
        lines(event, &run.style)
            .into_iter()
            .map(|line| TimedLine { at: event.at, line })
    });
    first.chain(rest).collect()
}
