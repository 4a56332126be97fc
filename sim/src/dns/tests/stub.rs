//! The stub resolver, input by input.

use std::sync::Arc;
use std::time::Duration;

use mta_core::dns::{Kind, LookupFault};
use mta_core::time::Time;

use super::super::stub::{ATTEMPTS, TIMEOUT};
use super::super::{Input, Output, Stub, Transport, Zones};
use super::{WORLD, question, zones};

const T0: Time = Time::START;

fn stub() -> Stub {
    Stub::ask(T0, question("mx1.example.test", Kind::A), 0x1234)
}

fn drain(stub: &mut Stub) -> Vec<Output> {
    std::iter::from_fn(|| stub.output()).collect()
}

fn send(over: Transport, stub: &Stub, at: Time) -> Vec<Output> {
    vec![
        Output::Send(over, stub.query()),
        Output::WakeAt(at + TIMEOUT),
    ]
}

fn reply(zones: &Zones, query: &[u8]) -> Vec<u8> {
    zones
        .answer(query, Transport::Tcp)
        .message
        .expect("a reply")
}

fn fault(outputs: &[Output]) -> Option<LookupFault> {
    match outputs {
        [Output::Answer(answer)] => answer.found.clone().err(),
        _ => None,
    }
}

#[test]
fn silence_is_asked_again_once_and_then_a_timeout() {
    let mut stub = stub();
    assert_eq!(drain(&mut stub), send(Transport::Udp, &stub, T0));
    let t1 = T0 + TIMEOUT;
    stub.handle(t1, Input::Timeout);
    assert_eq!(drain(&mut stub), send(Transport::Udp, &stub, t1));
    stub.handle(t1 + TIMEOUT, Input::Timeout);
    assert_eq!(fault(&drain(&mut stub)), Some(LookupFault::Timeout));
    assert_eq!(stub.attempts(), ATTEMPTS);
    stub.handle(t1 + TIMEOUT, Input::Timeout);
    assert_eq!(drain(&mut stub), []);
}

#[test]
fn a_wake_up_before_its_time_changes_nothing() {
    let mut stub = stub();
    drain(&mut stub);
    stub.handle(T0 + Duration::from_secs(1), Input::Timeout);
    assert_eq!(drain(&mut stub), [Output::WakeAt(T0 + TIMEOUT)]);
    assert_eq!(stub.attempts(), 1);
}

#[test]
fn foreign_datagrams_are_passed_over() {
    let zones = zones(WORLD);
    let mut stub = stub();
    drain(&mut stub);
    let right = reply(&zones, &stub.query());
    let mut other_id = right.clone();
    other_id[0] ^= 1;
    let other_question = Stub::ask(T0, question("example.test", Kind::A), 0x1234);
    let other_question = reply(&zones, &other_question.query());
    let other_type = Stub::ask(T0, question("mx1.example.test", Kind::Aaaa), 0x1234);
    let other_type = reply(&zones, &other_type.query());
    let own_query = stub.query();
    for foreign in [
        &other_id[..],
        &other_question,
        &other_type,
        &own_query,
        &right[..11],
        &right[..20],
        b"",
    ] {
        stub.handle(T0, Input::Received(Transport::Udp, foreign));
        assert_eq!(drain(&mut stub), [], "{foreign:?}");
    }
    stub.handle(T0, Input::Received(Transport::Udp, &right));
    let outputs = drain(&mut stub);
    assert!(
        matches!(&outputs[..], [Output::Answer(answer)] if answer.found.is_ok() && answer.secure),
        "{outputs:?}"
    );
}

#[test]
fn a_reply_that_breaks_off_is_malformed() {
    let mut stub = stub();
    drain(&mut stub);
    let mut cut = reply(&zones(WORLD), &stub.query());
    cut.truncate(cut.len() - 20);
    stub.handle(T0, Input::Received(Transport::Udp, &cut));
    assert_eq!(fault(&drain(&mut stub)), Some(LookupFault::Malformed));
}

#[test]
fn truncation_goes_over_to_tcp_and_stays_there() {
    let zones = zones(WORLD);
    let mut stub = stub();
    drain(&mut stub);
    let whole = reply(&zones, &stub.query());
    let mut truncated = whole.clone();
    truncated[2] |= 0x02;

    stub.handle(T0, Input::Received(Transport::Udp, &truncated));
    assert_eq!(drain(&mut stub), send(Transport::Tcp, &stub, T0));
    stub.handle(T0, Input::Received(Transport::Udp, &whole));
    assert_eq!(drain(&mut stub), [], "datagrams no longer count");

    stub.handle(T0, Input::TcpFailed);
    assert_eq!(drain(&mut stub), send(Transport::Tcp, &stub, T0));
    assert_eq!(stub.attempts(), 2);
    stub.handle(T0, Input::Received(Transport::Tcp, &whole));
    assert!(matches!(&drain(&mut stub)[..], [Output::Answer(answer)] if answer.found.is_ok()));
}

#[test]
fn tcp_that_fails_each_time_is_a_timeout_and_tc_over_tcp_malformed() {
    let truncated = |stub: &Stub| {
        let mut reply = reply(&zones(WORLD), &stub.query());
        reply[2] |= 0x02;
        reply
    };
    let mut refused = stub();
    refused.handle(T0, Input::TcpFailed);
    assert_eq!(refused.attempts(), 1, "there is no TCP to fail yet");
    refused.handle(T0, Input::Received(Transport::Udp, &truncated(&refused)));
    refused.handle(T0, Input::TcpFailed);
    drain(&mut refused);
    refused.handle(T0, Input::TcpFailed);
    assert_eq!(fault(&drain(&mut refused)), Some(LookupFault::Timeout));

    let mut again = stub();
    again.handle(T0, Input::Received(Transport::Udp, &truncated(&again)));
    drain(&mut again);
    again.handle(T0, Input::Received(Transport::Tcp, &truncated(&again)));
    assert_eq!(fault(&drain(&mut again)), Some(LookupFault::Malformed));
}

#[test]
fn a_name_for_no_message_is_answered_without_one() {
    let mut stub = Stub::ask(T0, question("a..b", Kind::A), 1);
    assert_eq!(fault(&drain(&mut stub)), Some(LookupFault::NoSuchName));
    assert_eq!((stub.query(), stub.attempts()), (Arc::default(), 0));
    stub.handle(T0, Input::Timeout);
    stub.handle(T0, Input::Received(Transport::Udp, b"x"));
    assert_eq!(drain(&mut stub), []);
}
