//! The sender's machine: its main.cf, and the smtp(8) processes that master(8) starts with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::config::{Feature, Host, MainCf, Release, Settings};
use mta_core::event::Notice;
use mta_core::log::{
    LogStyle, Sentence, engine_lines, opening_lines, sentences, session_database_lines,
};
use mta_core::policy_table::Tables;
use mta_core::tls::{Engine, EngineFault};
use mta_sim::world::World;
use serde_json::Value;

use crate::case::Case;
use crate::pki::Certificates;
use crate::placeholder;
use crate::reach::NotYet;

/// What a main.cf makes of the client.
pub(crate) enum Configured {
    /// It runs; what its process logs when it starts.
    Runs(Arc<Settings>, Vec<String>),
    /// It cannot start; what it logs.
    Fatal(Vec<String>),
}

/// The text of the case's main.cf.
///
/// # Errors
/// A placeholder for which there is nothing.
pub(crate) fn main_cf(
    case: &Case,
    config: &BTreeMap<String, String>,
    certificates: &Certificates,
) -> Result<String, NotYet> {
    let base = MainCf::parse("main.cf", &case.base);
    let mut all: BTreeMap<&str, String> = BTreeMap::new();
    for entry in base.entries() {
        all.insert(&entry.name, entry.value.replace("$DIR", placeholder::DIR));
    }
    for (name, value) in config {
        let value = placeholder::resolve(value, certificates).map_err(NotYet::placeholder)?;
        all.insert(name, value.replace('\n', "\n "));
    }
    Ok(all
        .iter()
        .map(|(name, value)| format!("{name} = {value}\n"))
        .collect())
}

/// Reads a main.cf as a process of a service does that starts with it.
///
/// # Errors
/// What the simulator does not have yet.
pub(crate) fn configure(
    text: &str,
    service: &str,
    overrides: &BTreeMap<String, String>,
    release: Release,
) -> Result<Configured, NotYet> {
    let main_cf = MainCf::parse("main.cf", text).for_service(service, overrides);
    match Settings::from_main_cf(&main_cf, release, &Host::default()) {
        Ok((settings, warnings)) => {
            NotYet::among(&warnings)?;
            let lines = warnings
                .iter()
                .filter_map(|warning| warning.problem().notice.as_ref())
                .flat_map(said)
                .collect();
            Ok(Configured::Runs(Arc::new(settings), lines))
        }
        Err(errors) => {
            let mut last = Vec::new();
            for error in errors {
                let Some(notice) = &error.problem().notice else {
                    return Err(NotYet::config(&error));
                };
                last = said(notice);
            }
            // master(8) starts it again and again, and slows down.
            last.push(
                "master: warning: process $daemon_directory/smtp pid <P> exit status 1".to_owned(),
            );
            last.push(
                "master: warning: $daemon_directory/smtp: bad command startup -- throttling"
                    .to_owned(),
            );
            Ok(Configured::Fatal(last))
        }
    }
}

/// What smtp(8) logs of its settings.
fn said(notice: &Notice) -> Vec<String> {
    let line = |sentence: Sentence| format!("smtp: {sentence}");
    sentences(notice).into_iter().map(line).collect()
}

/// A smtp(8) process: its settings, its TLS engine, what it logged when it started.
pub(crate) struct Process {
    pub(crate) settings: Arc<Settings>,
    pub(crate) engine: Option<Arc<Engine>>,
    pub(crate) tables: Arc<Tables>,
    pub(crate) log: Vec<String>,
}

impl Process {
    /// Starts one. Its engine resumes the sessions of `before`.
    ///
    /// # Errors
    /// A table of a kind that the simulator does not have.
    pub(crate) fn start(
        settings: Arc<Settings>,
        mut log: Vec<String>,
        world: &World,
        before: Option<&Arc<Engine>>,
    ) -> Result<Process, NotYet> {
        let tables = world
            .tables(&settings)
            .map_err(|error| NotYet::new(error.to_string()))?;
        let style = LogStyle::of(&settings, &tables);
        let opening = opening_lines(&tables, &style);
        let opening: Vec<String> = opening.iter().map(crate::normal::line_of).collect();
        // The engine is not needed at level none (src/smtp/smtp.c `pre_init`).
        if !settings.tls.needs_engine() {
            log.extend(opening);
            return Ok(Process {
                settings,
                engine: None,
                tables,
                log,
            });
        }
        let material = world.tls_material(&settings.tls);
        let engine: Result<Engine, EngineFault> = match before {
            Some(before) => before.succeed(material),
            None => Engine::new(material),
        };
        let lines = engine_lines(&style, engine.as_ref().map(Engine::odd_digests));
        log.extend(lines.iter().map(crate::normal::line_of));
        log.extend(opening);
        Ok(Process {
            settings,
            engine: engine.ok().map(Arc::new),
            tables,
            log,
        })
    }
}

/// What tlsmgr(8) says when it starts.
pub(crate) fn manager_starts(process: &Process) -> Vec<String> {
    let lines = session_database_lines(&process.settings);
    lines.iter().map(crate::normal::line_of).collect()
}

/// What tlsproxy(8) says when it starts, as it was configured in the dataset: it serves clients alone.
pub(crate) fn proxy_starts(release: Release) -> Option<&'static str> {
    (!release.has(Feature::QuietTlsproxy)).then_some(
        "tlsproxy: warning: TLS server role is disabled with tlsproxy_tls_security_level or \
         tlsproxy_use_tls",
    )
}

/// The service that every master.cf has.
pub(crate) const SMTP: &str = "smtp";

/// A further SMTP client in master.cf, with the same program; the dataset was observed with it.
pub(crate) const ALT: &str = "alt";

/// What master.cf says for a service in place of main.cf (`-o name=value`).
pub(crate) fn overrides(case: &Case, service: &str) -> BTreeMap<String, String> {
    let overrides = case.master.get(service).into_iter().flatten();
    let text = |value: &Value| match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    };
    overrides
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// How many deliveries a process makes before it ends (`max_use`); none if there is no limit to speak of.
pub(crate) fn max_use(overrides: &BTreeMap<String, String>) -> Option<u64> {
    overrides.get("max_use")?.parse().ok()
}
