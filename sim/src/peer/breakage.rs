//! Ways to break a handshake, each without the engine or against it.

use super::connection::PeerConnection;
use super::spec::{Act, Alert, Forgery, Moment, TicketsSent};
use super::state::Line;
use super::tls::{Changes, Hello, clear_records, hello_retry, old_server_hello};

/// What a peer sends that is no TLS record.
const GARBAGE: &[u8] = b"\0this is no TLS record\0\r\n";
/// What a peer sends that has not understood that TLS has begun.
const PLAINTEXT_454: &[u8] = b"454 4.7.0 TLS not available due to local problem\r\n";
const WARNING: u8 = 1;
const FATAL: u8 = 2;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
/// More than a record may say that it is long in any version (RFC 5246 §6.2.3, RFC 8446 §5.2).
const TOO_LONG: u16 = 0x4801;
/// More empty records than anybody needs.
const EMPTY_RECORDS: usize = 100_000;
/// More new keys than anybody needs.
const KEY_UPDATES: u32 = 10_000;

impl PeerConnection {
    /// What is to be changed of the engine's words on this connection.
    pub(super) fn changes(&self) -> Changes {
        let forgery = self.fail.and_then(|fail| match (fail.moment, fail.act) {
            (_, Act::Forge(forgery)) => Some(forgery),
            (Moment::MidFlight, Act::FatalAlert(alert)) => Some(Forgery::Alert(FATAL, alert)),
            (Moment::MidFlight, Act::WarningAlert(alert)) => Some(Forgery::Alert(WARNING, alert)),
            _ => None,
        });
        let speaks = self.fail.is_some_and(|fail| {
            matches!(fail.moment, Moment::ClientFlight | Moment::AfterHandshake)
                && matches!(
                    fail.act,
                    Act::FatalAlert(_) | Act::WarningAlert(_) | Act::KeyUpdates
                )
        });
        Changes {
            forgery,
            holds_tickets: self.plan.conduct.tickets_sent != TicketsSent::AfterHandshake,
            early_data: self.plan.tls.as_ref().and_then(|tls| tls.early_data),
            speaks: speaks || self.plan.tls.as_ref().is_some_and(|tls| tls.long_tickets),
        }
    }

    /// A record of a client whose hello was answered without the engine: ChangeCipherSpec for the sake of middleboxes
    /// (RFC 8446 D.4), another hello, or an alert.
    pub(super) fn behind_an_answer_by_hand(&mut self) {
        const CHANGE_CIPHER_SPEC: u8 = 20;
        const HANDSHAKE: u8 = 22;
        let Some(channel) = self.line.handshaking() else {
            return;
        };
        let again = self
            .fail
            .is_some_and(|fail| fail.act == Act::HelloRetryTwice);
        match channel.record().first() {
            Some(&CHANGE_CIPHER_SPEC) => {}
            Some(&HANDSHAKE) if again && channel.by_hand() == 1 => self.retry(false),
            // It has nothing more to say.
            Some(&HANDSHAKE) => self.stall(),
            Some(_) | None => {
                self.line = Line::Plain;
                self.close();
            }
        }
        if let Some(channel) = self.line.handshaking() {
            channel.skip();
        }
    }

    /// Asks for another ClientHello.
    pub(super) fn retry(&mut self, same_group: bool) {
        let Some(channel) = self.line.handshaking() else {
            return;
        };
        if let Some(hello) = Hello::read(channel.record()) {
            hello_retry(&hello, same_group, &mut self.out.bytes);
        }
        channel.answered_by_hand();
    }

    pub(super) fn answer_with_version(&mut self, version: u16) {
        let Some(channel) = self.line.handshaking() else {
            return;
        };
        old_server_hello(version, channel.random(), &mut self.out.bytes);
        channel.answered_by_hand();
    }

    pub(super) fn perform(&mut self, act: Act) {
        match act {
            Act::Close => self.close(),
            Act::Reset => self.reset(),
            Act::Stall => self.stall(),
            Act::Garbage => {
                self.out.bytes.extend_from_slice(GARBAGE);
                if self
                    .fail
                    .is_none_or(|fail| fail.moment != Moment::BeforeHello)
                {
                    self.close();
                }
            }
            Act::Plaintext454 => {
                self.out.bytes.extend_from_slice(PLAINTEXT_454);
                self.close();
            }
            Act::FatalAlert(alert) => {
                self.alert(FATAL, alert);
                // A close_notify behind it would say that all is well.
                self.line = Line::Plain;
                self.close();
            }
            Act::WarningAlert(alert) => self.alert(WARNING, alert),
            Act::HelloRetryTwice => self.retry(false),
            Act::HelloRetrySameGroup => self.retry(true),
            Act::RecordOverflow => {
                self.out.bytes.extend_from_slice(&[HANDSHAKE, 3, 3]);
                self.out.bytes.extend_from_slice(&TOO_LONG.to_be_bytes());
                self.out
                    .bytes
                    .resize(self.out.bytes.len() + usize::from(TOO_LONG), 0);
                if let Some(channel) = self.line.handshaking() {
                    channel.answered_by_hand();
                }
            }
            Act::EmptyRecords => {
                for _ in 0..EMPTY_RECORDS {
                    self.out
                        .bytes
                        .extend_from_slice(&[APPLICATION_DATA, 3, 3, 0, 0]);
                }
            }
            Act::KeyUpdates => {
                if let Line::Tls { channel, .. } = &mut self.line {
                    channel.update_keys(KEY_UPDATES, &mut self.out.bytes);
                }
            }
            // Done to the flight itself, where it is.
            Act::Corrupt | Act::Forge(_) => {}
        }
    }

    /// Says an alert, protected as the line is.
    pub(super) fn alert(&mut self, level: u8, Alert(number): Alert) {
        let out = &mut self.out.bytes;
        match self.line.channel_mut() {
            Some(channel) => channel.alert(level, number, out),
            None => clear_records(ALERT, &[level, number], out),
        }
    }
}
