//! The SMTP dialogue at the peer: command lines, and what they are answered with.

use std::time::Duration;

use mta_core::time::Now;

use super::body::Match;
use super::connection::PeerConnection;
use super::dialogue_state::{Dialogue, Expects};
use super::plan::{Class, Fixed, Nth, RuleMatch, ScriptId};
use super::seen::{Observer, RECIPIENTS_MAX};
use super::spec::{Command, Then, Trigger};
use super::text::chunk_size;

/// The longest command line, line end included: Postfix's `line_length_limit`. RFC 5321 §4.5.3.1.4 asks for 512.
pub(crate) const LINE_BYTES_MAX: usize = 2048;
/// Errors until the peer hangs up: Postfix's `smtpd_hard_error_limit`.
pub(crate) const ERRORS_MAX: u32 = 20;

impl PeerConnection {
    /// Answers as much of `bytes` as the peer will look at now; the count of bytes used.
    pub(super) fn converse(&mut self, now: Now, bytes: &[u8]) -> usize {
        let mut used = 0;
        while self.listens() {
            let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) else {
                break;
            };
            let was_in_tls = self.in_tls();
            let expected = self.dialogue.expects;
            let step = match expected {
                Expects::Command => self.command_line(now, rest),
                Expects::LineEnd => self.line_end(now, rest),
                Expects::Response => self.response_line(now, rest),
                Expects::Text(matched) => Some(self.text(now, rest, matched)),
                Expects::Chunk { left, last } => Some(self.chunk(now, rest, left, last)),
            };
            let begins_tls = self.has_begun_tls(was_in_tls);
            if begins_tls && !self.plan.conduct.keeps_plaintext {
                return bytes.len();
            }
            let Some(step) = step else { break };
            used += step;
            if begins_tls {
                break;
            }
            let is_complete = [expected, self.dialogue.expects].contains(&Expects::Command);
            if is_complete && self.plan.conduct.discards_pipelined {
                return bytes.len();
            }
        }
        used
    }

    /// The bytes of the line; none if its end has not come.
    fn command_line(&mut self, now: Now, rest: &[u8]) -> Option<usize> {
        let Some(newline) = memchr::memchr(b'\n', rest) else {
            if rest.len() < LINE_BYTES_MAX {
                return None;
            }
            self.dialogue.expects = Expects::LineEnd;
            return Some(rest.len());
        };
        let (line, _) = rest.split_at(newline);
        if newline >= LINE_BYTES_MAX {
            self.error(now, Fixed::LineTooLong);
        } else {
            self.command(now, line.strip_suffix(b"\r").unwrap_or(line));
        }
        Some(newline + 1)
    }

    fn line_end(&mut self, now: Now, rest: &[u8]) -> Option<usize> {
        let Some(newline) = memchr::memchr(b'\n', rest) else {
            return Some(rest.len());
        };
        self.dialogue.expects = Expects::Command;
        self.error(now, Fixed::LineTooLong);
        Some(newline + 1)
    }

    fn command(&mut self, now: Now, line: &[u8]) {
        let command = Command::of_line(line);
        let nth = self.count(command);
        let in_tls = self.in_tls();
        if let Some(observer) = &mut self.observer {
            observer.command(line, in_tls);
        }
        if command == Command::Bdat
            && let Some((left, last)) = chunk_size(line)
        {
            // A chunk follows its command unasked, so it is taken before it is answered, wanted or not.
            self.dialogue.expects = Expects::Chunk { left, last };
            self.dialogue.chunks_at_peer = nth.at_peer;
            if left == 0 {
                self.end_of_chunk(now, last);
            }
            return;
        }
        self.note_envelope(command, line);
        let rule = self.rule_for(Trigger::Commands(command.into()), nth);
        let script = match rule {
            Some(RuleMatch {
                script: Some(script),
                ..
            }) => script,
            Some(RuleMatch { script: None, .. }) | None => match self.out_of_order(command) {
                Some(fixed) => return self.error(now, fixed),
                None if command == Command::Auth && self.takes_logins() => {
                    return self.auth(now, line);
                }
                None => ScriptId::Usual(command),
            },
        };
        let delay = rule.map(|rule| rule.delay).unwrap_or_default();
        let acts = rule.and_then(|rule| rule.acts);
        let class = self
            .plan
            .conduct
            .class(script, in_tls)
            .or_as_told(acts, command);
        if command == Command::Ehlo {
            self.dialogue.offers_starttls = rule.and_then(|rule| rule.offers_starttls);
        }
        let mut after = Then::GoOn;
        match (command, class) {
            (Command::Ehlo | Command::Helo | Command::Rset, Class::Done) => {
                self.dialogue.end_transaction();
                self.vars.envelope.clear();
            }
            (Command::Mail, Class::Done) => {
                self.dialogue.end_transaction();
                self.dialogue.mail = true;
                self.note(|observer| observer.mail(line));
            }
            (Command::Rcpt, Class::Done) => {
                self.dialogue.rcpts = self.dialogue.rcpts.saturating_add(1);
                if self.dialogue.rcpts <= RECIPIENTS_MAX {
                    self.vars.envelope.accept_recipient();
                    self.note(|observer| observer.rcpt(line));
                }
            }
            (Command::Data, Class::GoAhead) => {
                self.dialogue.texts = self.dialogue.texts.saturating_add(1);
                if self.plan.conduct.counts_at_peer {
                    self.dialogue.texts_at_peer = self.facts.ledger.count_text();
                }
                self.dialogue.expects = Expects::Text(Match::START);
            }
            (Command::Auth, Class::Done) => self.dialogue.logged_in = true,
            // What a rule asks is answered, and that is no command.
            (Command::Auth, Class::GoAhead) => self.dialogue.expects = Expects::Response,
            (Command::Starttls, Class::Done) => after = Then::StartTls,
            (Command::Quit, _) => after = Then::Close,
            (Command::Other, _) => return self.unknown(now, script, delay),
            (_, _) => {}
        }
        self.reply(now, script, delay, after);
    }

    /// Notes a command; how often it has come by now.
    pub(super) fn count(&mut self, command: Command) -> Nth {
        self.dialogue.count(command);
        let at_peer = if self.plan.conduct.counts_at_peer {
            self.facts.ledger.count(command)
        } else {
            0
        };
        self.dialogue.counted(command, at_peer)
    }

    /// Why a command is not in its place, if it is not.
    fn out_of_order(&self, command: Command) -> Option<Fixed> {
        let Dialogue { mail, rcpts, .. } = self.dialogue;
        match command {
            Command::Mail if self.needs_login() => Some(Fixed::LoginNeeded),
            Command::Mail if mail => Some(Fixed::NestedMail),
            Command::Auth if self.dialogue.logged_in => Some(Fixed::LoggedInBefore),
            Command::Rcpt if !mail => Some(Fixed::NeedMail),
            Command::Rcpt if rcpts >= RECIPIENTS_MAX => Some(Fixed::TooManyRecipients),
            Command::Data if !mail => Some(Fixed::NeedMail),
            // With a size it would not have come here.
            Command::Bdat => Some(Fixed::NoParameters),
            Command::Data if rcpts == 0 => Some(Fixed::NoRecipients),
            Command::Starttls if self.in_tls() => Some(Fixed::TlsActive),
            Command::Starttls if !self.offers_starttls() => Some(Fixed::NotImplemented),
            // The end of a text is no command line: `.` outside of one has no meaning.
            Command::Dot => Some(Fixed::NotImplemented),
            Command::Mail
            | Command::Rcpt
            | Command::Data
            | Command::Starttls
            | Command::Ehlo
            | Command::Helo
            | Command::Rset
            | Command::Noop
            | Command::Vrfy
            | Command::Quit
            | Command::Auth
            | Command::Other => None,
        }
    }

    fn offers_starttls(&self) -> bool {
        let usual = self.plan.conduct.offers_starttls;
        self.dialogue.offers_starttls.unwrap_or(usual)
    }

    /// Keeps what the client says of the message, if a rule or a reply asks for it.
    fn note_envelope(&mut self, command: Command, line: &[u8]) {
        if !self.plan.conduct.wants_envelope {
            return;
        }
        let envelope = &mut self.vars.envelope;
        match command {
            Command::Ehlo | Command::Helo => envelope.helo(line),
            Command::Mail if !self.dialogue.mail => envelope.mail(line),
            Command::Rcpt => envelope.rcpt(line),
            Command::Mail
            | Command::Data
            | Command::Dot
            | Command::Bdat
            | Command::Rset
            | Command::Noop
            | Command::Vrfy
            | Command::Quit
            | Command::Starttls
            | Command::Auth
            | Command::Other => {}
        }
    }

    fn unknown(&mut self, now: Now, script: ScriptId, delay: Duration) {
        self.dialogue.errors = self.dialogue.errors.saturating_add(1);
        if self.dialogue.errors > ERRORS_MAX {
            self.reply(
                now,
                ScriptId::Fixed(Fixed::TooManyErrors),
                Default::default(),
                Then::Close,
            );
        } else {
            self.reply(now, script, delay, Then::GoOn);
        }
    }

    pub(super) fn error(&mut self, now: Now, fixed: Fixed) {
        self.unknown(now, ScriptId::Fixed(fixed), Duration::ZERO);
    }

    pub(super) fn note(&mut self, note: impl FnOnce(&mut Observer)) {
        if let Some(observer) = self.observer.as_deref_mut() {
            note(observer);
        }
    }
}
