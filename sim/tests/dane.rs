//! Servers judged by records, as OpenSSL's DANE does it: whose certificate counts, what is looked at, and which
//! digest is passed over beside a stronger one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use mta_core::event::{Matched, RecordMatch};
use mta_core::policy::{Name, Tlsa};
use mta_core::time::Wall;
use mta_core::trust::{
    Algorithm, Certificate, Checked, Digests, Mismatch, Names, Records, check_records, read_anchors,
};
use mta_sim::crypto::{Tier, provider};
use mta_sim::pki::{CertSpec, Pki, to_pem};
use mta_sim::seed::Seed;

const START: Wall = Wall(1_780_272_000);
const DEPTH: usize = 10;

fn chain(spec: &CertSpec) -> Vec<Certificate> {
    let chain = Pki::new(Seed(7), START).chain("mx", spec).unwrap();
    let read = |der| Certificate::read(der).unwrap();
    chain.certs.iter().map(|der| read(der)).collect()
}

fn good() -> CertSpec {
    CertSpec::server("mx1.example.test")
}

fn record(usage: u8, selector: u8, matching: u8, of: &Certificate) -> Tlsa {
    let selected = if selector == Tlsa::KEY {
        of.spki()
    } else {
        &of.der
    };
    let data = match matching {
        0 => selected.to_vec(),
        1 => Algorithm::Sha256.digest(selected),
        _ => Algorithm::Sha512.digest(selected),
    };
    Tlsa {
        usage,
        selector,
        matching,
        data: data.into(),
    }
}

fn judged(
    presented: &[Certificate],
    records: &[Tlsa],
    digests: &str,
    name: &str,
) -> (Checked, Option<RecordMatch>) {
    let (digests, odd) = Digests::of(Algorithm::Sha256, digests);
    assert!(odd.is_empty());
    let (records, unusable) = Records::of(records, &digests);
    assert!(unusable.is_empty());
    let names = Names {
        wanted: &[Name::Host(name.into())],
        mismatch: Mismatch::AtTheLeaf,
    };
    let verifiers = provider(Tier::Seeded).signature_verification_algorithms.all;
    check_records(presented, &records, DEPTH, START, verifiers, Some(&names))
}

/// The fault's depth and number, and the depth of what matched.
fn told(presented: &[Certificate], records: &[Tlsa]) -> (Option<(usize, u8)>, Option<usize>) {
    let (checked, found) = judged(presented, records, "sha512 sha256", "mx1.example.test");
    let fault = checked.fault.map(|(depth, fault)| (depth, fault.number()));
    (fault, found.map(|found| found.depth))
}

#[test]
fn of_a_listed_leaf_neither_dates_nor_names_nor_issuers_count() {
    for spec in [
        good(),
        good().expired(),
        good().named("other.example.test"),
        good().self_signed(),
        good().unknown_issuer(),
    ] {
        let shown = chain(&spec);
        for (selector, matching) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
            let record = record(3, selector, matching, &shown[0]);
            assert_eq!(told(&shown, &[record]), (None, Some(0)), "{spec:?}");
        }
    }
}

#[test]
fn below_a_listed_authority_everything_counts() {
    let listed = |shown: &[Certificate]| vec![record(2, 1, 1, &shown[1])];
    let shown = chain(&good());
    assert_eq!(told(&shown, &listed(&shown)), (None, Some(1)));
    let expired = chain(&good().expired());
    assert_eq!(
        told(&expired, &listed(&expired)),
        (Some((0, 10)), Some(1)),
        "dates"
    );
    let other = chain(&good().named("other.example.test"));
    assert_eq!(
        told(&other, &listed(&other)),
        (Some((0, 62)), Some(1)),
        "names"
    );
}

#[test]
fn an_authority_must_be_sent_unless_dns_has_it_whole() {
    let shown = chain(&good());
    let (leaf, intermediate) = (&shown[..1], &shown[1]);
    assert_eq!(
        told(leaf, &[record(2, 0, 1, intermediate)]),
        (Some((0, 65)), None),
        "a digest"
    );
    assert_eq!(
        told(leaf, &[record(2, 0, 0, intermediate)]),
        (None, Some(1)),
        "the certificate"
    );
    assert_eq!(
        told(leaf, &[record(2, 1, 0, intermediate)]),
        (None, Some(0)),
        "the key"
    );
    let (_, found) = judged(
        leaf,
        &[record(2, 1, 0, intermediate)],
        "sha256",
        "mx1.example.test",
    );
    assert_eq!(found.unwrap().what, Matched::Signer);
}

#[test]
fn a_leaf_is_no_authority() {
    let shown = chain(&good().self_signed());
    assert_eq!(
        told(&shown, &[record(2, 1, 1, &shown[0])]),
        (Some((0, 65)), None)
    );
    let shown = chain(&good());
    assert_eq!(
        told(&shown, &[record(3, 1, 1, &shown[1])]),
        (Some((0, 65)), None),
        "nor the other way round"
    );
}

#[test]
fn beside_a_stronger_digest_a_weaker_one_does_not_count() {
    let shown = chain(&good());
    let other = &shown[1..];
    let of = |digests: &str, records: &[Tlsa]| {
        let (checked, _) = judged(&shown, records, digests, "mx1.example.test");
        checked.fault.is_none()
    };
    let pair = [record(3, 1, 2, &other[0]), record(3, 1, 1, &shown[0])];
    assert!(!of("sha512 sha256", &pair));
    assert!(of("sha256 sha512", &pair));
    let other_selector = [record(3, 0, 2, &other[0]), record(3, 1, 1, &shown[0])];
    assert!(of("sha512 sha256", &other_selector));
    let whole = [record(3, 1, 2, &other[0]), record(3, 1, 0, &shown[0])];
    assert!(of("sha512 sha256", &whole));
}

#[test]
fn records_that_cannot_be_used_are_told_from_the_last_to_the_first() {
    let (digests, _) = Digests::of(Algorithm::Sha256, "sha512 sha256");
    let of = |usage, selector, matching, data: &[u8]| Tlsa {
        usage,
        selector,
        matching,
        data: data.into(),
    };
    let odd = [
        of(3, 7, 1, &[0; 32]),
        of(3, 1, 9, &[0; 4]),
        of(3, 1, 1, &[0; 31]),
        of(3, 0, 0, &[0x30, 0x03, 0x02, 0x01]),
        of(2, 1, 0, b"key"),
        of(1, 1, 1, &[0; 32]),
        of(3, 1, 1, &[]),
    ];
    let (records, unusable) = Records::of(&odd, &digests);
    assert!(records.is_empty());
    let reversed: Vec<Tlsa> = odd.iter().rev().cloned().collect();
    assert_eq!(unusable, reversed);
}

#[test]
fn a_file_of_anchors_may_hold_certificates() {
    let chain = Pki::new(Seed(7), START).chain("mx", &good()).unwrap();
    let anchors = read_anchors(to_pem(&chain.certs).as_bytes()).unwrap();
    let shown: Vec<Certificate> = chain
        .certs
        .iter()
        .map(|der| Certificate::read(der).unwrap())
        .collect();
    assert_eq!(anchors.len(), shown.len());
    assert_eq!(told(&shown[..1], &anchors), (None, Some(1)));
    assert!(read_anchors(b"no PEM").is_err());
}
