//! A peer's behaviour made ready: replies as octets, rules in order, one TLS configuration for all connections.

mod script;
mod template;
mod usual;

use std::time::Duration;

use super::spec::{Command, Connections, Fail, Moment, PeerSpec, Rule, Trigger};
use super::tls::TlsSide;
use crate::seed::{Purpose, Seed, Stream};
use mta_core::time::Now;
use script::Script;

pub(crate) use script::{Beat, Class};
pub(crate) use template::{ID_LEN, Vars};
pub(crate) use usual::Fixed;

/// Everything about a peer that does not change from connection to connection.
pub(crate) struct Plan {
    greeting: Script,
    ehlo_plain: Script,
    ehlo_in_tls: Script,
    usual: Vec<Script>,
    fixed: Vec<Script>,
    rules: Vec<PlannedRule>,
    fail: Option<Fail>,
    pub(crate) offers_starttls: bool,
    pub(crate) implicit_tls: bool,
    pub(crate) close_notify: bool,
    pub(crate) tls: Option<TlsSide>,
    /// Names the peer's random streams: two addresses of one host are two peers.
    owner: String,
    seed: Seed,
}

struct PlannedRule {
    rule: Rule,
    script: Option<Script>,
}

/// Which script is being played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScriptId {
    Greeting,
    Usual(Command),
    Fixed(Fixed),
    Rule(usize),
}

/// The circumstances that a rule may ask about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances {
    /// The number of the connection, from 1.
    pub(crate) connection: u64,
    pub(crate) in_tls: bool,
    /// How often the trigger has come in this connection, this time included.
    pub(crate) nth: u32,
}

/// What a rule says: a script instead of the usual one, or the usual one later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Departure {
    pub(crate) script: Option<ScriptId>,
    pub(crate) delay: Duration,
}

impl Plan {
    pub(crate) fn new(
        spec: &PeerSpec,
        host: &str,
        tls: Option<TlsSide>,
        owner: String,
        seed: Seed,
    ) -> Plan {
        Plan {
            greeting: Script::of(&spec.greeting, host),
            ehlo_plain: usual::ehlo(&spec.ehlo, host, false),
            ehlo_in_tls: usual::ehlo(&spec.ehlo, host, true),
            usual: usual::replies(&spec.replies, host),
            fixed: usual::fixed(host),
            rules: spec
                .on
                .iter()
                .map(|rule| PlannedRule {
                    rule: rule.clone(),
                    script: usual::of_rule(rule, host),
                })
                .collect(),
            fail: spec.tls.fail,
            offers_starttls: spec.ehlo.offers_starttls() && tls.is_some(),
            implicit_tls: spec.tls.implicit,
            close_notify: spec.tls.close_notify,
            tls,
            owner,
            seed,
        }
    }

    /// The random stream of one connection.
    pub(crate) fn stream(&self, purpose: Purpose, connection: u64) -> Stream {
        self.seed.named_stream(purpose, &self.owner, connection)
    }

    /// What the rules say about a command or moment; the first that applies counts.
    pub(crate) fn departure(&self, trigger: Trigger, now: Circumstances) -> Option<Departure> {
        let (number, planned) =
            self.rules.iter().enumerate().find(|(_, planned)| {
                planned.rule.trigger == trigger && applies(&planned.rule, now)
            })?;
        let script = planned.script.as_ref().map(|_| ScriptId::Rule(number));
        Some(Departure {
            script,
            delay: planned.rule.delay,
        })
    }

    /// The next rule about a message text: of those that apply at `octets_before` or later, the earliest.
    pub(crate) fn body_departure(
        &self,
        octets_before: u64,
        now: Circumstances,
    ) -> Option<(u64, Departure)> {
        self.rules
            .iter()
            .enumerate()
            .filter_map(|(number, planned)| match planned.rule.trigger {
                Trigger::Body { after_octets }
                    if after_octets >= octets_before && applies(&planned.rule, now) =>
                {
                    let script = planned.script.as_ref().map(|_| ScriptId::Rule(number));
                    Some((
                        after_octets,
                        Departure {
                            script,
                            delay: planned.rule.delay,
                        },
                    ))
                }
                Trigger::Body { .. }
                | Trigger::Command(_)
                | Trigger::Moment(_)
                | Trigger::Fail(_) => None,
            })
            .min_by_key(|(after_octets, _)| *after_octets)
    }

    /// How the handshakes of a connection fail.
    pub(crate) fn fail(&self, connection: u64) -> Option<Fail> {
        let by_rule = self
            .rules
            .iter()
            .find_map(|planned| match planned.rule.trigger {
                Trigger::Fail(fail) if planned.rule.connections.contains(connection) => Some(fail),
                Trigger::Fail(_)
                | Trigger::Command(_)
                | Trigger::Moment(_)
                | Trigger::Body { .. } => None,
            });
        by_rule.or(self.fail)
    }

    pub(crate) fn has_rules_about_bodies(&self) -> bool {
        self.rules
            .iter()
            .any(|planned| matches!(planned.rule.trigger, Trigger::Body { .. }))
    }

    /// Whether any reply shows the connection's opaque word.
    pub(crate) fn shows_id(&self) -> bool {
        let own = [&self.greeting, &self.ehlo_plain, &self.ehlo_in_tls];
        let ruled = self
            .rules
            .iter()
            .filter_map(|planned| planned.script.as_ref());
        own.into_iter()
            .chain(&self.usual)
            .chain(ruled)
            .any(Script::shows_id)
    }

    pub(crate) fn beat(&self, id: ScriptId, in_tls: bool, number: usize) -> Option<&Beat> {
        self.script(id, in_tls)?.beats.get(number)
    }

    pub(crate) fn class(&self, id: ScriptId, in_tls: bool) -> Class {
        self.script(id, in_tls)
            .map_or(Class::Other, |script| script.class)
    }

    fn script(&self, id: ScriptId, in_tls: bool) -> Option<&Script> {
        match id {
            ScriptId::Greeting => Some(&self.greeting),
            ScriptId::Usual(Command::Ehlo) if in_tls => Some(&self.ehlo_in_tls),
            ScriptId::Usual(Command::Ehlo) => Some(&self.ehlo_plain),
            ScriptId::Usual(command) => self.usual.get(command as usize),
            ScriptId::Fixed(fixed) => self.fixed.get(fixed as usize),
            ScriptId::Rule(number) => self.rules.get(number)?.script.as_ref(),
        }
    }

    /// Appends what a rule at a moment within a handshake says: bare octets, no waits.
    pub(crate) fn octets_at(&self, id: ScriptId, vars: &Vars, now: Now, out: &mut Vec<u8>) {
        for beat in self
            .script(id, false)
            .into_iter()
            .flat_map(|script| &script.beats)
        {
            beat.template.render(vars, now, out);
        }
    }
}

fn applies(rule: &Rule, now: Circumstances) -> bool {
    let Connections { .. } = rule.connections;
    rule.connections.contains(now.connection)
        && rule.in_tls.is_none_or(|inside| inside == now.in_tls)
        && rule.nth.is_none_or(|nth| nth == now.nth)
        && rule.from_nth.is_none_or(|from| now.nth >= from)
}

/// Whether a peer needs a certificate to act out this spec.
pub(crate) fn needs_tls(spec: &PeerSpec) -> bool {
    spec.ehlo.offers_starttls()
        || spec.tls.implicit
        || spec.on.iter().any(|rule| {
            let steps = rule.send.iter().flat_map(|reply| &reply.steps);
            steps
                .filter_map(|step| step.then)
                .chain(rule.then)
                .any(|then| then == super::spec::Then::StartTls)
        })
}

/// Whether the rules have something to say about the moment of the connection request.
pub(crate) const CONNECT: Trigger = Trigger::Moment(Moment::Connect);
