//! From the text of a main.cf to [`Settings`].

mod tls;

mod asks;
mod groups;
mod library;
mod log;
mod reports;
mod session_database;

mod destinations;
mod dialogue;
mod every_daemon;
mod hosts;
mod limit;
mod listing;
mod process;
mod sasl;

use super::compat_level::CompatLevel;
use super::host_name::{Host, default_domain};
use super::known_names;
use super::main_cf::MainCf;
use super::problem::{ConfigError, Warning, clip};
use super::reader::Reader;
use super::release::Release;
use super::resolving::resolver;
use super::settings::{Names, QueueSettings, Settings};
use super::value::Refusal;
use crate::event::ConfigNotice;
use destinations::{by_service, limits};
use dialogue::{dialogue, timeouts};
use hosts::{hosts, reuse, routing};
use process::process;
use tls::tls;

impl Settings {
    /// Reads and checks every parameter that is used. Names that are not known give warnings.
    ///
    /// # Errors
    /// All that is wrong, in the order of the lines, [`MAX_PROBLEMS`](super::MAX_PROBLEMS) at most.
    pub fn from_main_cf(
        main_cf: &MainCf,
        release: Release,
        host: &Host,
    ) -> Result<(Settings, Vec<Warning>), Vec<ConfigError>> {
        let mut reader = Reader::of(main_cf, release);
        let settings = read(&mut reader, host);
        if !settings.tls.needs_engine() {
            reader.findings.never_read(is_of_the_engine);
        }
        known_names::check(main_cf, release, &mut reader.findings);
        let mut findings = reader.findings;
        findings.sort();
        match findings.errors.is_empty() {
            true => Ok((settings, findings.warnings)),
            false => Err(findings.errors),
        }
    }

    /// What holds with an empty main.cf, on the machine `mail.client.example`.
    pub fn default_for(release: Release) -> Settings {
        read(
            &mut Reader::of(&MainCf::parse("main.cf", ""), release),
            &Host::default(),
        )
    }
}

/// Whether Postfix reads the parameter only when it sets up a TLS engine (src/tls/tls_misc.c `tls_param_init`,
/// `tls_log_mask`).
fn is_of_the_engine(name: &str) -> bool {
    let by_name = name.starts_with("tls_") || name.starts_with("tlsmgr_");
    name == "smtp_tls_loglevel" || (by_name && name != "tls_required_enable")
}

fn read(reader: &mut Reader<'_>, host: &Host) -> Settings {
    let names = names(reader, host);
    let hosts = hosts(reader, host);
    if hosts
        .relayhost
        .as_deref()
        .is_some_and(|relay| relay.eq_ignore_ascii_case(&names.myhostname))
    {
        let what = "must not be the same as myhostname".to_owned();
        let myhostname = names.myhostname.as_str().into();
        let notice = ConfigNotice::RelayIsSelf { myhostname };
        reader.refuse("relayhost", Refusal::new(what, notice));
    }
    every_daemon::check(reader);
    Settings {
        release: reader.release(),
        names,
        tls: tls(reader),
        timeouts: timeouts(reader),
        dialogue: dialogue(reader),
        resolver: resolver(reader),
        routing: routing(reader),
        hosts,
        reuse: reuse(reader),
        process: process(reader),
        queue: queue(reader),
    }
}

fn names(reader: &mut Reader<'_>, host: &Host) -> Names {
    let compatibility_level =
        reader.parsed("compatibility_level", CompatLevel::default(), |text| {
            text.parse().map_err(|_| {
                Refusal::new(
                    format!("\"{}\" is not a level such as 3.6", clip(text)),
                    ConfigNotice::BadCompatLevel(text.into()),
                )
            })
        });
    // In this order: mydomain may follow from myhostname, and before that main.cf's own counts.
    let mydomain = reader.in_file("mydomain");
    let myhostname = reader.host_name("myhostname", host.default_hostname(mydomain.as_deref()));
    let mydomain = reader.host_name("mydomain", default_domain(&myhostname).to_owned());
    Names {
        compatibility_level,
        myhostname,
        mydomain,
        helo_name: reader.text("smtp_helo_name"),
        config_directory: reader.text("config_directory"),
        data_directory: reader.text("data_directory"),
        syslog_name: reader.text("syslog_name"),
    }
}

fn queue(reader: &mut Reader<'_>) -> QueueSettings {
    let destination_limits = limits(reader);
    QueueSettings {
        run_delay: reader.time("queue_run_delay"),
        minimal_backoff: reader.time("minimal_backoff_time"),
        maximal_backoff: reader.time("maximal_backoff_time"),
        maximal_lifetime: reader.time("maximal_queue_lifetime"),
        bounce_lifetime: reader.time("bounce_queue_lifetime"),
        soft_bounce: reader.yes_or_no("soft_bounce"),
        destination_limits,
        destination_limits_by_service: by_service(reader, destination_limits),
    }
}

#[cfg(test)]
mod tests;
