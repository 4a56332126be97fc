//! One plan under every driver: what is said, each byte of it, what peers see and what comes of the mail must be the same.

#![allow(dead_code, reason = "each test binary uses some of it")]

use std::collections::BTreeMap;
use std::fmt::Debug;

use mta_core::event::Event;
use mta_core::log::reason;
use mta_sim::peer::Seen;
use mta_sim::plan::{Plan, PlanError};
use mta_sim::run::{Driver, Run};
use mta_sim::view::{Times, conversation};

/// The drivers that must agree. What one says, all say.
pub(crate) const DRIVERS: [Driver; 2] = [Driver::Memory, Driver::Turmoil];

/// Runs the plan under every driver; the runs, in the order of [`DRIVERS`].
///
/// # Panics
/// If one cannot be made, or differs from the first in more than its times.
pub(crate) fn same_under_every_driver(name: &str, plan: &Plan) -> [Run; DRIVERS.len()] {
    let runs = under_every_driver(plan).unwrap_or_else(|error| panic!("{name}: {error}"));
    let found = differences(&runs);
    assert!(found.is_empty(), "{name}: {}", found.join("\n"));
    runs
}

/// The runs of a plan, in the order of [`DRIVERS`].
pub(crate) fn under_every_driver(plan: &Plan) -> Result<[Run; DRIVERS.len()], PlanError> {
    let [memory, turmoil] = DRIVERS.map(|driver| plan.run(driver));
    Ok([memory?, turmoil?])
}

/// In what the runs differ from the first, times and the order of what happens on different connections aside.
pub(crate) fn differences(runs: &[Run]) -> Vec<String> {
    let Some((first, others)) = runs.split_first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for other in others {
        let sides = [first, other];
        found.extend(difference("the talks", sides.map(talks)));
        found.extend(difference("the outcomes", sides.map(outcomes)));
        found.extend(difference(
            "the bytes",
            sides.map(|run| run.wire.to_string()),
        ));
        found.extend(difference("what peers saw", sides.map(seen)));
        found.extend(difference("the rules' hits", sides.map(|run| &run.rules)));
        found.extend(difference("the queues", sides.map(|run| run.left_in_queue)));
    }
    found
}

fn difference<T: PartialEq + Debug>(what: &str, [one, other]: [T; 2]) -> Option<String> {
    (one != other).then(|| format!("{what} differ:\n{one:#?}\n{other:#?}"))
}

/// What is said on each connection, and beside them.
pub(crate) fn talks(run: &Run) -> BTreeMap<Option<u32>, String> {
    let mut events: BTreeMap<Option<u32>, Vec<Event>> = BTreeMap::new();
    for event in &run.events {
        let on = events.entry(event.connection).or_default();
        on.push(event.clone());
    }
    let said = |events: Vec<Event>| conversation(&events, Times::Hidden);
    events
        .into_iter()
        .map(|(on, all)| (on, said(all)))
        .collect()
}

/// What became of the mail, attempt by attempt.
pub(crate) fn outcomes(run: &Run) -> Vec<String> {
    let outcomes = run.outcomes().map(|(_, outcome)| {
        let why = reason(&outcome.reason);
        format!("{} {} {why}", outcome.recipient, outcome.status)
    });
    outcomes.collect()
}

/// What peers saw, in the order of connections.
fn seen(run: &Run) -> Vec<&(u32, Seen)> {
    let mut seen: Vec<&(u32, Seen)> = run.seen.iter().collect();
    seen.sort_by_key(|(connection, _)| *connection);
    seen
}
