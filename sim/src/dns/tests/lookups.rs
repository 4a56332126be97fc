//! From zone through messages to the core's answer: every kind of record, every fault.

use std::fmt::Write as _;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, Record};
use mta_core::dns::{Data, Kind, LookupFault};
use mta_core::time::Time;

use super::super::decode::decode;
use super::super::resolver::MEMO_EXCHANGES;
use super::super::walk::CHAIN_MAX;
use super::super::{Resolver, Stub, Transport, query_id};
use super::{WORLD, answer, lookup, question, zones};
use crate::dns::{NameSpec, Zones};

#[test]
fn each_kind_of_record_and_denial() {
    let zones = zones(WORLD);
    let mut told = String::new();
    for (name, kind) in [
        ("example.test", Kind::Mx),
        ("EXAMPLE.test", Kind::Txt),
        ("example.test.", Kind::Ns),
        ("mx1.example.test", Kind::A),
        ("mx1.example.test", Kind::Aaaa),
        ("_25._tcp.mx1.example.test", Kind::Tlsa),
        ("alias.example.test", Kind::Cname),
        ("null.example.test", Kind::Mx),
        // Aliases: followed, secure only if every part is, denied at their end.
        ("Alias.example.test", Kind::A),
        ("out.example.test", Kind::A),
        ("out.example.test", Kind::Cname),
        ("alias.example.test", Kind::Mx),
        ("dangling.example.test", Kind::A),
        ("loop1.example.test", Kind::A),
        // Denials: no such type, no such name, only names below, nothing known at all.
        ("mx1.example.test", Kind::Mx),
        ("gone.example.test", Kind::A),
        ("_tcp.mx1.example.test", Kind::A),
        ("elsewhere.test", Kind::Mx),
        // Wildcards: RFC 4592 §2.2.1.
        ("any.wild.example.test", Kind::Mx),
        ("a.b.wild.example.test", Kind::Mx),
        ("any.wild.example.test", Kind::A),
        ("listed.wild.example.test", Kind::Mx),
        ("below.listed.wild.example.test", Kind::Mx),
        // Validation.
        ("bogus.example.test", Kind::Mx),
        ("below.bogus.example.test", Kind::Mx),
        ("unsigned.example.test", Kind::A),
        ("below.unsigned.example.test", Kind::A),
        ("host.plain.test", Kind::A),
        // Names that fit in no message.
        ("a..b", Kind::A),
        (&"x".repeat(64), Kind::A),
    ] {
        let exchange = lookup(&zones, name, kind);
        let answer = &exchange.answer;
        let secure = if answer.secure { "secure" } else { "insecure" };
        let attempts = exchange.attempts;
        writeln!(told, "{name} {kind}: {secure}, {attempts} attempt(s)").expect("string");
        match &answer.found {
            Err(fault) => writeln!(told, "    {fault:?}").expect("string"),
            Ok(records) => {
                if let Some(canonical) = &records.canonical {
                    writeln!(told, "    canonical {canonical}").expect("string");
                }
                for data in records.data.iter() {
                    writeln!(told, "    {data:?}").expect("string");
                }
            }
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn each_fault() {
    let mut told = String::new();
    for fault in [
        "nxdomain",
        "nodata",
        "servfail",
        "refused",
        "notimp",
        "timeout",
        "truncated",
        "truncated-no-tcp",
        "garbled",
    ] {
        let zones = zones(&format!(
            "[[dns]]\nname = 'x.test'\na = ['192.0.2.1']\nmx = ['1 x.test']\nfault.a = '{fault}'\n\
             [[dns]]\nname = 'alias.test'\ncname = 'x.test'"
        ));
        let hit = lookup(&zones, "x.test", Kind::A);
        let found = hit.answer.found.as_ref().map(|records| records.data.len());
        let (over, attempts, delay) = (hit.transport, hit.attempts, hit.delay);
        writeln!(
            told,
            "{fault}: {found:?} {over:?} attempts {attempts} in {delay:?}"
        )
        .expect("string");
        // A fault of one type leaves the others alone, and reaches those who come by an alias.
        assert!(answer(&zones, "x.test", Kind::Mx).found.is_ok(), "{fault}");
        let by_alias = answer(&zones, "alias.test", Kind::A);
        assert_eq!(by_alias.found.is_ok(), found.is_ok(), "{fault}");
        assert_eq!(by_alias.found.err(), found.err().copied(), "{fault}");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_fault_for_all_types_holds_for_types_without_records() {
    let zones = zones("[[dns]]\nname = 'x.test'\nfault = 'refused'");
    for kind in [Kind::Mx, Kind::Tlsa, Kind::Cname] {
        assert_eq!(
            answer(&zones, "x.test", kind).found,
            Err(LookupFault::Refused)
        );
    }
}

#[test]
fn dnssec_may_differ_by_type() {
    let zones = zones(
        "[[dns]]\nname = 'x.test'\na = ['192.0.2.1']\nmx = ['1 x.test']\ndnssec.mx = 'secure'",
    );
    assert!(answer(&zones, "x.test", Kind::Mx).secure);
    assert!(!answer(&zones, "x.test", Kind::A).secure);
}

#[test]
fn what_does_not_fit_a_datagram_comes_whole_over_tcp() {
    let mx: Vec<String> = (1..=100).map(|n| format!("'{n} mx{n}.x.test'")).collect();
    let zones = zones(&format!(
        "[[dns]]\nname = 'x.test'\nmx = [{}]",
        mx.join(",")
    ));
    let exchange = lookup(&zones, "x.test", Kind::Mx);
    assert_eq!(exchange.transport, Transport::Tcp);
    assert_eq!(exchange.attempts, 1);
    let records = exchange.answer.found.as_ref().expect("records");
    assert_eq!(records.data.len(), 100);

    let over_udp = zones.answer(&exchange.query, Transport::Udp).message;
    let over_udp = over_udp.expect("a reply");
    assert!(over_udp.len() <= 1232);
    let question = question("x.test", Kind::Mx);
    assert_eq!(
        decode(&question, &over_udp).found,
        Err(LookupFault::Malformed)
    );
}

#[test]
fn truncation_on_purpose_changes_nothing_but_the_way() {
    let data = "[[dns]]\nname = 'x.test'\na = ['192.0.2.1']\ndnssec = 'secure'\n";
    let plain = lookup(&zones(data), "x.test", Kind::A);
    let cut = lookup(
        &zones(&format!("{data}fault = 'truncated'")),
        "x.test",
        Kind::A,
    );
    assert_eq!(
        (plain.transport, cut.transport),
        (Transport::Udp, Transport::Tcp)
    );
    assert_eq!((&plain.answer, &plain.reply), (&cut.answer, &cut.reply));
}

#[test]
fn delays_add_up_along_aliases_and_late_is_not_lost() {
    let zones = |delay: &str| {
        zones(&format!(
            "[[dns]]\nname = 'a.test'\ncname = 'b.test'\ndelay = '1s'\n\
             [[dns]]\nname = 'b.test'\na = ['192.0.2.1']\ndelay = '{delay}'"
        ))
    };
    for (delay, seconds, attempts, found) in [
        ("500ms", 1.5, 1, true),
        ("4s", 5.0, 1, true),
        // The reply to the first attempt comes while the second one waits.
        ("6s", 7.0, 2, true),
        ("9s", 10.0, 2, true),
        ("28s", 10.0, 2, false),
    ] {
        let exchange = lookup(&zones(delay), "a.test", Kind::A);
        assert_eq!(exchange.delay, Duration::from_secs_f64(seconds), "{delay}");
        assert_eq!(exchange.attempts, attempts, "{delay}");
        assert_eq!(exchange.answer.found.is_ok(), found, "{delay}");
        assert_eq!(exchange.reply.is_some(), found, "{delay}");
    }
}

#[test]
fn a_chain_is_followed_as_far_as_the_limit() {
    let chain: String = (0..=CHAIN_MAX)
        .map(|n| format!("[[dns]]\nname = 'n{n}.test'\ncname = 'n{}.test'\n", n + 1))
        .collect();
    let end = CHAIN_MAX + 1;
    let zones = zones(&format!(
        "{chain}[[dns]]\nname = 'n{end}.test'\na = ['192.0.2.1']"
    ));
    // From n1 the chain has as many aliases as allowed, from n0 one more.
    assert!(answer(&zones, "n1.test", Kind::A).found.is_ok());
    let beyond = lookup(&zones, "n0.test", Kind::A);
    assert_eq!(beyond.answer.found, Err(LookupFault::ServerFailure));
    let reply = Message::from_vec(beyond.reply.as_ref().expect("a reply")).expect("decodes");
    assert_eq!(reply.metadata.response_code, ResponseCode::ServFail);
    assert!(reply.answers.is_empty());
}

#[test]
fn a_loop_in_a_reply_ends() {
    let question = question("a.test", Kind::A);
    let query = Stub::ask(Time::START, question.clone(), 1).query();
    let mut reply = Message::from_vec(&query)
        .expect("own query")
        .into_response();
    let name = |text| Name::from_ascii(text).expect("a name");
    for (owner, target) in [("a.test.", "b.test."), ("b.test.", "a.test.")] {
        let alias = RData::CNAME(CNAME(name(target)));
        reply.add_answer(Record::from_rdata(name(owner), 1, alias));
    }
    let reply = reply.to_vec().expect("encodes");
    assert_eq!(
        decode(&question, &reply).found,
        Err(LookupFault::ServerFailure)
    );
}

#[test]
fn a_hit_is_the_same_exchange_and_equals_a_fresh_one() {
    let mut resolver = Resolver::new(zones(WORLD));
    for (name, kind) in [
        ("example.test", Kind::Mx),
        ("alias.example.test", Kind::A),
        ("gone.example.test", Kind::A),
    ] {
        let question = question(name, kind);
        let miss = resolver.lookup(&question);
        let hit = resolver.lookup(&question);
        assert!(std::sync::Arc::ptr_eq(&miss, &hit));
        assert_eq!(*hit, *lookup(resolver.zones(), name, kind));
        assert_eq!(
            hit.query.first_chunk(),
            Some(&query_id(&question).to_be_bytes())
        );
    }
}

#[test]
fn new_zones_drop_the_memo() {
    let mut resolver = Resolver::new(zones("[[dns]]\nname = 'x.test'\na = ['192.0.2.1']"));
    let question = question("x.test", Kind::A);
    let before = resolver.lookup(&question);
    resolver.replace(zones("[[dns]]\nname = 'x.test'\na = ['192.0.2.2']"));
    let after = resolver.lookup(&question);
    let address = |octet| Some(Data::A([192, 0, 2, octet].into()));
    let data = |exchange: &super::Exchange| {
        let found = exchange.answer.found.as_ref().ok();
        found.and_then(|records| records.data.first().cloned())
    };
    assert_eq!((data(&before), data(&after)), (address(1), address(2)));
}

#[test]
fn the_memo_stays_within_its_bound() {
    let mut resolver = Resolver::new(zones(WORLD));
    let small = resolver.memo_max();
    assert_eq!(small, MEMO_EXCHANGES.0);
    for n in 0..=small {
        resolver.lookup(&question(&format!("n{n}"), Kind::A));
    }
    assert_eq!(resolver.memo_len(), 1);
}

#[test]
fn the_memo_is_as_large_as_the_world() {
    let names = |count: usize| {
        let name = |n: usize| NameSpec {
            name: format!("n{n}.test"),
            ..NameSpec::default()
        };
        let names: Vec<_> = (0..count).map(name).collect();
        Resolver::new(Zones::new(&names).expect("good names"))
    };
    let mut resolver = names(2000);
    assert_eq!(resolver.memo_max(), 6000);
    for n in 0..2000 {
        for kind in [Kind::Mx, Kind::A, Kind::Aaaa] {
            resolver.lookup(&question(&format!("n{n}.test"), kind));
        }
    }
    assert_eq!(resolver.memo_len(), 6000);
    assert_eq!(names(200_000).memo_max(), MEMO_EXCHANGES.1);
}
