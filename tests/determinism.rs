//! The same seed gives the same run, to the byte; another seed another one.

mod harness;

use harness::every_driver::DRIVERS;
use harness::{catalogue, digests, every_run, process, run};
use mta_sim::run::Driver;

#[test]
fn every_case_runs_twice_the_same() {
    let catalogue = catalogue();
    for (name, scenario, version) in every_run(&catalogue) {
        for driver in DRIVERS {
            let once = run(
                name,
                scenario,
                version,
                scenario.plan.seed.0,
                &catalogue,
                driver,
            );
            let twice = run(
                name,
                scenario,
                version,
                scenario.plan.seed.0,
                &catalogue,
                driver,
            );
            let differs = once
                .events
                .iter()
                .zip(&twice.events)
                .find(|(one, other)| one != other);
            assert_eq!(differs, None, "{name}, {version}, {driver:?}");
            assert_eq!(once.events.len(), twice.events.len(), "{name}, {version}");
            assert_eq!(digests(&once), digests(&twice), "{name}, {version}");
        }
    }
}

#[test]
fn another_process_runs_the_same() {
    let ours = every_digest();
    if process::argument().is_some() {
        return ours.iter().for_each(|digest| process::answer(digest));
    }
    assert!(!ours.is_empty());
    let theirs = process::answers("another_process_runs_the_same", "");
    assert_eq!(theirs, ours);
}

fn every_digest() -> Vec<String> {
    let catalogue = catalogue();
    every_run(&catalogue)
        .into_iter()
        .map(|(name, scenario, version)| {
            let run = run(
                name,
                scenario,
                version,
                scenario.plan.seed.0,
                &catalogue,
                Driver::Memory,
            );
            format!("{name} {version} {}", digests(&run))
        })
        .collect()
}

#[test]
fn another_seed_sends_other_bytes_and_comes_out_as_expected() {
    let catalogue = catalogue();
    for (name, scenario, version) in every_run(&catalogue) {
        let seed = scenario.plan.seed.0 + 1000;
        let one = run(
            name,
            scenario,
            version,
            scenario.plan.seed.0,
            &catalogue,
            Driver::Memory,
        );
        let other = run(name, scenario, version, seed, &catalogue, Driver::Memory);
        let failures = scenario.check(version, &other);
        assert!(
            failures.is_empty(),
            "{name}, {version}, seed {seed}: {}",
            scenario.report(&other, &failures)
        );
        let encrypted = one.events.iter().any(|event| event.tls().is_some());
        if encrypted {
            assert_ne!(one.wire, other.wire, "{name}, {version}");
        }
    }
}
