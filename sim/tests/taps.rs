//! Taps hear every byte and every TLS secret of a run, and change nothing.

mod every_driver;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use every_driver::DRIVERS;
use mta_core::config::Release;
use mta_core::time::Time;
use mta_core::tls::Secret;
use mta_sim::plan::Plan;
use mta_sim::run::{Driver, Run};
use mta_sim::tap::{End, Flow, Tap, WireDigest};
use mta_sim::world::{MessageSpec, WorldSpec};

/// Keeps what it hears.
#[derive(Default)]
struct Ear {
    times: Vec<Time>,
    said: BTreeMap<Flow, Vec<u8>>,
    secrets: BTreeMap<(u32, End), Vec<Secret>>,
    digest: WireDigest,
}

impl Tap for Ear {
    fn bytes(&mut self, at: Time, flow: Flow, bytes: &[u8]) {
        self.times.push(at);
        self.said.entry(flow).or_default().extend_from_slice(bytes);
        self.digest.bytes(at, flow, bytes);
    }

    fn wants_secrets(&self) -> bool {
        true
    }

    fn secret(&mut self, _: Time, connection: u32, end: End, secret: &Secret) {
        let known = self.secrets.entry((connection, end)).or_default();
        known.push(secret.clone());
    }
}

/// Two mails at once, to two domains behind this peer.
fn plan(peer: &str) -> Plan {
    let main_cf = "smtp_tls_security_level = encrypt\nsmtp_tls_CAfile = /etc/ssl/cert.pem\n";
    let mut plan = Plan::from_main_cf(main_cf, Release::V3_12);
    let world = ["a.example", "b.example"].map(|name| {
        format!("[[domain]]\nname = '{name}'\n[domain.peer]\nnetwork.slice = 700\n{peer}\n")
    });
    plan.world = toml::from_str::<WorldSpec>(&world.concat()).expect("a world");
    plan.messages = ["one@a.example", "two@b.example"]
        .map(MessageSpec::to)
        .into();
    plan.limit = Duration::from_secs(100);
    plan
}

fn heard(plan: &Plan, driver: Driver) -> (Run, Ear) {
    let ear = Arc::new(Mutex::new(Ear::default()));
    let prepared = plan.prepare().expect("a plan that makes sense");
    let run = prepared.run_tapped(driver, vec![Box::new(ear.clone())]);
    (
        run.expect("a run"),
        std::mem::take(&mut *ear.lock().expect("whole")),
    )
}

/// What is said of a connection of each version (draft-ietf-tls-keylogfile).
const TLS13: [&str; 5] = [
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_TRAFFIC_SECRET_0",
];
const TLS12: [&str; 1] = ["CLIENT_RANDOM"];

#[test]
fn both_ends_tell_the_secrets_of_their_own_connection() {
    let forged = "[[domain.peer.on]]\nfail = 'warn-alert:unrecognized_name'";
    for (peer, labels) in [
        ("", &TLS13[..]),
        ("tls.versions = ['1.2']", &TLS12[..]),
        (forged, &TLS13[..]),
    ] {
        let (_, ear) = heard(&plan(peer), Driver::Memory);
        for connection in [0, 1] {
            let [own, theirs] = [End::Sender, End::Peer].map(|end| {
                let mut secrets = ear.secrets[&(connection, end)].clone();
                secrets.sort_by(|one, other| one.label.cmp(&other.label));
                secrets
            });
            let told: Vec<&str> = own.iter().map(|secret| &*secret.label).collect();
            assert_eq!(told, labels, "{peer}");
            assert!(own == theirs, "{peer}: {own:?} {theirs:?}");
            // The ClientHello of this very connection has the random under which the secrets are filed.
            let said = &ear.said[&Flow::ToPeer(connection)];
            for secret in own {
                let random = &*secret.client_random;
                assert!(said.windows(random.len()).any(|part| part == random));
            }
        }
    }
}

#[test]
fn who_listens_changes_nothing() {
    let plan = plan("");
    let alone = plan.run(Driver::Memory).expect("a run");
    let (run, ear) = heard(&plan, Driver::Memory);
    assert_eq!(alone.wire, run.wire);
    assert_eq!(alone.events, run.events);
    assert_eq!(ear.digest, run.wire);
    assert!(ear.times.is_sorted());
}

#[test]
fn under_every_driver_the_same_is_heard() {
    for peer in ["", "network.reset-after = 2000"] {
        let plan = plan(peer);
        let [memory, turmoil] = DRIVERS.map(|driver| heard(&plan, driver).1);
        assert_eq!(memory.said, turmoil.said);
        assert!(memory.secrets == turmoil.secrets);
    }
}
