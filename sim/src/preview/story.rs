//! What becomes of one mail, attempt by attempt.

use std::fmt;

use crate::run::{Delivery, Run};
use crate::view::Blame;
use mta_core::event::{Channel, Status, What};
use mta_core::log::reason;
use mta_core::time::Time;
use serde::Serialize;

/// A mail's story.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Story {
    /// Its attempts; the last one decides.
    pub attempts: Vec<Attempt>,
    /// Whether it was given up after `maximal_queue_lifetime`.
    pub expired: bool,
    /// Milliseconds from its arrival to the last attempt's end.
    pub delay_ms: u64,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attempt {
    /// Milliseconds after the start.
    pub at_ms: u64,
    /// `sent`, `deferred` or `bounced`.
    pub status: String,
    /// The enhanced status code.
    pub dsn: String,
    /// The reason.
    pub text: String,
    /// Who has to change something, where the mail did not arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Blame>,
    /// The server, `none` if none was reached.
    pub relay: String,
    /// `clear text`, or `Trusted TLSv1.3` and the like; `nothing` if no channel was decided on.
    pub channel: String,
    /// Whether a TLS session was resumed.
    pub resumed: bool,
}

/// The stories of a run's mails, in the order of their arrival.
pub(super) fn stories(run: &Run) -> Vec<Story> {
    let mut deliveries = run.deliveries().into_iter();
    let mut stories: Vec<(String, Time, Story)> = Vec::new();
    for event in &run.events {
        let id = event.queue_id.as_deref().unwrap_or_default();
        if let What::Queued { .. } = event.what {
            let story = Story {
                attempts: Vec::new(),
                expired: false,
                delay_ms: 0,
            };
            stories.push((id.to_owned(), event.at, story));
        }
        let expired = matches!(event.what, What::Expired { .. });
        let delivery = event.outcome().and_then(|_| deliveries.next());
        let attempt = delivery.as_ref().map(attempt);
        if (expired || attempt.is_some())
            && let Some((_, arrived, story)) = stories.iter_mut().find(|(known, ..)| known == id)
        {
            story.delay_ms = millis(event.at) - millis(*arrived);
            story.expired |= expired;
            story.attempts.extend(attempt);
        }
    }
    stories.into_iter().map(|(_, _, story)| story).collect()
}

fn attempt(delivery: &Delivery<'_>) -> Attempt {
    let outcome = delivery.outcome;
    let channel = match (outcome.channel, delivery.tls) {
        (Channel::Tls | Channel::WeakerTls(_), Some(summary)) => {
            format!("{} {}", summary.status, summary.protocol)
        }
        (Channel::Cleartext, _) => String::from("clear text"),
        _ if outcome.status == Status::Sent => String::from("clear text"),
        _ => String::from("nothing"),
    };
    Attempt {
        at_ms: millis(delivery.at),
        status: outcome.status.to_string(),
        dsn: outcome.dsn.to_string(),
        text: reason(&outcome.reason),
        fault: outcome.fault.as_ref().map(Blame::from),
        relay: outcome
            .relay
            .as_ref()
            .map_or_else(|| String::from("none"), ToString::to_string),
        channel,
        resumed: delivery.resumed(),
    }
}

fn millis(time: Time) -> u64 {
    time.as_nanos() / 1_000_000
}

impl Story {
    /// Whether the mail arrived.
    pub fn is_sent(&self) -> bool {
        self.attempts
            .last()
            .is_some_and(|last| last.status == "sent")
    }

    /// Whether its last attempt resumed a TLS session.
    pub fn resumed(&self) -> bool {
        self.attempts.last().is_some_and(|last| last.resumed)
    }

    /// The server that decided, if one was reached.
    pub fn relay(&self) -> Option<&str> {
        self.attempts.last().map(|last| last.relay.as_str())
    }

    /// What became of it in the end, and when: `sent in 0.28 s`, `returned after 5 days`.
    pub fn end(&self) -> String {
        let after = Span(self.delay_ms);
        match self.attempts.last() {
            _ if self.expired => format!("returned after {after}"),
            Some(last) => format!("{} in {after}", last.status),
            None => "nothing happened".to_owned(),
        }
    }

    /// How it travelled in the end.
    pub fn channel(&self) -> &str {
        self.attempts.last().map_or("nothing", |last| &last.channel)
    }
}

/// The story in a few words: `Trusted TLSv1.3, session resumed, 0.28 s`.
impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(last) = self.attempts.last() else {
            return f.write_str("nothing happened");
        };
        if let Some(first) = self.attempts.first().filter(|_| self.attempts.len() > 1) {
            write!(
                f,
                "{} at first ({}); after {} ",
                first.status,
                first.text,
                Span(self.delay_ms)
            )?;
            if self.expired {
                return f.write_str("returned to the sender");
            }
        }
        match (last.status.as_str(), self.attempts.len()) {
            ("sent", 1) => {
                let resumed = if last.resumed {
                    ", session resumed"
                } else {
                    ""
                };
                write!(f, "{}{resumed}, {}", last.channel, Span(self.delay_ms))
            }
            ("sent", _) => f.write_str(&last.channel),
            (status, _) => {
                write!(f, "{status} ({} {})", last.dsn, last.text)?;
                match last.fault {
                    Some(Blame { side, kind }) => write!(f, " [{side}: {kind}]"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Milliseconds, in the unit that a person would use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub u64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1000;
        match seconds {
            0..120 => write!(f, "{}.{:02} s", seconds, self.0 % 1000 / 10),
            120..7200 => write!(f, "{} min", seconds / 60),
            7200..172_800 => write!(f, "{} h", seconds / 3600),
            _ => write!(f, "{} days", seconds / 86_400),
        }
    }
}
