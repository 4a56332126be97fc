//! Whatever comes in: no panic, and what holds for every reply.

use hickory_proto::op::{Message, MessageType};
use mta_core::dns::{Data, Kind, LookupFault};
use mta_core::time::Time;
use proptest::prelude::*;

use super::super::decode::decode;
use super::super::record::KINDS;
use super::super::stub::{ATTEMPTS, TIMEOUT};
use super::super::walk::LEAST_DELAY;
use super::super::{Dnssec, Fault, Input, NameSpec, Output, PerKind, Stub, Transport, Zones};
use super::{WORLD, lookup, question, zones};

/// Few labels, so that names meet; and the case differs now and then.
fn any_name() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!["a", "A", "b", "*", "_25", "test"]),
        0..4,
    )
    .prop_map(|labels| labels.join("."))
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(KINDS.to_vec())
}

fn any_fault() -> impl Strategy<Value = Fault> {
    prop::sample::select(vec![
        Fault::NxDomain,
        Fault::NoData,
        Fault::ServFail,
        Fault::Refused,
        Fault::NotImp,
        Fault::Timeout,
        Fault::Truncated,
        Fault::TruncatedNoTcp,
        Fault::Garbled,
    ])
}

fn any_dnssec() -> impl Strategy<Value = Dnssec> {
    prop::sample::select(vec![Dnssec::Secure, Dnssec::Insecure, Dnssec::Bogus])
}

fn any_spec() -> impl Strategy<Value = NameSpec> {
    let few = 0..3usize;
    let mx = (any::<u16>(), any_name()).prop_map(|(n, name)| format!("{n} {name}."));
    let records = (
        prop::collection::vec(mx, few.clone()),
        prop::collection::vec(
            any::<std::net::Ipv4Addr>().prop_map(|a| a.to_string()),
            0..80,
        ),
        prop::collection::vec(
            any::<std::net::Ipv6Addr>().prop_map(|a| a.to_string()),
            few.clone(),
        ),
        prop::collection::vec(".{0,300}", few),
    );
    let trouble = (
        prop::option::of(any_dnssec().prop_map(PerKind::All)),
        prop::option::weighted(0.2, any_fault().prop_map(PerKind::All)),
    );
    let alias = prop::option::weighted(0.4, any_name());
    (any_name(), alias, records, trouble).prop_map(|(name, cname, records, trouble)| {
        let (dnssec, fault) = trouble;
        let bare = NameSpec {
            name,
            dnssec,
            fault,
            ..NameSpec::default()
        };
        if cname.is_some() {
            return NameSpec { cname, ..bare };
        }
        let (mx, a, aaaa, txt) = records;
        NameSpec {
            mx,
            a,
            aaaa,
            txt,
            ..bare
        }
    })
}

fn any_zones() -> impl Strategy<Value = Zones> {
    prop::collection::vec(any_spec(), 0..8).prop_map(|mut specs| {
        let folded = |spec: &NameSpec| spec.name.to_ascii_lowercase();
        specs.sort_by_key(folded);
        specs.dedup_by_key(|spec| folded(spec));
        Zones::new(&specs).expect("drawn data is right")
    })
}

/// A message with some bytes changed, or bytes that never were one.
fn mangled(message: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let changed = (changes, any::<prop::sample::Index>()).prop_map(move |(changes, cut)| {
        let mut octets = message.clone();
        for (at, octet) in changes {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        // Half of the cuts are none.
        let keep = cut.index(2 * octets.len());
        octets.truncate(keep.max(octets.len() / 4));
        octets
    });
    prop_oneof![changed, prop::collection::vec(any::<u8>(), 0..600)]
}

fn a_query() -> Vec<u8> {
    Stub::ask(Time::START, question("alias.example.test", Kind::A), 1)
        .query()
        .to_vec()
}

fn a_reply() -> Vec<u8> {
    zones(WORLD)
        .answer(&a_query(), Transport::Udp)
        .message
        .expect("a reply")
}

proptest! {
    #[test]
    fn any_bytes_as_query(query in mangled(a_query()), tcp in any::<bool>()) {
        let over = if tcp { Transport::Tcp } else { Transport::Udp };
        let reply = zones(WORLD).answer(&query, over);
        if let Some(reply) = reply.message {
            prop_assert_eq!(&reply[..2], &query[..2]);
            prop_assert!(reply[2] & 0x80 != 0);
            prop_assert!(Message::from_vec(&reply).is_ok());
        }
    }

    #[test]
    fn any_bytes_as_reply(reply in mangled(a_reply()), tcp in any::<bool>()) {
        let question = question("alias.example.test", Kind::A);
        let answer = decode(&question, &reply);
        if let Ok(records) = answer.found {
            prop_assert!(!records.data.is_empty());
            prop_assert!(records.data.iter().all(|data| matches!(data, Data::A(_))));
        }
        let mut stub = Stub::ask(Time::START, question, 1);
        let over = if tcp { Transport::Tcp } else { Transport::Udp };
        stub.handle(Time::START, Input::Received(over, &reply));
        stub.handle(Time::START, Input::Received(Transport::Tcp, &reply));
        while stub.output().is_some() {}
    }

    #[test]
    fn any_zones_keep_the_rules(
        zones in any_zones(),
        name in any_name(),
        kind in any_kind(),
        id in any::<u16>(),
    ) {
        let question = question(&name, kind);
        let query = Stub::ask(Time::START, question.clone(), id).query();
        let udp = zones.answer(&query, Transport::Udp).message;
        let tcp = zones.answer(&query, Transport::Tcp).message;
        let asked = Message::from_vec(&query).expect("own query");
        for (reply, octets_max) in [(&udp, 1232), (&tcp, 65_535)] {
            let Some(octets) = reply else { continue };
            prop_assert!(octets.len() <= octets_max);
            prop_assert_eq!(&octets[..2], &id.to_be_bytes()[..]);
            let Ok(reply) = Message::from_vec(octets) else {
                let garbled = decode(&question, octets).found;
                prop_assert_eq!(garbled, Err(LookupFault::Malformed));
                continue;
            };
            prop_assert_eq!(reply.metadata.message_type, MessageType::Response);
            prop_assert!(reply.queries[0].name.eq_case(&asked.queries[0].name));
            prop_assert_eq!(&reply.queries, &asked.queries);
            if octets_max > 1232 {
                prop_assert!(!reply.metadata.truncation);
            }
        }

        let exchange = lookup(&zones, &name, kind);
        prop_assert!((1..=ATTEMPTS).contains(&exchange.attempts));
        prop_assert!(exchange.delay <= TIMEOUT * ATTEMPTS + LEAST_DELAY);
        let answer = &exchange.answer;
        if let Ok(records) = &answer.found {
            prop_assert!(!records.data.is_empty());
            for data in records.data.iter() {
                prop_assert_eq!(kind_of(data), kind);
            }
        }
        // A stub that is told both ways agrees with the memo, and the bytes say the same.
        let reply = exchange.reply.as_ref().map(|reply| decode(&question, reply));
        match reply {
            Some(decoded) => prop_assert_eq!(&decoded, answer),
            None => prop_assert_eq!(&answer.found, &Err(LookupFault::Timeout)),
        }
    }

    #[test]
    fn any_inputs_end_in_one_answer(inputs in prop::collection::vec(0..5u8, 0..40)) {
        let whole = a_reply();
        let mut truncated = whole.clone();
        truncated[2] |= 0x02;
        let mut now = Time::START;
        let mut stub = Stub::ask(now, question("alias.example.test", Kind::A), 1);
        let (mut sent, mut answers) = (0, 0);
        for input in inputs.into_iter().chain([9; 3]) {
            while let Some(output) = stub.output() {
                match output {
                    Output::Send(..) => sent += 1,
                    Output::Answer(_) => answers += 1,
                    Output::WakeAt(_) => {}
                }
            }
            let input = match input {
                0 => Input::Received(Transport::Udp, &truncated),
                1 => Input::Received(Transport::Tcp, &whole),
                2 => Input::TcpFailed,
                3 => Input::Received(Transport::Udp, b"rubbish"),
                _ => {
                    now = now + TIMEOUT;
                    Input::Timeout
                }
            };
            stub.handle(now, input);
        }
        prop_assert_eq!(answers, 1);
        prop_assert!(sent <= 2 * ATTEMPTS);
    }
}

fn kind_of(data: &Data) -> Kind {
    match data {
        Data::Mx { .. } => Kind::Mx,
        Data::A(_) => Kind::A,
        Data::Aaaa(_) => Kind::Aaaa,
        Data::Cname(_) => Kind::Cname,
        Data::Tlsa { .. } => Kind::Tlsa,
        Data::Txt(_) => Kind::Txt,
        Data::Ns(_) => Kind::Ns,
    }
}
