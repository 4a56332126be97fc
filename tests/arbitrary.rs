//! Whatever a peer says and however its octets come, the sender's conversation ends, and its queue with it.

mod harness;

use std::collections::BTreeMap;
use std::time::Duration;

use harness::catalogue;
use mta_core::config::Release;
use mta_core::event::{Channel, Status, What};
use mta_sim::network::{NetworkSpec, Slice};
use mta_sim::peer::{Command, Moment, PeerSpec, Reply, Rule, Then};
use mta_sim::plan::Plan;
use mta_sim::run::{Driver, Run};
use mta_sim::seed::Seed;
use mta_sim::view::{Times, conversation};
use mta_sim::world::{DomainSpec, MessageSpec};
use proptest::prelude::*;

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
    // With minutes between two octets a handshake takes days, and ends nevertheless: the table of behaviours has it.
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

fn network() -> impl Strategy<Value = NetworkSpec> {
    let slice = (1_u32..40, 0_u32..200);
    (slice, 0_u64..15, 0_u64..2000).prop_map(|((min, more), gap, latency)| NetworkSpec {
        slice: Slice::between(min, min + more),
        slice_gap: Duration::from_millis(gap),
        latency: Duration::from_millis(latency),
        ..NetworkSpec::default()
    })
}

fn command() -> impl Strategy<Value = Command> {
    prop::sample::select(Command::ALL.to_vec())
}

fn moment() -> impl Strategy<Value = Moment> {
    prop::sample::select(vec![
        Moment::Connect,
        Moment::Greeting,
        Moment::EarlyTalk,
        Moment::BeforeHello,
        Moment::ClientHello,
        Moment::MidFlight,
        Moment::ClientFlight,
        Moment::AfterHandshake,
        Moment::Body,
    ])
}

/// What is sent: a reply with arbitrary digits and text, whole or torn, several of them, or no text at all.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[0-9]{3}[ -][ -~]{0,40}(\r\n|\n|)".prop_map(String::into_bytes),
        "(250-[A-Z0-9 ]{0,12}\r\n){0,6}[1-6][0-9]{2} [ -~]{0,20}\r\n".prop_map(String::into_bytes),
        "([245][0-9]{2}[ -]([245]\\.[0-9]\\.[0-9] )?[a-z]{0,8}\r\n){1,3}"
            .prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..300),
        (
            prop::sample::select(vec![0x14_u8, 0x15, 0x16, 0x17, 0x18]),
            prop::collection::vec(any::<u8>(), 0..80)
        )
            .prop_map(|(kind, mut body)| {
                let length = u8::try_from(body.len()).unwrap_or_default();
                let mut record = vec![kind, 3, 3, 0, length];
                record.append(&mut body);
                record
            }),
        Just(vec![b'2'; 70_000]),
        Just(b"250-x\r\n".repeat(2000)),
    ]
}

fn then() -> impl Strategy<Value = Option<Then>> {
    prop::sample::select(vec![
        None,
        Some(Then::GoOn),
        Some(Then::StartTls),
        Some(Then::Close),
        Some(Then::Reset),
        Some(Then::Stall),
        Some(Then::Refuse),
        Some(Then::Drop),
    ])
}

/// A rule that makes sense as a file would write it.
fn rule() -> impl Strategy<Value = Rule> {
    let trigger = prop_oneof![
        command().prop_map(Rule::command),
        moment().prop_map(Rule::moment)
    ];
    let reply = prop::option::of(octets().prop_map(|octets| Reply::bytes(&octets)));
    let about = (prop::option::of(any::<bool>()), prop::option::of(1_u64..4));
    (trigger, reply, then(), about)
        .prop_map(|(mut rule, send, then, (in_tls, connection))| {
            rule.send = send;
            rule.then = then;
            rule.when.in_tls = in_tls;
            rule.when.connections.connection = connection;
            rule
        })
        .prop_filter("a rule that makes no sense", |rule| rule.check().is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// How the octets are sliced and timed makes no difference to what is said.
    #[test]
    fn slices_and_delays_change_no_word(
        network in network(),
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
    fn arbitrary_octets_come_to_an_end(
        rules in prop::collection::vec(rule(), 1..4),
        level in prop::sample::select(vec!["none", "may", "encrypt"]),
        release in prop::sample::select(Release::ALL.to_vec()),
        seed in 0_u64..1000,
    ) {
        let peer = PeerSpec { on: rules, ..PeerSpec::default() };
        let run = run(&plan(level, peer, release, seed));
        check_end(&run, level)?;
    }
}

/// The conversation of each connection by itself: two messages at once are told in the order of their replies.
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
