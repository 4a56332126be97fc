//! When a rule applies: conditions on the connection, the time, the place in the dialogue and the message. All of
//! them can be combined, and all of them have to hold.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::measure::{Chance, ClientNet, Rate, Sni};
use super::trigger::Trigger;
use super::words::{Command, Moment};

/// The conditions of a rule. The default holds always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// On which connections, by their numbers.
    pub connections: Connections,
    /// Drawn from the seed, once for each connection and rule: `chance = 0.3`.
    pub chance: Option<Chance>,
    /// On a connection that is one too many within a span of time, this one included: `more-than = "3 per 1m"`.
    /// Connections that were refused count too.
    pub more_than: Option<Rate>,
    /// On a connection that finds so many open already, wherever they come from: `at-once = 5`.
    pub at_once: Option<u32>,
    /// For clients from this network: `client = "192.0.2.0/24"`.
    pub client: Option<ClientNet>,
    /// From this time on, counted from the start of the run: `since = "10m"`.
    pub since: Option<Duration>,
    /// Up to this time, counted from the start of the run: `until = "1h"`.
    pub until: Option<Duration>,
    /// The span after which `since` and `until` hold again, each time counted from its start: `repeats = "1d"`.
    pub repeats: Option<Duration>,
    /// Only inside TLS, only outside of it, or both.
    pub in_tls: Option<bool>,
    /// For clients that ask for a host name (SNI, RFC 6066 §3), that do not, or that ask for this one.
    pub sni: Option<Sni>,
    /// For clients that offer to resume a session by a ticket, or that do not.
    pub resumes: Option<bool>,
    /// For clients whose ClientHello has a first record longer than this, header included: `hello-over = 1460`.
    pub hello_over: Option<u32>,
    /// Only when the command comes once too often within a span of time, on whichever connections:
    /// `faster-than = "20 per 1h"`. Counted are those for which all other conditions hold and no earlier rule
    /// applied, whatever was answered.
    pub faster_than: Option<Rate>,
    /// Only at the n-th time that the trigger comes, from 1.
    pub nth: Option<u32>,
    /// Only from the n-th time on, from 1.
    pub from_nth: Option<u32>,
    /// Every k-th time: k, 2k, …; with `nth = n`: n, n + k, …
    pub every_nth: Option<u32>,
    /// Where `nth`, `from-nth` and `every-nth` begin to count.
    pub per: Per,
    /// For messages from this sender. A `*` stands for any text; case does not matter; the null sender is empty.
    pub sender: Option<String>,
    /// For this recipient, as `sender`; behind RCPT: for messages with such a recipient among those accepted.
    pub recipient: Option<String>,
    /// For messages of more octets than this: those that came, or that MAIL announces (RFC 1870).
    pub message_over: Option<u64>,
    /// Until this span has passed since the client's address, sender and recipient first came together.
    pub greylist: Option<Duration>,
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

/// Where the count of a command begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// With the connection.
    #[default]
    Connection,
    /// With the mail transaction: at MAIL, RSET or EHLO (RFC 5321 §3.3).
    Transaction,
    /// With the run: commands and message texts on all connections to the peer.
    Peer,
}

impl Per {
    pub(super) fn is_connection(&self) -> bool {
        *self == Per::Connection
    }
}

impl When {
    /// Whether it depends on what only the peer as a whole knows, at the time when the connection comes.
    pub(crate) fn is_settled_at_connect(&self) -> bool {
        self.chance.is_some() || self.more_than.is_some() || self.at_once.is_some()
    }

    /// Whether the n-th time, counted from 1, is among those that it is for.
    pub(crate) fn is_for_time(&self, nth: u32) -> bool {
        let chosen = Connections {
            connection: self.nth.map(u64::from),
            every: self.every_nth.map(u64::from),
        };
        chosen.contains(nth.into()) && self.from_nth.is_none_or(|from| nth >= from)
    }

    /// Whether it counts how often its trigger comes.
    fn counts(&self) -> bool {
        self.nth.or(self.from_nth).or(self.every_nth).is_some()
    }

    /// Whether it asks for the envelope of the message.
    pub(crate) fn asks_for_envelope(&self) -> bool {
        self.sender.is_some()
            || self.recipient.is_some()
            || self.message_over.is_some()
            || self.greylist.is_some()
    }

    /// Says in one line what makes no sense about these conditions at this trigger.
    pub(super) fn check(&self, trigger: Trigger) -> Result<(), String> {
        let Connections { connection, every } = self.connections;
        if [connection, every].contains(&Some(0))
            || [self.nth, self.from_nth, self.every_nth].contains(&Some(0))
        {
            return Err("connection, every, nth, from-nth and every-nth count from 1".to_owned());
        }
        if self.at_once == Some(0) {
            return Err("`at-once` is at least 1: no connection finds fewer open".to_owned());
        }
        if let (Some(since), Some(until)) = (self.since, self.until)
            && until <= since
        {
            return Err("`until` is not later than `since`: the rule never applies".to_owned());
        }
        if self.until == Some(Duration::ZERO) {
            return Err("`until` is the start of the run: the rule never applies".to_owned());
        }
        if let Some(span) = self.repeats {
            self.check_repeats(span)?;
        }
        if self.greylist == Some(Duration::ZERO) {
            return Err("`greylist` is a span of time, as `5m`: with 0s nobody waits".to_owned());
        }
        if !self.per.is_connection() && !self.counts() {
            return Err(
                "`per` says where `nth`, `from-nth` or `every-nth` begins to count".to_owned(),
            );
        }
        if self.per == Per::Peer && matches!(trigger, Trigger::Moment(_)) {
            return Err(
                "`per = \"peer\"` counts commands and message texts; for a moment use `connection` or `every`"
                    .to_owned(),
            );
        }
        self.check_place(trigger)
    }

    fn check_repeats(&self, span: Duration) -> Result<(), String> {
        let within = [self.since, self.until];
        if within.iter().all(Option::is_none) {
            return Err("`repeats` says after what span `since` and `until` hold again".to_owned());
        }
        if self.since.is_some_and(|since| since >= span)
            || self.until.is_some_and(|until| until > span)
        {
            return Err("`since` and `until` lie within the span of `repeats`".to_owned());
        }
        Ok(())
    }

    /// Whether `time`, counted from the start of the run, lies between `since` and `until`.
    pub(crate) fn is_at(&self, time: Duration) -> bool {
        let time = match self.repeats.map(|span| span.as_nanos()) {
            Some(span) if span > 0 => Duration::from_nanos_u128(time.as_nanos() % span),
            Some(_) | None => time,
        };
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }

    /// Conditions that know nothing yet where the trigger stands.
    fn check_place(&self, trigger: Trigger) -> Result<(), String> {
        use Command::{Bdat, Data, Dot, Mail, Rcpt, Rset};
        if self.faster_than.is_some() && !matches!(trigger, Trigger::Commands(_)) {
            return Err(
                "`faster-than` belongs to commands; for connections use `more-than`".to_owned(),
            );
        }
        let places: [(&str, bool, &[Command], bool); 6] = [
            (
                "sender",
                self.sender.is_some(),
                &[Mail, Rcpt, Data, Bdat, Dot, Rset],
                true,
            ),
            (
                "recipient",
                self.recipient.is_some(),
                &[Rcpt, Data, Bdat, Dot, Rset],
                true,
            ),
            (
                "message-over",
                self.message_over.is_some(),
                &[Mail, Rcpt, Data, Bdat, Dot],
                true,
            ),
            (
                "greylist",
                self.greylist.is_some(),
                &[Mail, Rcpt, Dot],
                false,
            ),
            ("nth", self.counts(), &Command::ALL, true),
            ("in-tls", self.in_tls.is_some(), &Command::ALL, true),
        ];
        for (word, is_set, commands, in_body) in places {
            let fits = match trigger {
                Trigger::Commands(set) => commands.iter().any(|command| set.contains(*command)),
                Trigger::Body { .. } => in_body,
                // A handshake comes once, and outside TLS.
                Trigger::Fail(_) => false,
                Trigger::Moment(_) => commands.len() == Command::ALL.len(),
            };
            if is_set && !fits {
                let place = if commands.len() == Command::ALL.len() {
                    "commands and moments".to_owned()
                } else {
                    let names: Vec<String> = commands.iter().map(Command::to_string).collect();
                    format!("the commands {}", names.join(", "))
                };
                return Err(format!("`{word}` belongs to {place}"));
            }
        }
        let moment = match trigger {
            Trigger::Moment(moment) => Some(moment),
            Trigger::Fail(fail) => Some(fail.moment),
            Trigger::Commands(_) | Trigger::Body { .. } => None,
        };
        let before = [Moment::Connect, Moment::EarlyTalk, Moment::BeforeHello];
        let of_hello = [
            ("sni", self.sni.is_some()),
            ("resumes", self.resumes.is_some()),
            ("hello-over", self.hello_over.is_some()),
        ];
        let asked = of_hello.into_iter().find(|(_, is_asked)| *is_asked);
        if let Some((word, _)) = asked
            && moment.is_some_and(|moment| before.contains(&moment))
        {
            return Err(format!(
                "before the ClientHello has come, nothing is known of the `{word}`"
            ));
        }
        Ok(())
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
}
