//! A peer's behaviour made ready: replies as bytes, rules in order, one TLS configuration for all connections.

mod rule_input;
mod script;
mod template;
mod usual;

use std::sync::Arc;
use std::time::Duration;

use super::body::Endings;
use super::ledger::Ledger;
use super::spec::{
    Act, AuthSpec, Chance, Command, Fail, Moment, PeerSpec, Per, Rule, TicketsSent, Trigger,
};
use super::tls::TlsSide;
use crate::seed::{Purpose, Seed, Stream};
use mta_core::time::{Now, Time};
use script::Script;

pub(crate) use rule_input::{Asked, Nth, RuleInput, Settled};
pub(crate) use script::{Class, PlannedStep};
pub(crate) use template::{ID_LEN, Vars};
pub(crate) use usual::Fixed;

/// Everything about a peer that does not change from connection to connection.
pub(crate) struct Plan {
    pub(crate) conduct: Arc<Conduct>,
    pub(crate) tls: Option<TlsSide>,
    pub(crate) host: Arc<str>,
    /// Names the peer's random streams: two addresses of one host are two peers.
    owner: Arc<str>,
    seed: Seed,
}

/// What a spec says of the dialogue, made ready: the same at all hosts whose peer has this spec.
pub(crate) struct Conduct {
    greeting: Script,
    ehlo_plain: Script,
    ehlo_in_tls: Script,
    usual: Vec<Arc<Script>>,
    rules: Vec<PlannedRule>,
    fail: Option<Fail>,
    /// Whether a rule or a reply asks for the envelope.
    pub(crate) wants_envelope: bool,
    /// Whether a rule asks how often something came on all connections.
    pub(crate) counts_at_peer: bool,
    pub(crate) offers_starttls: bool,
    /// The logins that it takes.
    pub(crate) auth: Option<AuthSpec>,
    pub(crate) implicit_tls: bool,
    pub(crate) close_notify: bool,
    pub(crate) discards_pipelined: bool,
    /// It answers inside TLS what came in clear text behind STARTTLS.
    pub(crate) keeps_plaintext: bool,
    /// Bytes that somebody adds behind STARTTLS.
    pub(crate) added_to_starttls: Vec<u8>,
    pub(crate) end_of_data: Endings,
    pub(crate) tickets_sent: TicketsSent,
    pub(crate) flight_delay: Duration,
}

struct PlannedRule {
    rule: Rule,
    /// Outside TLS.
    script: Option<Script>,
    /// Inside TLS, if that is another.
    in_tls: Option<Script>,
    /// Whether the answer to EHLO offers STARTTLS, if this rule changes it.
    offers_starttls: Option<bool>,
}

/// Which script is being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScriptId {
    Greeting,
    Usual(Command),
    Fixed(Fixed),
    Rule(usize),
}

/// What a rule says: a script instead of the usual one, or the usual one later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RuleMatch {
    /// The rule's number, from 0.
    pub(crate) number: usize,
    pub(crate) script: Option<ScriptId>,
    pub(crate) delay: Duration,
    /// Whether the peer does what it was asked for, whatever it says.
    pub(crate) acts: Option<bool>,
    /// Whether the answer to EHLO offers STARTTLS, if this rule changes it.
    pub(crate) offers_starttls: Option<bool>,
}

/// How handshakes fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlannedFail {
    pub(crate) moment: Moment,
    pub(crate) act: Act,
    /// The number of the rule that says so, if one does.
    pub(crate) rule: Option<usize>,
}

impl Plan {
    pub(crate) fn new(
        conduct: Arc<Conduct>,
        host: &str,
        tls: Option<TlsSide>,
        owner: String,
        seed: Seed,
    ) -> Plan {
        Plan {
            conduct,
            tls,
            host: host.into(),
            owner: owner.into(),
            seed,
        }
    }

    /// The host's name, its address, and which machine there it is if there are several.
    pub(crate) const fn owner(&self) -> &Arc<str> {
        &self.owner
    }

    /// The random stream of one connection.
    pub(crate) fn stream(&self, purpose: Purpose, connection: u64) -> Stream {
        self.seed.named_stream(purpose, &self.owner, connection)
    }

    /// Settles which rules apply to a connection, as far as that depends on when it comes and on chance.
    pub(crate) fn settle(&self, connection: u64, time: Time, ledger: &Ledger) -> Settled {
        if !self
            .conduct
            .rules
            .iter()
            .any(|planned| planned.rule.when.is_settled_at_connect())
        {
            return Settled(None);
        }
        let mut draws = self.stream(Purpose::Chance, connection);
        let settled = self.conduct.rules.iter().map(|planned| {
            let when = &planned.rule.when;
            // Drawn whatever else holds, so that the draws of other rules do not move.
            let drawn = when.chance.is_none_or(|Chance { millionths }| {
                draws.below(u64::from(Chance::OF)) < u64::from(millionths)
            });
            drawn
                && when.more_than.is_none_or(|rate| ledger.exceeds(rate, time))
                && when.at_once.is_none_or(|open| ledger.open() >= open)
        });
        Settled(Some(settled.collect()))
    }
}

impl Conduct {
    /// The spec, made ready. It must have passed its check.
    pub(crate) fn of(spec: &PeerSpec) -> Conduct {
        let ehlo = spec.answer_to_ehlo();
        let mut conduct = Conduct {
            greeting: Script::of(&spec.greeting),
            ehlo_plain: usual::ehlo(&ehlo, false),
            ehlo_in_tls: usual::ehlo(&ehlo, true),
            usual: usual::replies(&spec.replies),
            rules: spec
                .on
                .iter()
                .map(|rule| PlannedRule {
                    rule: rule.clone(),
                    script: usual::of_rule(rule, &ehlo, false),
                    in_tls: rule
                        .changes_keywords()
                        .then(|| usual::of_rule(rule, &ehlo, true))
                        .flatten(),
                    offers_starttls: rule
                        .changes_keywords()
                        .then(|| ehlo.changed(rule).offers_starttls()),
                })
                .collect(),
            fail: spec.tls.fail,
            wants_envelope: false,
            counts_at_peer: spec.on.iter().any(|rule| rule.when.per == Per::Peer),
            offers_starttls: ehlo.offers_starttls(),
            auth: spec.auth.clone(),
            implicit_tls: spec.tls.implicit,
            close_notify: spec.tls.close_notify,
            discards_pipelined: spec.discards_pipelined,
            keeps_plaintext: spec.keeps_plaintext,
            added_to_starttls: lines(&spec.added_to_starttls),
            end_of_data: Endings::of(&spec.end_of_data),
            tickets_sent: spec.tls.tickets_sent,
            flight_delay: spec.tls.flight_delay,
        };
        conduct.wants_envelope = conduct.scripts().any(Script::shows_envelope)
            || spec.on.iter().any(|rule| rule.when.asks_for_envelope());
        conduct
    }

    /// How many rules there are.
    pub(crate) const fn rules(&self) -> usize {
        self.rules.len()
    }

    /// What the rules say about a command or moment; the first that applies counts.
    pub(crate) fn rule_for(&self, cause: Trigger, now: RuleInput<'_>) -> Option<RuleMatch> {
        let (number, planned) = self.rules.iter().enumerate().find(|(number, planned)| {
            planned.rule.trigger.covers(cause) && now.meet(*number, &planned.rule.when, cause)
        })?;
        Some(planned.matched(number))
    }

    /// The next rule about a message text: of those that apply at `bytes_before` or later, the earliest.
    pub(crate) fn body_rule(
        &self,
        bytes_before: u64,
        now: RuleInput<'_>,
    ) -> Option<(u64, RuleMatch)> {
        self.rules
            .iter()
            .enumerate()
            .filter_map(|(number, planned)| match planned.rule.trigger {
                Trigger::Body { after_octets }
                    if after_octets >= bytes_before
                        && now.meet(number, &planned.rule.when, planned.rule.trigger) =>
                {
                    Some((after_octets, planned.matched(number)))
                }
                Trigger::Body { .. }
                | Trigger::Commands(_)
                | Trigger::Moment(_)
                | Trigger::Fail(_) => None,
            })
            .min_by_key(|(after_octets, _)| *after_octets)
    }

    /// How the handshakes of a connection fail, as far as that is known by now.
    pub(crate) fn fail(&self, now: RuleInput<'_>) -> Option<PlannedFail> {
        let by_rule = self.rules.iter().enumerate().find_map(|(number, planned)| {
            match planned.rule.trigger {
                Trigger::Fail(fail)
                    if now.meet(number, &planned.rule.when, planned.rule.trigger) =>
                {
                    Some((fail, Some(number)))
                }
                Trigger::Fail(_)
                | Trigger::Commands(_)
                | Trigger::Moment(_)
                | Trigger::Body { .. } => None,
            }
        });
        let (Fail { moment, act }, rule) = by_rule.or(self.fail.map(|fail| (fail, None)))?;
        Some(PlannedFail { moment, act, rule })
    }

    /// How many of the latest connections have to be remembered for the rates of the rules.
    pub(crate) fn remembered(&self) -> u32 {
        let rates = self
            .rules
            .iter()
            .filter_map(|planned| planned.rule.when.more_than);
        rates.map(|rate| rate.count).max().unwrap_or(0)
    }

    pub(crate) fn has_rules_about_bodies(&self) -> bool {
        self.rules
            .iter()
            .any(|planned| matches!(planned.rule.trigger, Trigger::Body { .. }))
    }

    /// Whether any reply shows the connection's opaque word.
    pub(crate) fn shows_id(&self) -> bool {
        self.scripts().any(Script::shows_id)
    }

    fn scripts(&self) -> impl Iterator<Item = &Script> {
        let own = [&self.greeting, &self.ehlo_plain, &self.ehlo_in_tls];
        let ruled = self
            .rules
            .iter()
            .flat_map(|planned| planned.script.iter().chain(&planned.in_tls));
        own.into_iter()
            .chain(self.usual.iter().map(|usual| &**usual))
            .chain(ruled)
    }

    pub(crate) fn step(&self, id: ScriptId, in_tls: bool, number: usize) -> Option<&PlannedStep> {
        self.script(id, in_tls)?.steps.get(number)
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
            ScriptId::Usual(command) => self.usual.get(command as usize).map(|usual| &**usual),
            ScriptId::Fixed(fixed) => usual::fixed(fixed),
            ScriptId::Rule(number) => {
                let planned = self.rules.get(number)?;
                let inside = planned.in_tls.as_ref().filter(|_| in_tls);
                inside.or(planned.script.as_ref())
            }
        }
    }

    /// Appends what a rule at a moment within a handshake says: bare bytes, no waits.
    pub(crate) fn bytes_at(&self, id: ScriptId, vars: &Vars, now: Now, out: &mut Vec<u8>) {
        for step in self
            .script(id, false)
            .into_iter()
            .flat_map(|script| &script.steps)
        {
            for _ in 0..step.times {
                step.template.render(vars, now, out);
            }
        }
    }
}

impl PlannedRule {
    fn matched(&self, number: usize) -> RuleMatch {
        RuleMatch {
            number,
            script: self.script.as_ref().map(|_| ScriptId::Rule(number)),
            delay: self.rule.delay,
            acts: self.rule.acts,
            offers_starttls: self.offers_starttls,
        }
    }
}

/// Whether a peer needs a certificate to act out this spec.
pub(crate) fn needs_tls(spec: &PeerSpec) -> bool {
    spec.ehlo.offers_starttls()
        || spec.tls.implicit
        || spec.on.iter().any(|rule| {
            if spec.ehlo.changed(rule).offers_starttls() {
                return true;
            }
            let steps = rule.send.iter().flat_map(|reply| &reply.steps);
            steps
                .filter_map(|step| step.then)
                .chain(rule.then)
                .any(|then| then == super::spec::Then::StartTls)
        })
}

/// Whether the rules have something to say about the moment of the connection request.
pub(crate) const CONNECT: Trigger = Trigger::Moment(Moment::Connect);

fn lines(commands: &[String]) -> Vec<u8> {
    let lines = commands.iter().map(|command| format!("{command}\r\n"));
    lines.collect::<String>().into_bytes()
}
