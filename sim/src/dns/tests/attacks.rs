//! Answers that somebody on the way forged, faults that pass, and a stub that was told to be patient.

use std::time::Duration;

use mta_core::dns::{Data, Kind, LookupFault};

use super::super::{Resolver, StubSpec};
use super::{answer, question, zones};

const FORGED: &str = r#"
    [[dns]]
    name = "signed.test"
    dnssec = "secure"
    mx = ["10 mx1.signed.test"]
    spoof.mx = ["10 mx.evil.test"]

    [[dns]]
    name = "plain.test"
    mx = ["10 mx1.plain.test"]
    txt = ["own"]
    spoof = { mx = ["10 mx.evil.test"], tlsa = [] }
    tlsa = ["3 1 1 00"]
"#;

#[test]
fn a_forged_answer_is_believed_where_nothing_is_signed() {
    let zones = zones(FORGED);
    let mx = answer(&zones, "plain.test", Kind::Mx);
    let data = mx.found.expect("records").data;
    assert_eq!(
        *data,
        [Data::Mx {
            preference: 10,
            exchange: "mx.evil.test".into()
        }]
    );
    let tlsa = answer(&zones, "plain.test", Kind::Tlsa);
    assert_eq!(tlsa.found, Err(LookupFault::NoData));
    // What is not forged is as it was.
    assert!(answer(&zones, "plain.test", Kind::Txt).found.is_ok());

    let mx = answer(&zones, "signed.test", Kind::Mx);
    assert_eq!(
        (mx.found, mx.secure),
        (Err(LookupFault::ServerFailure), false)
    );
}

#[test]
fn a_fault_passes_after_so_many_queries() {
    let zones = zones(
        "[[dns]]\nname = 'x.test'\na = ['192.0.2.1']\nfault.a = 'servfail'\ntimes = 2\n\
         [[dns]]\nname = 'y.test'\na = ['192.0.2.1']\nfault = 'timeout'\ntimes = 1",
    );
    let mut resolver = Resolver::new(zones);
    let mut ask = |name: &str| resolver.lookup(&question(name, Kind::A));
    for came in [false, false, true, true] {
        assert_eq!(ask("x.test").answer.found.is_ok(), came);
    }
    // The first query of the first look-up is lost.
    let first = ask("y.test");
    assert_eq!((first.attempts, first.answer.found.is_ok()), (2, true));
    assert_eq!(ask("y.test").attempts, 1);
}

#[test]
fn the_stub_is_as_patient_and_trusting_as_it_was_told() {
    let zones =
        zones("[[dns]]\nname = 'x.test'\na = ['192.0.2.1']\ndelay = '29s'\ndnssec = 'secure'");
    let asked_by = |stub| Resolver::new(zones.clone()).asked_by(stub);
    let impatient = asked_by(StubSpec::default()).lookup(&question("x.test", Kind::A));
    assert_eq!(impatient.delay, Duration::from_secs(10));
    assert_eq!(impatient.answer.found, Err(LookupFault::Timeout));

    // No longer than resolv.conf(5) allows.
    let timeout = Duration::from_secs(300);
    let patient = StubSpec {
        timeout,
        attempts: 1,
        ..StubSpec::default()
    };
    let answer = asked_by(patient).lookup(&question("x.test", Kind::A));
    assert_eq!(
        (answer.delay, answer.answer.secure),
        (Duration::from_secs(29), true)
    );
    let silent = asked_by(patient).lookup(&question("gone.x.test", Kind::A));
    assert!(silent.answer.found.is_err());

    let wary = StubSpec {
        trust_ad: false,
        ..patient
    };
    let answer = asked_by(wary).lookup(&question("x.test", Kind::A));
    assert!(answer.answer.found.is_ok() && !answer.answer.secure);
}
