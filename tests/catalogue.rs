//! Every file of the catalogue is there for something.

mod harness;

use std::collections::BTreeSet;

use harness::catalogue;
use mta_core::event::Rule;
use mta_sim::world::PeerRef;

#[test]
fn every_peer_that_a_case_meets_has_a_file() {
    let catalogue = catalogue();
    let mut met = BTreeSet::new();
    for scenario in catalogue.scenarios().values() {
        for domain in &scenario.plan.world.domains {
            let of_hosts = domain.mx.iter().filter_map(|mx| mx.peer.as_ref());
            for reference in domain.peer.iter().chain(of_hosts) {
                if let PeerRef::Named(name) = reference {
                    met.insert(name.as_str());
                }
            }
        }
    }
    let unknown: Vec<&&str> = met
        .iter()
        .filter(|name| catalogue.peer(name).is_err())
        .collect();
    assert!(unknown.is_empty(), "no file has these peers: {unknown:?}");
}

#[test]
fn every_rule_is_expected_by_a_case() {
    let catalogue = catalogue();
    let expected: BTreeSet<&str> = catalogue
        .scenarios()
        .values()
        .flat_map(|scenario| scenario.expect.decided.iter().map(String::as_str))
        .collect();
    let missing: Vec<&str> = Rule::ALL
        .iter()
        .map(|rule| rule.name())
        .filter(|name| !expected.contains(name))
        .collect();
    assert!(
        missing.is_empty(),
        "no scenario expects these rules: {missing:?}"
    );
}

#[test]
fn every_case_expects_what_becomes_of_its_mail() {
    for (name, scenario) in catalogue().scenarios() {
        assert!(!scenario.summary.is_empty(), "{name} has no summary");
        assert!(
            !scenario.expect.deliveries.is_empty(),
            "{name} expects nothing"
        );
    }
}

#[test]
fn every_provider_profile_has_a_source_and_a_date() {
    for (name, peer) in catalogue().peers() {
        assert!(!peer.summary.is_empty(), "{name} has no summary");
        if !peer.domains.is_empty() {
            assert!(
                peer.source.is_some() && peer.as_of.is_some() && !peer.facts.is_empty(),
                "{name} stands for a provider without saying how it knows, and of when"
            );
        }
    }
}

#[test]
fn no_record_is_without_its_case() {
    let catalogue = catalogue();
    let folder = format!("{}/tests/snapshots/scenarios", env!("CARGO_MANIFEST_DIR"));
    let expected: BTreeSet<String> = harness::every_run(&catalogue)
        .iter()
        .map(|(name, _, version)| format!("{name}@{version}.snap"))
        .collect();
    let found: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder of the records")
        .map(|entry| entry.expect("an entry").file_name())
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.ends_with(".snap"))
        .collect();
    assert_eq!(found, expected);
}
