//! A rule: at this command or moment, on these connections, the peer departs from its usual replies.

use std::time::Duration;

use super::condition::When;
use super::mx::PeerRef;
use super::placeholder;
use super::reply::Reply;
use super::trigger::Trigger;
use super::words::{Command, Moment, Then};

/// `[[on]]`: what the peer does instead of the usual, and when. The first rule that applies is taken.
///
/// Without `send`, the usual reply goes out (`delay` later) if `then` is absent too; else nothing does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What sets it off.
    pub trigger: Trigger,
    /// The conditions under which it applies.
    pub when: When,
    /// Keywords that the usual answer to EHLO lacks here, by their first words.
    pub without: Vec<String>,
    /// Keywords that the usual answer to EHLO has besides; one with the same first word is replaced.
    pub with: Vec<String>,
    /// What is sent; absent: the usual reply, or nothing if there is a `then`.
    pub send: Option<Reply>,
    /// Added to the wait before the reply.
    pub delay: Duration,
    /// What is done after it.
    pub then: Option<Then>,
    /// Whether the peer does what the command asks for, whatever it answers. Absent: if the answer says so, by its
    /// first digit.
    pub acts: Option<bool>,
    /// At the moment of the connection request: another machine at the same address takes the connection. It counts
    /// connections and opens tickets for itself; the host's key is its own too, unless its spec says otherwise.
    pub peer: Option<PeerRef>,
}

/// Why a machine that takes connections may not hand them on.
pub(crate) const NESTED_MACHINES: &str =
    "a machine that takes connections by a rule has no such rule itself";

impl Rule {
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
            Trigger::Commands(_) => None,
            Trigger::Moment(moment) => Some(moment),
            Trigger::Body { .. } => Some(Moment::Body),
            Trigger::Fail(fail) => Some(fail.moment),
        };
        for then in thens {
            let (word, fits) = match then {
                Then::Refuse => ("refuse", moment == Some(Moment::Connect)),
                Then::Drop => ("drop", moment == Some(Moment::Connect)),
                Then::StartTls => ("start-tls", self.is_for(Command::Starttls)),
                Then::GoOn | Then::Close | Then::HalfClose | Then::Reset | Then::Stall => continue,
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
                return Err("`delay` is not allowed during a handshake".to_owned());
            }
        }
        if moment == Some(Moment::Connect) && self.send.is_some() {
            return Err(
                "`send` is not allowed at `moment = \"connect\"`; use `moment = \"greeting\"`"
                    .to_owned(),
            );
        }
        if matches!(self.trigger, Trigger::Fail(_)) && (self.send.is_some() || self.then.is_some())
        {
            return Err("a rule with `fail` has no `send` and no `then`".to_owned());
        }
        if self.changes_keywords() {
            if !self.is_for(Command::Ehlo) {
                return Err("`with` and `without` belong to command EHLO".to_owned());
            }
            if self.send.is_some() {
                return Err(
                    "`with` and `without` change the usual answer; `send` is not allowed beside them"
                        .to_owned(),
                );
            }
            for keyword in self.with.iter().chain(&self.without) {
                placeholder::check(keyword)?;
            }
        }
        if let Some(peer) = &self.peer {
            self.check_machine(peer, moment)?;
        }
        if self.acts.is_some() {
            if !matches!(self.trigger, Trigger::Commands(_)) {
                return Err("`acts` belongs to a command".to_owned());
            }
            if self.send.is_none() && self.then.is_none() {
                return Err("`acts` belongs to a rule with `send` or `then`".to_owned());
            }
        }
        self.when.check(self.trigger)
    }

    fn check_machine(&self, peer: &PeerRef, moment: Option<Moment>) -> Result<(), String> {
        if moment != Some(Moment::Connect) {
            return Err("`peer` belongs to moment connect".to_owned());
        }
        if self.then.is_some() {
            return Err("`peer` takes the connection; `then` is not allowed beside it".to_owned());
        }
        let PeerRef::Inline(peer) = peer else {
            return Ok(());
        };
        if peer.has_machines() {
            return Err(NESTED_MACHINES.to_owned());
        }
        peer.check().map_err(|(_, message)| message)
    }

    /// Whether it changes the keywords of the usual answer to EHLO.
    pub(crate) fn changes_keywords(&self) -> bool {
        !self.with.is_empty() || !self.without.is_empty()
    }

    fn is_for(&self, command: Command) -> bool {
        matches!(self.trigger, Trigger::Commands(commands) if commands.is(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (
                "moment = 'client-hello'\ndelay = '1s'",
                "`delay` is not allowed",
            ),
            ("moment = 'connect'\nsend = 'x'", "`send` is not allowed"),
            ("command = 'QUIT'\nevery = 0", "count from 1"),
            (
                "command = 'QUIT'\nafter-octets = 1",
                "belongs to moment body",
            ),
            ("fail = 'corrupt-flight'\nthen = 'close'", "has no `send`"),
            (
                "command = 'MAIL'\nwithout = ['STARTTLS']",
                "belong to command EHLO",
            ),
            (
                "command = 'EHLO'\nwith = ['XYZ']\nsend = '250 x'",
                "change the usual answer",
            ),
            (
                "command = 'EHLO'\nwith = ['X {hots}']",
                "unknown placeholder",
            ),
            ("command = 'RCPT'\nacts = true", "with `send` or `then`"),
            (
                "moment = 'body'\nthen = 'close'\nacts = true",
                "belongs to a command",
            ),
            ("command = 'QUIT'\nat-once = 0", "at least 1"),
            ("command = 'QUIT'\nchance = 1.5", "between 0 and 1"),
            ("command = 'QUIT'\nmore-than = '3'", "invalid rate"),
            ("command = 'QUIT'\nclient = '192.0.2'", "invalid network"),
            (
                "command = 'QUIT'\nsince = '1h'\nuntil = '1h'",
                "the rule never applies",
            ),
            ("command = 'QUIT'\nuntil = '0s'", "the rule never applies"),
            (
                "command = 'QUIT'\npeer = 'gmail'",
                "belongs to moment connect",
            ),
            (
                "moment = 'connect'\nthen = 'drop'\npeer = 'gmail'",
                "`then` is not allowed beside it",
            ),
            (
                "moment = 'connect'\npeer.on = [{ moment = 'connect', peer = 'gmail' }]",
                "has no such rule itself",
            ),
            (
                "moment = 'connect'\npeer.tls.versions = []",
                "at least one version of TLS",
            ),
            (
                "command = 'QUIT'\nrepeats = '1d'",
                "`since` and `until` hold again",
            ),
            (
                "command = 'QUIT'\nsince = '1d'\nrepeats = '1d'",
                "lie within the span of `repeats`",
            ),
            (
                "command = 'QUIT'\nuntil = '25h'\nrepeats = '1d'",
                "lie within the span of `repeats`",
            ),
            (
                "moment = 'greeting'\nfaster-than = '1 per 1m'",
                "use `more-than`",
            ),
            ("command = 'RCPT'\ngreylist = '0s'", "a span of time"),
            (
                "command = 'QUIT'\ngreylist = '5m'",
                "belongs to the commands MAIL, RCPT, DOT",
            ),
            ("command = 'QUIT'\nsender = '*'", "`sender` belongs to"),
            (
                "command = 'MAIL'\nrecipient = '*'",
                "`recipient` belongs to",
            ),
            (
                "command = 'EHLO'\nmessage-over = 1",
                "`message-over` belongs to",
            ),
            (
                "fail = 'reset-on-hello'\nnth = 1",
                "belongs to commands and moments",
            ),
            (
                "fail = 'reset-before-hello'\nsni = true",
                "nothing is known of the `sni`",
            ),
            (
                "command = 'QUIT'\nper = 'transaction'",
                "`nth`, `from-nth` or `every-nth`",
            ),
            (
                "moment = 'greeting'\nevery-nth = 2\nper = 'peer'",
                "use `connection` or `every`",
            ),
            ("command = 'DOT'\nevery-nth = 0", "count from 1"),
            ("command = []\nthen = 'close'", "at least one command"),
        ] {
            let error = toml::from_str::<Rule>(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
