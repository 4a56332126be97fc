//! Every behaviour of the catalogue is the same under every driver: what is said, each byte of it, and what comes of
//! the mail.
//!
//! Each is run at one level, another one than its neighbour; with `EVERY_LEVEL=1` in the environment, at all eight.

mod harness;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use harness::{behaviours, catalogue};
use mta_core::config::Release;
use mta_core::event::Event;
use mta_core::policy::Level;
use mta_sim::behaviour::{Behaviours, LEVELS};
use mta_sim::library::Catalogue;
use mta_sim::run::{Driver, Run};
use mta_sim::seed::Seed;
use mta_sim::view::{Times, conversation};

/// What stays busy for longer than turmoil may tick.
const TOO_LARGE: [&str; 1] = ["tcp-slow-drip"];

/// The queue is scanned at whole minutes, where rows end: a look-up that begins then would be cut in the middle.
const CUT: Duration = Duration::from_secs(10);

/// How long the sender waits for a server that keeps it waiting.
const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn behaviours_are_the_same_under_every_driver() {
    let (behaviours, catalogue) = (behaviours(), catalogue());
    let every_level = std::env::var_os("EVERY_LEVEL").is_some();
    let rows = behaviours.rows().iter().enumerate();
    let cells: Vec<(&str, Level)> = rows
        .filter(|(_, (id, row))| row.pending.is_none() && !TOO_LARGE.contains(&id.as_str()))
        .flat_map(|(number, (id, _))| {
            let (from, count) = (number % LEVELS.len(), LEVELS.len());
            let levels = LEVELS.into_iter().cycle().skip(from);
            levels
                .take(if every_level { count } else { 1 })
                .map(move |level| (id.as_str(), level))
        })
        .collect();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((id, level)) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for what in differences(&behaviours, &catalogue, id, *level) {
                        let mut wrong = wrong.lock().expect("nobody panicked");
                        wrong.push(format!("{id} at {level}: {what}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panicked");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// In what the drivers differ.
fn differences(
    behaviours: &Behaviours,
    catalogue: &Catalogue,
    id: &str,
    level: Level,
) -> Vec<String> {
    let plan = behaviours.plan(catalogue, id, level, Release::V3_12, Seed(1));
    let mut plan = plan.unwrap_or_else(|error| panic!("{id} at {level}: {error}"));
    plan.limit += CUT;
    let patient = plan.main_cf.text().unwrap_or_default();
    plan.main_cf = format!("{patient}\n{}", impatient()).into();
    let [memory, turmoil] = match [Driver::Memory, Driver::Turmoil].map(|driver| plan.run(driver)) {
        [Ok(memory), Ok(turmoil)] => [memory, turmoil],
        [Err(error), _] | [_, Err(error)] => return vec![error.to_string()],
    };
    let same = [
        ("the talk", talks(&memory) == talks(&turmoil)),
        ("the outcomes", outcomes(&memory) == outcomes(&turmoil)),
        (
            "the octets",
            memory.wire.to_string() == turmoil.wire.to_string(),
        ),
    ];
    same.into_iter()
        .filter(|(_, same)| !same)
        .map(|(what, _)| what.to_owned())
        .collect()
}

/// A sender that waits no longer than this, in the words of main.cf: turmoil ticks through all that it waits.
fn impatient() -> String {
    let waits = [
        "helo",
        "starttls",
        "mail",
        "rcpt",
        "data_init",
        "data_xfer",
        "data_done",
        "rset",
        "quit",
    ];
    let seconds = PATIENCE.as_secs();
    let lines = waits.map(|wait| format!("smtp_{wait}_timeout = {seconds}s\n"));
    lines.concat()
}

/// What is said on each connection, and beside them.
fn talks(run: &Run) -> BTreeMap<Option<u32>, String> {
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

fn outcomes(run: &Run) -> Vec<String> {
    run.outcomes()
        .map(|(_, outcome)| {
            format!(
                "{} {} {}",
                outcome.recipient,
                outcome.status,
                mta_core::log::reason(&outcome.reason)
            )
        })
        .collect()
}
