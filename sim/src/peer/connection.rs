//! One connection at the peer: bytes and time in; bytes, an end and a wake-up time out.

use std::sync::Arc;
use std::time::Duration;

use mta_core::time::{Now, Time};
use mta_core::tls::{Secret, SecretLog};

use super::dialogue::Dialogue;
use super::ledger::{Ledger, Pass};
use super::plan::{Asked, Nth, Plan, RuleInput, RuleMatch, Settled, Vars};
use super::reply_progress::ReplyProgress;
use super::seen::{End, Observer, Seen};
use super::spec::{Fail, Moment, Then, TicketsSent, Trigger};
use super::tls::Channel;

/// Bytes that wait while the peer is busy with a delayed reply. A client that sends more is reset: it floods.
/// Ours; a real peer's receive window is of this order.
pub const WAITING_BYTES_MAX: usize = 1 << 20;

/// What a driver tells a peer's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerInput<'a> {
    /// Bytes from the client, in order.
    Received(&'a [u8]),
    /// The client has closed its side.
    Closed,
    /// The connection was reset.
    Reset,
    /// The time of the last [`PeerOutput::WakeAt`] has come.
    Timeout,
}

/// What a peer's connection asks of its driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerOutput {
    /// Send these bytes.
    Send(Vec<u8>),
    /// Close the connection, once everything is sent. Nothing follows.
    Close,
    /// Reset the connection, once everything is handed to the network. Nothing follows.
    Reset,
    /// Come back with [`PeerInput::Timeout`] at this time; a later one replaces it.
    WakeAt(Time),
}

/// A connection to a peer.
///
/// After [`Peer::accept`](super::Peer::accept) and after every [`handle`](PeerConnection::handle), take
/// outputs with [`poll`](PeerConnection::poll) until there are none.
pub struct PeerConnection {
    pub(super) plan: Arc<Plan>,
    pub(super) number: u64,
    pub(super) vars: Vars,
    settled: Settled,
    pub(super) ledger: Ledger,
    /// Counts this connection among those that are open.
    pass: Option<Pass>,
    /// The time of the present input.
    time: Time,
    asked: Asked,
    pub(super) fail: Option<Fail>,
    pub(super) line: Line,
    pub(super) dialogue: Dialogue,
    /// The reply that is being sent.
    pub(super) replying: Option<ReplyProgress>,
    /// Clear text that has not been looked at.
    pub(super) waiting: Vec<u8>,
    /// Clear text that has not been sealed; used inside TLS only.
    pub(super) unsealed: Vec<u8>,
    pub(super) out: Vec<u8>,
    /// What of `out` leaves in a segment of its own: the 220 of STARTTLS, so that bytes sent right behind it
    /// reach the client's TLS and not the text that it throws away.
    pub(super) first_segment: usize,
    pub(super) wake: Option<Time>,
    /// The first flight of TLS, and when it leaves, if it takes long.
    pub(super) late_flight: Option<(Time, Vec<u8>)>,
    /// Tickets leave behind what is said next.
    pub(super) tickets_due: bool,
    said_end: bool,
    pub(super) stalled: bool,
    /// The peer's own side is closed, or will be once everything is sent.
    pub(super) half_closed: bool,
    pub(super) end: End,
    pub(super) observer: Option<Box<Observer>>,
    /// Where the secrets of TLS come up, if somebody wants them.
    pub(super) secrets: Option<Arc<SecretLog>>,
}

/// What the line carries.
pub(super) enum Line {
    Plain,
    /// TLS is being set up.
    Handshake(Box<Channel>),
    Tls(Box<Channel>),
}

impl PeerConnection {
    pub(super) fn new(
        plan: Arc<Plan>,
        number: u64,
        vars: Vars,
        settled: Settled,
        ledger: &Ledger,
        observe: bool,
    ) -> PeerConnection {
        PeerConnection {
            fail: None,
            plan,
            number,
            vars,
            settled,
            ledger: ledger.clone(),
            pass: Some(ledger.admit()),
            time: Time::START,
            asked: Asked::default(),
            line: Line::Plain,
            dialogue: Dialogue::default(),
            replying: None,
            waiting: Vec::new(),
            unsealed: Vec::new(),
            out: Vec::new(),
            first_segment: 0,
            wake: None,
            late_flight: None,
            tickets_due: false,
            said_end: false,
            stalled: false,
            half_closed: false,
            end: End::Open,
            observer: observe.then(Box::default),
            secrets: None,
        }
    }

    /// Says the greeting, or does what the rules have for this moment.
    pub(super) fn open(&mut self, now: Now, then: Option<Then>) {
        self.time = now.time;
        self.fail = self.plan.fail(self.rule_input(1));
        match then {
            Some(then) if then != Then::GoOn => self.act(now, then),
            Some(_) | None if self.plan.implicit_tls => self.act(now, Then::StartTls),
            Some(_) | None => self.greet(now),
        }
        self.seal();
        self.leave_if_over();
    }

    /// Takes one input. Inputs after the end are ignored.
    pub fn handle(&mut self, now: Now, input: PeerInput<'_>) {
        if self.end != End::Open {
            return;
        }
        self.time = now.time;
        match input {
            PeerInput::Received(bytes) => self.received(now, bytes),
            PeerInput::Closed => self.end = End::ClientClosed,
            PeerInput::Reset => self.end = End::ClientReset,
            PeerInput::Timeout => {
                self.late_flight_leaves(now);
                self.advance(now);
                self.look_at_waiting(now);
            }
        }
        self.seal();
        self.leave_if_over();
    }

    /// A connection that is over for the peer is no longer open.
    fn leave_if_over(&mut self) {
        if self.is_over() {
            self.pass = None;
        }
    }

    /// The next output; none until the next input.
    pub fn poll(&mut self) -> Option<PeerOutput> {
        if !self.out.is_empty() && matches!(self.end, End::Open | End::PeerClosed | End::PeerReset)
        {
            return Some(PeerOutput::Send(self.next_segment()));
        }
        match self.end {
            End::Open if self.half_closed && !self.said_end => {
                self.said_end = true;
                Some(PeerOutput::Close)
            }
            End::Open => self.wake.take().map(PeerOutput::WakeAt),
            End::ClientReset => None,
            End::PeerClosed | End::ClientClosed | End::PeerReset if self.said_end => None,
            End::PeerClosed | End::ClientClosed => {
                self.said_end = true;
                Some(PeerOutput::Close)
            }
            End::PeerReset => {
                self.said_end = true;
                Some(PeerOutput::Reset)
            }
        }
    }

    fn next_segment(&mut self) -> Vec<u8> {
        let length = std::mem::take(&mut self.first_segment);
        if (1..self.out.len()).contains(&length) {
            let rest = self.out.split_off(length);
            return std::mem::replace(&mut self.out, rest);
        }
        std::mem::take(&mut self.out)
    }

    /// Whether the connection is over, as far as the peer is concerned.
    pub fn is_over(&self) -> bool {
        self.end != End::Open
    }

    /// The number of this connection at its peer, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What was seen so far; none if the peer was not asked to observe.
    pub fn seen(&self) -> Option<Seen> {
        let observer = self.observer.as_deref()?;
        Some(Seen {
            end: self.end,
            ..observer.seen.clone()
        })
    }

    /// Keeps the secrets of TLS from now on for [`PeerConnection::take_secrets`]; before the first input, if it is to be
    /// all of them.
    pub fn keep_secrets(&mut self) {
        self.secrets = Some(Arc::default());
    }

    /// The secrets that came up since the last call; none if they are not kept.
    pub fn take_secrets(&self) -> Vec<Secret> {
        let log = self.secrets.as_ref();
        log.map(|log| log.take()).unwrap_or_default()
    }

    pub(super) fn in_tls(&self) -> bool {
        matches!(self.line, Line::Tls(_))
    }

    /// What the rules say about a trigger, `nth` time in this connection.
    pub(super) fn rule_for(&self, cause: Trigger, nth: impl Into<Nth>) -> Option<RuleMatch> {
        self.plan.rule_for(cause, self.rule_input(nth))
    }

    pub(super) fn rule_input(&self, nth: impl Into<Nth>) -> RuleInput<'_> {
        RuleInput {
            connection: self.number,
            client: self.vars.client,
            time: self.time,
            in_tls: self.in_tls(),
            hello: &self.asked,
            nth: nth.into(),
            settled: &self.settled,
            envelope: &self.vars.envelope,
            ledger: &self.ledger,
        }
    }

    /// A ClientHello has come.
    pub(super) fn note_hello(&mut self, asked: Asked) {
        self.asked = asked;
        self.fail = self.plan.fail(self.rule_input(1));
    }

    fn received(&mut self, now: Now, bytes: &[u8]) {
        if self.stalled {
            return;
        }
        if self.replying.is_some_and(|reply| reply.greets)
            && let Some(RuleMatch {
                script: Some(script),
                ..
            }) = self.rule_for(Trigger::Moment(Moment::EarlyTalk), 1)
        {
            self.reply(now, script, Duration::ZERO, Then::GoOn);
        }
        match self.line {
            Line::Plain => self.clear_text(now, bytes),
            Line::Handshake(_) | Line::Tls(_) => self.tls_bytes(now, bytes),
        }
    }

    /// Takes bytes of the dialogue, outside TLS or from within.
    pub(super) fn clear_text(&mut self, now: Now, bytes: &[u8]) {
        if self.waiting.is_empty() {
            let used = self.converse(now, bytes);
            self.keep(bytes.get(used..).unwrap_or_default());
        } else {
            self.keep(bytes);
            self.look_at_waiting(now);
        }
    }

    pub(super) fn look_at_waiting(&mut self, now: Now) {
        if self.waiting.is_empty() || !self.listens() {
            return;
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        let used = self.converse(now, &waiting).min(waiting.len());
        waiting.drain(..used);
        self.waiting = waiting;
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.stalled || self.end != End::Open {
            return;
        }
        if self.plan.discards_pipelined && self.replying.is_some() {
            // It came behind a command that is not answered yet.
            return;
        }
        if self.waiting.len().saturating_add(bytes.len()) > WAITING_BYTES_MAX {
            self.act_end(End::PeerReset);
        } else {
            self.waiting.extend_from_slice(bytes);
        }
    }

    /// Whether the peer looks at commands now: it is not busy with a reply, nor silent, nor gone.
    pub(super) fn listens(&self) -> bool {
        self.replying.is_none()
            && !self.stalled
            && self.end == End::Open
            && !matches!(self.line, Line::Handshake(_))
    }

    /// RFC 3207 §4.2: what came in clear text behind STARTTLS is thrown away, or should be.
    pub(super) fn forget_clear_text(&mut self) {
        if self.plan.keeps_plaintext {
            self.waiting.extend_from_slice(&self.plan.added_to_starttls);
        } else {
            self.waiting.clear();
        }
        self.dialogue = self.dialogue.inside_tls();
    }

    /// Puts what was said since the last time into one record or more.
    pub(super) fn seal(&mut self) {
        if self.unsealed.is_empty() {
            return;
        }
        if let Line::Tls(channel) = &mut self.line {
            if self.plan.tickets_sent == TicketsSent::WithFirstReply {
                channel.release_tickets(&mut self.out);
            }
            channel.seal(&self.unsealed, &mut self.out);
            if std::mem::take(&mut self.tickets_due) {
                channel.release_tickets(&mut self.out);
            }
        }
        self.unsealed.clear();
    }
}
