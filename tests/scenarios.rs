//! Every scenario of the catalogue comes out as its file expects, and as it came out before.

mod harness;

use std::panic::{AssertUnwindSafe, catch_unwind};

use harness::every_driver::DRIVERS;
use harness::{catalogue, every_run, run};
use mta_core::config::Release;
use mta_sim::run::Run;
use mta_sim::view::{Times, conversation, log};

#[test]
fn cases_come_out_as_expected_under_3_7() {
    hold(Release::V3_7);
}

#[test]
fn cases_come_out_as_expected_under_3_12() {
    hold(Release::V3_12);
}

/// Runs every scenario that is about `release`, and complains about all that went wrong at once.
fn hold(release: Release) {
    let catalogue = catalogue();
    let mut wrong = Vec::new();
    for (name, scenario, _) in every_run(&catalogue)
        .into_iter()
        .filter(|(_, _, about)| *about == release)
    {
        for driver in DRIVERS {
            let run = run(
                name,
                scenario,
                release,
                scenario.plan.seed.0,
                &catalogue,
                driver,
            );
            let failures = scenario.check(release, &run);
            if !failures.is_empty() {
                let report = scenario.report(&run, &failures);
                wrong.push(format!("{name}, Postfix {release}, {driver:?}: {report}"));
            }
            if catch_unwind(AssertUnwindSafe(|| record(name, release, &run))).is_err() {
                wrong.push(format!(
                    "{name}, Postfix {release}, {driver:?}: not as recorded, see above"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

/// Compares with the record of the scenario, one file for a scenario and a release. `cargo insta review`, or
/// `INSTA_UPDATE=always`, takes a new one.
fn record(name: &str, release: Release, run: &Run) {
    let mut text = conversation(&run.events, Times::Shown);
    text.push_str("\nlog\n");
    for line in log(run) {
        text.push_str(&format!("{line}\n"));
    }
    insta::with_settings!({
        snapshot_path => "snapshots/scenarios",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(format!("{name}@{release}"), text);
    });
}
