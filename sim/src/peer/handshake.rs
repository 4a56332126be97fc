//! TLS at the peer: from the 220 of STARTTLS to the first command inside, and every way to break it.

use mta_core::time::Now;

use super::connection::PeerConnection;
use super::plan::{Asked, PlannedFail, RuleMatch, ScriptId};
use super::seen::SeenTls;
use super::spec::{Act, Alert, Moment, Then, Trigger};
use super::state::Line;
use super::tls::{Channel, Hello, Progress, Refusal};
use crate::seed::Purpose;

/// The bytes at the end of a flight that `corrupt-flight` sets to zero: less than a Finished or a MAC.
const CORRUPTED: usize = 20;

/// Whether the handshake goes on after what happened at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    GoesOn,
    Stops,
}

impl PeerConnection {
    pub(super) fn begin_tls(&mut self, now: Now) {
        self.forget_clear_text();
        if self.plan.tls.is_none() || !matches!(self.line, Line::Plain) {
            // A rule asked for TLS without a certificate, or inside TLS.
            return self.stall();
        }
        let stream = self.plan.stream(Purpose::ServerTls, self.vars.connection);
        self.line = Line::handshake(Channel::new(stream));
        self.out.end_segment();
        self.at(now, Moment::BeforeHello);
    }

    /// Whether TLS has begun since the line was last looked at.
    pub(super) fn has_begun_tls(&self, was_in_tls: bool) -> bool {
        !was_in_tls && !matches!(self.line, Line::Plain)
    }

    /// Takes bytes from the line while it carries TLS.
    pub(super) fn tls_bytes(&mut self, now: Now, mut bytes: &[u8]) {
        if let Some(tls) = &self.plan.tls {
            tls.clock.set(now.wall);
        }
        while self.state.takes_part() && !bytes.is_empty() {
            if self.awaits_client_flight() && self.at(now, Moment::ClientFlight) == Flow::Stops {
                return;
            }
            let Some(channel) = self.line.channel_mut() else {
                return;
            };
            if !channel.collect(&mut bytes) {
                return;
            }
            if channel.awaits_hello() && channel.by_hand() > 0 {
                self.behind_an_answer_by_hand();
                continue;
            }
            if channel.awaits_hello() && self.on_hello(now) == Flow::Stops {
                return;
            }
            self.on_record(now);
            self.seal();
        }
    }

    /// Whether the server's first flight is out and nothing has come since.
    fn awaits_client_flight(&mut self) -> bool {
        self.line.handshaking().is_some_and(Channel::has_answered)
    }

    fn on_hello(&mut self, now: Now) -> Flow {
        let Some(channel) = self.line.channel() else {
            return Flow::Stops;
        };
        let hello = Hello::read(channel.record());
        let side = self.plan.tls.as_ref();
        let config = side.map(|tls| tls.config(hello.as_ref()));
        let refused = side.is_some_and(|tls| tls.refuses(hello.as_ref()));
        let refusal = side.and_then(|tls| tls.refusal());
        if let Some(observer) = &mut self.observer {
            observer.hello(hello.as_ref());
        }
        let name = hello.as_ref().and_then(|hello| hello.sni);
        let asked = Asked::Known {
            name: name.map(|name| String::from_utf8_lossy(name).into_owned()),
            resumes: hello.as_ref().is_some_and(Hello::resumes),
            bytes: channel.record().len(),
        };
        self.note_hello(asked);
        if self.at(now, Moment::ClientHello) == Flow::Stops {
            return Flow::Stops;
        }
        if refused {
            self.perform(Act::FatalAlert(UNRECOGNIZED_NAME));
            return Flow::Stops;
        }
        match refusal {
            Some(Refusal::NoSuite) => {
                self.perform(Act::FatalAlert(HANDSHAKE_FAILURE));
                return Flow::Stops;
            }
            Some(Refusal::OldVersion(version)) => self.answer_with_version(version),
            None => {}
        }
        let changes = self.changes();
        let ages = self.plan.tls.as_ref().and_then(|tls| tls.ages.clone());
        let secrets = self.secrets.clone();
        let Some(channel) = self.line.channel_mut() else {
            return Flow::Stops;
        };
        if channel.by_hand() > 0 {
            return Flow::GoesOn;
        }
        if let Some(tls) = &self.plan.tls {
            channel.hide(&tls.lacks);
        }
        match config.map(|config| channel.begin(config, changes, ages, secrets)) {
            Some(Ok(())) => Flow::GoesOn,
            Some(Err(error)) => self.tls_failed(&error),
            None => Flow::Stops,
        }
    }

    fn on_record(&mut self, now: Now) {
        let Some(channel) = self.line.channel_mut() else {
            return;
        };
        let flight_start = self.out.bytes.len();
        let mut plain = Vec::new();
        let result = channel.process(&mut plain, &mut self.out.bytes);
        let first_flight = self.out.bytes.len() > flight_start && channel.first_answer();
        let progress = match result {
            Ok(progress) => progress,
            Err(error) => {
                self.tls_failed(&error);
                return;
            }
        };
        if first_flight && self.break_flight(now, flight_start) == Flow::Stops {
            return;
        }
        if first_flight && !self.plan.conduct.flight_delay.is_zero() {
            self.hold_flight_back(now, flight_start);
        }
        if progress == Progress::Up && matches!(self.line, Line::Handshake { .. }) {
            self.established(now);
        }
        if !plain.is_empty() && self.state.takes_part() {
            self.clear_text(now, &plain);
        }
    }

    /// The first flight stands in `out` from `start` on, and takes long.
    fn hold_flight_back(&mut self, now: Now, start: usize) {
        if let Line::Handshake { late_flight, .. } = &mut self.line {
            let due = now.time + self.plan.conduct.flight_delay;
            *late_flight = Some((due, self.out.bytes.split_off(start)));
            self.out.wake = Some(due);
        }
    }

    /// Sends the first flight that took long, if its time has come.
    pub(super) fn late_flight_leaves(&mut self, now: Now) {
        let Line::Handshake { late_flight, .. } = &mut self.line else {
            return;
        };
        if let Some((_, flight)) = late_flight.take_if(|(due, _)| *due <= now.time) {
            self.out.bytes.extend_from_slice(&flight);
        } else if let Some((due, _)) = late_flight {
            self.out.wake = Some(*due);
        }
    }

    /// The first flight stands in `out` from `start` on; this is the moment to cut it.
    fn break_flight(&mut self, now: Now, start: usize) -> Flow {
        let cause = Trigger::Moment(Moment::MidFlight);
        let fail = self.fail.filter(|fail| fail.moment == Moment::MidFlight);
        if fail.is_none()
            && self
                .plan
                .conduct
                .rule_for(cause, self.rule_input(1))
                .is_none()
        {
            return Flow::GoesOn;
        }
        match fail.map(|fail| (fail, fail.act)) {
            // Said already, where it stands in the flight.
            Some((fail, Act::FatalAlert(_))) => {
                self.hit(fail);
                self.line = Line::Plain;
                self.close();
                return Flow::Stops;
            }
            Some((fail, Act::Forge(_) | Act::WarningAlert(_))) => {
                self.hit(fail);
                return Flow::GoesOn;
            }
            Some((fail, Act::Corrupt)) => {
                self.hit(fail);
                let from = start.max(self.out.bytes.len().saturating_sub(CORRUPTED));
                if let Some(tail) = self.out.bytes.get_mut(from..) {
                    tail.fill(0);
                }
                return Flow::GoesOn;
            }
            Some(_) | None => {}
        }
        let half = start + (self.out.bytes.len() - start) / 2;
        let second_half = self.out.bytes.split_off(half);
        let flow = self.at(now, Moment::MidFlight);
        if flow == Flow::GoesOn {
            self.out.bytes.extend_from_slice(&second_half);
        }
        flow
    }

    /// A handshake fails, maybe by a rule.
    fn hit(&self, fail: PlannedFail) {
        if let Some(rule) = fail.rule {
            self.facts.ledger.hit(rule);
        }
    }

    fn established(&mut self, now: Now) {
        let Line::Handshake { channel, .. } = std::mem::replace(&mut self.line, Line::Plain) else {
            return;
        };
        if let (Some(observer), Some(facts)) = (&mut self.observer, channel.established()) {
            let tls = observer.seen.tls.get_or_insert_with(SeenTls::default);
            tls.version = facts.version.and_then(|version| version.as_str());
            tls.suite = facts.suite.and_then(|suite| suite.as_str());
            tls.resumed = Some(facts.resumed);
        }
        self.line = Line::tls(channel);
        if let Some(fail) = self
            .fail
            .filter(|fail| fail.moment == Moment::AfterHandshake)
        {
            self.hit(fail);
            self.perform(fail.act);
        } else if let Some(RuleMatch {
            script: Some(script),
            delay,
            ..
        }) = self.rule_for(Trigger::Moment(Moment::AfterHandshake), 1)
        {
            self.reply(now, script, delay, Then::GoOn);
        } else if self.plan.conduct.implicit_tls {
            self.greet(now);
        }
        // Only clear text that should have been thrown away can be there already.
        self.look_at_waiting(now);
    }

    /// Does what rules and `fail` have for a moment within the handshake.
    fn at(&mut self, now: Now, moment: Moment) -> Flow {
        if let Some(RuleMatch {
            script: Some(script),
            ..
        }) = self.rule_for(Trigger::Moment(moment), 1)
        {
            self.plan
                .conduct
                .bytes_at(script, &self.vars, now, &mut self.out.bytes);
            let then = self.last_then(script);
            if then != Then::StartTls {
                self.act(now, then);
            }
        } else if let Some(fail) = self.fail.filter(|fail| fail.moment == moment) {
            self.hit(fail);
            self.perform(fail.act);
        }
        if self.state.takes_part() {
            Flow::GoesOn
        } else {
            Flow::Stops
        }
    }

    fn last_then(&self, script: ScriptId) -> Then {
        let steps = (0..).map_while(|number| self.plan.conduct.step(script, false, number));
        steps
            .filter_map(|step| step.then)
            .last()
            .unwrap_or(Then::GoOn)
    }

    fn tls_failed(&mut self, error: &rustls::Error) -> Flow {
        if let Some(observer) = &mut self.observer {
            observer.seen.tls.get_or_insert_with(SeenTls::default).error = Some(error.to_string());
        }
        // The engine has sent its alert; a close_notify behind it would say that all is well.
        self.line = Line::Plain;
        self.close();
        Flow::Stops
    }
}

/// RFC 8446 §6.
const HANDSHAKE_FAILURE: Alert = Alert(40);
/// RFC 6066 §3.
const UNRECOGNIZED_NAME: Alert = Alert(112);
