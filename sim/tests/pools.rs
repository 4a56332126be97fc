//! What is at an address need not be the same on every connection; every driver sees the same.

mod every_driver;

use std::time::Duration;

use every_driver::same_under_every_driver;
use mta_core::config::Release;
use mta_sim::plan::Plan;
use mta_sim::seed::Seed;
use mta_sim::world::{MessageSpec, WorldSpec};

const MAIN_CF: &str = "smtp_tls_security_level = may\nsmtp_tls_CAfile = /etc/ssl/cert.pem\n\
    smtp_tls_session_cache_database = btree:/var/lib/postfix/smtp_scache\n\
    minimal_backoff_time = 10h\nmaximal_backoff_time = 10h\n";

/// Six mails, ten minutes apart, to a domain with this peer: when each is tried, how it travels, what comes of it.
/// None is tried again while the others come.
fn outcomes(peer: &str) -> Vec<String> {
    let mut plan = Plan::from_main_cf(MAIN_CF, Release::V3_7);
    let peer = peer.replace('\n', ", ");
    let world = format!("latency = '5ms'\n[[domain]]\nname = 'a.example'\npeer = {{ {peer} }}\n");
    plan.world = toml::from_str::<WorldSpec>(&world).expect("a world");
    plan.messages = (0..6)
        .map(|nth| MessageSpec::to("one@a.example").at(Duration::from_secs(600) * nth))
        .collect();
    plan.seed = Seed(7);
    plan.limit = Duration::from_secs(3600);
    let [memory, _] = same_under_every_driver(&peer, &plan);
    let show = |(at, outcome): (mta_core::time::Time, &mta_core::event::RecipientOutcome)| {
        let mut events = memory.events.iter().filter(|event| event.at <= at);
        let tls = events
            .rfind(|event| event.tls().is_some())
            .filter(|event| at.since(event.at) < Duration::from_secs(60))
            .and_then(|event| event.tls());
        let channel = tls.map_or_else(
            || "clear".to_owned(),
            |tls| {
                format!(
                    "{}{}",
                    tls.status,
                    if tls.resumed { ", resumed" } else { "" }
                )
            },
        );
        let (status, dsn) = (outcome.status, outcome.dsn);
        format!("{:5} {channel}: {status} {dsn}", at.as_secs())
    };
    memory.outcomes().map(show).collect()
}

#[test]
fn windows_come_again() {
    insta::assert_debug_snapshot!(outcomes(
        "on = [{ moment = 'greeting', since = '5m', until = '15m', repeats = '20m', send = '421 4.3.2 No', then = 'close' }]"
    ));
}

#[test]
fn a_command_may_come_so_often_and_no_oftener() {
    insta::assert_debug_snapshot!(outcomes(
        "on = [{ command = 'RCPT', recipient = 'one@*', faster-than = '2 per 25m', send = '450 4.2.1 No' }]"
    ));
    // Nobody counts what the rule is not about.
    insta::assert_debug_snapshot!(outcomes(
        "on = [{ command = 'RCPT', recipient = 'two@*', faster-than = '1 per 25m', send = '450 4.2.1 No' }]"
    ));
}

/// The machine's own rule counts the connections that it takes: its second is the fourth.
#[test]
fn another_machine_takes_some_connections() {
    insta::assert_debug_snapshot!(outcomes(
        "on = [{ moment = 'connect', every = 2, peer = { tls.certificate = 'expired', on = [{ command = 'MAIL', connection = 2, send = '451 4.3.0 No' }] } }]"
    ));
    // With the same ticket keys a session goes on at either machine, and keeps its verdict.
    insta::assert_debug_snapshot!(outcomes(
        "tls.ticket-keys = 'farm'\non = [{ moment = 'connect', every = 2, peer.tls = { certificate = 'expired', ticket-keys = 'farm' } }]"
    ));
}

#[test]
fn every_second_connection_offers_starttls() {
    insta::assert_debug_snapshot!(outcomes(
        "ehlo.keywords = ['PIPELINING']\non = [{ command = 'EHLO', every = 2, with = ['STARTTLS'] }]"
    ));
}
