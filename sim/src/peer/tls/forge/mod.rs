//! Handshakes that no engine makes: rustls speaks, and what it says is changed on its way out.
//!
//! The engine tells its traffic secrets (as for SSLKEYLOGFILE), so protected records can be opened, changed and sealed
//! anew. What is changed within the handshake makes the client give up, because its transcript is another than the
//! server's; what comes behind the handshake, tickets and key updates, is in no transcript and may be changed at will.

mod canned;
mod message;
mod protection;

use std::sync::{Arc, Mutex, PoisonError};

use rustls::KeyLog;

use super::TicketAges;
use crate::peer::spec::Forgery;
pub(crate) use canned::{hello_retry, old_server_hello};
use message::ServerHello;
use protection::Protection;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const HEADER: usize = 5;
/// The level of an alert behind which there is nothing (RFC 8446 §6).
const FATAL: u8 = 2;

/// What is to be changed on a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// In the handshake.
    pub(crate) forgery: Option<Forgery>,
    /// Tickets wait until they are asked for.
    pub(crate) holds_tickets: bool,
    /// Tickets allow so many bytes of early data.
    pub(crate) early_data: Option<u32>,
    /// Something of the peer's own is said behind the handshake, an alert or key updates, or tickets are so long that
    /// each has records of its own.
    pub(crate) speaks: bool,
}

impl Changes {
    /// Whether there is nothing to change.
    pub(crate) fn are_none(&self) -> bool {
        *self == Changes::default()
    }
}

/// Stands between the engine and the wire of one connection.
pub(crate) struct Forger {
    changes: Changes,
    ages: Option<Arc<TicketAges>>,
    secrets: Arc<Secrets>,
    stage: Stage,
    /// Handshake bytes of the engine that are no whole message yet.
    fragment: Vec<u8>,
    /// Whether the server's first flight ends a TLS 1.2 handshake.
    resumes_tls12: bool,
    /// Tickets that wait.
    held: Vec<Vec<u8>>,
}

/// What protects the engine's records, and what protects those that go out instead.
enum Stage {
    /// Nothing yet.
    Clear,
    /// TLS 1.2: nothing until ChangeCipherSpec, and after it records pass as they are.
    Tls12 {
        sealed: bool,
    },
    Tls13(Box<Pair>),
    /// An alert has ended it: nothing more goes out.
    Ended,
}

struct Pair {
    suite: u16,
    theirs: Protection,
    ours: Protection,
}

impl Forger {
    pub(crate) fn new(changes: Changes, ages: Option<Arc<TicketAges>>) -> Forger {
        Forger {
            changes,
            ages,
            secrets: Arc::default(),
            stage: Stage::Clear,
            fragment: Vec::new(),
            resumes_tls12: false,
            held: Vec::new(),
        }
    }

    /// Where the engine tells its secrets.
    pub(crate) fn key_log(&self) -> Arc<dyn KeyLog> {
        self.secrets.clone()
    }

    /// Takes what the engine sends; appends what goes out.
    pub(crate) fn pass(&mut self, mut records: &[u8], out: &mut Vec<u8>) {
        // ChangeCipherSpec comes in a first flight of TLS 1.2 only if a session is resumed (RFC 5246 §7.3); in one of
        // TLS 1.3 it means nothing.
        let mut flight = records;
        while let Some((record, rest)) = split_record(flight) {
            flight = rest;
            self.resumes_tls12 |= record.first() == Some(&CHANGE_CIPHER_SPEC);
        }
        while let Some((record, rest)) = split_record(records) {
            records = rest;
            self.record(record, out);
        }
    }

    fn record(&mut self, record: &[u8], out: &mut Vec<u8>) {
        let kind = record.first().copied().unwrap_or_default();
        match &mut self.stage {
            Stage::Ended => {}
            Stage::Tls13(pair) if kind == APPLICATION_DATA => {
                let opened = pair.theirs.open(record);
                match opened {
                    Some((HANDSHAKE, content)) => self.handshake(&content, out),
                    Some((kind, content)) => pair.ours.seal(kind, &content, out),
                    None => out.extend_from_slice(record),
                }
            }
            Stage::Tls12 { sealed } if kind == CHANGE_CIPHER_SPEC => {
                *sealed = true;
                out.extend_from_slice(record);
            }
            Stage::Tls12 { sealed: true } if kind == HANDSHAKE => {
                let from = out.len();
                out.extend_from_slice(record);
                // The client cannot open it: what it sees is a bad record.
                if self.changes.forgery == Some(Forgery::Finished)
                    && let Some(last) = out.get_mut(from..).and_then(<[u8]>::last_mut)
                {
                    *last ^= 1;
                }
            }
            Stage::Clear | Stage::Tls12 { sealed: false } if kind == HANDSHAKE => {
                self.handshake(record.get(HEADER..).unwrap_or_default(), out);
            }
            Stage::Clear | Stage::Tls12 { .. } | Stage::Tls13(_) => out.extend_from_slice(record),
        }
    }

    /// Takes handshake bytes, in the clear or opened.
    fn handshake(&mut self, content: &[u8], out: &mut Vec<u8>) {
        self.fragment.extend_from_slice(content);
        let fragment = std::mem::take(&mut self.fragment);
        let mut rest = fragment.as_slice();
        let mut changed: Vec<u8> = Vec::new();
        while let Some((message, after)) = message::first(rest) {
            rest = after;
            let kind = message.first().copied().unwrap_or_default();
            if let Some(message) = self.change(kind, message) {
                changed.extend_from_slice(&message);
            }
            // Keys change behind the first three; a ticket has records of its own, so that a client with room for one
            // long message is not given two at once.
            if matches!(
                kind,
                message::SERVER_HELLO
                    | message::FINISHED
                    | message::KEY_UPDATE
                    | message::NEW_SESSION_TICKET
            ) {
                self.send(&std::mem::take(&mut changed), out);
                self.move_on(kind, message, out);
            }
            if matches!(self.stage, Stage::Ended) {
                return;
            }
        }
        self.fragment = rest.to_vec();
        self.send(&changed, out);
    }

    /// Sends handshake messages as the stage asks.
    fn send(&mut self, messages: &[u8], out: &mut Vec<u8>) {
        if messages.is_empty() {
            return;
        }
        match &mut self.stage {
            Stage::Clear | Stage::Tls12 { .. } => clear_records(HANDSHAKE, messages, out),
            Stage::Tls13(pair) => pair.ours.seal(HANDSHAKE, messages, out),
            Stage::Ended => {}
        }
    }

    /// What a message becomes; none if it goes out later.
    fn change(&mut self, kind: u8, message: &[u8]) -> Option<Vec<u8>> {
        let forgery = self.changes.forgery;
        let changed = match kind {
            message::SERVER_HELLO => self.server_hello(message),
            message::ENCRYPTED_EXTENSIONS if forgery == Some(Forgery::UnsolicitedAlpn) => {
                message::with_alpn(message)
            }
            // The signature stands at the end of both.
            message::CERTIFICATE_VERIFY | message::SERVER_KEY_EXCHANGE
                if forgery == Some(Forgery::CertificateVerify) =>
            {
                Some(with_last_byte_changed(message))
            }
            message::FINISHED if forgery == Some(Forgery::Finished) => {
                Some(with_last_byte_changed(message))
            }
            message::NEW_SESSION_TICKET if matches!(self.stage, Stage::Tls13(_)) => {
                return self.ticket(message);
            }
            _ => None,
        };
        Some(changed.unwrap_or_else(|| message.to_vec()))
    }

    fn server_hello(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut hello = ServerHello::read(message).filter(|hello| !hello.is_retry())?;
        match self.changes.forgery? {
            Forgery::DowngradeSentinel if !hello.is_tls13() => hello.sentinel(),
            Forgery::UnsolicitedAlpn if !hello.is_tls13() => hello.add_alpn(),
            Forgery::OtherHash if hello.takes_psk() => hello.other_hash(),
            Forgery::PskIndex if hello.takes_psk() => hello.bad_psk_index(7),
            Forgery::PskWithoutKeyShare if hello.takes_psk() => hello.without_key_share(),
            Forgery::WithoutEms if self.resumes_tls12 => hello.without_extended_master_secret(),
            Forgery::DowngradeSentinel
            | Forgery::UnsolicitedAlpn
            | Forgery::OtherHash
            | Forgery::PskIndex
            | Forgery::PskWithoutKeyShare
            | Forgery::WithoutEms
            | Forgery::CertificateVerify
            | Forgery::Finished
            | Forgery::Alert(..) => return None,
        }
        Some(hello.write())
    }

    fn ticket(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let changed = self
            .changes
            .early_data
            .and_then(|octets| message::with_early_data(message, octets))
            .unwrap_or_else(|| message.to_vec());
        if let Some(ages) = &self.ages
            && let Some((ticket, added)) = message::ticket_and_age(&changed)
        {
            ages.note(ticket, added);
        }
        if self.changes.holds_tickets {
            self.held.push(changed);
            return None;
        }
        Some(changed)
    }

    /// Keys change behind these messages.
    fn move_on(&mut self, kind: u8, message: &[u8], out: &mut Vec<u8>) {
        match (kind, &mut self.stage) {
            (message::SERVER_HELLO, Stage::Clear) => {
                let Some(hello) = ServerHello::read(message).filter(|hello| !hello.is_retry())
                else {
                    return;
                };
                self.stage = if hello.is_tls13() {
                    match self.pair(hello.suite, "SERVER_HANDSHAKE_TRAFFIC_SECRET") {
                        Some(pair) => Stage::Tls13(Box::new(pair)),
                        None => Stage::Ended,
                    }
                } else {
                    Stage::Tls12 { sealed: false }
                };
                if let Some(Forgery::Alert(level, alert)) = self.changes.forgery {
                    self.say(ALERT, &[level, alert.0], out);
                    if level == FATAL {
                        self.stage = Stage::Ended;
                    }
                }
            }
            (message::FINISHED, Stage::Tls13(pair)) => {
                let suite = pair.suite;
                self.stage = match self.pair(suite, "SERVER_TRAFFIC_SECRET_0") {
                    Some(pair) => Stage::Tls13(Box::new(pair)),
                    None => Stage::Ended,
                };
            }
            (message::KEY_UPDATE, Stage::Tls13(pair)) => {
                let updated = pair.theirs.updated().zip(pair.ours.updated());
                if let Some((theirs, ours)) = updated {
                    pair.theirs = theirs;
                    pair.ours = ours;
                }
            }
            _ => {}
        }
    }

    fn pair(&self, suite: u16, label: &str) -> Option<Pair> {
        let secret = self.secrets.find(label)?;
        Some(Pair {
            suite,
            theirs: Protection::new(suite, &secret)?,
            ours: Protection::new(suite, &secret)?,
        })
    }

    /// Sends a record of its own, protected if records are.
    pub(crate) fn say(&mut self, kind: u8, content: &[u8], out: &mut Vec<u8>) {
        match &mut self.stage {
            Stage::Tls13(pair) => pair.ours.seal(kind, content, out),
            Stage::Clear | Stage::Tls12 { .. } => clear_records(kind, content, out),
            Stage::Ended => {}
        }
    }

    /// Sends a KeyUpdate that asks for one in return (RFC 8446 §4.6.3), so many times; at TLS 1.2 nothing.
    pub(crate) fn update_keys(&mut self, times: u32, out: &mut Vec<u8>) {
        let Stage::Tls13(pair) = &mut self.stage else {
            return;
        };
        for _ in 0..times {
            pair.ours
                .seal(HANDSHAKE, &message::message(message::KEY_UPDATE, &[1]), out);
            if let Some(updated) = pair.ours.updated() {
                pair.ours = updated;
            }
        }
    }

    /// Sends the tickets that wait.
    pub(crate) fn release_tickets(&mut self, out: &mut Vec<u8>) {
        self.changes.holds_tickets = false;
        for ticket in std::mem::take(&mut self.held) {
            self.send(&ticket, out);
        }
    }
}

fn with_last_byte_changed(message: &[u8]) -> Vec<u8> {
    let mut changed = message.to_vec();
    if let Some(last) = changed.last_mut() {
        *last ^= 1;
    }
    changed
}

/// The first record of `bytes`, if it is whole, and what follows.
fn split_record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [_, _, _, high, low, ..] = *bytes else {
        return None;
    };
    bytes.split_at_checked(HEADER + usize::from(u16::from_be_bytes([high, low])))
}

/// Appends content as records without protection.
pub(crate) fn clear_records(kind: u8, content: &[u8], out: &mut Vec<u8>) {
    for fragment in content.chunks(1 << 14) {
        let [high, low] = u16::try_from(fragment.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes();
        out.extend_from_slice(&[kind, 3, 3, high, low]);
        out.extend_from_slice(fragment);
    }
}

/// The secrets of one connection, as the engine tells them.
#[derive(Debug, Default)]
struct Secrets(Mutex<Vec<(String, Vec<u8>)>>);

impl Secrets {
    fn find(&self, label: &str) -> Option<Vec<u8>> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = told.iter().rev().find(|(known, _)| known == label);
        found.map(|(_, secret)| secret.clone())
    }
}

impl KeyLog for Secrets {
    fn log(&self, label: &str, _: &[u8], secret: &[u8]) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.push((label.to_owned(), secret.to_vec()));
    }

    fn will_log(&self, label: &str) -> bool {
        label.starts_with("SERVER_")
    }
}
