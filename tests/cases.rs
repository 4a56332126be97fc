//! Every case of the catalogue comes out as its file expects, and as it came out before.

mod harness;

use std::panic::{AssertUnwindSafe, catch_unwind};

use harness::{DRIVERS, catalogue, every_run, run};
use mta_core::config::PostfixVersion;
use mta_sim::run::Run;
use mta_sim::view::{Times, conversation, log};

#[test]
fn cases_come_out_as_expected_under_3_7() {
    hold(PostfixVersion::V3_7);
}

#[test]
fn cases_come_out_as_expected_under_3_12() {
    hold(PostfixVersion::V3_12);
}

/// Runs every case that is about `version`, and complains about all that went wrong at once.
fn hold(version: PostfixVersion) {
    let catalogue = catalogue();
    let mut wrong = Vec::new();
    for (name, case, _) in every_run(&catalogue)
        .into_iter()
        .filter(|(_, _, about)| *about == version)
    {
        for driver in DRIVERS {
            let run = run(name, case, version, case.seed, &catalogue, driver);
            let failures = case.check(version, &run);
            if !failures.is_empty() {
                let report = case.report(&run, &failures);
                wrong.push(format!("{name}, Postfix {version}, {driver:?}: {report}"));
            }
            if catch_unwind(AssertUnwindSafe(|| record(name, version, &run))).is_err() {
                wrong.push(format!(
                    "{name}, Postfix {version}, {driver:?}: not as recorded, see above"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

/// Compares with the record of the case, one file for a case and a release. `cargo insta review`, or
/// `INSTA_UPDATE=always`, takes a new one.
fn record(name: &str, version: PostfixVersion, run: &Run) {
    let mut text = conversation(&run.events, Times::Shown);
    text.push_str("\nlog\n");
    for line in log(run) {
        text.push_str(&format!("{line}\n"));
    }
    insta::with_settings!({
        snapshot_path => "snapshots/cases",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(format!("{name}@{version}"), text);
    });
}
