//! Bytes of a reply, ready but for what only the connection and the moment of sending know.

use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;

use mta_core::time::Now;

use crate::date::date_time;
use crate::peer::envelope::Envelope;
use crate::peer::spec::placeholder::{Piece, Placeholder, pieces};

/// The length of the opaque word that `{id}` stands for.
pub(crate) const ID_LEN: usize = 26;

/// What placeholders stand for on one connection.
pub(crate) struct Vars {
    /// The name of the host.
    pub(crate) host: Arc<str>,
    pub(crate) client: IpAddr,
    /// The connection's number, from 1.
    pub(crate) connection: u64,
    pub(crate) id: [u8; ID_LEN],
    pub(crate) envelope: Envelope,
}

/// Bytes with gaps.
#[derive(Default)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

enum Part {
    Bytes(Vec<u8>),
    /// What only the connection or the moment knows.
    Gap(Placeholder),
    /// This many letters.
    Pad(u32),
}

impl Template {
    pub(crate) fn of_bytes(bytes: &[u8]) -> Template {
        let parts = if bytes.is_empty() {
            Vec::new()
        } else {
            vec![Part::Bytes(bytes.to_vec())]
        };
        Template { parts }
    }

    /// Text with placeholders.
    pub(crate) fn of_text(text: &str) -> Template {
        let mut parts: Vec<Part> = Vec::new();
        for piece in pieces(text) {
            let bytes = match piece {
                Piece::Text(text) => text.as_bytes(),
                Piece::Placeholder(placeholder) => {
                    parts.push(Part::Gap(placeholder));
                    continue;
                }
            };
            match parts.last_mut() {
                Some(Part::Bytes(before)) => before.extend_from_slice(bytes),
                Some(Part::Gap(_) | Part::Pad(_)) | None => parts.push(Part::Bytes(bytes.to_vec())),
            }
        }
        Template { parts }
    }

    /// The same, with so many letters behind it.
    pub(crate) fn padded(mut self, letters: u32) -> Template {
        if letters > 0 {
            self.parts.push(Part::Pad(letters));
        }
        self
    }

    /// The same, with these bytes behind it.
    pub(crate) fn followed_by(mut self, text: &str) -> Template {
        self.parts.push(Part::Bytes(text.as_bytes().to_vec()));
        self
    }

    pub(crate) fn render(&self, vars: &Vars, now: Now, out: &mut Vec<u8>) {
        let Vars { envelope, .. } = vars;
        for part in &self.parts {
            let gap = match part {
                Part::Bytes(bytes) => {
                    out.extend_from_slice(bytes);
                    continue;
                }
                Part::Pad(letters) => {
                    let letters = usize::try_from(*letters).unwrap_or(0);
                    out.resize(out.len().saturating_add(letters), b'a');
                    continue;
                }
                Part::Gap(placeholder) => placeholder,
            };
            let text = |text: &Option<String>, out: &mut Vec<u8>| {
                out.extend_from_slice(text.as_deref().unwrap_or_default().as_bytes());
            };
            // Writing to a vector cannot fail.
            match gap {
                Placeholder::Host => out.extend_from_slice(vars.host.as_bytes()),
                Placeholder::Id => out.extend_from_slice(&vars.id),
                Placeholder::Client => drop(write!(out, "{}", vars.client)),
                Placeholder::Epoch => drop(write!(out, "{}", now.wall.0)),
                Placeholder::Date => out.extend_from_slice(date_time(now.wall.0).as_bytes()),
                Placeholder::Connection => drop(write!(out, "{}", vars.connection)),
                Placeholder::Helo => out.extend_from_slice(envelope.helo.as_bytes()),
                Placeholder::Sender => text(&envelope.sender, out),
                Placeholder::Recipient => text(&envelope.recipient, out),
                Placeholder::Octets => drop(write!(out, "{}", envelope.size())),
            }
        }
    }

    pub(crate) fn shows_id(&self) -> bool {
        self.shows(|gap| gap == Placeholder::Id)
    }

    pub(crate) fn shows_envelope(&self) -> bool {
        self.shows(Placeholder::is_of_envelope)
    }

    fn shows(&self, asked: impl Fn(Placeholder) -> bool) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| matches!(part, Part::Gap(gap) if asked(*gap)))
    }

    /// The lines of the text, as far as they are known: of each the first byte, and whether others of the same reply
    /// follow it (RFC 5321 §4.2.1).
    pub(crate) fn lines(&self) -> Vec<(u8, bool)> {
        let mut lines = Vec::new();
        let mut line: Option<Vec<u8>> = Some(Vec::new());
        for part in &self.parts {
            let bytes = match part {
                Part::Bytes(bytes) => bytes.as_slice(),
                // Letters, whatever the name is.
                Part::Gap(Placeholder::Host) => b"host",
                Part::Gap(_) | Part::Pad(_) => {
                    line = line.filter(|line| line.len() >= BEGINNING_BYTES);
                    continue;
                }
            };
            for &byte in bytes {
                if byte == b'\n' {
                    lines.extend(line.as_deref().and_then(beginning));
                    line = Some(Vec::new());
                } else if let Some(line) = line.as_mut().filter(|line| line.len() < BEGINNING_BYTES)
                {
                    line.push(byte);
                }
            }
        }
        lines.extend(line.as_deref().and_then(beginning));
        lines
    }
}

/// Code and separator.
const BEGINNING_BYTES: usize = 4;

fn beginning(line: &[u8]) -> Option<(u8, bool)> {
    Some((*line.first()?, line.get(3) == Some(&b'-')))
}
