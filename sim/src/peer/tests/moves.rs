//! The table of moves: what each input leads to, in each state of a connection, made by the machine itself.

use std::fmt::Write as _;
use std::io::{Read, Write as _};

use super::client::{Client, Met};
use super::*;
use crate::peer::dialogue::LINE_BYTES_MAX;
use crate::peer::dialogue_state::Expects;
use crate::peer::state::{Line, State};

/// A peer whose replies say where they lead.
const WAYWARD: &str = "tls.flight-delay = '1s'
    [replies]
    NOOP = { delay = '5s', text = '250 2.0.0 late' }
    VRFY = { text = '252 2.0.0 wait', then = 'stall' }
    RSET = { text = '421 4.3.2 no more', then = 'half-close' }
    HELO = { text = '421 4.3.2 away', then = 'reset' }";

/// Where a conversation stands, and how it got there.
struct Place {
    title: &'static str,
    peer: &'static str,
    way: &'static [&'static str],
}

const fn place(title: &'static str, peer: &'static str, way: &'static [&'static str]) -> Place {
    Place { title, peer, way }
}

const PLACES: [Place; 21] = [
    place(
        "before the greeting",
        "greeting = { delay = '3s', text = '220 hi' }",
        &[],
    ),
    place("greeted", "", &[]),
    place("after EHLO", "", &["EHLO"]),
    place("after MAIL", "", &["EHLO", "MAIL"]),
    place("after RCPT", "", &["EHLO", "MAIL", "RCPT"]),
    place("in a text", "", &["EHLO", "MAIL", "RCPT", "DATA"]),
    place("in a chunk", "", &["EHLO", "MAIL", "RCPT", "BDAT 9"]),
    place("in a line that is too long", "", &["a long line"]),
    place("while a reply waits", WAYWARD, &["EHLO", "NOOP"]),
    place("stalled", WAYWARD, &["EHLO", "VRFY"]),
    place("half closed", WAYWARD, &["EHLO", "RSET"]),
    place("reset", WAYWARD, &["EHLO", "HELO"]),
    place("closed by the peer", "", &["QUIT"]),
    place("before the ClientHello", "", &["EHLO", "STARTTLS"]),
    place(
        "before the ClientHello, TLS from the start",
        "tls.implicit = true",
        &[],
    ),
    place(
        "before the ClientHello, which is refused",
        "tls.fail = 'alert:handshake_failure'",
        &["EHLO", "STARTTLS"],
    ),
    place(
        "while the flight waits",
        WAYWARD,
        &["EHLO", "STARTTLS", "a TLS flight"],
    ),
    place(
        "after the flight",
        "",
        &["EHLO", "STARTTLS", "a TLS flight"],
    ),
    place("in TLS", "", &["EHLO", "STARTTLS", "handshake"]),
    place(
        "in TLS, after RCPT",
        "",
        &["EHLO", "STARTTLS", "handshake", "EHLO", "MAIL", "RCPT"],
    ),
    place(
        "in TLS, half closed",
        "replies.RSET = { text = '421 4.3.2 no more', then = 'half-close' }",
        &["EHLO", "STARTTLS", "handshake", "RSET"],
    ),
];

/// What may come.
const INPUTS: [&str; 22] = [
    "EHLO",
    "HELO",
    "STARTTLS",
    "MAIL",
    "RCPT",
    "DATA",
    "the text",
    "BDAT 9",
    "nine bytes",
    "RSET",
    "NOOP",
    "VRFY",
    "QUIT",
    "half a line",
    "a long line",
    "no record",
    "a TLS flight",
    "handshake",
    "timeout",
    "closed",
    "reset",
    "nothing",
];

/// A client, and what it has been told so far.
struct Caller {
    met: Met,
    /// The handshake is complete: commands go inside TLS.
    in_tls: bool,
}

impl Caller {
    fn at(place: &Place) -> Caller {
        let talk = Talk::with(&mut peer(place.peer));
        let mut caller = Caller {
            met: Client::new().begin(talk, usize::MAX),
            in_tls: false,
        };
        for word in place.way {
            caller.feed(word);
        }
        caller
    }

    /// Feeds one input; what the peer does.
    fn feed(&mut self, word: &str) -> String {
        let Met { talk, .. } = &mut self.met;
        talk.ends.clear();
        talk.wakes.clear();
        let bytes = match word {
            "EHLO" | "HELO" => format!("{word} client.test\r\n"),
            "MAIL" => "MAIL FROM:<a@client.test>\r\n".to_owned(),
            "RCPT" => "RCPT TO:<b@example.test>\r\n".to_owned(),
            "the text" => "Subject: hi\r\n\r\n..\r\n.\r\n".to_owned(),
            "nine bytes" => "nine more".to_owned(),
            "half a line" => "NOO".to_owned(),
            "a long line" => "x".repeat(LINE_BYTES_MAX),
            "no record" => "\x7f\r\n\r\n\r\n".to_owned(),
            "closed" => return self.hand(PeerInput::Closed),
            "reset" => return self.hand(PeerInput::Reset),
            "timeout" => return self.hand(PeerInput::Timeout),
            "nothing" => return self.hand(PeerInput::Received(b"")),
            "a TLS flight" => {
                let flight = self.met.written();
                return self.hand(PeerInput::Received(&flight));
            }
            "handshake" => {
                self.met.pump();
                self.in_tls = !self.met.tls.is_handshaking();
                return self.shown();
            }
            command => format!("{command}\r\n"),
        };
        if self.in_tls && word != "no record" {
            let mut writer = self.met.tls.writer();
            writer.write_all(bytes.as_bytes()).expect("room");
            let sealed = self.met.written();
            return self.hand(PeerInput::Received(&sealed));
        }
        self.hand(PeerInput::Received(bytes.as_bytes()))
    }

    fn hand(&mut self, input: PeerInput<'_>) -> String {
        let now = if input == PeerInput::Timeout {
            at(100_000)
        } else {
            at(10)
        };
        self.met.talk.hand(now, input);
        self.shown()
    }

    /// The replies, the records, the end and the wake-up.
    fn shown(&mut self) -> String {
        let Met { talk, tls, .. } = &mut self.met;
        let mut shown = Vec::new();
        let mut said = std::mem::take(&mut talk.said);
        let is_tls = matches!(said.first(), Some(20..=23));
        if is_tls || self.in_tls {
            let mut records = said.as_slice();
            while !records.is_empty() && tls.read_tls(&mut records).is_ok() {
                if tls.process_new_packets().is_err() {
                    break;
                }
            }
        }
        if self.in_tls {
            said.clear();
            // It would block behind the last record.
            let _ = tls.reader().read_to_end(&mut said);
        }
        if is_tls && !self.in_tls {
            shown.push("records".to_owned());
        } else {
            let text = String::from_utf8_lossy(&said);
            let last_lines = text.lines().filter(|line| line.get(3..4) != Some("-"));
            shown.extend(last_lines.filter_map(|line| Some(line.get(..3)?.to_owned())));
        }
        shown.extend(talk.ends.iter().map(|end| format!("{end:?}")));
        let wake = talk.wakes.last();
        shown.extend(wake.map(|at| format!("wakes at {at}")));
        shown.join(", ")
    }

    fn state(&self) -> String {
        self.met.talk.connection.state()
    }
}

impl PeerConnection {
    fn state(&self) -> String {
        let line = match self.line {
            Line::Plain => "plain",
            Line::Handshake { .. } => "handshake",
            Line::Tls { .. } => "TLS",
        };
        let does = match self.state {
            State::Over(end) => return format!("{end:?}"),
            State::HalfClosed => "half closed".to_owned(),
            State::Stalled => "stalled".to_owned(),
            State::Replying(_) => "replying".to_owned(),
            State::Listening => match self.dialogue.expects {
                Expects::Command => "listening".to_owned(),
                Expects::LineEnd => "in a line".to_owned(),
                Expects::Response => "in a login".to_owned(),
                Expects::Text(_) => "in a text".to_owned(),
                Expects::Chunk { left, .. } => format!("{left} of a chunk left"),
            },
        };
        format!("{line}, {does}")
    }
}

/// The rows of a place; inputs that lead to the same stand together.
fn rows(place: &Place) -> String {
    let mut rows: Vec<(Vec<&str>, String)> = Vec::new();
    let before = Caller::at(place).state();
    let in_handshake = before.starts_with("handshake");
    for input in INPUTS {
        if input == "handshake" && !in_handshake {
            continue;
        }
        let mut caller = Caller::at(place);
        let shown = caller.feed(input);
        let after = caller.state();
        let to = if after == before && shown.is_empty() {
            "nothing".to_owned()
        } else {
            format!("{after:<24} {shown}").trim_end().to_owned()
        };
        match rows.iter_mut().find(|(_, known)| *known == to) {
            Some((inputs, _)) => inputs.push(input),
            None => rows.push((vec![input], to)),
        }
    }
    let mut text = format!("{}: {before}\n", place.title);
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
