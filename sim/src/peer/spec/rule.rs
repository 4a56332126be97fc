//! A rule: at this command or moment, on these connections, the peer departs from its usual replies.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fail::Fail;
use super::reply::Reply;
use super::words::{Command, Moment, Then};

/// `[[on]]`: what the peer does instead of the usual, and when. The first rule that applies is taken.
///
/// Without `send`, the usual reply goes out (`delay` later) if `then` is absent too; else nothing does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RuleTable", into = "RuleTable")]
pub struct Rule {
    /// What sets it off.
    pub trigger: Trigger,
    /// On which connections.
    pub connections: Connections,
    /// Only inside TLS, only outside of it, or both.
    pub in_tls: Option<bool>,
    /// Only at the n-th time in this connection that the trigger comes, from 1.
    pub nth: Option<u32>,
    /// Only from the n-th time on, from 1.
    pub from_nth: Option<u32>,
    /// What is sent; absent: the usual reply, or nothing if there is a `then`.
    pub send: Option<Reply>,
    /// Added to the wait before the reply.
    pub delay: Duration,
    /// What is done after it.
    pub then: Option<Then>,
}

/// What sets a rule off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A command of the client.
    Command(Command),
    /// A moment of the connection.
    Moment(Moment),
    /// That many octets of a message text have arrived.
    Body {
        /// Octets on the wire, after the line end of DATA's 354.
        after_octets: u64,
    },
    /// The handshake, which fails in this way.
    Fail(Fail),
}

/// The connections a rule is for: all; the n-th; every k-th; every k-th from the n-th on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// The n-th connection to this peer, from 1.
    pub connection: Option<u64>,
    /// Every k-th connection: k, 2k, …; with `connection = n`: n, n + k, …
    pub every: Option<u64>,
}

impl Connections {
    /// Whether the connection with this number, from 1, is among them.
    pub const fn contains(self, number: u64) -> bool {
        match (self.connection, self.every) {
            (None, None) => true,
            (Some(only), None) => number == only,
            (None, Some(every)) => number.is_multiple_of(every),
            (Some(first), Some(every)) => number >= first && (number - first).is_multiple_of(every),
        }
    }
}

impl Rule {
    /// A rule without conditions or effects for a command.
    pub fn command(command: Command) -> Rule {
        Rule::at(Trigger::Command(command))
    }

    /// A rule without conditions or effects for a moment.
    pub fn moment(moment: Moment) -> Rule {
        Rule::at(Trigger::Moment(moment))
    }

    /// A rule that makes the handshake fail.
    pub fn fail(fail: Fail) -> Rule {
        Rule::at(Trigger::Fail(fail))
    }

    fn at(trigger: Trigger) -> Rule {
        Rule {
            trigger,
            connections: Connections::default(),
            in_tls: None,
            nth: None,
            from_nth: None,
            send: None,
            delay: Duration::ZERO,
            then: None,
        }
    }

    /// The same rule, with this reply.
    #[must_use]
    pub fn send(mut self, reply: impl Into<Reply>) -> Rule {
        self.send = Some(reply.into());
        self
    }

    /// The same rule, with this end.
    #[must_use]
    pub fn then(mut self, then: Then) -> Rule {
        self.then = Some(then);
        self
    }

    /// The same rule, inside TLS only, or outside only.
    #[must_use]
    pub fn in_tls(mut self, inside: bool) -> Rule {
        self.in_tls = Some(inside);
        self
    }

    /// The same rule, on the n-th connection only; from 1.
    #[must_use]
    pub fn on_connection(mut self, number: u64) -> Rule {
        self.connections.connection = Some(number);
        self
    }

    /// Says in one line what makes no sense about this rule.
    ///
    /// # Errors
    /// That line.
    pub fn check(&self) -> Result<(), String> {
        let thens = self.then.into_iter().chain(
            self.send
                .iter()
                .flat_map(|reply| reply.steps.iter().filter_map(|step| step.then)),
        );
        let moment = match self.trigger {
            Trigger::Command(_) => None,
            Trigger::Moment(moment) => Some(moment),
            Trigger::Body { .. } => Some(Moment::Body),
            Trigger::Fail(fail) => Some(fail.moment),
        };
        for then in thens {
            let (word, fits) = match then {
                Then::Refuse => ("refuse", moment == Some(Moment::Connect)),
                Then::Drop => ("drop", moment == Some(Moment::Connect)),
                Then::StartTls => (
                    "start-tls",
                    self.trigger == Trigger::Command(Command::Starttls),
                ),
                Then::GoOn | Then::Close | Then::Reset | Then::Stall => continue,
            };
            if !fits {
                let place = if word == "start-tls" {
                    "command STARTTLS"
                } else {
                    "moment connect"
                };
                return Err(format!("`then = \"{word}\"` belongs to {place}"));
            }
        }
        if moment.is_some_and(Moment::is_within_handshake) {
            let delayed = self
                .send
                .iter()
                .flat_map(|reply| &reply.steps)
                .any(|step| !step.delay.is_zero());
            if delayed || !self.delay.is_zero() {
                return Err("within a handshake there is no delay".to_owned());
            }
        }
        if moment == Some(Moment::Connect) && self.send.is_some() {
            return Err("at the moment connect nothing can be sent; use greeting".to_owned());
        }
        if [self.connections.connection, self.connections.every].contains(&Some(0))
            || [self.nth, self.from_nth].contains(&Some(0))
        {
            return Err("connection, every, nth and from-nth count from 1".to_owned());
        }
        if matches!(self.trigger, Trigger::Fail(_)) && (self.send.is_some() || self.then.is_some())
        {
            return Err("a rule with `fail` has no `send` and no `then`".to_owned());
        }
        Ok(())
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RuleTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Command>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moment: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fail: Option<Fail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_octets: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_tls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_nth: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    send: Option<Reply>,
    #[serde(with = "crate::span", skip_serializing_if = "Duration::is_zero")]
    delay: Duration,
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<Then>,
}

impl TryFrom<RuleTable> for Rule {
    type Error = String;

    fn try_from(table: RuleTable) -> Result<Self, String> {
        let trigger = match (table.command, table.moment, table.fail) {
            (Some(command), None, None) => Trigger::Command(command),
            (None, Some(Moment::Body), None) => Trigger::Body {
                after_octets: table.after_octets.unwrap_or(0),
            },
            (None, Some(moment), None) => Trigger::Moment(moment),
            (None, None, Some(fail)) => Trigger::Fail(fail),
            _ => return Err("a rule has one of command, moment and fail".to_owned()),
        };
        if table.after_octets.is_some() && !matches!(trigger, Trigger::Body { .. }) {
            return Err("`after-octets` belongs to moment body".to_owned());
        }
        let rule = Rule {
            trigger,
            connections: Connections {
                connection: table.connection,
                every: table.every,
            },
            in_tls: table.in_tls,
            nth: table.nth,
            from_nth: table.from_nth,
            send: table.send,
            delay: table.delay,
            then: table.then,
        };
        rule.check().map(|()| rule)
    }
}

impl From<Rule> for RuleTable {
    fn from(rule: Rule) -> Self {
        let mut table = RuleTable {
            connection: rule.connections.connection,
            every: rule.connections.every,
            in_tls: rule.in_tls,
            nth: rule.nth,
            from_nth: rule.from_nth,
            send: rule.send,
            delay: rule.delay,
            then: rule.then,
            ..RuleTable::default()
        };
        match rule.trigger {
            Trigger::Command(command) => table.command = Some(command),
            Trigger::Moment(moment) => table.moment = Some(moment),
            Trigger::Body { after_octets } => {
                table.moment = Some(Moment::Body);
                table.after_octets = Some(after_octets);
            }
            Trigger::Fail(fail) => table.fail = Some(fail),
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_from_one() {
        let chosen = |connection, every| -> Vec<u64> {
            (1..=7)
                .filter(|number| Connections { connection, every }.contains(*number))
                .collect()
        };
        assert_eq!(chosen(None, None), [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(chosen(Some(2), None), [2]);
        assert_eq!(chosen(None, Some(3)), [3, 6]);
        assert_eq!(chosen(Some(2), Some(2)), [2, 4, 6]);
    }

    #[test]
    fn a_rule_that_makes_no_sense_is_refused() {
        for (text, expected) in [
            ("then = 'close'", "one of command, moment and fail"),
            (
                "command = 'QUIT'\nmoment = 'connect'",
                "one of command, moment and fail",
            ),
            (
                "command = 'QUIT'\nthen = 'refuse'",
                "belongs to moment connect",
            ),
            (
                "command = 'QUIT'\nsend = { text = '221', then = 'start-tls' }",
                "belongs to command STARTTLS",
            ),
            ("moment = 'client-hello'\ndelay = '1s'", "no delay"),
            ("moment = 'connect'\nsend = 'x'", "nothing can be sent"),
            ("command = 'QUIT'\nevery = 0", "count from 1"),
            (
                "command = 'QUIT'\nafter-octets = 1",
                "belongs to moment body",
            ),
            ("fail = 'corrupt-flight'\nthen = 'close'", "has no `send`"),
        ] {
            let error = toml::from_str::<Rule>(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
