//! Every behaviour of the catalogue is the same under every driver: what is said, each byte of it, and what comes of
//! the mail.
//!
//! Each is run at one level, another one than its neighbour; with `EVERY_LEVEL=1` in the environment, at all eight.

mod harness;

use std::time::Duration;

use harness::every_driver::{self, under_every_driver};
use harness::{behaviours, catalogue, in_parallel};
use mta_core::config::Release;
use mta_core::policy::Level;
use mta_sim::behaviour::{Behaviours, LEVELS};
use mta_sim::library::Catalogue;
use mta_sim::seed::Seed;

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
    let wrong = in_parallel(&cells, |(id, level)| {
        let found = differences(&behaviours, &catalogue, id, *level);
        (!found.is_empty()).then(|| format!("{id} at {level}: {}", found.join("\n")))
    });
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
    match under_every_driver(&plan) {
        Ok(runs) => every_driver::differences(&runs),
        Err(error) => vec![error.to_string()],
    }
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
