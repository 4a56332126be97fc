//! Whatever a peer says and however its bytes come, the sender's conversation ends, and its queue with it.

mod harness;

use std::collections::BTreeMap;
use std::time::Duration;

use harness::catalogue;
use mta_core::config::Release;
use mta_core::event::{Channel, Status, What};
use mta_sim::peer::PeerSpec;
use mta_sim::plan::Plan;
use mta_sim::run::{Driver, Run};
use mta_sim::seed::Seed;
use mta_sim::strategy;
use mta_sim::view::{Times, conversation};
use mta_sim::world::{DomainSpec, MessageSpec};
use proptest::prelude::*;
use proptest::sample::select;

/// Retries end after an hour, so that a run has a handful of attempts and not a hundred.
const SHORT_QUEUE: &str = "maximal_queue_lifetime = 1h\nbounce_queue_lifetime = 1h\n";

fn plan(level: &str, peer: PeerSpec, release: Release, seed: u64) -> Plan {
    let main_cf = format!(
        "smtp_tls_security_level = {level}\n{SHORT_QUEUE}\
         smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\n\
         smtp_tls_session_cache_database = btree:$data_directory/smtp_scache\n"
    );
    let mut plan = Plan::from_main_cf(main_cf, release);
    // The host is its domain's, not a provider's.
    let peer = PeerSpec {
        mx: Vec::new(),
        dns: Vec::new(),
        ..peer
    };
    plan.world
        .domains
        .push(DomainSpec::new("example.test").peer(peer));
    plan.world.latency = Duration::from_millis(10);
    plan.messages = vec![
        MessageSpec {
            to: vec!["a@example.test".into(), "b@example.test".into()],
            ..MessageSpec::to("")
        },
        MessageSpec::to("c@example.test").aged(Duration::from_secs(600)),
    ];
    plan.seed = Seed(seed);
    plan
}

fn run(plan: &Plan) -> Run {
    plan.run(Driver::Memory).expect("a world that makes sense")
}

/// Every recipient got exactly one end, nothing is left, and nothing is due.
fn check_end(run: &Run, level: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(run.left_in_queue, 0);
    prop_assert!(
        run.ended.since_start() < Duration::from_secs(4 * 3600),
        "it went on until {}",
        run.ended
    );
    let mut last: BTreeMap<&str, Vec<Status>> = BTreeMap::new();
    for (_, outcome) in run.outcomes() {
        last.entry(&outcome.recipient)
            .or_default()
            .push(outcome.status);
        let clear = outcome.channel == Channel::Cleartext;
        let tls = matches!(outcome.channel, Channel::Tls | Channel::WeakerTls(_));
        prop_assert!(level != "encrypt" || !clear, "clear text at encrypt");
        prop_assert!(level != "none" || !tls, "TLS at none");
    }
    prop_assert_eq!(last.len(), 3, "a recipient was lost: {:?}", last);
    let mut deferred_to_the_end = 0;
    for (recipient, statuses) in &last {
        let ends = statuses.iter().filter(|s| **s != Status::Deferred).count();
        prop_assert!(ends <= 1, "{recipient} ended twice: {statuses:?}");
        if ends == 0 {
            deferred_to_the_end += 1;
        } else {
            prop_assert_ne!(statuses.last(), Some(&Status::Deferred));
        }
    }
    let returned = run
        .events
        .iter()
        .filter(|event| matches!(event.what, What::Expired { .. }))
        .count();
    prop_assert_eq!(returned > 0, deferred_to_the_end > 0);
    Ok(())
}

#[test]
fn any_peer_at_any_level_comes_to_an_end() {
    // With minutes between two bytes a handshake takes days, and ends nevertheless: the table of behaviours has it.
    let is_slow = |peer: &PeerSpec| peer.network.slice_gap > Duration::from_secs(60);
    for (name, peer) in catalogue()
        .peers()
        .iter()
        .filter(|(_, peer)| !is_slow(peer))
    {
        for level in ["none", "may", "encrypt"] {
            for release in Release::ALL {
                let run = run(&plan(level, peer.clone(), release, 1));
                if let Err(error) = check_end(&run, level) {
                    let said = conversation(&run.events, Times::Shown);
                    panic!("{name} at {level}, Postfix {release}: {error}\n{said}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// How the bytes are sliced and timed makes no difference to what is said.
    #[test]
    fn slices_and_delays_change_no_word(
        network in strategy::network(),
        plain in any::<bool>(),
        seed in 0_u64..1000,
    ) {
        let mut peer = PeerSpec::default();
        if plain {
            peer.ehlo.keywords.retain(|keyword| keyword != "STARTTLS");
        }
        let whole = run(&plan("may", peer.clone(), Release::V3_7, seed));
        peer.network = network;
        let sliced = run(&plan("may", peer, Release::V3_7, seed));
        prop_assert_eq!(one_by_one(&whole), one_by_one(&sliced));
    }

    /// Whatever comes at whatever moment: no panic, no hang, and a queue in order.
    #[test]
    fn arbitrary_bytes_come_to_an_end(
        rules in prop::collection::vec(strategy::rule(), 1..4),
        level in select(&["none", "may", "encrypt"][..]),
        release in strategy::release(),
        seed in 0_u64..1000,
    ) {
        let peer = PeerSpec { on: rules, ..PeerSpec::default() };
        let run = run(&plan(level, peer, release, seed));
        check_end(&run, level)?;
    }
}

/// The conversation of each connection by itself: two messages at once are shown in the order of their replies.
fn one_by_one(run: &Run) -> Vec<String> {
    let mut connections: BTreeMap<Option<u32>, Vec<mta_core::event::Event>> = BTreeMap::new();
    for event in &run.events {
        connections
            .entry(event.connection)
            .or_default()
            .push(event.clone());
    }
    connections
        .iter()
        .filter(|(connection, _)| connection.is_some())
        .map(|(_, events)| conversation(events, Times::Hidden))
        .collect()
}
