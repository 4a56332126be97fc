//! The message on its way to one destination, and what becomes of its recipients.

use std::sync::Arc;
use std::time::Duration;

use super::talk::Surroundings;
use super::{Mark, Outcome, Recipients};
use crate::config::Settings;
use crate::event::{
    Agent, Channel, Delays, Event, Promise, RecipientOutcome, Server, Status, What,
};
use crate::policy::{Asks, Level, RequireTls};
use crate::smtp::{Body, Dsn};
use crate::time::Time;

/// What the queue manager asks of a delivery about connections (`DEL_REQ_FLAG_CONN_LOAD` and `_STORE`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demand {
    /// One that stayed open is to be used.
    pub(crate) looks: bool,
    /// This one is to stay open.
    pub(crate) keeps: bool,
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
    /// When the transaction began on the latest connection.
    pub(crate) set_up: Option<Time>,
    /// The present server has the best preference of all.
    pub(crate) is_best_server: bool,
    /// No server is left to try after the present one.
    pub(crate) is_last_server: bool,
    /// A transaction with the present server would be the last one.
    pub(crate) is_last_transaction: bool,
    /// The level asked for at the present server.
    pub(crate) level: Option<Level>,
    /// What the queue manager asks about connections that stay open.
    pub(crate) demand: Demand,
    /// Whether a connection that stayed open may be used, as far as the destination goes.
    pub(crate) looks_for_connection: bool,
    /// Whether the connection may stay open behind this message, as far as the destination goes.
    pub(crate) keeps_connection: bool,
    /// The so-manyth message on the present connection.
    pub(crate) uses: u32,
    /// How the message travels, as far as decided.
    pub(crate) channel: Channel,
    /// Nothing is to be delivered; it is only asked who would be taken.
    pub(crate) probe: bool,
    /// What the sender asks of TLS.
    pub(crate) asks: Asks,
    /// How far REQUIRETLS is heeded at the present destination.
    pub(crate) require_tls: RequireTls,
    /// What became of it so far.
    pub(crate) promise: Option<Promise>,
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
        around: &mut Surroundings<'_>,
    ) {
        self.recipients.mark(
            place,
            if outcome.status == Status::Deferred && !self.probe {
                Mark::Deferred
            } else {
                Mark::Done
            },
        );
        let Some(recipient) = self.recipients.address(place).cloned() else {
            return;
        };
        let delays = self.delays(around.now.time);
        around.out.event(Event {
            at: around.now.time,
            queue_id: Some(self.queue_id.clone()),
            connection,
            service: None,
            what: What::Recipient(Box::new(RecipientOutcome {
                recipient,
                relay: relay.cloned(),
                agent: self.agent,
                status: if self.probe {
                    outcome.status.of_probe()
                } else {
                    outcome.status
                },
                dsn: outcome.dsn,
                text: outcome.text,
                fault: outcome.fault,
                delays,
                level: self.level,
                uses: self.uses,
                channel: self.channel,
                require_tls: self.promise,
            })),
        });
    }

    fn delays(&self, now: Time) -> Delays {
        let set_up = self.set_up.unwrap_or(now);
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
