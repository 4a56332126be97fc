//! The peers that stand for providers and products: each is met at five levels, and at one of them under both drivers.

mod harness;

use std::time::Duration;

use harness::catalogue;
use harness::every_driver::same_under_every_driver;
use mta_core::config::Release;
use mta_core::event::{Event, Status};
use mta_sim::peer::PeerSpec;
use mta_sim::plan::Plan;
use mta_sim::run::{Driver, Run};
use mta_sim::view::{Times, conversation};
use mta_sim::world::{DomainSpec, MessageSpec};

/// A domain for a product, which has none of its own.
const SOMEBODY: &str = "example.test";

fn plan(peer: &PeerSpec, level: &str) -> Plan {
    let main_cf = format!(
        "smtp_tls_security_level = {level}\nsmtp_dns_support_level = dnssec\n\
         smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\n\
         smtp_tls_session_cache_database = btree:$data_directory/smtp_scache\n\
         smtp_address_preference = ipv4\nmaximal_queue_lifetime = 30m\n"
    );
    let domain = peer.domains.first().map_or(SOMEBODY, String::as_str);
    let mut plan = Plan::from_main_cf(main_cf, Release::V3_7);
    plan.world
        .domains
        .push(DomainSpec::new(domain).peer(peer.clone()));
    plan.world.latency = Duration::from_millis(10);
    let again = Duration::from_secs(1200);
    for at in [Duration::ZERO, again] {
        plan.messages
            .push(MessageSpec::to(format!("user@{domain}")).at(at));
    }
    plan
}

/// What became of the messages, and of the handshakes.
fn words(run: &Run) -> String {
    let outcomes = run.outcomes().map(|(_, outcome)| match outcome.status {
        Status::Sent => format!("{:?}", outcome.channel).to_lowercase(),
        Status::Deferred | Status::Bounced | Status::Deliverable | Status::Undeliverable => {
            format!("{} {}", outcome.status, outcome.dsn)
        }
    });
    let handshakes = run.events.iter().filter_map(Event::tls).map(|tls| {
        let again = if tls.resumed { " again" } else { "" };
        format!("{}{again}", tls.status)
    });
    let mut all: Vec<(String, usize)> = Vec::new();
    for word in outcomes.chain(handshakes) {
        match all.last_mut() {
            Some((last, times)) if *last == word => *times += 1,
            _ => all.push((word, 1)),
        }
    }
    let times = |(word, times): &(String, usize)| match times {
        1 => word.clone(),
        _ => format!("{word} ×{times}"),
    };
    all.iter().map(times).collect::<Vec<String>>().join(", ")
}

#[test]
fn what_each_profile_does_at_each_level() {
    let mut table = String::new();
    for (name, peer) in catalogue().peers() {
        if peer.facts.is_empty() {
            continue;
        }
        table.push_str(&format!("{name}\n"));
        for level in ["none", "may", "encrypt", "dane", "secure"] {
            let plan = plan(peer, level);
            let run = if level == "may" {
                let [run, turmoil] = same_under_every_driver(name, &plan);
                let [said, too] =
                    [&run, &turmoil].map(|run| conversation(&run.events, Times::Hidden));
                assert_eq!(said, too, "{name} under both drivers");
                run
            } else {
                plan.run(Driver::Memory).expect("a world that makes sense")
            };
            table.push_str(&format!("  {level:<8} {}\n", words(&run)));
        }
    }
    insta::assert_snapshot!(table);
}
