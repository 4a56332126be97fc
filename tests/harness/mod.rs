//! What the tests over the catalogue share.

#![allow(dead_code, reason = "each test binary uses some of it")]

pub(crate) mod change;
#[path = "../../sim/tests/every_driver/mod.rs"]
pub(crate) mod every_driver;
pub(crate) mod process;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mta_core::config::Release;
use mta_core::event::EventDigest;
use mta_sim::behaviour::Behaviours;
use mta_sim::library::Catalogue;
use mta_sim::run::{Driver, Run};
use mta_sim::scenario::Scenario;
use mta_sim::seed::Seed;

pub(crate) fn catalogue() -> Catalogue {
    Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn behaviours() -> Behaviours {
    Behaviours::embedded().unwrap_or_else(|error| panic!("{error}"))
}

/// Every scenario with every release that it is about.
pub(crate) fn every_run(catalogue: &Catalogue) -> Vec<(&str, &Scenario, Release)> {
    catalogue
        .scenarios()
        .iter()
        .flat_map(|(name, scenario)| {
            let releases = scenario.postfix.iter();
            releases.map(move |release| (name.as_str(), scenario, *release))
        })
        .collect()
}

pub(crate) fn run(
    name: &str,
    scenario: &Scenario,
    release: Release,
    seed: u64,
    catalogue: &Catalogue,
    driver: Driver,
) -> Run {
    scenario
        .plan_for(release, Seed(seed), catalogue)
        .unwrap_or_else(|error| panic!("{name}, {release}: {error}"))
        .run(driver)
        .unwrap_or_else(|error| panic!("{name}, {release}: {error}"))
}

/// A run in two words: of its events, and of the bytes on the wire.
pub(crate) fn digests(run: &Run) -> String {
    let mut events = EventDigest::default();
    run.events.iter().for_each(|event| events.add(event));
    format!("{events} {}", run.wire)
}

/// What `look` says of each, where it says something; on as many threads as there are processors.
pub(crate) fn in_parallel<T: Sync>(
    all: &[T],
    look: impl Fn(&T) -> Option<String> + Sync,
) -> Vec<String> {
    let (next, said) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = look(one);
                    said.lock().expect("nobody panicked").extend(found);
                }
            });
        }
    });
    said.into_inner().expect("nobody panicked")
}
