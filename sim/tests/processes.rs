//! When smtp(8), tlsmgr(8) and tlsproxy(8) processes start and end, and what they forget with that.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use mta_core::Mta;
use mta_core::config::{Host, MainCf, Release, Settings};
use mta_core::event::{Detail, Program, What};
use mta_core::process::{Client, FatalConfig, Service, Services};
use mta_core::queue::Message;
use mta_core::time::Time;
use mta_core::tls::SessionCache;
use mta_sim::drive::memory::Memory;
use mta_sim::plan::Plan;
use mta_sim::run::{Driver, Run};
use mta_sim::seed::Seed;
use mta_sim::view::log;
use mta_sim::world::{MessageSpec, World, WorldSpec};

/// A table that is not there: each process says so when it starts.
const MAIN_CF: &str = "smtp_tls_security_level = may\nsmtp_tls_policy_maps = hash:/nosuch\n\
    smtp_tls_session_cache_database = btree:/var/lib/postfix/smtp_scache\n";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A run in 3.7 with messages to a.example at these seconds.
fn run(main_cf: &str, world: &str, at: &[u64]) -> Run {
    let mut plan = Plan::from_main_cf(main_cf, Release::V3_7);
    let world = format!("[[domain]]\nname = 'a.example'\n[[domain]]\nname = 'b.example'\n{world}");
    plan.world = toml::from_str::<WorldSpec>(&world).unwrap();
    let to = |at: &u64| MessageSpec::to("user@a.example").at(seconds(*at));
    plan.messages = at.iter().map(to).collect();
    plan.limit = seconds(500);
    plan.run(Driver::Memory).unwrap()
}

/// When processes of a program started, in whole seconds.
fn starts(run: &Run, of: Program) -> Vec<u64> {
    let is_start = |what: &What| matches!(what, What::Started { program, .. } if *program == of);
    let starts = run.events.iter().filter(|event| is_start(&event.what));
    starts.map(|event| event.at.as_secs()).collect()
}

/// When a line with this text was logged, in whole seconds.
fn logged(run: &Run, text: &str) -> Vec<u64> {
    let log = log(run);
    let with = log.iter().filter(|line| line.line.text.contains(text));
    with.map(|line| line.at.as_secs()).collect()
}

/// Which handshakes resumed a session.
fn resumed(run: &Run) -> Vec<bool> {
    let tls = run.events.iter().filter_map(|event| event.tls());
    tls.map(|summary| summary.resumed).collect()
}

#[test]
fn a_process_ends_when_it_had_nothing_to_do_for_max_idle() {
    let run = run("smtp_tls_security_level = none", "", &[0, 90, 180, 300]);
    assert_eq!(starts(&run, Program::Smtp), [0, 300]);
    let text = "smtp_tls_security_level = none\nmax_idle = 60s";
    let run = self::run(text, "", &[0, 59, 130]);
    assert_eq!(starts(&run, Program::Smtp), [0, 130]);
}

#[test]
fn a_process_ends_when_it_has_worked_max_use_times() {
    let text = "smtp_tls_security_level = none\nmax_use = 2";
    let run = run(text, "", &[0, 1, 2, 3, 4]);
    assert_eq!(starts(&run, Program::Smtp), [0, 2, 4]);
}

#[test]
fn a_process_makes_one_delivery_at_a_time() {
    let run = run("smtp_tls_security_level = none", "", &[0, 0, 1, 1, 1, 2]);
    // Those of the first second come back, the one that has waited longer first.
    assert_eq!(starts(&run, Program::Smtp), [0, 0, 1]);
}

#[test]
fn each_process_opens_its_tables_and_tells_of_it() {
    let run = run(MAIN_CF, "", &[0, 10, 200]);
    let opens = "open database /nosuch.db: No such file or directory";
    let says = logged(&run, &format!("error: {opens}"));
    assert_eq!(says, [0, 200]);
    assert_eq!(says, starts(&run, Program::Smtp));
}

#[test]
fn what_was_learnt_of_dns_ends_with_the_process() {
    let text = "smtp_tls_security_level = dane\nsmtp_dns_support_level = dnssec";
    let probes = |at: &[u64]| {
        let run = run(text, "", at);
        let asked = run
            .events
            .iter()
            .filter(|event| matches!(&event.what, What::Asked(question) if &*question.name == "."));
        asked.map(|event| event.at.as_secs()).collect::<Vec<_>>()
    };
    assert_eq!(probes(&[0, 50]), [0]);
    assert_eq!(probes(&[0, 150]), [0, 150]);
    assert_eq!(
        probes(&[0, 0]),
        [0, 0],
        "two processes do not tell each other"
    );
}

#[test]
fn sessions_outlive_processes_and_no_reload() {
    let text = &MAIN_CF.replace("smtp_tls_policy_maps = hash:/nosuch\n", "");
    let mails = &[0, 200];
    let with = |world: &str| resumed(&run(text, world, mails));
    assert_eq!(with(""), [false, true]);
    assert_eq!(
        with("[[change]]\nat = '50s'\nrestart = true"),
        [false, true]
    );
    let files = "[[change]]\nat = '50s'\nfiles = { '/x' = 'y' }";
    assert_eq!(with(files), [false, true]);
    let reload = "[[change]]\nat = '50s'\npostconf = ['smtp_helo_timeout = 200s']";
    assert_eq!(with(reload), [false, false], "tlsmgr(8) starts anew");
    let run = run(text, reload, mails);
    assert_eq!(starts(&run, Program::Tlsmgr), [0, 200]);
}

#[test]
fn a_delivery_ends_as_it_began_whatever_is_reloaded() {
    let world =
        "latency = '100ms'\n[[change]]\nat = '50ms'\npostconf = ['smtp_helo_name = new.example']";
    let run = run_at(world, &[0, 10]);
    let said = run.events.iter().filter_map(|event| {
        let What::Command { text, .. } = &event.what else {
            return None;
        };
        text.starts_with("EHLO ").then_some(&**text)
    });
    let said: Vec<&str> = said.collect();
    assert_eq!(said, ["EHLO old.example", "EHLO new.example"]);
}

fn run_at(world: &str, at: &[u64]) -> Run {
    let text = "smtp_tls_security_level = none\nsmtp_helo_name = old.example";
    let (before, behind) = world.split_once('\n').unwrap();
    let mut plan = Plan::from_main_cf(text, Release::V3_7);
    let world = format!("{before}\n[[domain]]\nname = 'a.example'\n{behind}");
    plan.world = toml::from_str::<WorldSpec>(&world).unwrap();
    let to = |at: &u64| MessageSpec::to("user@a.example").at(seconds(*at));
    plan.messages = at.iter().map(to).collect();
    plan.run(Driver::Memory).unwrap()
}

#[test]
fn a_proxy_that_serves_no_clients_says_so_each_time_it_starts() {
    let text = "smtp_tls_security_level = may\nsmtp_tls_connection_reuse = yes\n";
    let warns = |text: &str| {
        let run = run(text, "", &[0, 10, 200]);
        logged(&run, "warning: TLS server role is disabled")
    };
    assert_eq!(warns(text), [0, 200]);
    let serves = format!("{text}smtpd_tls_security_level = may");
    assert_eq!(warns(&serves), Vec::<u64>::new());
}

/// Mail in a world in which `smtp` has this main.cf, and nothing was delivered yet.
fn memory(main_cf: &str) -> Memory {
    let mut plan = Plan::from_main_cf("", Release::V3_7);
    plan.world = toml::from_str::<WorldSpec>("[[domain]]\nname = 'a.example'").unwrap();
    let world = World::build(
        &plan.world,
        &plan.peers,
        Seed(1),
        mta_sim::peer::Observe::Nothing,
    )
    .unwrap();
    let settings = Arc::new(Settings::default_for(Release::V3_7));
    let services = Services::new(settings, Arc::default()).with("smtp", client(main_cf));
    let cache = Arc::new(SessionCache::new());
    let mta = Mta::new(services, cache, Box::new(|_| 0), Detail::Decisions);
    let mut memory = Memory::new(world, mta);
    memory.submit_at(Time::START, message());
    memory
}

fn client(main_cf: &str) -> Client {
    let main_cf = MainCf::parse("main.cf", main_cf);
    match Settings::from_main_cf(&main_cf, Release::V3_7, &Host::default()) {
        Ok((settings, _)) => Service::without_tls(Arc::new(settings)).into(),
        Err(errors) => Client::Fatal(Arc::new(FatalConfig::among(&errors).unwrap())),
    }
}

fn message() -> Message {
    let (from, to) = ("alerts@client.example", "user@a.example");
    Message::new("4F", from, to, b"hello\n")
}

#[test]
fn what_cannot_start_is_tried_again_after_a_rest() {
    let mut memory = memory("smtp_tls_security_level = bogus");
    memory.wait(seconds(130));
    assert!(!memory.sender().has_deliveries());
    assert_eq!(memory.sender().queued(), 1);
    let events = memory.take_events();
    let tried = events
        .iter()
        .filter(|event| matches!(event.what, What::CannotStart { .. }));
    let tried: Vec<u64> = tried.map(|event| event.at.as_secs()).collect();
    assert_eq!(tried, [0, 60, 120]);
    let mut log = mta_core::log::Log::of(memory.services());
    let lines: Vec<String> = events
        .iter()
        .flat_map(|event| log.lines(event))
        .map(|line| format!("{}: {}", line.daemon, line.text))
        .take(3)
        .collect();
    assert_eq!(
        lines,
        [
            "smtp: fatal: Invalid TLS level \"bogus\"",
            "master: warning: process $daemon_directory/smtp pid <P> exit status 1",
            "master: warning: $daemon_directory/smtp: bad command startup -- throttling",
        ]
    );
    // Once the configuration is right, the service still rests to the end.
    let settings = Arc::new(Settings::default_for(Release::V3_7));
    let services = Services::new(settings, Arc::default()).with("smtp", client(""));
    memory.sender().install(services);
    memory.sender().reload();
    memory.wait(seconds(49));
    assert_eq!(memory.sender().queued(), 1);
    memory.wait(seconds(2));
    assert_eq!(memory.sender().queued(), 0);
}
