//! Rules in Rust, by the words of `[[on]]`.

use std::time::Duration;

use super::commands::Commands;
use super::condition::{Per, When};
use super::fail::Fail;
use super::measure::{Chance, ClientNet, Rate, Sni};
use super::mx::PeerRef;
use super::reply::Reply;
use super::rule::Rule;
use super::trigger::Trigger;
use super::words::{Moment, Then};

/// Every method is a key of a file, and means the same. [`Rule::check`] says what makes no sense.
///
/// ```
/// use std::time::Duration;
/// use mta_sim::peer::{Command, PeerSpec, Rate, Rule};
///
/// const MINUTE: Duration = Duration::from_secs(60);
/// let read = mta_sim::peer::load("busy.toml", r#"
///     [[on]]
///     moment = "greeting"
///     more-than = "3 per 1m"
///     send = "421 4.7.0 Try again later"
///
///     [[on]]
///     command = "RCPT"
///     in-tls = false
///     greylist = "5m"
///     send = "450 4.2.0 Greylisted"
/// "#)?;
/// let built = [
///     Rule::moment(mta_sim::peer::Moment::Greeting)
///         .more_than(Rate { count: 3, per: MINUTE })
///         .send("421 4.7.0 Try again later"),
///     Rule::command(Command::Rcpt).in_tls(false).greylist(5 * MINUTE).send("450 4.2.0 Greylisted"),
/// ];
/// assert_eq!(read.on, built);
/// # Ok::<(), mta_sim::file::FileError>(())
/// ```
impl Rule {
    /// A rule without conditions or effects for a command, or for some: `command`.
    pub fn command(command: impl Into<Commands>) -> Rule {
        Rule::at(Trigger::Commands(command.into()))
    }

    /// A rule without conditions or effects for a moment: `moment`.
    pub fn moment(moment: Moment) -> Rule {
        if moment == Moment::Body {
            return Rule::after_octets(0);
        }
        Rule::at(Trigger::Moment(moment))
    }

    /// A rule for the time when so many octets of a message text have come: `moment = "body"` and `after-octets`.
    pub fn after_octets(bytes: u64) -> Rule {
        Rule::at(Trigger::Body {
            after_octets: bytes,
        })
    }

    /// A rule that makes the handshake fail: `fail`.
    pub fn fail(fail: Fail) -> Rule {
        Rule::at(Trigger::Fail(fail))
    }

    fn at(trigger: Trigger) -> Rule {
        Rule {
            trigger,
            when: When::default(),
            without: Vec::new(),
            with: Vec::new(),
            send: None,
            delay: Duration::ZERO,
            then: None,
            acts: None,
            peer: None,
        }
    }

    /// On the n-th connection only, from 1: `connection`.
    #[must_use]
    pub fn connection(mut self, number: u64) -> Rule {
        self.when.connections.connection = Some(number);
        self
    }

    /// On every k-th connection: `every`.
    #[must_use]
    pub fn every(mut self, count: u64) -> Rule {
        self.when.connections.every = Some(count);
        self
    }

    /// On connections drawn with this chance: `chance`.
    #[must_use]
    pub fn chance(mut self, chance: Chance) -> Rule {
        self.when.chance = Some(chance);
        self
    }

    /// On connections that are too many within a span of time: `more-than`.
    #[must_use]
    pub fn more_than(mut self, rate: Rate) -> Rule {
        self.when.more_than = Some(rate);
        self
    }

    /// On connections that find so many open: `at-once`.
    #[must_use]
    pub fn at_once(mut self, connections: u32) -> Rule {
        self.when.at_once = Some(connections);
        self
    }

    /// For clients from this network: `client`.
    #[must_use]
    pub fn client(mut self, net: ClientNet) -> Rule {
        self.when.client = Some(net);
        self
    }

    /// From this time of the run on: `since`.
    #[must_use]
    pub fn since(mut self, time: Duration) -> Rule {
        self.when.since = Some(time);
        self
    }

    /// Up to this time of the run: `until`.
    #[must_use]
    pub fn until(mut self, time: Duration) -> Rule {
        self.when.until = Some(time);
        self
    }

    /// Counts `since` and `until` from the start of each such span: `repeats`.
    #[must_use]
    pub fn repeats(mut self, span: Duration) -> Rule {
        self.when.repeats = Some(span);
        self
    }

    /// Inside TLS only, or outside only: `in-tls`.
    #[must_use]
    pub fn in_tls(mut self, inside: bool) -> Rule {
        self.when.in_tls = Some(inside);
        self
    }

    /// For clients that ask for such a host name: `sni`.
    #[must_use]
    pub fn sni(mut self, sni: Sni) -> Rule {
        self.when.sni = Some(sni);
        self
    }

    /// For clients that offer a ticket, or that do not: `resumes`.
    #[must_use]
    pub fn resumes(mut self, offered: bool) -> Rule {
        self.when.resumes = Some(offered);
        self
    }

    /// For ClientHellos with a longer first record than this: `hello-over`.
    #[must_use]
    pub fn hello_over(mut self, bytes: u32) -> Rule {
        self.when.hello_over = Some(bytes);
        self
    }

    /// When the command has come more often within a span of time: `faster-than`.
    #[must_use]
    pub fn faster_than(mut self, rate: Rate) -> Rule {
        self.when.faster_than = Some(rate);
        self
    }

    /// At the n-th time only, from 1: `nth`.
    #[must_use]
    pub fn nth(mut self, time: u32) -> Rule {
        self.when.nth = Some(time);
        self
    }

    /// From the n-th time on: `from-nth`.
    #[must_use]
    pub fn from_nth(mut self, time: u32) -> Rule {
        self.when.from_nth = Some(time);
        self
    }

    /// Every k-th time: `every-nth`.
    #[must_use]
    pub fn every_nth(mut self, count: u32) -> Rule {
        self.when.every_nth = Some(count);
        self
    }

    /// Where times are counted from: `per`.
    #[must_use]
    pub fn per(mut self, per: Per) -> Rule {
        self.when.per = per;
        self
    }

    /// For messages from such an address: `sender`.
    #[must_use]
    pub fn sender(mut self, pattern: &str) -> Rule {
        self.when.sender = Some(pattern.to_owned());
        self
    }

    /// For messages to such an address: `recipient`.
    #[must_use]
    pub fn recipient(mut self, pattern: &str) -> Rule {
        self.when.recipient = Some(pattern.to_owned());
        self
    }

    /// For messages of more octets: `message-over`.
    #[must_use]
    pub fn message_over(mut self, bytes: u64) -> Rule {
        self.when.message_over = Some(bytes);
        self
    }

    /// Until this has passed since client, sender and recipient first came together: `greylist`.
    #[must_use]
    pub fn greylist(mut self, span: Duration) -> Rule {
        self.when.greylist = Some(span);
        self
    }

    /// The usual answer to EHLO lacks these keywords: `without`.
    #[must_use]
    pub fn without<const N: usize>(mut self, keywords: [&str; N]) -> Rule {
        self.without = keywords.map(str::to_owned).into();
        self
    }

    /// The usual answer to EHLO has these keywords besides: `with`.
    #[must_use]
    pub fn with<const N: usize>(mut self, keywords: [&str; N]) -> Rule {
        self.with = keywords.map(str::to_owned).into();
        self
    }

    /// What is sent: `send`.
    #[must_use]
    pub fn send(mut self, reply: impl Into<Reply>) -> Rule {
        self.send = Some(reply.into());
        self
    }

    /// Added to the wait before the reply: `delay`.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Rule {
        self.delay = delay;
        self
    }

    /// What is done after it: `then`.
    #[must_use]
    pub fn then(mut self, then: Then) -> Rule {
        self.then = Some(then);
        self
    }

    /// Whether the peer does what the command asks for, whatever it answers: `acts`.
    #[must_use]
    pub fn acts(mut self, acts: bool) -> Rule {
        self.acts = Some(acts);
        self
    }

    /// Another machine takes the connection: `peer`.
    #[must_use]
    pub fn peer(mut self, peer: impl Into<PeerRef>) -> Rule {
        self.peer = Some(peer.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::words::Command;
    use super::*;

    #[test]
    fn a_moment_is_that_of_a_file() {
        for moment in [Moment::Body, Moment::Greeting] {
            let rule = Rule::moment(moment);
            let read: Rule = toml::from_str(&toml::to_string(&rule).unwrap()).unwrap();
            assert_eq!(read, rule);
        }
    }

    /// A rule with every word, as a file has it. It makes no sense as a whole, and is not checked.
    fn built() -> [Rule; 4] {
        let span = Duration::from_secs;
        let all = Rule::command(Command::Rcpt)
            .connection(2)
            .every(3)
            .chance(Chance {
                millionths: 300_000,
            })
            .more_than(Rate {
                count: 3,
                per: span(60),
            })
            .at_once(5)
            .client("192.0.2.0/24".parse().unwrap())
            .since(span(1))
            .until(span(2))
            .repeats(span(3))
            .in_tls(true)
            .sni(Sni::Like("*.test".to_owned()))
            .resumes(false)
            .hello_over(1460)
            .faster_than(Rate {
                count: 4,
                per: span(60),
            })
            .nth(4)
            .from_nth(5)
            .every_nth(6)
            .per(Per::Transaction)
            .sender("*@a.test")
            .recipient("ghost@*")
            .message_over(7)
            .greylist(span(300))
            .without(["STARTTLS"])
            .with(["SIZE 8"])
            .send("450 no")
            .delay(span(9))
            .then(Then::Close)
            .acts(true)
            .peer("gmail");
        [
            all,
            Rule::moment(Moment::Greeting),
            Rule::after_octets(10),
            Rule::fail("corrupt-flight".parse().unwrap()),
        ]
    }

    #[test]
    fn every_word_of_a_file_has_a_method() {
        let written: BTreeSet<String> = built()
            .iter()
            .flat_map(|rule| {
                let table = toml::Table::try_from(rule).unwrap();
                table.keys().cloned().collect::<Vec<_>>()
            })
            .collect();
        let schema = serde_json::to_value(schemars::schema_for!(Rule)).unwrap();
        let known = schema["properties"].as_object().unwrap().keys().cloned();
        assert_eq!(written, known.collect::<BTreeSet<String>>());
    }
}
