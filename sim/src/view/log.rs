//! What Postfix would have logged.

use std::fmt;

use mta_core::log::{Log, LogLine};
use mta_core::time::Time;

use crate::run::Run;

/// A line of the log, with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedLine {
    /// When it was logged.
    pub at: Time,
    /// What stands before the program's name.
    pub syslog_name: String,
    /// The line.
    pub line: LogLine,
}

/// `0.060 postfix/smtp: TEXT`
impl fmt::Display for TimedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LogLine { daemon, text } = &self.line;
        write!(f, "{} {}/{daemon}: {text}", self.at, self.syslog_name)
    }
}

/// All lines of a run, in order.
pub fn log(run: &Run) -> Vec<TimedLine> {
    let mut log = Log::of(&run.services);
    let mut all = Vec::new();
    for event in &run.events {
        let lines = log.lines(event);
        let syslog_name = log.syslog_name(event);
        all.extend(lines.into_iter().map(|line| TimedLine {
            at: event.at,
            syslog_name: syslog_name.to_owned(),
            line,
        }));
    }
    all
}
