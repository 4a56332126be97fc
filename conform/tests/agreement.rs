//! Agreement with Postfix only rises.
//!
//! `agreement.txt` holds, for each release and family, how many cases agree in all parts. A number may rise there and
//! never fall. `CONFORM_WRITE=1 cargo test -p mta-sim-conform` writes the present numbers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use mta_core::config::Release;
use mta_sim_conform::{Dataset, Options, Report, Verdict, judge};

fn dataset() -> Dataset {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/postfix");
    Dataset::load(&[path]).unwrap_or_else(|error| panic!("{error}"))
}

/// The whole dataset judged once for each release, what is not applicable played too.
static REPORTS: LazyLock<Vec<Report>> = LazyLock::new(|| {
    let dataset = dataset();
    let judged = |release| {
        let options = Options {
            review: true,
            ..Options::for_postfix(release)
        };
        judge(&dataset, &options)
    };
    Release::ALL.map(judged).into()
});

fn numbers(reports: &[Report]) -> BTreeMap<String, usize> {
    let of = |report: &Report| -> Vec<(String, usize)> {
        report
            .families()
            .into_iter()
            .map(|(family, counts)| (format!("{} {family}", report.release), counts.agree))
            .collect()
    };
    reports.iter().flat_map(of).collect()
}

#[test]
fn agreement_only_rises() {
    let reports = &*REPORTS;
    let now = numbers(reports);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement.txt");
    if std::env::var_os("CONFORM_WRITE").is_some() {
        let mut text = String::new();
        for (family, agree) in &now {
            writeln!(text, "{family} {agree}").unwrap();
        }
        std::fs::write(&path, text).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap();
    for line in known.lines() {
        let (family, least) = line.rsplit_once(' ').unwrap();
        let least: usize = least.parse().unwrap();
        let agree = now.get(family).copied().unwrap_or_default();
        let first = reports
            .iter()
            .find(|report| family.starts_with(&format!("{} ", report.release)))
            .map(|report| report.differences(5))
            .unwrap_or_default();
        assert!(
            agree >= least,
            "{family}: {agree} agree, and {least} did before\n{first}"
        );
    }
    assert_eq!(known.lines().count(), now.len(), "a family is new or gone");
}

#[test]
fn nothing_agrees_that_is_said_to_be_beyond_simulation() {
    for report in &*REPORTS {
        let mut listed = 0;
        for judged in &report.judged {
            if let Verdict::NotApplicable { reason, compared } = &judged.verdict {
                listed += 1;
                let agrees = compared.as_ref().is_some_and(|parts| parts.all_agree());
                assert!(!agrees, "{} agrees, and is said to be: {reason}", judged.id);
            }
        }
        assert!(listed > 0);
    }
}

#[test]
fn two_runs_are_the_same() {
    let dataset = dataset();
    let options = Options {
        family: Some("session-cache".to_owned()),
        ..Options::for_postfix(Release::V3_7)
    };
    let [one, other] = [1, 3].map(|threads| {
        let options = Options {
            threads,
            ..options.clone()
        };
        let report = judge(&dataset, &options);
        (report.json().unwrap(), report.differences(1000))
    });
    assert_eq!(one, other);
}

#[test]
fn json_has_the_words_that_were_promised() {
    let options = Options {
        family: Some("levels".to_owned()),
        ..Options::for_postfix(Release::V3_7)
    };
    let json = judge(&dataset(), &options).json().unwrap();
    let object: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(object["version"], "3.7");
    for key in [
        "cases",
        "not_applicable",
        "agree",
        "outcome",
        "dialogue",
        "log",
    ] {
        assert!(object[key].is_u64(), "{key}");
        assert_eq!(object["families"]["levels"][key], object[key], "{key}");
    }
    assert!(object["disagree"].is_array() && object["not_applicable_cases"].is_array());
}

#[test]
fn a_file_that_is_no_json_is_told_with_its_place() {
    let file = std::env::temp_dir().join(format!("conform-{}.json", std::process::id()));
    std::fs::write(&file, "{\"family\": \"x\",\n \"cases\": [{\"id\": 7}]}").unwrap();
    let error = Dataset::load(&[&file]).unwrap_err().to_string();
    std::fs::remove_file(&file).unwrap();
    assert!(
        error.starts_with(&format!("{}:2:", file.display())),
        "{error}"
    );
    assert!(error.contains("invalid type"), "{error}");
    assert!(Dataset::load(&["nowhere.json"]).is_err());
}
