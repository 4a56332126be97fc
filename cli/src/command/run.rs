//! `mta-sim run`

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use mta_core::config::Release;
use mta_core::policy::Level;
use mta_sim::behaviour::prepare;
use mta_sim::library::{Catalogue, World};
use mta_sim::plan::Plan;
use mta_sim::run::{Driver, Run};
use mta_sim::seed::Seed;
use mta_sim::view::{Blame, Times, Told, conversation, log, told};
use mta_sim::world::MessageSpec;
use serde::Serialize;

use super::find::{Found, What, find};
use super::record::{self, Compared};
use crate::args::{DriverWord, RunArgs};
use crate::verdict::{Usage, Verdict};
use crate::{disk, print};

/// A peer or a world is watched for this simulated time from its last message on: long enough for what is tried again.
const WATCHED: Duration = Duration::from_secs(3600);

pub(crate) fn run(args: &RunArgs) -> Result<Verdict, Usage> {
    let release = args.common.for_postfix;
    let found = if args.names.is_empty() {
        every_scenario(release)
    } else {
        find(&args.names)?
    };
    refuse(args, &found)?;
    let mut reports = Vec::new();
    for found in &found {
        let report = one(found, args)?;
        if !args.common.json {
            print::out(&report.text(args));
        }
        reports.push(report);
    }
    let failed = reports
        .iter()
        .filter(|report| !report.failures.is_empty())
        .count();
    if args.common.json {
        print::json(&reports);
    } else if found.iter().any(|found| !found.alone) {
        print::line(&format!("{} scenarios, {failed} failed", reports.len()));
    }
    Ok(if failed == 0 {
        Verdict::Fine
    } else {
        Verdict::Finding
    })
}

fn every_scenario(release: Release) -> Vec<Found> {
    let catalogue = Catalogue::shared();
    let scenarios = catalogue.scenarios().iter();
    scenarios
        .filter(|(_, scenario)| scenario.postfix.contains(&release))
        .map(|(name, scenario)| Found {
            name: name.clone(),
            what: What::Scenario(Box::new(scenario.clone())),
            path: None,
            alone: false,
            catalogue: catalogue.clone(),
        })
        .collect()
}

/// What makes no sense for these scenarios.
fn refuse(args: &RunArgs, found: &[Found]) -> Result<(), Usage> {
    if args.accept
        && let Some(built_in) = found.iter().find(|found| found.path.is_none())
    {
        return Err(Usage(format!(
            "--accept records beside a file of your own; {} is built in",
            built_in.name
        )));
    }
    let scenario = |found: &&Found| matches!(found.what, What::Scenario(_));
    if (args.level.is_some() || args.main_cf.is_some())
        && let Some(scenario) = found.iter().find(scenario)
    {
        return Err(Usage(format!(
            "{} is a scenario, with a main.cf of its own; --level and --main-cf are for peers and worlds",
            scenario.name
        )));
    }
    if args.mails.is_some()
        && let Some(scenario) = found.iter().find(scenario)
    {
        return Err(Usage(format!(
            "{} is a scenario, with messages of its own; --mails is for peers and worlds",
            scenario.name
        )));
    }
    Ok(())
}

pub(crate) const fn driver(word: DriverWord) -> Driver {
    match word {
        DriverWord::Memory => Driver::Memory,
        #[cfg(feature = "turmoil")]
        DriverWord::Turmoil => Driver::Turmoil,
    }
}

pub(super) fn read(path: &str) -> Result<String, Usage> {
    disk::text(Path::new(path)).map_err(|why| Usage(format!("{path}: {why}")))
}

/// What came out of one scenario.
#[derive(Serialize)]
struct Report {
    name: String,
    summary: String,
    /// How a peer or a world was met.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    postfix: String,
    seed: u64,
    failures: Vec<String>,
    /// What looks unintended in the main.cf of one's own, or has no effect here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Told>,
    /// What there is to say of its record.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    deliveries: Vec<Delivery>,
    log: Vec<String>,
    /// SHA-256 over every byte on every connection.
    wire_sha256: String,
    #[serde(skip)]
    conversation: String,
    #[serde(skip)]
    alone: bool,
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
    /// Who has to change something, where the message did not arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<Blame>,
}

fn one(found: &Found, args: &RunArgs) -> Result<Report, Usage> {
    let name = &found.name;
    let refused = |error: &dyn std::fmt::Display| Usage(format!("{name}: {error}"));
    let release = args.common.for_postfix;
    let catalogue = &*found.catalogue;
    let (plan, summary, about) = match &found.what {
        What::Scenario(scenario) => {
            let seed = args.common.seed.unwrap_or(scenario.plan.seed);
            let plan = scenario
                .plan_for(release, seed, catalogue)
                .map_err(|error| refused(&error))?;
            (plan, scenario.summary.clone(), None)
        }
        What::World(world) => {
            let (plan, about) = met((**world).clone(), catalogue, args)?;
            (plan, world.summary.clone(), Some(about))
        }
        What::Peer(peer) => {
            let world = World::around(peer, catalogue).map_err(|error| refused(&error))?;
            let (plan, about) = met(world, catalogue, args)?;
            (plan, peer.summary.clone(), Some(about))
        }
    };
    let seed = plan.seed;
    let warnings = match found.alone || found.path.is_some() {
        true => told(
            plan.configuration()
                .map_err(|error| refused(&error))?
                .warnings(),
        ),
        // Those of the built-in scenarios are meant.
        false => Vec::new(),
    };
    for warning in &warnings {
        print::error(&format!("warning: {name}: {warning}"));
    }
    let run = plan
        .run(driver(args.driver))
        .map_err(|error| refused(&error))?;
    let mut failures: Vec<String> = match &found.what {
        What::Scenario(scenario) => {
            let failures = scenario.check(release, &run);
            failures.iter().map(ToString::to_string).collect()
        }
        What::World(_) | What::Peer(_) => Vec::new(),
    };
    let log: Vec<String> = log(&run).iter().map(ToString::to_string).collect();
    let conversation = conversation(&run.events, Times::Shown);
    let mut note = None;
    if let Some(path) = &found.path {
        let text = format!("{}\nlog\n{}\n", conversation.trim_end(), log.join("\n"));
        if args.accept {
            let place = record::accept(path, release, seed, &text)?;
            note = Some(format!("recorded in {}", disk::shown(&place)));
        } else {
            match record::compare(path, release, seed, &text)? {
                Compared::Same => {}
                Compared::Different(lines) => failures.extend(lines),
                Compared::OtherSeed => {
                    note = Some("not compared: recorded with another seed".to_owned());
                }
                Compared::None(place) => {
                    note = Some(format!(
                        "no recorded conversation {}; use --accept to record this one",
                        disk::shown(&place)
                    ));
                }
            }
        }
    }
    Ok(Report {
        name: name.clone(),
        summary,
        about,
        postfix: Release::to_string(&release),
        seed: seed.0,
        failures,
        warnings,
        note,
        deliveries: deliveries(&run),
        log,
        wire_sha256: run.wire.to_string(),
        conversation,
        alone: found.alone,
    })
}

/// A world with the main.cf that was asked for, and what that is in a few words.
fn met(mut world: World, catalogue: &Catalogue, args: &RunArgs) -> Result<(Plan, String), Usage> {
    let level = args.level.unwrap_or(Level::May);
    if let (Some(mails), Some(first)) = (args.mails, world.messages.first()) {
        let mail = |number| MessageSpec {
            at: first
                .at
                .saturating_add(args.interval.saturating_mul(number)),
            ..first.clone()
        };
        world.messages = (0..u32::from(mails)).map(mail).collect();
    }
    let last = world.messages.iter().map(|message| message.at).max();
    let of_level = prepare(&mut world, level, false) + "smtp_tls_loglevel = 1\n";
    let (main_cf, about) = match &args.main_cf {
        None => (of_level, format!("met at level {level}")),
        Some(path) => {
            let mut text = read(&path.to_string_lossy())?;
            let mut about = format!("met with {}", disk::shown(path));
            if args.level.is_some() {
                text.push_str(&format!("\nsmtp_tls_security_level = {level}\n"));
                about.push_str(&format!(" at level {level}"));
            }
            (text, about)
        }
    };
    let seed = args.common.seed.unwrap_or(Seed(1));
    let mut plan = world
        .plan(main_cf, args.common.for_postfix, seed, catalogue)
        .map_err(|error| Usage(error.to_string()))?;
    plan.limit = WATCHED.saturating_add(last.unwrap_or_default());
    Ok((plan, about))
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
            text: mta_core::log::reason(&outcome.reason),
            fault: outcome.fault.as_ref().map(Blame::from),
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
        if self.alone {
            if let Some(about) = &self.about {
                let _ = writeln!(text, "     {about}");
            }
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
        if self.alone {
            let _ = writeln!(
                text,
                "\nseed {}, octets on the wire: sha256 {}",
                self.seed, self.wire_sha256
            );
        }
        // Of many, only what is new is worth a line.
        if let Some(note) = self.note.as_ref().filter(|_| self.alone || args.accept) {
            let _ = writeln!(text, "{note}");
        }
        text
    }
}
