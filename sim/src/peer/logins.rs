//! AUTH in the peer's dialogue: challenges go out, responses come in, and what they come to is said.

use std::time::Duration;

use mta_core::sasl::{Mechanism, base64};
use mta_core::time::Now;

use super::connection::PeerConnection;
use super::dialogue_state::Expects;
use super::login::{Login, Turn};
use super::plan::{Fixed, ScriptId};
use super::spec::Then;
use super::state::Line;
use crate::seed::Purpose;

/// The longest response, line end included: Postfix's `smtpd_sasl_response_limit`.
const RESPONSE_BYTES_MAX: usize = 12_288;

impl PeerConnection {
    /// Whether AUTH is offered now.
    pub(super) fn takes_logins(&self) -> bool {
        let auth = self.plan.conduct.auth.as_ref();
        auth.is_some_and(|auth| auth.is_offered(self.in_tls()))
    }

    /// Whether a login comes before anything else.
    pub(super) fn needs_login(&self) -> bool {
        let auth = self.plan.conduct.auth.as_ref();
        auth.is_some_and(|auth| auth.required) && !self.dialogue.logged_in
    }

    /// Begins a login.
    pub(super) fn auth(&mut self, now: Now, line: &[u8]) {
        let Ok(line) = std::str::from_utf8(line) else {
            return self.error(now, Fixed::LoginMalformed);
        };
        let mut words = line.split_ascii_whitespace().skip(1);
        let (name, initial) = (words.next().unwrap_or_default(), words.next());
        let offered = self.plan.conduct.auth.iter();
        let mut offered = offered.flat_map(|auth| &auth.mechanisms);
        let mechanism = Mechanism::by_name(name)
            .filter(|mechanism| offered.any(|offered| offered.of_core() == *mechanism));
        let Some(mechanism) = mechanism else {
            return self.error(now, Fixed::NoSuchMechanism);
        };
        let mut random = self.plan.stream(Purpose::Challenges, self.vars.connection);
        let (login, challenge) = Login::begin(mechanism, &self.vars.host, &mut random);
        match initial {
            Some(_) if !login.may_come_along() => self.error(now, Fixed::LoginMalformed),
            // RFC 4954 §4: a response of no length at all.
            Some("=") => self.respond(now, login, &[]),
            Some(initial) => match base64::decode(initial) {
                Some(response) => self.respond(now, login, &response),
                None => self.error(now, Fixed::LoginMalformed),
            },
            None => self.challenge(login, &challenge),
        }
    }

    /// Takes the line of a response; how many bytes it has, or nothing if its end has not come.
    pub(super) fn response_line(&mut self, now: Now, rest: &[u8]) -> Option<usize> {
        let Some(newline) = memchr::memchr(b'\n', rest) else {
            if rest.len() < RESPONSE_BYTES_MAX {
                return None;
            }
            self.login = None;
            self.dialogue.expects = Expects::LineEnd;
            return Some(rest.len());
        };
        self.dialogue.expects = Expects::Command;
        let in_tls = self.in_tls();
        self.note(|observer| observer.credentials(in_tls));
        let (line, _) = rest.split_at(newline);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = std::str::from_utf8(line).ok();
        match (self.login.take(), text) {
            _ if newline >= RESPONSE_BYTES_MAX => self.error(now, Fixed::LoginTooLong),
            // RFC 4954 §4: the client thinks better of it.
            (_, Some("*")) => self.error(now, Fixed::LoginAborted),
            (Some(login), Some(text)) => match base64::decode(text) {
                Some(response) => self.respond(now, login, &response),
                None => self.error(now, Fixed::LoginMalformed),
            },
            (None, _) | (_, None) => self.error(now, Fixed::LoginMalformed),
        }
        Some(newline + 1)
    }

    fn respond(&mut self, now: Now, login: Login, response: &[u8]) {
        let Some(auth) = &self.plan.conduct.auth else {
            return;
        };
        match login.take(response, auth) {
            Turn::Challenge(login, challenge) => self.challenge(login, &challenge),
            Turn::Taken => {
                self.dialogue.logged_in = true;
                let taken = ScriptId::Fixed(Fixed::LoggedIn);
                self.reply(now, taken, Duration::ZERO, Then::GoOn);
            }
            Turn::Refused => self.error(now, Fixed::LoginRefused),
            Turn::Malformed => self.error(now, Fixed::LoginMalformed),
        }
    }

    /// Says a challenge at once; the response to it is owed then.
    fn challenge(&mut self, login: Login, challenge: &[u8]) {
        let line = format!("334 {}\r\n", base64::encode(challenge));
        let said = match &mut self.line {
            Line::Tls { unsealed, .. } => unsealed,
            Line::Plain | Line::Handshake { .. } => &mut self.out.bytes,
        };
        said.extend_from_slice(line.as_bytes());
        self.login = Some(login);
        self.dialogue.expects = Expects::Response;
    }
}
