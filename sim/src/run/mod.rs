//! A run: what makes it, what changes by itself in it, and what came out.

mod deliveries;
mod rule_hits;
mod seen;
mod services;
mod timeline;
mod unused_rules;

use std::sync::Arc;
use std::time::Duration;

use mta_core::event::{Event, RecipientOutcome};
use mta_core::process::Services;
use mta_core::time::Time;

use crate::peer::Seen;
use crate::tap::WireDigest;

pub use deliveries::Delivery;
pub use rule_hits::RuleHits;
pub use services::ClientConfig;
pub(crate) use services::{Installed, Renewal, services};
pub(crate) use timeline::Timeline;
pub use unused_rules::UnusedRule;

/// What moves the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Driver {
    /// Discrete events in memory; simulated time jumps.
    Memory,
    /// tokio over turmoil's simulated sockets; simulated time ticks.
    #[cfg(feature = "turmoil")]
    Turmoil,
}

/// What came out of a run. It is [`Send`]: a test may make its runs on threads of their own, each from its plan.
///
/// ```
/// use mta_sim::prelude::*;
///
/// let run = Lab::main_cf("smtp_tls_security_level = encrypt\n").peer("plain-only").mail("u@example.test").run()?;
/// assert!(run.deliveries().iter().all(|delivery| delivery.outcome.status == Status::Deferred));
/// assert_eq!(run.returned().len(), 1, "after maximal_queue_lifetime");
/// assert_eq!(run.left_in_queue, 0);
/// assert!(run.took() >= Duration::from_secs(5 * 86_400) && run.never_clear());
/// assert!(run.to_string().contains("250 "), "the conversation");
/// # Ok::<(), LabError>(())
/// ```
#[derive(Debug)]
pub struct Run {
    /// Everything that happened at the sender, in order.
    pub events: Vec<Event>,
    /// Every byte on every connection, both ways, and of DNS: two equal runs have the same digest.
    pub wire: WireDigest,
    /// What each peer saw of each connection: the connection's number, and what was seen.
    pub seen: Vec<(u32, Seen)>,
    /// When nothing was left to do, or the limit of the run was reached.
    pub ended: Time,
    /// Messages that were still in the queue then.
    pub left_in_queue: usize,
    /// What was installed at the sender, from the start on. Events name it by its place.
    pub services: Vec<Arc<Services>>,
    /// How often the rules of peers applied, for each peer that has any.
    pub rules: Vec<RuleHits>,
}

impl Run {
    /// What became of the recipients, attempt by attempt.
    pub fn outcomes(&self) -> impl Iterator<Item = (Time, &RecipientOutcome)> {
        self.events
            .iter()
            .filter_map(|event| event.outcome().map(|outcome| (event.at, outcome)))
    }

    /// How long the run took, in simulated time.
    pub fn took(&self) -> Duration {
        self.ended.since_start()
    }
}
