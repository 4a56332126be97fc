//! What a run came to, in the letters of the catalogue.

use std::sync::Arc;

use crate::run::Run;
use mta_core::event::{Channel, Event, RecipientOutcome, Rule, Status, TlsSummary, What};
use mta_core::policy::Level;

use super::code::{Code, Proof};

/// One delivery of the first recipient of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// What it came to.
    pub code: Code,
    /// How TLS came up on its connection, if it did.
    pub tls: Option<TlsSummary>,
}

/// The deliveries of a run, in the order of their beginnings: each stands for the first recipient of its message.
pub fn deliveries(run: &Run) -> Vec<Seen> {
    let attempts = attempts(run);
    (0..attempts.len())
        .filter_map(|number| seen(&attempts, number, run))
        .collect()
}

/// One message on its way, as the events tell it.
struct Attempt<'a> {
    message: &'a Arc<str>,
    outcome: Option<&'a RecipientOutcome>,
    connection: Option<u32>,
    connected: bool,
    dot_sent: bool,
    fell_back: bool,
}

fn attempts(run: &Run) -> Vec<Attempt<'_>> {
    let mut attempts: Vec<Attempt<'_>> = Vec::new();
    for event in &run.events {
        if let What::Command { text, .. } = &event.what
            && **text == *"."
            && let Some(attempt) = attempts.iter_mut().rfind(|it| it.outcome.is_none())
        {
            attempt.dot_sent = true;
        }
        let Some(message) = &event.queue_id else {
            continue;
        };
        if let What::Activated { .. } = event.what {
            attempts.push(Attempt {
                message,
                outcome: None,
                connection: None,
                connected: false,
                dot_sent: false,
                fell_back: false,
            });
            continue;
        }
        let latest = attempts
            .iter_mut()
            .rev()
            .find(|attempt| attempt.message == message);
        if let Some(attempt) = latest {
            attempt.note(event);
        }
    }
    attempts
}

impl<'a> Attempt<'a> {
    fn note(&mut self, event: &'a Event) {
        if let Some(outcome) = event.outcome() {
            if self.outcome.is_none() {
                (self.outcome, self.connection) = (Some(outcome), event.connection);
            }
        } else if let What::Connecting(_) = event.what {
            self.connected = true;
        } else if event.rule() == Some(Rule::OldMessageFallsBack) {
            self.fell_back = true;
        }
    }

    fn went_clear(&self) -> bool {
        self.fell_back
            && self.outcome.is_some_and(|outcome| {
                outcome.status == Status::Sent && outcome.channel == Channel::Cleartext
            })
    }
}

fn seen(attempts: &[Attempt<'_>], number: usize, run: &Run) -> Option<Seen> {
    let (attempt, later) = attempts.get(number..)?.split_first()?;
    let outcome = attempt.outcome?;
    let connected = attempt.connected || outcome.relay.is_some();
    let code = match outcome.status {
        Status::Sent | Status::Deliverable => Code::Sent {
            proof: proof(outcome),
            second_mx: outcome
                .relay
                .as_ref()
                .is_some_and(|server| server.to_string().starts_with("mx2.")),
        },
        Status::Deferred | Status::Undeliverable => Code::Deferred {
            dsn: outcome.dsn,
            connected,
            then_clear: later
                .iter()
                .any(|later| later.message == attempt.message && later.went_clear()),
            // Where its process died over it, it names no server.
            twice: outcome.reason.may_be_taken() || (attempt.dot_sent && outcome.relay.is_none()),
        },
        Status::Bounced => Code::Bounced {
            dsn: outcome.dsn,
            connected,
        },
    };
    Some(Seen {
        code,
        tls: tls_of(run, attempt.connection),
    })
}

fn proof(outcome: &RecipientOutcome) -> Proof {
    match outcome.channel {
        Channel::Tls if outcome.level.is_some_and(Level::must_match) => Proof::Authenticated,
        Channel::Tls | Channel::WeakerTls(_) => Proof::Encrypted,
        Channel::Cleartext | Channel::Undecided | Channel::Blocked | Channel::Unknown => {
            Proof::Plaintext
        }
    }
}

fn tls_of(run: &Run, connection: Option<u32>) -> Option<TlsSummary> {
    let connection = connection?;
    run.events
        .iter()
        .filter(|event| event.connection == Some(connection))
        .find_map(|event| {
            if let What::TlsEstablished { summary, .. } | What::TlsReused { summary, .. } =
                event.what.in_either_process()
            {
                Some(*summary)
            } else {
                None
            }
        })
}
