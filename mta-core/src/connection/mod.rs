//! One SMTP dialogue on one TCP connection: a type for every state, named for what is owed next.
//!
//! Inputs go in ([`Input`]); bytes to send, events and at last an [`End`] come out. The table of moves is written
//! out in `snapshots/`, so that a change of behaviour is a changed line.

mod dialogue;
mod end;
mod env;
mod greeting;
mod handshake;
mod handshake_events;
mod hello;
mod idle;
mod log_level;
mod mail;
mod own_name;
mod proxy;
mod recipients;
mod refused;
mod report;
mod require_tls;
mod reuse;
mod sessions;
mod starttls;
mod transaction;
mod trouble;
mod wait;
mod wire;

#[cfg(test)]
pub(crate) mod moves;

use std::sync::Arc;

use crate::config::{Feature, Settings};
use crate::event::{Server, What};
use crate::fault::NetworkFault;
use crate::policy::Policy;
use crate::smtp::{Reply, ReplyReader};
use crate::time::Time;
use crate::tls::Progress;

use dialogue::Dialogue;
pub(crate) use end::{End, Failure, FailureKind, Lost};
pub(crate) use env::Env;
pub(crate) use idle::{DestinationKey, Idle, ServerKey};
pub(crate) use mail::{Attempt, Left, Mail, Reuse, status_of};
pub(crate) use proxy::Proxy;
pub(crate) use recipients::{Mark, Outcome, Recipients};
pub(crate) use report::ReportTo;
pub(crate) use wait::Wait;

use greeting::AwaitGreeting;
use handshake::Handshaking;
use hello::{AwaitEhloReply, AwaitHeloReply};
use reuse::AwaitReuseReply;
use starttls::AwaitStartTlsReply;
use transaction::{
    AwaitDataReply, AwaitDotReply, AwaitMailReply, AwaitQuitReply, AwaitRcptReply, AwaitRsetReply,
};

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

/// A dialogue in progress.
#[derive(Debug)]
pub(crate) struct Connection {
    dialogue: Dialogue,
    state: Option<State>,
    reader: ReplyReader,
    deadline: Time,
    replies_heard: u32,
}

/// What is owed next.
#[derive(Debug)]
enum State {
    Greeting(AwaitGreeting),
    Ehlo(AwaitEhloReply),
    Helo(AwaitHeloReply),
    StartTls(AwaitStartTlsReply),
    Handshake(Handshaking),
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
enum Next {
    State(State),
    End(End),
}

impl Connection {
    /// A connection that was just opened, on which the server speaks first.
    pub(crate) fn opened(
        id: u32,
        server: Arc<Server>,
        nexthop: Arc<str>,
        policy: Arc<Policy>,
        report_to: Option<Arc<ReportTo>>,
        env: &Env<'_>,
    ) -> Self {
        let state = AwaitGreeting { cleared: None };
        Connection {
            deadline: env.now.time + Wait::Greeting.limit(&env.settings.timeouts),
            dialogue: Dialogue::new(id, server, nexthop, policy, report_to, env.now.time),
            state: Some(State::Greeting(state)),
            reader: reader(env.settings),
            replies_heard: 0,
        }
    }

    /// Does what comes before the server's first word: with `smtp_tls_wrappermode` that is TLS.
    pub(crate) fn begin(&mut self, mail: &mut Mail, env: &mut Env<'_>) -> Option<End> {
        if !env.settings.tls.wrappermode {
            return None;
        }
        let end = match Handshaking::begin("".into(), &mut self.dialogue, mail, env) {
            Next::State(state) => {
                self.deadline = env.now.time + state.wait().limit(&env.settings.timeouts);
                self.state = Some(state);
                None
            }
            Next::End(end) => {
                self.state = None;
                Some(end)
            }
        };
        self.dialogue.flush(env);
        end
    }

    /// The server at the other end.
    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.dialogue.server
    }

    /// When the server must have said something.
    pub(crate) const fn deadline(&self) -> Time {
        self.deadline
    }

    /// Takes one input; gives an end when the dialogue is over. Bytes to send are in the outbox afterwards.
    pub(crate) fn handle(
        &mut self,
        input: Input<'_>,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Option<End> {
        let replies = self.replies_heard;
        let end = match input {
            Input::Received(bytes) => self.received(bytes, mail, env),
            Input::Closed => self.lost(Lost::Closed, mail, env),
            Input::Reset => self.lost(Lost::Reset, mail, env),
            Input::Timeout => self.lost(Lost::TimedOut, mail, env),
        };
        if let Some(end) = &end {
            self.dialogue.say_goodbye(end, env);
            self.state = None;
        }
        self.dialogue.flush(env);
        // With smtp_per_record_deadline a part of a reply wins no time.
        let begins_anew =
            !env.settings.dialogue.per_record_deadline || self.replies_heard != replies;
        if let Some(state) = &self.state
            && (begins_anew || matches!(state, State::Handshake(_)))
        {
            self.deadline = env.now.time + state.wait().limit(&env.settings.timeouts);
        }
        end
    }

    fn received(&mut self, bytes: &[u8], mail: &mut Mail, env: &mut Env<'_>) -> Option<End> {
        if !self.dialogue.wire.is_tls() {
            return self.replies(bytes, mail, env);
        }
        let mut plaintext = std::mem::take(&mut self.dialogue.plaintext);
        plaintext.clear();
        let end = self.records(bytes, &mut plaintext, mail, env);
        self.dialogue.plaintext = plaintext;
        end
    }

    fn records(
        &mut self,
        bytes: &[u8],
        plaintext: &mut Vec<u8>,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Option<End> {
        let progress = match self.dialogue.decrypt(bytes, plaintext, env.now) {
            Ok(progress) => progress,
            Err(fault) => return self.lost(Lost::BrokenTls(fault), mail, env),
        };
        if progress == Progress::JustEstablished
            && let Some(State::Handshake(state)) = self.state.take()
        {
            match state.established(&mut self.dialogue, mail, env) {
                Next::State(state) => self.state = Some(state),
                Next::End(end) => return Some(end),
            }
        }
        self.dialogue.keep_tickets(env);
        let end = self.replies(plaintext, mail, env);
        if end.is_none() && self.dialogue.closed_by_peer() {
            return self.lost(Lost::Closed, mail, env);
        }
        end
    }

    fn replies(&mut self, mut bytes: &[u8], mail: &mut Mail, env: &mut Env<'_>) -> Option<End> {
        loop {
            let reply = self.reader.read(&mut bytes);
            if self.reader.has_notes() {
                for note in self.reader.take_notes() {
                    self.dialogue.note(note, mail, env);
                }
            }
            let Some(reply) = reply else {
                // Postfix shuts its side of the connection, and finds it at its end.
                return if self.reader.is_disabled() {
                    self.lost(Lost::Closed, mail, env)
                } else {
                    None
                };
            };
            self.dialogue.heard(&reply, env);
            self.replies_heard = self.replies_heard.wrapping_add(1);
            let state = self.state.take()?;
            match state.on_reply(&reply, &mut self.dialogue, mail, env) {
                Next::State(state) => self.state = Some(state),
                Next::End(end) => return Some(end),
            }
            self.reader.recycle(reply);
            if let Some(State::Handshake(_)) = self.state {
                // RFC 3207 §4.2: what was learnt, and what else was said, in cleartext is forgotten.
                self.dialogue.discard(bytes.len(), env);
                self.reader = reader(env.settings);
                return None;
            }
        }
    }

    fn lost(&mut self, lost: Lost, mail: &mut Mail, env: &mut Env<'_>) -> Option<End> {
        let state = self.state.take()?;
        if let (Lost::BrokenTls(fault), false) = (&lost, matches!(state, State::Handshake(_))) {
            let (server, fault) = (self.dialogue.server.clone(), fault.clone());
            self.dialogue
                .tls_event(What::TlsBroken { server, fault }, env);
        }
        Some(state.lost(lost, &mut self.dialogue, mail, env))
    }
}

impl State {
    fn wait(&self) -> Wait {
        match self {
            State::Greeting(_) => Wait::Greeting,
            State::Ehlo(_) => Wait::Ehlo,
            State::Helo(_) => Wait::Helo,
            State::StartTls(_) => Wait::StartTls,
            State::Handshake(_) => Wait::Handshake,
            State::Mail(_) => Wait::Mail,
            State::Rcpt(_) => Wait::Rcpt,
            State::Data(_) => Wait::Data,
            State::Dot(_) => Wait::Dot,
            State::Rset(_) => Wait::Rset,
            State::Quit(_) => Wait::Quit,
            State::Reuse(_) => Wait::Rset,
        }
    }

    fn on_reply(
        self,
        reply: &Reply,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        match self {
            State::Greeting(state) => state.on_reply(reply, dialogue, mail, env),
            State::Ehlo(state) => state.on_reply(reply, dialogue, mail, env),
            State::Helo(state) => state.on_reply(reply, dialogue, mail, env),
            State::StartTls(state) => state.on_reply(reply, dialogue, mail, env),
            State::Mail(state) => state.on_reply(reply, dialogue, mail, env),
            State::Rcpt(state) => state.on_reply(reply, dialogue, mail, env),
            State::Data(state) => state.on_reply(reply, dialogue, mail, env),
            State::Dot(state) => state.on_reply(reply, dialogue, mail, env),
            State::Rset(state) => state.on_reply(reply, dialogue, mail, env),
            State::Reuse(state) => state.on_reply(reply, dialogue, mail, env),
            // Its reply changes nothing (R-SMTP-21).
            State::Quit(AwaitQuitReply) => Next::End(End::Done),
            // No reply is read while TLS is being set up.
            State::Handshake(state) => Next::State(State::Handshake(state)),
        }
    }

    fn lost(self, lost: Lost, dialogue: &mut Dialogue, mail: &mut Mail, env: &mut Env<'_>) -> End {
        match self {
            State::Handshake(state) => {
                state.failed(lost.into_handshake_fault(), dialogue, mail, env)
            }
            State::StartTls(_) => dialogue.lost_connection(Wait::StartTls, lost, mail, env),
            // Every recipient is decided (src/smtp/smtp_proto.c `SENDING_MAIL`).
            State::Rset(_) | State::Quit(_) => End::Done,
            State::Reuse(_) => reuse::stale(),
            State::Greeting(_)
            | State::Ehlo(_)
            | State::Helo(_)
            | State::Mail(_)
            | State::Rcpt(_)
            | State::Data(_)
            | State::Dot(_) => dialogue.lost_connection(self.wait(), lost, mail, env),
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

/// The event of a connection that could not be opened.
pub(crate) fn connect_failed(server: &Arc<Server>, fault: NetworkFault) -> What {
    What::ConnectFailed {
        server: server.clone(),
        fault,
    }
}
