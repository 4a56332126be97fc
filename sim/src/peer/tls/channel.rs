//! TLS bytes in, plain text out: rustls, fed one record at a time so that slices change nothing.

use std::io::{Read, Write};
use std::sync::Arc;

use mta_core::tls::SecretLog;
use rustls::{HandshakeKind, KeyLog, ServerConfig, ServerConnection};

use super::TicketAges;
use super::forge::{Changes, Forger, clear_records};
use super::lacking::hide;
use crate::crypto::scope;
use crate::peer::spec::Lack;
use crate::seed::Stream;

/// The bytes of a record header, RFC 8446 §5.1.
const HEADER: usize = 5;
/// An alert record, RFC 8446 §5.1.
const ALERT: u8 = 21;
/// No record is longer: RFC 8446 §5.2, and 2048 instead of 256 bytes of expansion for TLS 1.2.
const RECORD_MAX: usize = HEADER + (1 << 14) + 2048;

/// The peer's end of TLS on one connection.
pub(crate) struct Channel {
    engine: Option<Box<ServerConnection>>,
    /// The stream that this connection's randomness comes from, in scope whenever the engine works.
    stream: Option<Box<Stream>>,
    /// The record that is not yet whole.
    record: Vec<u8>,
    answer: Answer,
    /// What changes the engine's words, if anything does.
    forger: Option<Box<Forger>>,
    /// Answers to ClientHellos that the engine had no part in.
    by_hand: u32,
}

/// How far the server's first flight has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Owed,
    Sent,
    /// The client's second flight has begun.
    Taken,
}

/// What one record brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Handshaking,
    /// The handshake is complete, or has been for long.
    Up,
}

/// What is known once the handshake is complete.
pub(crate) struct Established {
    pub(crate) version: Option<rustls::ProtocolVersion>,
    pub(crate) suite: Option<rustls::CipherSuite>,
    pub(crate) resumed: bool,
}

impl Channel {
    pub(crate) fn new(stream: Stream) -> Channel {
        Channel {
            engine: None,
            stream: Some(Box::new(stream)),
            record: Vec::new(),
            answer: Answer::Owed,
            forger: None,
            by_hand: 0,
        }
    }

    /// Whether this is the server's first flight: true once.
    pub(crate) fn first_answer(&mut self) -> bool {
        let first = self.answer == Answer::Owed;
        if first {
            self.answer = Answer::Sent;
        }
        first
    }

    /// Whether the client's next bytes are its second flight: true once.
    pub(crate) fn has_answered(&mut self) -> bool {
        let answered = self.answer == Answer::Sent;
        if answered {
            self.answer = Answer::Taken;
        }
        answered
    }

    /// Whether the ClientHello is still awaited.
    pub(crate) fn awaits_hello(&self) -> bool {
        self.engine.is_none()
    }

    /// Takes bytes up to the end of a record. Once it is whole it stands in [`Channel::record`].
    ///
    /// What does not begin like a record is not waited for: the engine has to see it and refuse.
    pub(crate) fn collect(&mut self, bytes: &mut &[u8]) -> bool {
        loop {
            let wanted = match *self.record.as_slice() {
                [20..=24, _, _, high, low, ..] => {
                    HEADER + usize::from(u16::from_be_bytes([high, low]))
                }
                [_, _, _, _, _, ..] => return true,
                _ => HEADER,
            };
            if wanted > RECORD_MAX {
                return true;
            }
            if self.record.len() >= wanted && wanted > HEADER {
                return true;
            }
            let missing = wanted.saturating_sub(self.record.len());
            if missing == 0 {
                // An empty record: a header and nothing else.
                return true;
            }
            let (taken, rest) = bytes.split_at(missing.min(bytes.len()));
            if taken.is_empty() {
                return false;
            }
            self.record.extend_from_slice(taken);
            *bytes = rest;
        }
    }

    /// The record that [`Channel::collect`] has put together.
    pub(crate) fn record(&self) -> &[u8] {
        &self.record
    }

    /// Sets the engine up. A failure is the harness's, not the client's: a configuration that rustls refuses.
    pub(crate) fn begin(
        &mut self,
        mut config: Arc<ServerConfig>,
        changes: Changes,
        ages: Option<Arc<TicketAges>>,
        secrets: Option<Arc<SecretLog>>,
    ) -> Result<(), rustls::Error> {
        let mut logs: Vec<Arc<dyn KeyLog>> = Vec::new();
        if !changes.are_none() || ages.is_some() {
            let forger = Forger::new(changes, ages);
            logs.push(forger.key_log());
            self.forger = Some(Box::new(forger));
        }
        if let Some(log) = secrets {
            logs.push(log);
        }
        if !logs.is_empty() {
            let mut own = ServerConfig::clone(&config);
            own.key_log = Arc::new(All(logs));
            config = Arc::new(own);
        }
        let engine = scope(&mut self.stream, || ServerConnection::new(config))?;
        self.engine = Some(Box::new(engine));
        Ok(())
    }

    /// Gives the collected record to the engine; appends what it reads to `plain`, what it answers to `out`.
    pub(crate) fn process(
        &mut self,
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<Progress, rustls::Error> {
        let Channel {
            engine,
            stream,
            record,
            ..
        } = self;
        let Some(engine) = engine.as_deref_mut() else {
            record.clear();
            return Ok(Progress::Handshaking);
        };
        let result = scope(stream, || {
            let mut input = record.as_slice();
            while !input.is_empty() {
                match engine.read_tls(&mut input) {
                    Ok(0) | Err(_) => {
                        return Err(rustls::Error::General("record not taken".to_owned()));
                    }
                    Ok(_) => {}
                }
                let state = engine.process_new_packets()?;
                let bytes = state.plaintext_bytes_to_read();
                if bytes > 0 {
                    let before = plain.len();
                    plain.resize(before + bytes, 0);
                    let fresh = plain.get_mut(before..).unwrap_or_default();
                    if engine.reader().read_exact(fresh).is_err() {
                        plain.truncate(before);
                    }
                }
            }
            Ok(())
        });
        record.clear();
        // Also after an error: the alert.
        self.flush(out);
        result?;
        let up = self
            .engine
            .as_deref()
            .is_some_and(|engine| !engine.is_handshaking());
        Ok(if up {
            Progress::Up
        } else {
            Progress::Handshaking
        })
    }

    /// Seals `plain` into records.
    pub(crate) fn seal(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        if let Some(engine) = self.engine.as_deref_mut() {
            let forger = &mut self.forger;
            let mut rest = plain;
            scope(&mut self.stream, || {
                while !rest.is_empty() {
                    match engine.writer().write(rest) {
                        Ok(0) | Err(_) => return,
                        Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
                    }
                    drain(engine, forger, out);
                }
            });
        }
    }

    /// Notes that a ClientHello was answered without the engine; how often that was.
    pub(crate) fn answered_by_hand(&mut self) -> u32 {
        self.by_hand += 1;
        self.by_hand
    }

    /// How often a ClientHello was answered without the engine.
    pub(crate) const fn by_hand(&self) -> u32 {
        self.by_hand
    }

    /// Hides from the engine what the server lacks, in a collected ClientHello.
    pub(crate) fn hide(&mut self, lacks: &[Lack]) {
        hide(&mut self.record, lacks);
    }

    /// Throws the collected record away.
    pub(crate) fn skip(&mut self) {
        self.record.clear();
    }

    /// Bytes from this connection's stream.
    pub(crate) fn random(&mut self) -> [u8; 32] {
        self.stream
            .as_mut()
            .map_or([0; 32], |stream| stream.bytes())
    }

    /// Sends an alert of its own, protected if records are. Without a forger it goes out in the clear.
    pub(crate) fn alert(&mut self, level: u8, number: u8, out: &mut Vec<u8>) {
        match &mut self.forger {
            Some(forger) => forger.say(ALERT, &[level, number], out),
            None => clear_records(ALERT, &[level, number], out),
        }
    }

    /// Sends so many KeyUpdates.
    pub(crate) fn update_keys(&mut self, times: u32, out: &mut Vec<u8>) {
        if let Some(forger) = &mut self.forger {
            forger.update_keys(times, out);
        }
    }

    /// Sends the tickets that were held back.
    pub(crate) fn release_tickets(&mut self, out: &mut Vec<u8>) {
        if let Some(forger) = &mut self.forger {
            forger.release_tickets(out);
        }
    }

    /// Says close_notify.
    pub(crate) fn close(&mut self, out: &mut Vec<u8>) {
        if let Some(engine) = self.engine.as_deref_mut() {
            engine.send_close_notify();
        }
        self.flush(out);
    }

    pub(crate) fn established(&self) -> Option<Established> {
        let engine = self
            .engine
            .as_deref()
            .filter(|engine| !engine.is_handshaking())?;
        Some(Established {
            version: engine.protocol_version(),
            suite: engine.negotiated_cipher_suite().map(|suite| suite.suite()),
            resumed: engine.handshake_kind() == Some(HandshakeKind::Resumed),
        })
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        if let Some(engine) = self.engine.as_deref_mut() {
            let forger = &mut self.forger;
            scope(&mut self.stream, || drain(engine, forger, out));
        }
    }
}

fn drain(engine: &mut ServerConnection, forger: &mut Option<Box<Forger>>, out: &mut Vec<u8>) {
    let from = out.len();
    // Writing to a vector cannot fail.
    while engine.wants_write() && engine.write_tls(out).is_ok() {}
    if let Some(forger) = forger {
        let records = out.split_off(from);
        forger.pass(&records, out);
    }
}

/// Everybody who wants the secrets of a connection.
#[derive(Debug)]
struct All(Vec<Arc<dyn KeyLog>>);

impl KeyLog for All {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        for log in self.0.iter().filter(|log| log.will_log(label)) {
            log.log(label, client_random, secret);
        }
    }

    fn will_log(&self, label: &str) -> bool {
        self.0.iter().any(|log| log.will_log(label))
    }
}
