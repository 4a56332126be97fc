//! Every world of the catalogue is the same under every driver: what is said in it, and what comes of its mail.

mod harness;

use std::collections::BTreeMap;
use std::time::Duration;

use harness::catalogue;
use mta_core::config::PostfixVersion;
use mta_core::event::Event;
use sim::run::{Driver, Run};
use sim::seed::Seed;
use sim::view::{Times, conversation};

/// Look-ups, certificates and sessions all count at this level.
const MAIN_CF: &str = "compatibility_level = 3.6\n\
    smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\n\
    smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n\
    smtp_dns_support_level = dnssec\n\
    smtp_tls_security_level = dane\n";

/// Two attempts at a message, and what changes between them.
const LIMIT: Duration = Duration::from_secs(1000);

#[test]
fn worlds_are_the_same_under_every_driver() {
    let catalogue = catalogue();
    let mut wrong = Vec::new();
    for (name, world) in catalogue.worlds() {
        let setup = world.setup(MAIN_CF, PostfixVersion::V3_12, Seed(1), &catalogue);
        let mut setup = setup.unwrap_or_else(|error| panic!("{name}: {error}"));
        setup.limit = LIMIT;
        let memory = setup.run(Driver::Memory);
        let memory = memory.unwrap_or_else(|error| panic!("{name}: {error}"));
        let turmoil = match setup.run(Driver::Turmoil) {
            Ok(run) => run,
            // As those with a hundred servers.
            Err(error) if error.to_string().starts_with("turmoil: ") => continue,
            Err(error) => panic!("{name}: {error}"),
        };
        for (what, same) in [
            ("talks", talks(&memory) == talks(&turmoil)),
            ("outcomes", outcomes(&memory) == outcomes(&turmoil)),
            (
                "octets",
                memory.wire.to_string() == turmoil.wire.to_string(),
            ),
        ] {
            if !same {
                wrong.push(format!("{name}: {what}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is said on each connection, and beside them.
fn talks(run: &Run) -> BTreeMap<Option<u32>, String> {
    let mut events: BTreeMap<Option<u32>, Vec<Event>> = BTreeMap::new();
    for event in &run.events {
        let on = events.entry(event.connection).or_default();
        on.push(event.clone());
    }
    let said = |events: Vec<Event>| conversation(&events, Times::Hidden);
    events
        .into_iter()
        .map(|(on, all)| (on, said(all)))
        .collect()
}

fn outcomes(run: &Run) -> Vec<String> {
    run.outcomes()
        .map(|(_, outcome)| format!("{} {} {}", outcome.recipient, outcome.status, outcome.text))
        .collect()
}
