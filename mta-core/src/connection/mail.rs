//! The message on its way to one destination, and what becomes of its recipients.

use std::sync::Arc;
use std::time::Duration;

use super::env::Env;
use super::{Mark, Outcome, Recipients};
use crate::config::Settings;
use crate::event::{
    Agent, Channel, Delays, Event, Promise, Purpose, RecipientOutcome, Server, Status, What,
};
use crate::policy::{Asks, Level, RequireTls};
use crate::smtp::{Body, Dsn};
use crate::time::Time;

/// What a delivery does about connections that stay open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reuse {
    /// One that stayed open is used.
    pub(crate) looks: bool,
    /// This one stays open.
    pub(crate) keeps: bool,
}

/// What is left to try if the present server fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Another server.
    Servers,
    /// Another server, unless a transaction begins with this one: it would be the last that
    /// `smtp_mx_session_limit` allows.
    ServersWithoutTransaction,
    /// Nothing.
    Nothing,
}

impl Left {
    /// What is left once a transaction begins.
    pub(crate) const fn in_transaction(self) -> Left {
        match self {
            Left::Servers => Left::Servers,
            Left::ServersWithoutTransaction | Left::Nothing => Left::Nothing,
        }
    }
}

/// How a server's MX preference compares with those of the destination's other servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    /// None is better.
    Best,
    /// Another one is better.
    Backup,
}

/// How the message fares at the present server.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// The level asked for.
    pub(crate) level: Option<Level>,
    /// How the server's preference compares with the others'.
    pub(crate) rank: Rank,
    /// What there is to try behind it.
    pub(crate) left: Left,
    /// Ordinal of the message on its connection, from 1.
    pub(crate) uses: u32,
    /// How the message travels, as far as decided.
    pub(crate) channel: Channel,
    /// What became of REQUIRETLS so far.
    pub(crate) promise: Option<Promise>,
    /// When the transaction began.
    pub(crate) set_up: Option<Time>,
}

impl Attempt {
    /// Nothing was tried yet.
    pub(crate) const fn none() -> Attempt {
        Attempt {
            level: None,
            rank: Rank::Best,
            left: Left::Nothing,
            uses: 1,
            channel: Channel::Undecided,
            promise: None,
            set_up: None,
        }
    }
}

/// The message on its way to one destination.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) queue_id: Arc<str>,
    pub(crate) sender: Arc<str>,
    pub(crate) body: Body,
    pub(crate) recipients: Recipients,
    /// How long it was in the queue when this attempt began.
    pub(crate) age: Duration,
    /// How long it then waited for its turn at the destination.
    pub(crate) waited: Duration,
    /// When this attempt began.
    pub(crate) begun: Time,
    /// How it fares at the present server.
    pub(crate) attempt: Attempt,
    /// What the queue manager asks for (`DEL_REQ_FLAG_CONN_LOAD` and `_STORE`).
    pub(crate) demand: Reuse,
    /// What is done at the present destination.
    pub(crate) reuse: Reuse,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// What the sender asks of TLS.
    pub(crate) asks: Asks,
    /// How far REQUIRETLS is heeded at the present destination.
    pub(crate) require_tls: RequireTls,
    /// Whose hands it is in.
    pub(crate) agent: Agent,
}

impl Mail {
    /// Whether an address is in it that only SMTPUTF8 can carry (RFC 6531).
    pub(crate) fn needs_smtputf8(&self) -> bool {
        !self.sender.is_ascii() || !self.recipients.are_ascii()
    }

    /// Records what became of a recipient.
    pub(crate) fn decide(
        &mut self,
        place: usize,
        outcome: Outcome,
        relay: Option<&Arc<Server>>,
        connection: Option<u32>,
        env: &mut Env<'_>,
    ) {
        self.recipients.mark(
            place,
            if self.purpose.retries(outcome.status) {
                Mark::Deferred
            } else {
                Mark::Done
            },
        );
        let Some(recipient) = self.recipients.address(place).cloned() else {
            return;
        };
        let delays = self.delays(env.now.time);
        env.out.event(Event {
            at: env.now.time,
            queue_id: Some(self.queue_id.clone()),
            connection,
            service: None,
            what: What::Recipient(Box::new(RecipientOutcome {
                recipient,
                relay: relay.cloned(),
                agent: self.agent,
                status: self.purpose.status(outcome.status),
                dsn: outcome.dsn,
                reason: outcome.reason,
                fault: outcome.fault,
                delays,
                level: self.attempt.level,
                uses: self.attempt.uses,
                channel: self.attempt.channel,
                require_tls: self.attempt.promise,
            })),
        });
    }

    fn delays(&self, now: Time) -> Delays {
        let set_up = self.attempt.set_up.unwrap_or(now);
        Delays {
            before_active: self.age,
            in_active: self.waited,
            setup: set_up.since(self.begun),
            transmission: now.since(set_up),
        }
    }
}

/// Deferred or bounced, and the code that goes with it. With `soft_bounce` nothing bounces
/// (Postfix src/global/bounce.c).
pub(crate) fn status_of(dsn: Dsn, settings: &Settings) -> (Status, Dsn) {
    if dsn.is_temporary() {
        (Status::Deferred, dsn)
    } else if settings.queue.soft_bounce {
        (Status::Deferred, Dsn { class: 4, ..dsn })
    } else {
        (Status::Bounced, dsn)
    }
}
