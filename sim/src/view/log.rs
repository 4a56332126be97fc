//! What Postfix would have logged.

use std::collections::BTreeSet;
use std::fmt;

use mta_core::log::{LogLine, engine_lines, lines};
use mta_core::time::Time;

use crate::run::{Run, Service};

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

/// All lines of a run, in order. What is logged when a service sets up its TLS engine and opens its tables comes first,
/// as Postfix does both when the process starts (src/smtp/smtp.c `pre_init`); that of `smtp` is there from the start.
pub fn log(run: &Run) -> Vec<TimedLine> {
    let mut log = Vec::new();
    let mut started = BTreeSet::new();
    if let Some(smtp) = run.services.smtp() {
        let lines = smtp.session_database.iter().cloned();
        log.extend(lines.map(|line| timed(smtp, Time::START, line)));
        started.insert("smtp");
        start(smtp, Time::START, &mut log);
    }
    for event in &run.events {
        let Some((name, service)) = run.services.of(event) else {
            continue;
        };
        if started.insert(name) {
            start(service, event.at, &mut log);
        }
        let timed = |line| timed(service, event.at, line);
        log.extend(lines(event, &service.style).into_iter().map(timed));
    }
    log
}

fn start(service: &Service, at: Time, log: &mut Vec<TimedLine>) {
    let lines = engine_lines(&service.style, service.engine.as_deref());
    let lines = lines.into_iter().chain(service.opening.iter().cloned());
    log.extend(lines.map(|line| timed(service, at, line)));
}

fn timed(service: &Service, at: Time, line: LogLine) -> TimedLine {
    TimedLine {
        at,
        syslog_name: service.syslog_name.clone(),
        line,
    }
}
