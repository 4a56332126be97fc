//! What became of each recipient in each attempt, with the connection and its TLS.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::event::{
    Channel, Event, PeerStatus, Protocol, RecipientOutcome, Rule, Status, TlsSummary, What,
};
use mta_core::time::Time;

use super::Run;

/// What became of one recipient in one attempt.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// When it was decided.
    pub at: Time,
    /// The message's queue id.
    pub queue_id: Option<&'a Arc<str>>,
    /// The connection that decided, counted from the start of the run; none if none was reached.
    pub connection: Option<u32>,
    /// What came of it.
    pub outcome: &'a RecipientOutcome,
    /// How TLS came up on that connection, if it did.
    pub tls: Option<&'a TlsSummary>,
}

impl Delivery<'_> {
    /// Whether the server took the message.
    pub fn is_sent(&self) -> bool {
        self.outcome.status == Status::Sent
    }

    /// Whether the message went out in clear text.
    pub fn is_clear(&self) -> bool {
        self.is_sent() && !matches!(self.outcome.channel, Channel::Tls | Channel::WeakerTls(_))
    }

    /// What Postfix's log says of the server's certificate; none without TLS.
    pub fn trust(&self) -> Option<PeerStatus> {
        self.tls.map(|tls| tls.status)
    }

    /// The TLS version; none without TLS.
    pub fn protocol(&self) -> Option<Protocol> {
        self.tls.map(|tls| tls.protocol)
    }

    /// Whether the connection resumed a TLS session.
    pub fn resumed(&self) -> bool {
        self.tls.is_some_and(|tls| tls.resumed)
    }
}

impl Run {
    /// What became of the recipients, attempt by attempt, in the order of time.
    pub fn deliveries(&self) -> Vec<Delivery<'_>> {
        let mut tls = BTreeMap::new();
        let mut deliveries = Vec::new();
        for event in &self.events {
            if let (Some(summary), Some(connection)) = (event.tls(), event.connection) {
                tls.insert(connection, summary);
            }
            if let Some(outcome) = event.outcome() {
                let connection = event.connection;
                deliveries.push(Delivery {
                    at: event.at,
                    queue_id: event.queue_id.as_ref(),
                    connection,
                    outcome,
                    tls: connection.and_then(|connection| tls.get(&connection).copied()),
                });
            }
        }
        deliveries
    }

    /// The queue ids of messages that were returned to their senders: bounced, or too long in the queue.
    pub fn returned(&self) -> Vec<&Arc<str>> {
        let is_returned = |event: &&Event| {
            let bounced = |outcome: &RecipientOutcome| outcome.status == Status::Bounced;
            matches!(event.what, What::Expired { .. }) || event.outcome().is_some_and(bounced)
        };
        let returned = self.events.iter().filter(is_returned);
        let mut ids: Vec<&Arc<str>> = Vec::new();
        for id in returned.filter_map(|event| event.queue_id.as_ref()) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// Whether no message went out in clear text.
    pub fn never_clear(&self) -> bool {
        !self.deliveries().iter().any(Delivery::is_clear)
    }

    /// How often a rule decided.
    pub fn decided(&self, rule: Rule) -> usize {
        let by_it = |event: &&Event| event.decided_by() == Some(rule);
        self.events.iter().filter(by_it).count()
    }
}
