//! Holds a run against what its scenario expects.

use std::fmt;

use crate::pattern;
use crate::run::{Delivery as Came, Run};
use crate::view::{Times, conversation, log};
use mta_core::config::Release;
use mta_core::event::{Event, Rule, What};
use mta_core::log::reason;

use super::Scenario;
use super::expect::{ChannelWord, Delivery, Expect, TrustWord};

/// An expectation that did not come true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it is about: `delivery 2, status`.
    pub about: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub came: String,
}

/// `delivery 2, status: expected sent, came deferred`
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: expected {}, came {}",
            self.about, self.expected, self.came
        )
    }
}

impl Scenario {
    /// Everything in which the run is not as expected; nothing if all is well, or nothing is said of what must come out.
    pub fn check(&self, release: Release, run: &Run) -> Vec<Failure> {
        let mut failures = Vec::new();
        // As in a plan that was written down.
        if self.expect == Expect::default() {
            return failures;
        }
        let mut page = Page(&mut failures);
        page.deliveries(&self.expect, run);
        page.rules(&self.expect, run);
        page.counts(&self.expect, run);
        page.log(&self.expect, release, run);
        failures
    }

    /// The failures, one a line, and the conversation and the log that they are about.
    pub fn report(&self, run: &Run, failures: &[Failure]) -> String {
        let mut text = format!("{}\n", self.summary);
        for failure in failures {
            text.push_str(&format!("  {failure}\n"));
        }
        text.push_str("\nthe conversation:\n");
        text.push_str(&conversation(&run.events, Times::Shown));
        text.push_str("\nthe log:\n");
        for line in log(run) {
            text.push_str(&format!("{line}\n"));
        }
        text
    }
}

struct Page<'a>(&'a mut Vec<Failure>);

impl Page<'_> {
    fn note(
        &mut self,
        about: impl fmt::Display,
        expected: impl fmt::Display,
        came: impl fmt::Display,
    ) {
        self.0.push(Failure {
            about: about.to_string(),
            expected: expected.to_string(),
            came: came.to_string(),
        });
    }

    /// Where something is expected, exactly that must have come.
    fn same<T: PartialEq + fmt::Debug>(
        &mut self,
        about: &str,
        expected: Option<T>,
        came: impl Into<Option<T>>,
    ) {
        let came = came.into();
        if let Some(expected) = expected
            && came.as_ref() != Some(&expected)
        {
            let came = came.map_or_else(|| "none".to_owned(), |came| format!("{came:?}"));
            self.note(about, format!("{expected:?}"), came);
        }
    }

    fn part(&mut self, about: &str, expected: Option<&String>, came: &str) {
        if let Some(expected) = expected
            && !pattern::is_in(expected, came)
        {
            self.note(about, expected, came);
        }
    }

    fn deliveries(&mut self, expect: &Expect, run: &Run) {
        let came = run.deliveries();
        let expected: Vec<&Delivery> = expect
            .deliveries
            .iter()
            .flat_map(|delivery| std::iter::repeat_n(delivery, delivery.times))
            .collect();
        if expected.len() != came.len() {
            self.note(
                "deliveries",
                format!("{} of them", expected.len()),
                came.len(),
            );
        }
        for (number, (delivery, attempt)) in expected.iter().zip(&came).enumerate() {
            self.delivery(number + 1, delivery, attempt);
        }
    }

    fn delivery(&mut self, number: usize, expected: &Delivery, came: &Came<'_>) {
        let about = |what: &str| format!("delivery {number}, {what}");
        let outcome = came.outcome;
        let status = mta_core::event::Status::from(expected.status);
        if status != outcome.status {
            let came = format!("{} ({})", outcome.status, reason(&outcome.reason));
            self.note(about("status"), status, came);
        }
        let relay = outcome
            .relay
            .as_ref()
            .map_or_else(|| "none".to_owned(), ToString::to_string);
        let to = outcome.recipient.to_string();
        self.same(&about("to"), expected.to.clone(), to);
        self.same(&about("dsn"), expected.dsn.clone(), outcome.dsn.to_string());
        self.part(&about("relay"), expected.relay.as_ref(), &relay);
        let channel = ChannelWord::from(outcome.channel);
        self.same(&about("channel"), expected.channel, channel);
        let trust = came.tls.map(|tls| TrustWord::from(tls.status));
        self.same(&about("trust"), expected.trust, trust);
        let protocol = came.tls.map(|tls| tls.protocol.to_string());
        self.same(&about("protocol"), expected.protocol.clone(), protocol);
        let resumed = came.tls.map(|tls| tls.resumed);
        self.same(&about("resumed"), expected.resumed, resumed);
        let text = reason(&outcome.reason);
        self.part(&about("text"), expected.text.as_ref(), &text);
        let seconds = expected.at.map(|at| at.as_secs());
        self.same(&about("at, in seconds"), seconds, came.at.as_secs());
    }

    fn rules(&mut self, expect: &Expect, run: &Run) {
        let mut decided: Vec<&str> = run
            .events
            .iter()
            .filter_map(Event::decided_by)
            .map(Rule::name)
            .collect();
        decided.sort_unstable();
        decided.dedup();
        for name in &expect.decided {
            if !decided.contains(&name.as_str()) {
                self.note("decided", name, decided.join(", "));
            }
        }
        for name in &expect.not_decided {
            if decided.contains(&name.as_str()) {
                self.note("not-decided", format!("no {name}"), decided.join(", "));
            }
        }
    }

    fn counts(&mut self, expect: &Expect, run: &Run) {
        let count = |wanted: fn(&What) -> bool| {
            run.events
                .iter()
                .filter(|event| wanted(&event.what))
                .count()
        };
        let connections = count(|what| matches!(what, What::Connecting(_)));
        self.same("connections", expect.connections, connections);
        let returned = count(|what| matches!(what, What::Expired { .. }));
        self.same("returned", Some(expect.returned), returned);
        self.same("left in the queue", Some(0), run.left_in_queue);
    }

    fn log(&mut self, expect: &Expect, release: Release, run: &Run) {
        let lines: Vec<String> = log(run)
            .iter()
            .map(|line| format!("{}: {}", line.line.daemon, line.line.text))
            .collect();
        let words = expect.version.get(&release);
        self.in_order("log", &expect.log, &lines);
        self.never(&expect.never, &lines);
        if let Some(words) = words {
            self.in_order(&format!("log of {release}"), &words.log, &lines);
            self.never(&words.never, &lines);
        }
        let whole = words
            .and_then(|words| words.log_is.as_ref())
            .or(expect.log_is.as_ref());
        if let Some(whole) = whole {
            self.whole(whole, &lines);
        }
    }

    fn in_order(&mut self, about: &str, patterns: &[String], lines: &[String]) {
        let mut rest = lines.iter();
        for wanted in patterns {
            if !rest.any(|line| pattern::is_in(wanted, line)) {
                let came = if lines.iter().any(|line| pattern::is_in(wanted, line)) {
                    "one, but not in this order"
                } else {
                    "none"
                };
                self.note(about, format!("a line with `{wanted}`"), came);
                return;
            }
        }
    }

    fn never(&mut self, patterns: &[String], lines: &[String]) {
        for unwanted in patterns {
            if let Some(line) = lines.iter().find(|line| pattern::is_in(unwanted, line)) {
                self.note("never", format!("no line with `{unwanted}`"), line);
            }
        }
    }

    fn whole(&mut self, patterns: &[String], lines: &[String]) {
        for (number, wanted) in patterns.iter().enumerate() {
            let line = lines.get(number).map_or("no line", String::as_str);
            if !pattern::is(wanted, line) {
                self.note(format!("log-is, line {}", number + 1), wanted, line);
                return;
            }
        }
        if let Some(line) = lines.get(patterns.len()) {
            let about = format!("log-is, line {}", patterns.len() + 1);
            self.note(about, "no more lines", line);
        }
    }
}
