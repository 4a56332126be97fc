//! What changes while time goes by changes under every driver at the same moment.

mod every_driver;

use std::time::Duration;

use every_driver::same_under_every_driver;
use mta_core::config::Release;
use mta_sim::plan::Plan;
use mta_sim::run::Driver;
use mta_sim::seed::Seed;
use mta_sim::world::{MessageSpec, WorldSpec};

const MAIN_CF: &str = "smtp_tls_security_level = may\nsmtp_tls_CAfile = /etc/ssl/cert.pem\nsmtp_tls_loglevel = 1\n\
    smtp_tls_session_cache_database = btree:/var/lib/postfix/smtp_scache\n";

/// A world of one domain with two messages, the second after ten minutes, and this in it.
fn plan(world: &str) -> Plan {
    let mut plan = Plan::from_main_cf(MAIN_CF, Release::V3_7);
    let world = format!("latency = '5ms'\n[[domain]]\nname = 'a.example'\n{world}");
    plan.world = toml::from_str::<WorldSpec>(&world).expect("a world");
    plan.messages = vec![
        MessageSpec::to("one@a.example"),
        MessageSpec::to("two@a.example").at(Duration::from_secs(600)),
    ];
    plan.seed = Seed(7);
    plan.limit = Duration::from_secs(1800);
    plan
}

/// Runs under every driver, and says what became of each recipient in each attempt.
fn outcomes(world: &str) -> Vec<String> {
    let plan = plan(world);
    let [memory, _] = same_under_every_driver(world, &plan);
    let tls = |at| {
        let mut events = memory.events.iter().filter(|event| event.at <= at);
        let last = events.rfind(|event| event.tls().is_some());
        last.and_then(|event| event.tls().map(|tls| (event.at, tls)))
    };
    let show = |(at, outcome): (mta_core::time::Time, &mta_core::event::RecipientOutcome)| {
        let relay = outcome
            .relay
            .as_ref()
            .map_or_else(|| "none".into(), ToString::to_string);
        let (status, dsn) = (outcome.status, outcome.dsn);
        let channel = match tls(at).filter(|(then, _)| at.since(*then) < Duration::from_secs(60)) {
            Some((_, tls)) => format!(
                "{}{}",
                tls.status,
                if tls.resumed { ", resumed" } else { "" }
            ),
            None => "clear".to_owned(),
        };
        format!("{} {relay} {channel} {status} {dsn}", at.as_secs())
    };
    memory.outcomes().map(show).collect()
}

const MX1: &str = "mx1.a.example[192.0.2.1]:25";

#[test]
fn nothing_changes_by_itself() {
    let [first, second] = [
        format!("0 {MX1} Trusted sent 2.0.0"),
        format!("600 {MX1} Trusted, resumed sent 2.0.0"),
    ];
    assert_eq!(outcomes(""), [first, second]);
}

#[test]
fn a_host_goes_down_and_comes_back() {
    let down = "[[change]]\nat = '5m'\nhost = 'mx1.a.example'\ndown = true\n\
        [[change]]\nat = '11m'\nhost = 'mx1.a.example'\ndown = false\n";
    insta::assert_debug_snapshot!(outcomes(down));
    insta::assert_debug_snapshot!(outcomes(&down.replace("down = true", "down = 'silent'")));
}

#[test]
fn another_machine_is_put_in_the_place_of_a_host() {
    let peer = "[[change]]\nat = '5m'\nhost = 'mx1.a.example'\npeer = { ehlo.keywords = ['PIPELINING'] }\n";
    insta::assert_debug_snapshot!(outcomes(peer));
}

#[test]
fn names_change_and_go() {
    let dns = "mx = [{ host = 'mx1.a.example' }]\n[[domain]]\nname = 'b.example'\n\
        [[change]]\nat = '5m'\ndns = [{ name = 'A.example.', mx = ['10 mx1.b.example'] }]\n";
    insta::assert_debug_snapshot!(outcomes(dns));
    let gone = "[[change]]\nat = '5m'\ngone = ['a.example', 'mx1.a.example']\n";
    insta::assert_debug_snapshot!(outcomes(gone));
}

#[test]
fn the_sender_is_configured_anew_and_its_clock_is_set() {
    let postconf = "[[change]]\nat = '5m'\npostconf = ['smtp_tls_security_level = secure']\n";
    insta::assert_debug_snapshot!(outcomes(postconf));
    let restart = "[[change]]\nat = '5m'\nrestart = true\n";
    insta::assert_debug_snapshot!(outcomes(restart));
    let files = "[[change]]\nat = '5m'\nfiles = { '/etc/ssl/cert.pem' = '' }\n";
    insta::assert_debug_snapshot!(outcomes(files));
    let clock = "[[change]]\nat = '5m'\nclock = '+70d'\n";
    insta::assert_debug_snapshot!(outcomes(clock));
}

#[test]
fn sessions_that_are_damaged_or_gone_are_not_resumed() {
    for sessions in ["damaged", "gone"] {
        let change = format!("[[change]]\nat = '5m'\nsessions = '{sessions}'\n");
        let [first, second] = [0, 600].map(|at| format!("{at} {MX1} Trusted sent 2.0.0"));
        assert_eq!(outcomes(&change), [first, second]);
    }
}

#[test]
fn what_a_process_did_not_report_is_tried_again_when_it_dies() {
    let slow = "peer = { on = [{ command = 'DOT', connection = 1, delay = '60s' }] }\n\
        [[change]]\nat = '30s'\ncrash = true\n";
    insta::assert_debug_snapshot!(outcomes(slow));
}

#[test]
fn an_attacker_comes_and_goes() {
    let strip =
        "[[attacker]]\nhost = 'mx1.a.example'\nsince = '5m'\nuntil = '15m'\nstrip = ['starttls']\n";
    insta::assert_debug_snapshot!(outcomes(strip));
    let own = "[[attacker]]\nhost = 'mx1.a.example'\nuntil = '5m'\ncertificate = 'self-signed'\n";
    insta::assert_debug_snapshot!(outcomes(own));
    let reset = "[[attacker]]\nhost = 'mx1.a.example'\nsince = '5m'\nreset-on = 'client-hello'\n";
    insta::assert_debug_snapshot!(outcomes(reset));
}

#[test]
fn a_change_that_makes_no_sense_is_named() {
    for (world, error) in [
        (
            "[[change]]\nat = '5m'\nhost = 'mx2.a.example'\ndown = true",
            "no MX host is called \"mx2.a.example\"; did you mean \"mx1.a.example\"?",
        ),
        (
            "[[attacker]]\nhost = 'mx1.b.example'",
            "no MX host is called \"mx1.b.example\"; did you mean \"mx1.a.example\"?",
        ),
        (
            "[[change]]\nat = '5m'\ndown = true",
            "change, change: `peer` and `down` belong to a `host`",
        ),
    ] {
        let came = plan(world).run(Driver::Memory).expect_err(world);
        assert_eq!(came.to_string(), error);
    }
    let wrong = "[[change]]\nat = '5m'\npostconf = ['smtp_tls_security_level = mya']";
    let came = plan(wrong).run(Driver::Memory).expect_err("no such level");
    assert!(came.to_string().contains("mya"), "{came}");
}
