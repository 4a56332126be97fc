//! What a peer saw of a connection, as data: commands, the handshake, messages, the end.

use std::borrow::Cow;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::tls::{Hello, TicketOffer};

/// Commands kept of one connection, inside TLS and outside; later ones are only counted. Ours: a run that
/// sends more on one connection is a flood, not a delivery.
pub(crate) const SEEN_COMMANDS_MAX: usize = 4096;
/// Messages kept of one connection; later ones are only counted.
pub(crate) const SEEN_MESSAGES_MAX: usize = 1024;
/// Recipients kept of one message: as many as the peer accepts.
pub(crate) const RECIPIENTS_MAX: u32 = 1000;

/// What a peer notes of the connections that it accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Observe {
    /// Nothing.
    #[default]
    Nothing,
    /// Commands and handshakes, and messages by their digests.
    Digests,
    /// The texts of messages too.
    Texts,
}

/// What a peer saw of one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Who saw it: the peer's host and address, as `mx1.example.test 192.0.2.1`.
    pub peer: Arc<str>,
    /// The command lines outside TLS, without line ends; the end of a message text is `.`.
    pub plain: Vec<String>,
    /// The handshake, if a ClientHello came.
    pub tls: Option<SeenTls>,
    /// The command lines inside TLS.
    pub in_tls: Vec<String>,
    /// The messages that the peer accepted.
    pub messages: Vec<SeenMessage>,
    /// Commands and messages beyond the limits.
    pub uncounted: u64,
    /// How the connection ended.
    pub end: End,
}

/// What a peer saw of a handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenTls {
    /// The host name that the client asked for.
    pub sni: Option<String>,
    /// The versions that the client offered by extension, by their numbers (772 is TLS 1.3).
    pub offered_versions: Vec<u16>,
    /// Whether the client offered a TLS 1.3 ticket.
    pub psk: bool,
    /// What the client said about TLS 1.2 tickets.
    pub ticket: TicketOffer,
    /// The bytes of the session id in the ClientHello.
    pub session_id_bytes: usize,
    /// The version, once the handshake is complete: `TLSv1_3`.
    pub version: Option<&'static str>,
    /// The cipher suite, by rustls' name.
    pub suite: Option<&'static str>,
    /// Whether the session was resumed, once that is known.
    pub resumed: Option<bool>,
    /// Why the handshake, or a record after it, failed for the peer.
    pub error: Option<String>,
}

/// A message that a peer accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenMessage {
    /// The argument of MAIL, as it came.
    pub mail: String,
    /// The arguments of the RCPTs that were accepted, as they came.
    pub rcpts: Vec<String>,
    /// The bytes of the text, without dot stuffing and without the final dot.
    pub bytes: u64,
    /// SHA-256 of the text, without dot stuffing and without the final dot.
    pub digest: [u8; 32],
    /// Whether it came inside TLS.
    pub in_tls: bool,
    /// The text that the digest is of, if it was kept: [`Observe::Texts`].
    pub text: Option<Arc<[u8]>>,
}

impl Seen {
    /// The name of the peer's host.
    pub fn host(&self) -> &str {
        self.peer.split(' ').next().unwrap_or_default()
    }
}

impl SeenMessage {
    /// The text, header and body, if it was kept; what is no UTF-8 is replaced.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.text.as_deref().map(String::from_utf8_lossy)
    }
}

/// How a connection ended, as the peer sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// It has not.
    #[default]
    Open,
    /// The peer closed it.
    PeerClosed,
    /// The peer reset it.
    PeerReset,
    /// The client closed it first.
    ClientClosed,
    /// It was reset from the client's side.
    ClientReset,
}

/// Collects what is seen while the connection lasts.
pub(crate) struct Observer {
    pub(crate) seen: Seen,
    mail: String,
    rcpts: Vec<String>,
    text: SeenText,
}

impl Observer {
    /// An observer of a connection to this peer, unless nothing is to be observed.
    pub(crate) fn new(observe: Observe, peer: &Arc<str>) -> Option<Box<Observer>> {
        (observe != Observe::Nothing).then(|| {
            Box::new(Observer {
                seen: Seen {
                    peer: peer.clone(),
                    ..Seen::default()
                },
                mail: String::new(),
                rcpts: Vec::new(),
                text: SeenText::new(observe == Observe::Texts),
            })
        })
    }

    /// Something that logs the client in, where a command could have come.
    pub(crate) fn credentials(&mut self, in_tls: bool) {
        self.command(b"<credentials>", in_tls);
    }

    pub(crate) fn command(&mut self, line: &[u8], in_tls: bool) {
        let line = without_credentials(line);
        let lines = if in_tls {
            &mut self.seen.in_tls
        } else {
            &mut self.seen.plain
        };
        if lines.len() < SEEN_COMMANDS_MAX {
            lines.push(String::from_utf8_lossy(&line).into_owned());
        } else {
            self.seen.uncounted = self.seen.uncounted.saturating_add(1);
        }
    }

    pub(crate) fn hello(&mut self, hello: Option<&Hello<'_>>) {
        self.seen.tls = Some(hello.map_or_else(SeenTls::default, |hello| {
            SeenTls {
                sni: hello
                    .sni
                    .map(|name| String::from_utf8_lossy(name).into_owned()),
                offered_versions: hello.versions.clone(),
                psk: hello.psk_identity.is_some(),
                ticket: hello.ticket,
                session_id_bytes: hello.session_id.len(),
                ..SeenTls::default()
            }
        }));
    }

    pub(crate) fn mail(&mut self, line: &[u8]) {
        self.mail = argument(line);
        self.rcpts.clear();
        self.text = self.text.another();
    }

    pub(crate) fn rcpt(&mut self, line: &[u8]) {
        self.rcpts.push(argument(line));
    }

    /// Bytes of a text with dot stuffing, the final dot included.
    pub(crate) fn stuffed_text(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.text.stuffed(byte);
        }
    }

    /// Bytes of a BDAT chunk, which has no dot stuffing.
    pub(crate) fn chunk(&mut self, bytes: &[u8]) {
        self.text.plain(bytes);
    }

    pub(crate) fn accepted(&mut self, in_tls: bool) {
        let next = self.text.another();
        let text = std::mem::replace(&mut self.text, next);
        let message = SeenMessage {
            mail: std::mem::take(&mut self.mail),
            rcpts: std::mem::take(&mut self.rcpts),
            bytes: text.bytes,
            digest: text.hash.finalize().into(),
            in_tls,
            text: text.kept.map(Into::into),
        };
        if self.seen.messages.len() < SEEN_MESSAGES_MAX {
            self.seen.messages.push(message);
        } else {
            self.seen.uncounted = self.seen.uncounted.saturating_add(1);
        }
    }
}

/// The line, but for what logs the client in.
fn without_credentials(line: &[u8]) -> Cow<'_, [u8]> {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    match (words.next(), words.next(), words.next()) {
        (Some(auth), Some(mechanism), Some(_)) if auth.eq_ignore_ascii_case(b"AUTH") => {
            [auth, mechanism, b"<credentials>"].join(&b' ').into()
        }
        _ => line.into(),
    }
}

/// What stands behind `FROM:` or `TO:`; the whole line if there is no colon.
fn argument(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let argument = text
        .split_once(':')
        .map_or(text.as_ref(), |(_, argument)| argument);
    argument.trim().to_owned()
}

/// A text as it was before dot stuffing (RFC 5321 §4.5.2).
struct SeenText {
    hash: Sha256,
    bytes: u64,
    kept: Option<Vec<u8>>,
    place: Place,
}

/// Where in a line the last byte was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    LineStart,
    /// Behind a dot at the start of a line, which is either stuffing or the end.
    Dot,
    /// Behind that dot and a CR.
    DotCr,
    Inside,
    Cr,
}

impl SeenText {
    fn new(kept: bool) -> SeenText {
        SeenText {
            hash: Sha256::new(),
            bytes: 0,
            kept: kept.then(Vec::new),
            place: Place::default(),
        }
    }

    /// An empty one, kept as this one is.
    fn another(&self) -> SeenText {
        SeenText::new(self.kept.is_some())
    }

    fn plain(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(bytes);
        }
        self.bytes = self
            .bytes
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    fn stuffed(&mut self, byte: u8) {
        let next = match (self.place, byte) {
            (Place::LineStart, b'.') => {
                self.place = Place::Dot;
                return;
            }
            (Place::Dot, b'\r') => {
                self.place = Place::DotCr;
                return;
            }
            (Place::DotCr, b'\n') => {
                self.place = Place::LineStart;
                return;
            }
            (Place::Cr, b'\n') => Place::LineStart,
            (_, b'\r') => Place::Cr,
            (_, _) => Place::Inside,
        };
        if self.place == Place::DotCr {
            self.plain(b"\r");
        }
        self.place = next;
        self.plain(&[byte]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_logs_a_client_in_is_not_kept() {
        for (line, kept) in [
            ("AUTH PLAIN AGEAYg==", "AUTH PLAIN <credentials>"),
            ("auth PLAIN", "auth PLAIN"),
            (
                "MAIL FROM:<a@b.test> SIZE=1 X",
                "MAIL FROM:<a@b.test> SIZE=1 X",
            ),
        ] {
            assert_eq!(&*without_credentials(line.as_bytes()), kept.as_bytes());
        }
    }

    #[test]
    fn a_text_is_hashed_as_it_was_before_dot_stuffing() {
        for (sent, meant) in [
            (&b"a\r\n.\r\n"[..], &b"a\r\n"[..]),
            (b"..\r\n.\r\n", b".\r\n"),
            (b"a\r\n..b\r\n.\r\n", b"a\r\n.b\r\n"),
            (b".\rx\r\n.\r\n", b"\rx\r\n"),
            (b".\r\n", b""),
            (b"a\n.b\r\n.\r\n", b"a\n.b\r\n"),
        ] {
            let mut observer = Observer::new(Observe::Texts, &"mx.test".into()).unwrap();
            observer.stuffed_text(sent);
            observer.accepted(false);
            let message = &observer.seen.messages[0];
            let digest: [u8; 32] = Sha256::digest(meant).into();
            assert_eq!(message.digest, digest, "{sent:?}");
            assert_eq!(message.bytes, meant.len() as u64);
            assert_eq!(message.text.as_deref(), Some(meant));
        }
    }
}
