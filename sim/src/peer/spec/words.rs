//! The words of a peer file: commands, moments, what happens then.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A command, RFC 5321 §4.1, under the name that a file uses for it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Command {
    /// RFC 5321 §4.1.1.1.
    Ehlo,
    /// RFC 5321 §4.1.1.1.
    Helo,
    /// RFC 5321 §4.1.1.2.
    Mail,
    /// RFC 5321 §4.1.1.3.
    Rcpt,
    /// RFC 5321 §4.1.1.4.
    Data,
    /// The end of the message text: `.` on a line of its own. Also the end of the last BDAT chunk.
    Dot,
    /// A chunk of the message text that is not the last, RFC 3030 §2.
    Bdat,
    /// RFC 5321 §4.1.1.5.
    Rset,
    /// RFC 5321 §4.1.1.9.
    Noop,
    /// RFC 5321 §4.1.1.6.
    Vrfy,
    /// RFC 5321 §4.1.1.10.
    Quit,
    /// RFC 3207 §4.
    Starttls,
    /// RFC 4954 §4.
    Auth,
    /// Any other word.
    #[serde(rename = "*")]
    Other,
}

impl Command {
    /// All of them, in the order of their numbers.
    pub const ALL: [Command; 14] = [
        Command::Ehlo,
        Command::Helo,
        Command::Mail,
        Command::Rcpt,
        Command::Data,
        Command::Dot,
        Command::Bdat,
        Command::Rset,
        Command::Noop,
        Command::Vrfy,
        Command::Quit,
        Command::Starttls,
        Command::Auth,
        Command::Other,
    ];

    /// Reads the verb of a command line; case does not matter (RFC 5321 §2.4).
    pub fn of_line(line: &[u8]) -> Command {
        const VERBS: [(&[u8], Command); 12] = [
            (b"MAIL", Command::Mail),
            (b"RCPT", Command::Rcpt),
            (b"DATA", Command::Data),
            (b"EHLO", Command::Ehlo),
            (b"HELO", Command::Helo),
            (b"STARTTLS", Command::Starttls),
            (b"QUIT", Command::Quit),
            (b"RSET", Command::Rset),
            (b"NOOP", Command::Noop),
            (b"BDAT", Command::Bdat),
            (b"VRFY", Command::Vrfy),
            (b"AUTH", Command::Auth),
        ];
        let end = line
            .iter()
            .position(|&byte| byte == b' ')
            .unwrap_or(line.len());
        let (verb, _) = line.split_at(end);
        VERBS
            .iter()
            .find(|(name, _)| verb.eq_ignore_ascii_case(name))
            .map_or(Command::Other, |(_, command)| *command)
    }
}

/// The word that a file uses.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Command::Ehlo => "EHLO",
            Command::Helo => "HELO",
            Command::Mail => "MAIL",
            Command::Rcpt => "RCPT",
            Command::Data => "DATA",
            Command::Dot => "DOT",
            Command::Bdat => "BDAT",
            Command::Rset => "RSET",
            Command::Noop => "NOOP",
            Command::Vrfy => "VRFY",
            Command::Quit => "QUIT",
            Command::Starttls => "STARTTLS",
            Command::Auth => "AUTH",
            Command::Other => "*",
        })
    }
}

/// A moment in a connection that is not a command.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// The connection request. Here, and only here, `then` may be `refuse` or `drop`.
    Connect,
    /// The peer's first words: the rule replaces the greeting.
    Greeting,
    /// The client sends before the greeting has ended.
    EarlyTalk,
    /// The line is ready for TLS, and no ClientHello has been read.
    BeforeHello,
    /// A ClientHello has come, and nothing has been answered.
    ClientHello,
    /// Half of the server's first flight is out.
    MidFlight,
    /// The client's second flight begins to arrive.
    ClientFlight,
    /// The handshake is complete at the peer, its tickets are out, no command has been read.
    AfterHandshake,
    /// This many octets of a message text have arrived: `after-octets`.
    Body,
}

impl Moment {
    /// Whether what is sent at this moment goes out beneath TLS, as bare octets.
    pub const fn is_within_handshake(self) -> bool {
        match self {
            Moment::BeforeHello
            | Moment::ClientHello
            | Moment::MidFlight
            | Moment::ClientFlight => true,
            Moment::Connect
            | Moment::Greeting
            | Moment::EarlyTalk
            | Moment::AfterHandshake
            | Moment::Body => false,
        }
    }
}

/// An end of a message text that is none (RFC 5321 §2.3.8): how mail is smuggled.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum EndOfData {
    /// LF, dot, LF.
    #[serde(rename = "lf.lf")]
    LfLf,
    /// LF, dot, CRLF.
    #[serde(rename = "lf.crlf")]
    LfCrLf,
    /// CR, dot, CR.
    #[serde(rename = "cr.cr")]
    CrCr,
}

/// What the peer does once it has sent its reply.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// Goes on as if nothing had happened; after a 2xx to STARTTLS: in clear text.
    GoOn,
    /// Begins TLS, whatever it answered to STARTTLS. A 2xx does so without saying.
    StartTls,
    /// Closes the connection; inside TLS with a close_notify before it, unless `close-notify = false`.
    Close,
    /// Closes its own side of the connection, says no more, and goes on reading (RFC 9293 §3.6).
    HalfClose,
    /// Resets the connection.
    Reset,
    /// Keeps the connection open, reads, and never says a word again.
    Stall,
    /// Answers the connection request with a reset: nothing listens.
    Refuse,
    /// Does not answer the connection request at all.
    Drop,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_ends_at_a_blank_and_ignores_case() {
        assert_eq!(Command::of_line(b"mail FROM:<>"), Command::Mail);
        assert_eq!(Command::of_line(b"StartTLS"), Command::Starttls);
        assert_eq!(Command::of_line(b"STARTTLS2"), Command::Other);
        assert_eq!(Command::of_line(b""), Command::Other);
    }

    #[test]
    fn numbers_follow_the_list() {
        for (number, command) in Command::ALL.into_iter().enumerate() {
            assert_eq!(command as usize, number);
        }
    }
}
