//! Rules of a peer: whatever is said and done, whenever.

use proptest::prelude::*;
use proptest::sample::select;

use crate::peer::{Command, Moment, Reply, Rule, Then};

fn command() -> impl Strategy<Value = Command> + Clone {
    select(Command::ALL.to_vec())
}

fn moment() -> impl Strategy<Value = Moment> + Clone {
    select(vec![
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

/// What a peer may say: a reply with arbitrary digits and text, whole or torn, several of them, or no text at all.
pub fn said() -> impl Strategy<Value = Vec<u8>> + Clone {
    prop_oneof![
        "[0-9]{3}[ -][ -~]{0,40}(\r\n|\n|)".prop_map(String::into_bytes),
        "(250-[A-Z0-9 ]{0,12}\r\n){0,6}[1-6][0-9]{2} [ -~]{0,20}\r\n".prop_map(String::into_bytes),
        "([245][0-9]{2}[ -]([245]\\.[0-9]\\.[0-9] )?[a-z]{0,8}\r\n){1,3}"
            .prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..300),
        (
            select(vec![0x14_u8, 0x15, 0x16, 0x17, 0x18]),
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

fn then() -> impl Strategy<Value = Option<Then>> + Clone {
    select(vec![
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

/// A rule that makes sense: for any command or moment, it says anything or nothing, and goes on or breaks off.
pub fn rule() -> impl Strategy<Value = Rule> + Clone {
    let trigger = prop_oneof![
        command().prop_map(Rule::command),
        moment().prop_map(Rule::moment)
    ];
    let reply = prop::option::of(said().prop_map(|bytes| Reply::bytes(&bytes)));
    let about = (prop::option::of(any::<bool>()), prop::option::of(1_u64..4));
    (trigger, reply, then(), about)
        .prop_map(|(mut rule, send, then, (in_tls, connection))| {
            rule.send = send;
            rule.then = then;
            rule.when.in_tls = in_tls;
            rule.when.connections.connection = connection;
            rule
        })
        .prop_filter("a rule makes sense", |rule| rule.check().is_ok())
}
