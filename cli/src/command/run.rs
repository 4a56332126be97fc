//! `mta-sim run`

use std::fmt::Write as _;

use mta_core::config::PostfixVersion;
use scenarios::{Case, Catalogue};
use serde::Serialize;
use sim::run::{Driver, Run};
use sim::view::{Times, conversation, log};

use crate::args::{DriverWord, RunArgs};
use crate::{Usage, Verdict, print};

/// Most octets read of a scenario file.
const CASE_OCTETS_MAX: u64 = 1 << 20;

pub(crate) fn run(args: &RunArgs) -> Result<Verdict, Usage> {
    let catalogue = catalogue()?;
    let cases = if args.names.is_empty() {
        catalogue
            .cases()
            .iter()
            .map(|(name, case)| (name.clone(), case.clone()))
            .collect()
    } else {
        named(&args.names, &catalogue)?
    };
    let version = args.common.for_postfix;
    let mut reports = Vec::new();
    for (name, case) in cases {
        if args.names.is_empty() && !case.postfix.contains(&version) {
            continue;
        }
        let report = one(name, &case, &catalogue, args)?;
        if !args.common.json {
            print::out(&report.text(args));
        }
        reports.push(report);
    }
    if args.common.json {
        print::json(&reports);
    } else if args.names.is_empty() {
        let failed = reports
            .iter()
            .filter(|report| !report.failures.is_empty())
            .count();
        print::line(&format!(
            "{} scenarios, {failed} with other results than expected",
            reports.len()
        ));
    }
    let fine = reports.iter().all(|report| report.failures.is_empty());
    Ok(if fine {
        Verdict::Fine
    } else {
        Verdict::Finding
    })
}

pub(crate) fn catalogue() -> Result<Catalogue, Usage> {
    Catalogue::embedded().map_err(|error| Usage(error.to_string()))
}

pub(crate) const fn driver(word: DriverWord) -> Driver {
    match word {
        DriverWord::Memory => Driver::Memory,
        DriverWord::Turmoil => Driver::Turmoil,
    }
}

/// Scenarios of the catalogue by name, and files by path.
fn named(names: &[String], catalogue: &Catalogue) -> Result<Vec<(String, Case)>, Usage> {
    names
        .iter()
        .map(|name| {
            let case = if name.ends_with(".toml") {
                Case::load_in(name, &read(name)?, catalogue)
                    .map_err(|error| Usage(error.to_string()))?
            } else {
                catalogue
                    .case(name)
                    .map_err(|error| Usage(error.to_string()))?
                    .clone()
            };
            Ok((name.clone(), case))
        })
        .collect()
}

pub(super) fn read(path: &str) -> Result<String, Usage> {
    use std::io::Read as _;
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(CASE_OCTETS_MAX).read_to_string(&mut text))
        .map_err(|error| Usage(format!("{path}: {error}")))?;
    Ok(text)
}

/// What came out of one scenario.
#[derive(Serialize)]
struct Report {
    name: String,
    summary: String,
    postfix: String,
    seed: u64,
    failures: Vec<String>,
    deliveries: Vec<Delivery>,
    log: Vec<String>,
    /// SHA-256 over every octet on every connection.
    wire_sha256: String,
    #[serde(skip)]
    conversation: String,
}

/// What became of one recipient in one attempt.
#[derive(Serialize)]
struct Delivery {
    at_ms: u64,
    to: String,
    status: String,
    dsn: String,
    relay: String,
    text: String,
}

fn one(name: String, case: &Case, catalogue: &Catalogue, args: &RunArgs) -> Result<Report, Usage> {
    let version = args.common.for_postfix;
    let setup = case
        .setup(version, args.common.seed, catalogue)
        .map_err(|error| Usage(format!("{name}: {error}")))?;
    let run = setup
        .run(driver(args.driver))
        .map_err(|error| Usage(format!("{name}: {error}")))?;
    let failures = case
        .check(version, &run)
        .iter()
        .map(ToString::to_string)
        .collect();
    Ok(Report {
        summary: case.summary.clone(),
        postfix: PostfixVersion::to_string(&version),
        seed: args.common.seed.0,
        failures,
        deliveries: deliveries(&run),
        log: log(&run).iter().map(ToString::to_string).collect(),
        wire_sha256: run.wire.to_string(),
        conversation: conversation(&run.events, Times::Shown),
        name,
    })
}

fn deliveries(run: &Run) -> Vec<Delivery> {
    run.outcomes()
        .map(|(at, outcome)| Delivery {
            at_ms: at.as_nanos() / 1_000_000,
            to: outcome.recipient.to_string(),
            status: outcome.status.to_string(),
            dsn: outcome.dsn.to_string(),
            relay: outcome
                .relay
                .as_ref()
                .map_or_else(|| String::from("none"), ToString::to_string),
            text: outcome.text.to_string(),
        })
        .collect()
}

impl Report {
    fn text(&self, args: &RunArgs) -> String {
        let mut text = String::new();
        let mark = if self.failures.is_empty() {
            "ok  "
        } else {
            "FAIL"
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{mark} {:<36} {}", self.name, self.summary);
        if !args.names.is_empty() {
            let _ = writeln!(text, "\n{}", self.conversation.trim_end());
        }
        if args.log {
            let _ = writeln!(
                text,
                "\n  what Postfix {} logs, in seconds after the start:",
                self.postfix
            );
            for line in &self.log {
                let _ = writeln!(text, "    {line}");
            }
        }
        for failure in &self.failures {
            let _ = writeln!(text, "  {failure}");
        }
        if !args.names.is_empty() {
            let _ = writeln!(
                text,
                "\nseed {}, octets on the wire: sha256 {}",
                self.seed, self.wire_sha256
            );
        }
        text
    }
}
