//! The same seed gives the same run, to the byte; another seed another one.

mod harness;

use std::process::Command;

use harness::every_driver::DRIVERS;
use harness::{catalogue, digests, every_run, run};
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
    let this = std::env::current_exe().expect("the path of this test");
    let output = Command::new(this)
        .args(["--exact", PRINTER, "--ignored", "--nocapture"])
        .output()
        .expect("a second process");
    let text = String::from_utf8_lossy(&output.stdout);
    let theirs: Vec<&str> = text
        .lines()
        .filter_map(|line| Some(line.split_once(MARK)?.1))
        .collect();
    assert_eq!(theirs, every_digest());
    assert!(!theirs.is_empty());
}

/// The digests of all runs, one a line, each behind a mark: the test runner writes in between.
#[test]
#[ignore = "run by another_process_runs_the_same"]
fn every_digest_is_printed() {
    for digest in every_digest() {
        println!("\n{MARK}{digest}");
    }
}

const PRINTER: &str = "every_digest_is_printed";
const MARK: &str = "digest: ";

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
