//! One connection at the peer: bytes and time in; bytes, an end and a wake-up time out.

use std::sync::Arc;
use std::time::Duration;

use mta_core::time::{Now, Time};
use mta_core::tls::{Secret, SecretLog};

use super::dialogue_state::Dialogue;
use super::interface::{PeerInput, PeerOutput};
use super::ledger::{Ledger, Pass};
use super::login::Login;
use super::outbox::Outbox;
use super::plan::{Asked, Nth, Plan, PlannedFail, RuleInput, RuleMatch, Settled, Vars};
use super::seen::{End, Observe, Observer, Seen};
use super::spec::{Moment, Then, TicketsSent, Trigger};
use super::state::{Line, State};

/// Bytes that wait while the peer is busy with a delayed reply. A client that sends more is reset: it floods.
/// Ours; a real peer's receive window is of this order.
pub(crate) const WAITING_BYTES_MAX: usize = 1 << 20;

/// A connection to a peer.
///
/// After [`Peer::accept`](super::Peer::accept) and after every [`handle`](PeerConnection::handle), take
/// outputs with [`poll`](PeerConnection::poll) until there are none. There may still be some when it
/// [is over](PeerConnection::is_over). With the feature `tokio`, `drive::server::serve` does all this on a stream.
pub struct PeerConnection {
    pub(super) plan: Arc<Plan>,
    pub(super) vars: Vars,
    pub(super) facts: Facts,
    /// Counts this connection among those that are open.
    pass: Option<Pass>,
    pub(super) fail: Option<PlannedFail>,
    pub(super) state: State,
    pub(super) line: Line,
    pub(super) dialogue: Dialogue,
    /// The login that is under way.
    pub(super) login: Option<Login>,
    /// Clear text that has not been looked at.
    pub(super) waiting: Vec<u8>,
    pub(super) out: Outbox,
    pub(super) observer: Option<Box<Observer>>,
    /// Where the secrets of TLS come up, if somebody wants them.
    pub(super) secrets: Option<Arc<SecretLog>>,
}

/// What the rules may ask about a connection, besides what its replies show.
pub(super) struct Facts {
    settled: Settled,
    pub(super) ledger: Ledger,
    /// The time of the present input.
    time: Time,
    asked: Asked,
}

impl PeerConnection {
    pub(super) fn new(
        plan: Arc<Plan>,
        vars: Vars,
        settled: Settled,
        ledger: &Ledger,
        observe: Observe,
    ) -> PeerConnection {
        let observer = Observer::new(observe, plan.owner());
        PeerConnection {
            plan,
            vars,
            facts: Facts {
                settled,
                ledger: ledger.clone(),
                time: Time::START,
                asked: Asked::default(),
            },
            pass: Some(ledger.admit()),
            fail: None,
            state: State::Listening,
            line: Line::Plain,
            dialogue: Dialogue::default(),
            login: None,
            waiting: Vec::new(),
            out: Outbox::default(),
            observer,
            secrets: None,
        }
    }

    /// Says the greeting, or does what the rules have for this moment.
    pub(super) fn open(&mut self, now: Now, then: Option<Then>) {
        self.facts.time = now.time;
        self.fail = self.plan.conduct.fail(self.rule_input(1));
        match then {
            Some(then) if then != Then::GoOn => self.act(now, then),
            Some(_) | None if self.plan.conduct.implicit_tls => self.act(now, Then::StartTls),
            Some(_) | None => self.greet(now),
        }
        self.seal();
    }

    /// Takes one input. Inputs after the end are ignored.
    pub fn handle(&mut self, now: Now, input: PeerInput<'_>) {
        if self.is_over() {
            return;
        }
        self.facts.time = now.time;
        match input {
            PeerInput::Received(bytes) => self.received(now, bytes),
            PeerInput::Closed => self.closed_by_client(),
            PeerInput::Reset => {
                self.out.clear();
                self.over(End::ClientReset);
            }
            PeerInput::Timeout => {
                self.late_flight_leaves(now);
                self.advance(now);
                self.look_at_waiting(now);
            }
        }
        self.seal();
    }

    fn closed_by_client(&mut self) {
        self.out.forget_bytes();
        if !matches!(self.state, State::HalfClosed) {
            self.out.close();
        }
        self.over(End::ClientClosed);
    }

    /// A connection that is over for the peer is no longer open, and waits for nothing.
    pub(super) fn over(&mut self, end: End) {
        self.state = State::Over(end);
        self.out.wake = None;
        self.waiting = Vec::new();
        self.pass = None;
    }

    /// The next output; none until the next input.
    pub fn poll(&mut self) -> Option<PeerOutput> {
        self.out.next()
    }

    /// Whether the connection is over, as far as the peer is concerned.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over(_))
    }

    /// The number of this connection at its peer, from 1.
    pub fn number(&self) -> u64 {
        self.vars.connection
    }

    /// What was seen so far; none if the peer was not asked to observe.
    pub fn seen(&self) -> Option<Seen> {
        let observer = self.observer.as_deref()?;
        Some(Seen {
            end: self.state.end(),
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
        matches!(self.line, Line::Tls { .. })
    }

    /// The rule that applies to a trigger, `nth` time in this connection.
    pub(super) fn rule_for(&self, cause: Trigger, nth: impl Into<Nth>) -> Option<RuleMatch> {
        let found = self.plan.conduct.rule_for(cause, self.rule_input(nth))?;
        self.facts.ledger.hit(found.number);
        Some(found)
    }

    pub(super) fn rule_input(&self, nth: impl Into<Nth>) -> RuleInput<'_> {
        RuleInput {
            connection: self.vars.connection,
            client: self.vars.client,
            time: self.facts.time,
            in_tls: self.in_tls(),
            hello: &self.facts.asked,
            nth: nth.into(),
            settled: &self.facts.settled,
            envelope: &self.vars.envelope,
            ledger: &self.facts.ledger,
        }
    }

    /// A ClientHello has come.
    pub(super) fn note_hello(&mut self, asked: Asked) {
        self.facts.asked = asked;
        self.fail = self.plan.conduct.fail(self.rule_input(1));
    }

    fn received(&mut self, now: Now, bytes: &[u8]) {
        if !self.state.takes_part() {
            return;
        }
        if matches!(self.state, State::Replying(reply) if reply.greets)
            && let Some(RuleMatch {
                script: Some(script),
                ..
            }) = self.rule_for(Trigger::Moment(Moment::EarlyTalk), 1)
        {
            self.reply(now, script, Duration::ZERO, Then::GoOn);
        }
        match self.line {
            Line::Plain => self.clear_text(now, bytes),
            Line::Handshake { .. } | Line::Tls { .. } => self.tls_bytes(now, bytes),
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
        if !self.state.takes_part() {
            return;
        }
        if self.plan.conduct.discards_pipelined && matches!(self.state, State::Replying(_)) {
            // It came behind a command that is not answered yet.
            return;
        }
        if self.waiting.len().saturating_add(bytes.len()) > WAITING_BYTES_MAX {
            self.reset();
        } else {
            self.waiting.extend_from_slice(bytes);
        }
    }

    /// Whether the peer looks at commands now: it is not busy with a reply or a handshake, nor silent, nor gone.
    pub(super) fn listens(&self) -> bool {
        matches!(self.state, State::Listening) && !matches!(self.line, Line::Handshake { .. })
    }

    /// RFC 3207 §4.2: what came in clear text behind STARTTLS is thrown away, or should be.
    pub(super) fn forget_clear_text(&mut self) {
        if self.plan.conduct.keeps_plaintext {
            self.waiting
                .extend_from_slice(&self.plan.conduct.added_to_starttls);
        } else {
            self.waiting.clear();
        }
        self.dialogue = self.dialogue.inside_tls();
    }

    /// Puts what was said since the last time into one record or more.
    pub(super) fn seal(&mut self) {
        let Line::Tls {
            channel,
            unsealed,
            tickets_due,
        } = &mut self.line
        else {
            return;
        };
        if unsealed.is_empty() {
            return;
        }
        let out = &mut self.out.bytes;
        if self.plan.conduct.tickets_sent == TicketsSent::WithFirstReply {
            channel.release_tickets(out);
        }
        channel.seal(unsealed, out);
        if std::mem::take(tickets_due) {
            channel.release_tickets(out);
        }
        unsealed.clear();
    }
}
