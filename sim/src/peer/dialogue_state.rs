//! Where the SMTP dialogue is: what the peer expects next, and what it has counted so far.

use super::body::Match;
use super::plan::Nth;
use super::spec::Command;

/// What the peer keeps in mind between commands.
#[derive(Clone, Copy)]
pub(super) struct Dialogue {
    pub(super) expects: Expects,
    pub(super) mail: bool,
    pub(super) rcpts: u32,
    /// Bytes of the present message text so far, on the wire.
    pub(super) bytes: u64,
    /// Rules about the text that apply before so many bytes are done with.
    pub(super) rules_from: u64,
    pub(super) errors: u32,
    /// Whether the client has logged in.
    pub(super) logged_in: bool,
    /// How often each command came, in the order of [`Command::ALL`].
    counts: [u32; Command::ALL.len()],
    /// The same, since the present transaction began.
    in_transaction: [u32; Command::ALL.len()],
    /// How often a message text began.
    pub(super) texts: u32,
    /// How often one had begun on all connections when the present one did; 0 if no rule asks for it.
    pub(super) texts_at_peer: u32,
    /// How often BDAT had come on all connections when the present chunk did; 0 if no rule asks for it.
    pub(super) chunks_at_peer: u32,
    /// Whether the latest answer to EHLO offered STARTTLS, if it was not the usual one.
    pub(super) offers_starttls: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expects {
    Command,
    /// The rest of a line that is too long.
    LineEnd,
    /// A response in a login.
    Response,
    /// A message text after DATA.
    Text(Match),
    /// A chunk after BDAT, RFC 3030 §2.
    Chunk {
        left: u64,
        last: bool,
    },
}

impl Default for Dialogue {
    fn default() -> Self {
        Dialogue {
            expects: Expects::Command,
            mail: false,
            rcpts: 0,
            bytes: 0,
            rules_from: 0,
            errors: 0,
            logged_in: false,
            counts: [0; Command::ALL.len()],
            in_transaction: [0; Command::ALL.len()],
            texts: 0,
            texts_at_peer: 0,
            chunks_at_peer: 0,
            offers_starttls: None,
        }
    }
}

impl Dialogue {
    /// The dialogue begins anew; how often a command came is counted for the connection.
    pub(super) fn inside_tls(self) -> Dialogue {
        Dialogue {
            counts: self.counts,
            texts: self.texts,
            errors: self.errors,
            ..Dialogue::default()
        }
    }

    pub(super) fn count(&mut self, command: Command) {
        for counts in [&mut self.counts, &mut self.in_transaction] {
            if let Some(count) = counts.get_mut(command as usize) {
                *count = count.saturating_add(1);
            }
        }
    }

    pub(super) fn counted(&self, command: Command, at_peer: u32) -> Nth {
        let of = |counts: &[u32]| counts.get(command as usize).copied().unwrap_or_default();
        Nth {
            in_connection: of(&self.counts),
            in_transaction: of(&self.in_transaction),
            at_peer,
        }
    }

    pub(super) fn end_transaction(&mut self) {
        self.mail = false;
        self.rcpts = 0;
        self.bytes = 0;
        self.rules_from = 0;
        self.in_transaction = Default::default();
    }
}
