//! The resolver's messages, byte by byte where it matters.

use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RecordType};
use mta_core::dns::Kind;

use super::super::{Reply, Transport};
use super::{WORLD, lookup, zones};

/// A query as a plain client sends it: RD and nothing else.
fn plain(name: &str, record_type: RecordType) -> Message {
    let mut query = Message::new(7, MessageType::Query, OpCode::Query);
    query.metadata.recursion_desired = true;
    query.add_query(Query::query(
        Name::from_ascii(name).expect("a name"),
        record_type,
    ));
    query
}

fn reply(query: &Message, over: Transport) -> Message {
    let reply = zones(WORLD).answer(&query.to_vec().expect("encodes"), over);
    Message::from_vec(&reply.message.expect("a reply")).expect("decodes")
}

#[test]
fn replies_in_full() {
    let zones = zones(WORLD);
    let told: Vec<String> = [
        ("example.test", Kind::Mx),
        ("alias.example.test", Kind::A),
        ("dangling.example.test", Kind::A),
        ("mx1.example.test", Kind::Mx),
        ("bogus.example.test", Kind::Mx),
        ("elsewhere.test", Kind::Mx),
    ]
    .into_iter()
    .map(|(name, kind)| {
        let exchange = lookup(&zones, name, kind);
        let message = |octets: &[u8]| Message::from_vec(octets).expect("decodes");
        let reply = exchange.reply.as_ref().expect("a reply");
        format!("{}\n{}", message(&exchange.query), message(reply))
    })
    .collect();
    insta::assert_snapshot!(told.join("\n----\n"));
}

#[test]
fn bytes_of_a_reply() {
    let reply = zones("[[dns]]\nname = 'x.test'\na = ['192.0.2.1']\nttl = 1").answer(
        &plain("X.test.", RecordType::A).to_vec().expect("encodes"),
        Transport::Udp,
    );
    let expected = b"\x00\x07\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\
        \x01X\x04test\x00\x00\x01\x00\x01\
        \xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04\xc0\x00\x02\x01";
    assert_eq!(reply.message.as_deref(), Some(expected.as_slice()));
}

#[test]
fn ad_is_for_those_who_ask_for_it() {
    let mut query = plain("mx1.example.test.", RecordType::A);
    assert!(!reply(&query, Transport::Udp).metadata.authentic_data);
    query.metadata.authentic_data = true;
    assert!(reply(&query, Transport::Udp).metadata.authentic_data);
    query.metadata.authentic_data = false;
    let mut edns = Edns::new();
    edns.set_dnssec_ok(true);
    query.set_edns(edns);
    assert!(reply(&query, Transport::Udp).metadata.authentic_data);
    query.queries = plain("unsigned.example.test.", RecordType::A).queries;
    assert!(!reply(&query, Transport::Udp).metadata.authentic_data);
}

#[test]
fn checking_disabled_shows_bogus_data_without_ad() {
    let mut query = plain("bogus.example.test.", RecordType::MX);
    assert_eq!(
        reply(&query, Transport::Udp).metadata.response_code,
        ResponseCode::ServFail
    );
    query.metadata.checking_disabled = true;
    query.metadata.authentic_data = true;
    let reply = reply(&query, Transport::Udp);
    assert_eq!(reply.answers.len(), 1);
    assert!(!reply.metadata.authentic_data);
    assert!(reply.metadata.checking_disabled);
}

#[test]
fn the_size_of_a_datagram_is_the_clients_word() {
    let zones = zones(&format!(
        "[[dns]]\nname = 'x.test'\ntxt = ['{}']",
        "t".repeat(600)
    ));
    let mut query = plain("x.test.", RecordType::TXT);
    let mut truncated = |payload: Option<u16>, over| {
        query.edns = payload.map(|payload| {
            let mut edns = Edns::new();
            edns.set_max_payload(payload);
            edns
        });
        let reply = zones.answer(&query.to_vec().expect("encodes"), over);
        let octets = reply.message.expect("a reply");
        let reply = Message::from_vec(&octets).expect("decodes");
        assert_eq!(reply.edns.is_some(), payload.is_some());
        assert_eq!(reply.answers.is_empty(), reply.metadata.truncation);
        reply.metadata.truncation
    };
    assert!(truncated(None, Transport::Udp));
    assert!(truncated(Some(100), Transport::Udp));
    assert!(truncated(Some(640), Transport::Udp));
    assert!(!truncated(Some(660), Transport::Udp));
    assert!(!truncated(None, Transport::Tcp));
}

#[test]
fn strange_queries() {
    let zones = zones(WORLD);
    let code = |query: &Message| reply(query, Transport::Udp).metadata.response_code;

    let unknown_type = plain("mx1.example.test.", RecordType::Unknown(65_280));
    let denied = reply(&unknown_type, Transport::Udp);
    assert_eq!(denied.metadata.response_code, ResponseCode::NoError);
    assert_eq!((denied.answers.len(), denied.authorities.len()), (0, 1));

    let mut other_class = plain("example.test.", RecordType::MX);
    other_class.queries[0].set_query_class(DNSClass::CH);
    assert_eq!(code(&other_class), ResponseCode::Refused);

    let mut other_opcode = plain("example.test.", RecordType::MX);
    other_opcode.metadata.op_code = OpCode::Status;
    assert_eq!(code(&other_opcode), ResponseCode::NotImp);

    let mut two_questions = plain("example.test.", RecordType::MX);
    two_questions.queries.push(two_questions.queries[0].clone());
    assert_eq!(code(&two_questions), ResponseCode::FormErr);

    let mut other_edns = plain("example.test.", RecordType::MX);
    let mut edns = Edns::new();
    edns.set_version(1);
    other_edns.set_edns(edns);
    // BADVERS and BADSIG are one number.
    assert_eq!(u16::from(code(&other_edns)), 16);

    let mut cut = plain("example.test.", RecordType::MX)
        .to_vec()
        .expect("encodes");
    cut.truncate(20);
    let formerr = zones.answer(&cut, Transport::Udp).message.expect("a reply");
    assert_eq!(
        formerr[..12],
        *b"\x00\x07\x81\x81\x00\x00\x00\x00\x00\x00\x00\x00"
    );

    let nothing = Reply {
        passing: false,
        message: None,
        delay: Duration::ZERO,
    };
    let mut no_query = plain("example.test.", RecordType::MX);
    no_query.metadata.message_type = MessageType::Response;
    let no_query = no_query.to_vec().expect("encodes");
    assert_eq!(zones.answer(&no_query, Transport::Udp), nothing);
    assert_eq!(zones.answer(b"", Transport::Tcp), nothing);
    assert_eq!(zones.answer(&[0; 11], Transport::Tcp), nothing);
}
