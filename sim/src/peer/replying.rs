//! Sends replies: their waits, their bytes, and what is done behind them.

use std::time::Duration;

use mta_core::time::Now;

use super::connection::PeerConnection;
use super::plan::ScriptId;
use super::reply_progress::ReplyProgress;
use super::seen::End;
use super::spec::{Moment, Then, TicketsSent, Trigger};
use super::state::{Line, State};

/// Room made at once for what a peer says: the answers to a pipelined group, or to EHLO.
const USUAL_BYTES: usize = 256;

impl PeerConnection {
    pub(super) fn greet(&mut self, now: Now) {
        let rule = self.rule_for(Trigger::Moment(Moment::Greeting), 1);
        let delay = rule.map_or(Duration::ZERO, |rule| rule.delay);
        let script = rule
            .and_then(|rule| rule.script)
            .unwrap_or(ScriptId::Greeting);
        self.begin(
            now,
            ReplyProgress {
                greets: true,
                ..ReplyProgress::of(script, delay, Then::GoOn)
            },
        );
    }

    /// Begins a reply; `after` is done at its end unless it says something else.
    pub(super) fn reply(&mut self, now: Now, script: ScriptId, delay: Duration, after: Then) {
        self.begin(now, ReplyProgress::of(script, delay, after));
    }

    fn begin(&mut self, now: Now, progress: ReplyProgress) {
        self.state = State::Replying(progress);
        self.advance(now);
    }

    /// Sends what is due of the reply.
    pub(super) fn advance(&mut self, now: Now) {
        while let State::Replying(progress) = &mut self.state {
            // The answer to EHLO depends on where it was asked; a reply never outlives that.
            let in_tls = matches!(self.line, Line::Tls { .. });
            let Some(step) = self
                .plan
                .conduct
                .step(progress.script, in_tls, progress.step)
            else {
                let after = progress.after;
                self.state = State::Listening;
                self.act(now, after);
                return;
            };
            let delay = step
                .delay
                .saturating_add(if (progress.step, progress.sent) == (0, 0) {
                    progress.delay
                } else {
                    Duration::ZERO
                });
            match progress.due {
                None if !delay.is_zero() => {
                    let due = now.time + delay;
                    progress.due = Some(due);
                    self.out.wake = Some(due);
                    return;
                }
                Some(due) if now.time < due => {
                    self.out.wake = Some(due);
                    return;
                }
                None | Some(_) => {}
            }
            progress.due = None;
            // Without a wait between them, all repetitions leave together.
            let together = if step.delay.is_zero() { step.times } else { 1 };
            progress.sent += together;
            let is_done = progress.sent >= step.times;
            if is_done {
                progress.step += 1;
                progress.sent = 0;
            }
            let target = match &mut self.line {
                Line::Tls { unsealed, .. } => unsealed,
                Line::Plain | Line::Handshake { .. } => &mut self.out.bytes,
            };
            if target.capacity() == 0 {
                target.reserve(USUAL_BYTES);
            }
            for _ in 0..together {
                step.template.render(&self.vars, now, target);
            }
            if let Some(then) = step.then.filter(|_| is_done) {
                let goes_on = then == Then::GoOn;
                if goes_on {
                    progress.after = Then::GoOn;
                } else {
                    self.state = State::Listening;
                    self.act(now, then);
                }
            }
        }
    }

    /// Does what comes behind a reply.
    pub(super) fn act(&mut self, now: Now, then: Then) {
        match then {
            Then::GoOn => {}
            Then::StartTls => self.begin_tls(now),
            Then::Close => self.close(),
            Then::Reset => self.reset(),
            Then::Stall => self.stall(),
            Then::HalfClose => self.half_close(),
            // These answer a connection request, and there is a connection.
            Then::Refuse | Then::Drop => {}
        }
    }

    pub(super) fn stall(&mut self) {
        self.seal();
        self.state = State::Stalled;
        self.waiting = Vec::new();
    }

    /// Says no more, and reads on: what comes is not looked at.
    fn half_close(&mut self) {
        self.stall();
        if let Line::Tls { channel, .. } = &mut self.line
            && self.plan.conduct.close_notify
        {
            channel.close(&mut self.out.bytes);
        }
        self.state = State::HalfClosed;
        self.out.close();
    }

    pub(super) fn close(&mut self) {
        self.seal();
        self.over(End::PeerClosed);
        self.out.close();
        let Line::Tls { channel, .. } = &mut self.line else {
            return;
        };
        let out = &mut self.out.bytes;
        if self.plan.conduct.tickets_sent == TicketsSent::BeforeClose {
            channel.release_tickets(out);
        }
        if self.plan.conduct.close_notify {
            channel.close(out);
        }
    }

    pub(super) fn reset(&mut self) {
        self.seal();
        self.over(End::PeerReset);
        self.out.reset();
    }
}
