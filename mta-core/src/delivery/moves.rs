//! The table of moves, written out: every stage of a delivery, every kind of input, what is done and decided, what comes
//! next.
//!
//! The snapshot beside this file is the table; a change of behaviour is a changed line in it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::{Delivery, DnsMemory, Input, Resources, Stage, Walk};
use crate::Draw;
use crate::config::{Files, Host, MainCf, Release, Settings};
use crate::connection::moves::{engine, mail};
use crate::connection::{self, Env, Idle, Proxy};
use crate::dns::{Answer, Data, LookupFault, Records};
use crate::event::Event;
use crate::fault::NetworkFault;
use crate::outbox::{Outbox, Output};
use crate::policy::Level;
use crate::policy_table::Tables;
use crate::sasl::Failures;
use crate::time::Now;
use crate::tls::{Engine, SessionCache, TermsKnown};

/// A place in the table: what is in main.cf besides [`BASE`], and the inputs that lead to it.
struct Place {
    title: &'static str,
    main_cf: &'static str,
    way: &'static [&'static str],
}

const BASE: &str = "inet_protocols = ipv4\nsmtp_dns_support_level = dnssec\ndnssec_probe =\n";
const MAY: &str = "smtp_tls_security_level = may";
const ENCRYPT: &str = "smtp_tls_security_level = encrypt";
const DANE: &str = "smtp_tls_security_level = dane";
const KEEPS: &str = "smtp_tls_security_level = dane\n\
    smtp_connection_cache_destinations = example.test";
const REPORTS: &str = "smtp_tls_security_level = may\nsmtp_tlsrpt_enable = yes\n\
    smtp_tlsrpt_socket_name = run/tlsrpt.sock";
const RELAY: &str = "smtp_tls_security_level = may\nsmtp_fallback_relay = [relay.test]";

/// In a transaction, up to the reply to MAIL.
const IN_TRANSACTION: &[&str] = &["mx 1", "a", "connected", "220", "250"];
/// The same with the first of two.
const IN_FIRST_TRANSACTION: &[&str] = &["mx 2", "a", "a", "connected", "220", "250"];
/// Kept behind a first message, and found for the second.
const ON_KEPT: &[&str] = &[
    "mx 1",
    "a",
    "denied",
    "connected",
    "220",
    "250",
    "250",
    "250",
    "354",
    "250",
    "again",
    "mx 1",
    "a",
];

/// The one that was kept is closed, so the first of two servers gets a new one.
const ANEW: &[&str] = &[
    "mx 2",
    "a",
    "a",
    "denied",
    "connected",
    "220",
    "250",
    "250",
    "250",
    "354",
    "250",
    "again",
    "mx 2",
    "a",
    "a",
    "closed",
];

const PLACES: [Place; 20] = [
    place("asked for reports", REPORTS, &[]),
    place("looking up MX", MAY, &[]),
    place("looking up the first of two hosts", MAY, &["mx 2"]),
    place(
        "looking up the last host, one is found",
        MAY,
        &["mx 2", "a"],
    ),
    place("looking up the only host", MAY, &["mx 1"]),
    place("looking up MX, with a fallback relay", RELAY, &[]),
    place("looking up TLSA records", DANE, &["mx 1", "a"]),
    place(
        "looking up TLSA records, with connections that stay open",
        KEEPS,
        &["mx 1", "a"],
    ),
    place("connecting to the first of two", MAY, &["mx 2", "a", "a"]),
    place("connecting to the last", MAY, &["mx 1", "a"]),
    place(
        "connecting to the last, with a fallback relay",
        RELAY,
        &["mx 1", "a"],
    ),
    place(
        "waiting for the greeting of the first of two",
        MAY,
        &["mx 2", "a", "a", "connected"],
    ),
    place(
        "waiting for the greeting of the last",
        MAY,
        &["mx 1", "a", "connected"],
    ),
    place(
        "in a transaction with the first of two",
        MAY,
        IN_FIRST_TRANSACTION,
    ),
    place("in a transaction with the last", MAY, IN_TRANSACTION),
    place(
        "in the handshake, level may",
        MAY,
        &["mx 1", "a", "connected", "220", "250 STARTTLS", "220"],
    ),
    place(
        "in the handshake, level encrypt",
        ENCRYPT,
        &["mx 1", "a", "connected", "220", "250 STARTTLS", "220"],
    ),
    place(
        "in cleartext after the handshake failed",
        MAY,
        &[
            "mx 1",
            "a",
            "connected",
            "220",
            "250 STARTTLS",
            "220",
            "550",
        ],
    ),
    place("on a connection that stayed open", KEEPS, ON_KEPT),
    place("connecting anew to the first of two", KEEPS, ANEW),
];

const fn place(title: &'static str, main_cf: &'static str, way: &'static [&'static str]) -> Place {
    Place {
        title,
        main_cf,
        way,
    }
}

/// What may come: an answer of the resolver, news of a connection, a reply.
const INPUTS: [&str; 15] = [
    "mx 1",
    "mx 2",
    "a",
    "denied",
    "no such name",
    "no answer",
    "connected",
    "refused",
    "timeout",
    "closed",
    "reset",
    "220",
    "250",
    "421",
    "550",
];

/// Draws the lowest number each time.
struct Lowest;

impl Draw for Lowest {
    fn below(&mut self, _: u32) -> u32 {
        0
    }
}

struct Sender {
    delivery: Delivery,
    settings: Settings,
    engine: Arc<Engine>,
    sessions: SessionCache,
    idle: Idle,
    memory: DnsMemory,
    query: u32,
    connection: u32,
}

impl Sender {
    fn new(main_cf: &str) -> Self {
        let main_cf = MainCf::parse("main.cf", &format!("{BASE}{main_cf}\n"));
        let host = Host::named("mail.client.example");
        let (settings, _) = Settings::from_main_cf(&main_cf, Release::V3_12, &host).unwrap();
        let mut sender = Sender {
            delivery: Delivery::new(mail(Level::None), "".into()),
            settings,
            engine: engine(),
            sessions: SessionCache::new(),
            idle: Idle::default(),
            memory: DnsMemory::default(),
            query: 0,
            connection: 0,
        };
        sender.start();
        sender
    }

    fn start(&mut self) -> Vec<Output> {
        let mut mail = mail(Level::None);
        // Old enough for cleartext where TLS fails.
        mail.age = Duration::from_hours(1);
        self.delivery = Delivery::new(mail, "example.test".into());
        self.act(Delivery::start)
    }

    fn act(
        &mut self,
        act: impl FnOnce(&mut Delivery, &mut Env<'_>, &mut Resources<'_>),
    ) -> Vec<Output> {
        let mut out = Outbox::default();
        let mut env = Env {
            now: Now::default(),
            service: &"smtp".into(),
            settings: &self.settings,
            engine: Some(&self.engine),
            sessions: &self.sessions,
            tables: &Tables::default(),
            proxy: &mut Proxy::new(self.settings.process),
            files: &Files::default(),
            terms: &mut TermsKnown::default(),
            refused: &mut Failures::default(),
            draw: &mut Lowest,
            out: &mut out,
        };
        let mut resources = Resources {
            next_query: &mut self.query,
            next_connection: &mut self.connection,
            memory: &mut self.memory,
            idle: &mut self.idle,
        };
        act(&mut self.delivery, &mut env, &mut resources);
        out.queue.into()
    }

    fn feed(&mut self, word: &str) -> Vec<Output> {
        if word == "again" {
            return self.start();
        }
        let bytes = match word {
            "250 STARTTLS" => "250-mx\r\n250 STARTTLS\r\n".to_owned(),
            code => format!("{code} ok\r\n"),
        };
        let mx = |preference, host: &str| Data::Mx {
            preference,
            exchange: host.into(),
        };
        let input = match word {
            "mx 1" => found(vec![mx(1, "mx1.test")]),
            "mx 2" => found(vec![mx(1, "mx1.test"), mx(2, "mx2.test")]),
            "a" => found(vec![Data::A([192, 0, 2, 1].into())]),
            "denied" => lost(LookupFault::NoData),
            "no such name" => lost(LookupFault::NoSuchName),
            "no answer" => lost(LookupFault::ServerFailure),
            "connected" => Input::Connected,
            "refused" => Input::ConnectFailed(NetworkFault::Refused),
            "timeout" => Input::Timeout,
            "closed" => Input::Dialogue(connection::Input::Closed),
            "reset" => Input::Dialogue(connection::Input::Reset),
            _ => Input::Dialogue(connection::Input::Received(bytes.as_bytes())),
        };
        self.act(|delivery, env, resources| delivery.handle(input, env, resources))
    }

    fn stage(&self) -> String {
        let at = |walk: &Walk| format!("{}, {:?}", walk.place + 1, walk.way);
        match &self.delivery.stage {
            Stage::ReportPolicy { .. } => "ReportPolicy".to_owned(),
            Stage::Lookup(_) => "Lookup".to_owned(),
            Stage::Tlsa { then, .. } => format!("Tlsa, {then:?}"),
            Stage::Connecting { walk, .. } => format!("Connecting {}", at(walk)),
            Stage::Talking { walk, .. } => format!("Talking {}", at(walk)),
            Stage::Over => "Over".to_owned(),
        }
    }
}

fn found(data: Vec<Data>) -> Input<'static> {
    Input::Answer(Answer {
        found: Ok(Records {
            canonical: None,
            ttl: 60,
            data: data.into(),
        }),
        secure: true,
    })
}

fn lost(fault: LookupFault) -> Input<'static> {
    Input::Answer(Answer {
        found: Err(fault),
        secure: true,
    })
}

/// An output as the table shows it.
fn shown(output: &Output) -> Option<String> {
    match output {
        Output::Resolve { question, .. } => Some(format!("{question}?")),
        Output::Connect { connection, .. } => Some(format!("connect {connection}")),
        Output::Send { connection, .. } => Some(format!("send {connection}")),
        Output::Close { connection } => Some(format!("close {connection}")),
        Output::Event(event) => decided(event),
        Output::WakeAt(_) | Output::Secret { .. } => None,
    }
}

fn decided(event: &Event) -> Option<String> {
    let rule = event.rule().map(|rule| rule.name().to_owned());
    let outcome = event.outcome();
    rule.or_else(|| outcome.map(|outcome| format!("{} {}", outcome.status, outcome.dsn)))
}

/// The stage at a place, and where an input leads from there.
fn moved(place: &Place, input: &str) -> (String, String) {
    let mut sender = Sender::new(place.main_cf);
    for word in place.way {
        sender.feed(word);
    }
    let before = sender.stage();
    let outputs = sender.feed(input);
    let shown: Vec<String> = outputs.iter().filter_map(shown).collect();
    let after = sender.stage();
    if after == before && shown.is_empty() {
        return (before, "nothing".to_owned());
    }
    let to = format!("{after:<24} {}", shown.join(", "));
    (before, to.trim_end().to_owned())
}

/// The rows of a place; inputs that lead to the same stand together.
fn rows(place: &Place) -> String {
    let mut rows: Vec<(Vec<&str>, String)> = Vec::new();
    let mut stage = String::new();
    for input in INPUTS {
        let (before, to) = moved(place, input);
        stage = before;
        match rows.iter_mut().find(|(_, known)| *known == to) {
            Some((inputs, _)) => inputs.push(input),
            None => rows.push((vec![input], to)),
        }
    }
    let mut text = format!("{}: {stage}\n", place.title);
    for (inputs, to) in rows {
        writeln!(text, "  {}\n    -> {to}", inputs.join(", ")).unwrap();
    }
    text
}

#[test]
fn table_of_moves() {
    let table: Vec<String> = PLACES.iter().map(rows).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn a_fallback_relay_is_not_the_first_destination_whatever_failed_before_it() {
    let refused: &[&str] = &["mx 1", "a", "refused", "a", "connected"];
    let greeted: &[&str] = &["mx 1", "a", "connected", "421", "a", "connected"];
    for way in [refused, greeted] {
        let mut sender = Sender::new(RELAY);
        for word in way {
            sender.feed(word);
        }
        assert_eq!(sender.stage(), "Talking 1, Any");
        assert_eq!(&*sender.delivery.nexthop, "[relay.test]");
        assert!(!sender.delivery.next_hops.is_first(), "{way:?}");
    }
}
