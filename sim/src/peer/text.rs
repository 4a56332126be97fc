//! Message texts and chunks, as the peer takes them.

use mta_core::time::Now;

use super::body::Match;
use super::connection::PeerConnection;
use super::dialogue_state::Expects;
use super::plan::{Class, Fixed, Nth, RuleMatch, ScriptId};
use super::spec::{Command, Then, TicketsSent, Trigger};
use super::state::Line;

/// The largest message text, on the wire. Ours; above every SIZE that the catalogue announces.
pub(crate) const MESSAGE_BYTES_MAX: u64 = 256 << 20;

impl PeerConnection {
    pub(super) fn text(&mut self, now: Now, rest: &[u8], mut matched: Match) -> usize {
        // A rule about the text's length cuts it where the rule applies, wherever the slices end.
        let limit = self.next_text_rule();
        let room = limit.map_or(rest.len(), |(at, _)| {
            usize::try_from(at.saturating_sub(self.dialogue.bytes))
                .unwrap_or(usize::MAX)
                .min(rest.len())
        });
        let (part, _) = rest.split_at(room);
        let end = matched.scan(part, self.plan.conduct.end_of_data);
        let used = end.unwrap_or(part.len());
        let (text, _) = part.split_at(used);
        self.note(|observer| observer.stuffed_text(text));
        self.dialogue.bytes = self.dialogue.bytes.saturating_add(bytes(used));
        self.vars.envelope.bytes = self.dialogue.bytes;
        self.dialogue.expects = Expects::Text(matched);
        if end.is_some() {
            self.end_of_text(now);
            return used;
        }
        if let Some((at, rule)) = limit
            && self.dialogue.bytes >= at
        {
            self.dialogue.rules_from = at.saturating_add(1);
            self.facts.ledger.hit(rule.number);
            if let Some(script) = rule.script {
                self.reply(now, script, rule.delay, Then::GoOn);
            }
        }
        used
    }

    fn next_text_rule(&self) -> Option<(u64, RuleMatch)> {
        if !self.plan.conduct.has_rules_about_bodies() {
            return None;
        }
        self.plan.conduct.body_rule(
            self.dialogue.rules_from,
            self.rule_input(Nth {
                in_connection: self.dialogue.texts,
                in_transaction: 1,
                at_peer: self.dialogue.texts_at_peer,
            }),
        )
    }

    pub(super) fn chunk(&mut self, now: Now, rest: &[u8], left: u64, last: bool) -> usize {
        let used = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
        let (chunk, _) = rest.split_at(used);
        self.note(|observer| observer.chunk(chunk));
        self.dialogue.bytes = self.dialogue.bytes.saturating_add(bytes(used));
        let left = left.saturating_sub(bytes(used));
        self.dialogue.expects = Expects::Chunk { left, last };
        if left == 0 {
            self.end_of_chunk(now, last);
        }
        used
    }

    pub(super) fn end_of_chunk(&mut self, now: Now, last: bool) {
        self.dialogue.expects = Expects::Command;
        if !self.dialogue.mail {
            return self.error(now, Fixed::NeedMail);
        }
        if last {
            return self.end_of_text(now);
        }
        let at_peer = self.dialogue.chunks_at_peer;
        let nth = self.dialogue.counted(Command::Bdat, at_peer);
        let rule = self.rule_for(Trigger::Commands(Command::Bdat.into()), nth);
        let script = rule
            .and_then(|rule| rule.script)
            .unwrap_or(ScriptId::Usual(Command::Bdat));
        self.reply_when_due(now, script, rule);
    }

    /// The message is complete: it is accepted if the answer is 2xx.
    fn end_of_text(&mut self, now: Now) {
        let in_tls = self.in_tls();
        let too_big = self.dialogue.bytes > MESSAGE_BYTES_MAX;
        let has_recipients = self.dialogue.rcpts > 0;
        let nth = self.count(Command::Dot);
        self.vars.envelope.bytes = self.dialogue.bytes;
        self.dialogue.expects = Expects::Command;
        self.dialogue.end_transaction();
        self.note(|observer| observer.command(b".", in_tls));
        let rule = self.rule_for(Trigger::Commands(Command::Dot.into()), nth);
        let script = match rule.and_then(|rule| rule.script) {
            Some(script) => script,
            None if too_big => ScriptId::Fixed(Fixed::TooBig),
            None if !has_recipients => ScriptId::Fixed(Fixed::NoRecipients),
            None => ScriptId::Usual(Command::Dot),
        };
        let acts = rule.and_then(|rule| rule.acts);
        let class = self.plan.conduct.class(script, in_tls);
        if class.or_as_told(acts, Command::Dot) == Class::Done {
            self.note(|observer| observer.accepted(in_tls));
        }
        if let Line::Tls { tickets_due, .. } = &mut self.line {
            *tickets_due = self.plan.conduct.tickets_sent == TicketsSent::AfterMessage;
        }
        self.reply_when_due(now, script, rule);
    }

    /// Answers with a script when the rule that applies says so.
    fn reply_when_due(&mut self, now: Now, script: ScriptId, rule: Option<RuleMatch>) {
        let delay = rule.map(|rule| rule.delay);
        self.reply(now, script, delay.unwrap_or_default(), Then::GoOn);
    }
}

/// The size of a chunk, and whether it is the last: `BDAT 1000 LAST` (RFC 3030 §2).
pub(super) fn chunk_size(line: &[u8]) -> Option<(u64, bool)> {
    let mut words = std::str::from_utf8(line)
        .ok()?
        .split_ascii_whitespace()
        .skip(1);
    let size = words.next()?.parse().ok()?;
    match words.next() {
        None => Some((size, false)),
        Some(last) if last.eq_ignore_ascii_case("LAST") && words.next().is_none() => {
            Some((size, true))
        }
        Some(_) => None,
    }
}

fn bytes(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
