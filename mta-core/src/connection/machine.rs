//! The state machine of a dialogue: which state it is in, and how inputs lead from one to the next.

use super::context::Context;
use super::greeting::AwaitGreeting;
use super::handshake::Handshaking;
use super::hello::{AwaitEhloReply, AwaitHeloReply};
use super::login::AwaitAuthReply;
use super::reuse::{self, AwaitReuseReply};
use super::starttls::AwaitStartTlsReply;
use super::transaction::{
    AwaitDataReply, AwaitDotReply, AwaitMailReply, AwaitQuitReply, AwaitRcptReply, AwaitRsetReply,
};
use super::{End, Env, Lost, Wait};
use crate::config::{Feature, Settings};
use crate::event::{Rule, What};
use crate::smtp::{Reply, ReplyReader};
use crate::time::Time;
use crate::tls::Progress;

/// What reaches a connection once it is open.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Input<'a> {
    /// Bytes from the server, in order.
    Received(&'a [u8]),
    /// The server sends nothing more.
    Closed,
    /// The connection was reset.
    Reset,
    /// The deadline has come.
    Timeout,
}

/// Where a dialogue is.
#[derive(Debug)]
pub(super) struct Machine {
    /// Nothing when the dialogue is over.
    state: Option<State>,
    reader: ReplyReader,
    deadline: Time,
    replies_heard: u32,
}

/// What is owed next.
#[derive(Debug)]
pub(super) enum State {
    Greeting(AwaitGreeting),
    Ehlo(AwaitEhloReply),
    Helo(AwaitHeloReply),
    StartTls(AwaitStartTlsReply),
    Handshake(Handshaking),
    Auth(AwaitAuthReply),
    Mail(AwaitMailReply),
    Rcpt(AwaitRcptReply),
    Data(AwaitDataReply),
    Dot(AwaitDotReply),
    Rset(AwaitRsetReply),
    Quit(AwaitQuitReply),
    Reuse(AwaitReuseReply),
}

/// Where a state leads.
#[derive(Debug)]
pub(super) enum Next {
    State(State),
    End(End),
}

impl Machine {
    /// A dialogue that begins in this state.
    pub(super) fn new(state: State, env: &Env<'_>) -> Machine {
        Machine {
            deadline: state.deadline(env),
            state: Some(state),
            reader: reader(env.settings),
            replies_heard: 0,
        }
    }

    /// When the server must have said something.
    pub(super) const fn deadline(&self) -> Time {
        self.deadline
    }

    /// The state, unless the dialogue is over.
    #[cfg(test)]
    pub(super) const fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// Goes where this leads, though the server has said nothing.
    pub(super) fn enter(&mut self, next: Next, env: &Env<'_>) -> Option<End> {
        match next {
            Next::State(state) => {
                self.deadline = state.deadline(env);
                self.state = Some(state);
                None
            }
            Next::End(end) => {
                self.state = None;
                Some(end)
            }
        }
    }

    /// Takes one input; gives an end when the dialogue is over.
    pub(super) fn handle(&mut self, input: Input<'_>, cx: &mut Context<'_, '_>) -> Option<End> {
        let replies = self.replies_heard;
        let end = match input {
            Input::Received(bytes) => self.received(bytes, cx),
            Input::Closed => self.lost(Lost::Closed, cx),
            Input::Reset => self.lost(Lost::Reset, cx),
            Input::Timeout => self.lost(Lost::TimedOut, cx),
        };
        if let Some(end) = &end {
            cx.say_goodbye(end);
            self.state = None;
        }
        // With smtp_per_request_deadline a part of a reply wins no time.
        let begins_anew =
            !cx.env.settings.dialogue.per_request_deadline || self.replies_heard != replies;
        if let Some(state) = &self.state
            && (begins_anew || matches!(state, State::Handshake(_)))
        {
            self.deadline = state.deadline(cx.env);
        }
        end
    }

    fn received(&mut self, bytes: &[u8], cx: &mut Context<'_, '_>) -> Option<End> {
        if !cx.dialogue.wire.is_tls() {
            return self.replies(bytes, cx);
        }
        let mut plaintext = std::mem::take(&mut cx.dialogue.plaintext);
        plaintext.clear();
        let end = self.records(bytes, &mut plaintext, cx);
        cx.dialogue.plaintext = plaintext;
        end
    }

    fn records(
        &mut self,
        bytes: &[u8],
        plaintext: &mut Vec<u8>,
        cx: &mut Context<'_, '_>,
    ) -> Option<End> {
        let progress = match cx.dialogue.decrypt(bytes, plaintext, cx.env.now) {
            Ok(progress) => progress,
            Err(fault) => return self.lost(Lost::BrokenTls(fault), cx),
        };
        if progress == Progress::JustEstablished
            && let Some(State::Handshake(state)) = self.state.take()
        {
            match state.established(cx) {
                Next::State(state) => self.state = Some(state),
                Next::End(end) => return Some(end),
            }
        }
        cx.dialogue.keep_tickets(cx.env);
        let end = self.replies(plaintext, cx);
        if end.is_none() && cx.dialogue.closed_by_peer() {
            return self.lost(Lost::Closed, cx);
        }
        end
    }

    fn replies(&mut self, mut bytes: &[u8], cx: &mut Context<'_, '_>) -> Option<End> {
        loop {
            let reply = self.reader.read(&mut bytes);
            if self.reader.has_notes() {
                for note in self.reader.take_notes() {
                    cx.note(note);
                }
            }
            let Some(reply) = reply else {
                // Postfix shuts its side of the connection, and finds it at its end.
                return if self.reader.is_disabled() {
                    self.lost(Lost::Closed, cx)
                } else {
                    None
                };
            };
            cx.heard(&reply);
            self.replies_heard = self.replies_heard.wrapping_add(1);
            let state = self.state.take()?;
            match state.on_reply(&reply, cx) {
                Next::State(state) => self.state = Some(state),
                Next::End(end) => return Some(end),
            }
            self.reader.recycle(reply);
            if let Some(State::Handshake(_)) = self.state {
                // RFC 3207 §4.2: what was learnt, and what else was said, in cleartext is forgotten.
                if !bytes.is_empty() {
                    cx.decided(Rule::BytesBehindStartTls);
                }
                self.reader = reader(cx.env.settings);
                return None;
            }
        }
    }

    fn lost(&mut self, lost: Lost, cx: &mut Context<'_, '_>) -> Option<End> {
        let state = self.state.take()?;
        if let (Lost::BrokenTls(fault), false) = (&lost, matches!(state, State::Handshake(_))) {
            let (server, fault) = (cx.server(), fault.clone());
            cx.tls_event(What::TlsBroken { server, fault });
        }
        Some(state.lost(lost, cx))
    }
}

impl State {
    /// When the server must have said something in this state.
    fn deadline(&self, env: &Env<'_>) -> Time {
        env.now.time + self.wait().limit(&env.settings.timeouts)
    }

    fn wait(&self) -> Wait {
        match self {
            State::Greeting(_) => Wait::Greeting,
            State::Ehlo(_) => Wait::Ehlo,
            State::Helo(_) => Wait::Helo,
            State::StartTls(_) => Wait::StartTls,
            State::Handshake(_) => Wait::Handshake,
            State::Auth(state) => state.wait(),
            State::Mail(_) => Wait::Mail,
            State::Rcpt(_) => Wait::Rcpt,
            State::Data(_) => Wait::Data,
            State::Dot(_) => Wait::Dot,
            State::Rset(_) => Wait::Rset,
            State::Quit(_) => Wait::Quit,
            State::Reuse(_) => Wait::Rset,
        }
    }

    fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        match self {
            State::Greeting(state) => state.on_reply(reply, cx),
            State::Ehlo(state) => state.on_reply(reply, cx),
            State::Helo(state) => state.on_reply(reply, cx),
            State::StartTls(state) => state.on_reply(reply, cx),
            State::Auth(state) => state.on_reply(reply, cx),
            State::Mail(state) => state.on_reply(reply, cx),
            State::Rcpt(state) => state.on_reply(reply, cx),
            State::Data(state) => state.on_reply(reply, cx),
            State::Dot(state) => state.on_reply(reply, cx),
            State::Rset(state) => state.on_reply(reply, cx),
            State::Reuse(state) => state.on_reply(reply, cx),
            // Its reply changes nothing (R-SMTP-21).
            State::Quit(AwaitQuitReply) => Next::End(End::Done),
            // No reply is read while TLS is being set up.
            State::Handshake(state) => Next::State(State::Handshake(state)),
        }
    }

    fn lost(self, lost: Lost, cx: &mut Context<'_, '_>) -> End {
        match self {
            State::Handshake(state) => state.failed(lost.into_handshake_fault(), cx),
            State::StartTls(_) => cx.lost_connection(Wait::StartTls, lost),
            // Every recipient is decided (src/smtp/smtp_proto.c `SENDING_MAIL`).
            State::Rset(_) | State::Quit(_) => End::Done,
            State::Reuse(_) => reuse::stale(),
            State::Greeting(_)
            | State::Ehlo(_)
            | State::Helo(_)
            | State::Auth(_)
            | State::Mail(_)
            | State::Rcpt(_)
            | State::Data(_)
            | State::Dot(_) => cx.lost_connection(self.wait(), lost),
        }
    }
}

/// A reader of replies that keeps as much as `line_length_limit` says.
fn reader(settings: &Settings) -> ReplyReader {
    let limit = usize::try_from(settings.dialogue.reply_length_limit).unwrap_or(usize::MAX);
    let reader = ReplyReader::keeping(limit);
    if settings.release.has(Feature::BoundedReplyLines) {
        reader.with_patience()
    } else {
        reader
    }
}
