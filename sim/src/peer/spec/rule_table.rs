//! A rule as a file writes it: one flat table.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::commands::Commands;
use super::condition::{Connections, Per, When};
use super::fail::Fail;
use super::measure::{Chance, ClientNet, Rate, Sni};
use super::mx::PeerRef;
use super::reply::Reply;
use super::rule::Rule;
use super::trigger::Trigger;
use super::words::{Moment, Then};

/// `[[on]]`: what the peer does instead of the usual, and when. The first rule that applies is taken.
///
/// Without `send`, the usual reply goes out (`delay` later) if `then` is absent too; else nothing does.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Rule")]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RuleTable {
    /// The command that sets it off: one, a list, or `any`.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Commands>,
    /// The moment that sets it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    moment: Option<Moment>,
    /// How the handshake goes wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    fail: Option<Fail>,
    /// At moment `body`: after so many octets of a message text.
    #[serde(skip_serializing_if = "Option::is_none")]
    after_octets: Option<u64>,
    /// On the n-th connection only, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u64>,
    /// On every k-th connection; with `connection = n`: n, n + k, …
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
    /// With this chance, drawn from the seed once for each connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    chance: Option<Chance>,
    /// On a connection that is one too many: `"3 per 1m"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_than: Option<Rate>,
    /// On a connection that finds so many open already.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_once: Option<u32>,
    /// For clients from this network.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientNet>,
    /// From this time on, counted from the start of the run.
    #[schemars(with = "Option<crate::span::Text>")]
    #[serde(with = "crate::span::maybe", skip_serializing_if = "Option::is_none")]
    since: Option<Duration>,
    /// Up to this time, counted from the start of the run.
    #[schemars(with = "Option<crate::span::Text>")]
    #[serde(with = "crate::span::maybe", skip_serializing_if = "Option::is_none")]
    until: Option<Duration>,
    /// `since` and `until` are counted from the start of each such span.
    #[schemars(with = "Option<crate::span::Text>")]
    #[serde(with = "crate::span::maybe", skip_serializing_if = "Option::is_none")]
    repeats: Option<Duration>,
    /// Only inside TLS, or only outside of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_tls: Option<bool>,
    /// For clients that ask for a host name (SNI), that do not, or that ask for this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    sni: Option<Sni>,
    /// For clients that offer a session to be resumed, or that do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    resumes: Option<bool>,
    /// For a ClientHello of more octets than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    hello_over: Option<u32>,
    /// Only when the command has come more often within this span, on whichever connections: `"3 per 1m"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    faster_than: Option<Rate>,
    /// Only at the n-th time that it comes, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u32>,
    /// Only from the n-th time on, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    from_nth: Option<u32>,
    /// Every k-th time that it comes; with `nth = n`: n, n + k, …
    #[serde(skip_serializing_if = "Option::is_none")]
    every_nth: Option<u32>,
    /// Where `nth`, `from-nth` and `every-nth` begin to count.
    #[serde(skip_serializing_if = "Per::is_connection")]
    per: Per,
    /// For messages from this sender; a `*` stands for any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    /// For this recipient; a `*` stands for any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
    /// For messages of more octets than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_over: Option<u64>,
    /// Until this span has passed since client, sender and recipient first came together.
    #[schemars(with = "Option<crate::span::Text>")]
    #[serde(with = "crate::span::maybe", skip_serializing_if = "Option::is_none")]
    greylist: Option<Duration>,
    /// The usual answer to EHLO, without these keywords.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    without: Vec<String>,
    /// The usual answer to EHLO, with these keywords besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    with: Vec<String>,
    /// What is sent; absent: the usual reply, or nothing if there is a `then`.
    #[serde(skip_serializing_if = "Option::is_none")]
    send: Option<Reply>,
    /// Added to the wait before the reply.
    #[schemars(with = "crate::span::Text")]
    #[serde(with = "crate::span", skip_serializing_if = "Duration::is_zero")]
    delay: Duration,
    /// What is done after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<Then>,
    /// Whether the peer does what the command asks for, whatever it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    acts: Option<bool>,
    /// At moment `connect`: another machine takes the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<PeerRef>,
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Rule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
                let table = RuleTable::deserialize(MapAccessDeserializer::new(map))?;
                table.try_into().map_err(de::Error::custom)
            }
        }
        // What is invalid is reported while the table is read, so that it is placed there and not at the list.
        deserializer.deserialize_map(Form)
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RuleTable::from(self.clone()).serialize(serializer)
    }
}

impl JsonSchema for Rule {
    fn schema_name() -> Cow<'static, str> {
        RuleTable::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        RuleTable::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        RuleTable::json_schema(generator)
    }
}

impl TryFrom<RuleTable> for Rule {
    type Error = String;

    fn try_from(table: RuleTable) -> Result<Self, String> {
        let trigger = match (table.command, table.moment, table.fail) {
            (Some(commands), None, None) => Trigger::Commands(commands),
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
            when: When {
                connections: Connections {
                    connection: table.connection,
                    every: table.every,
                },
                chance: table.chance,
                more_than: table.more_than,
                at_once: table.at_once,
                client: table.client,
                since: table.since,
                until: table.until,
                repeats: table.repeats,
                in_tls: table.in_tls,
                sni: table.sni,
                resumes: table.resumes,
                hello_over: table.hello_over,
                faster_than: table.faster_than,
                nth: table.nth,
                from_nth: table.from_nth,
                every_nth: table.every_nth,
                per: table.per,
                sender: table.sender,
                recipient: table.recipient,
                message_over: table.message_over,
                greylist: table.greylist,
            },
            without: table.without,
            with: table.with,
            send: table.send,
            delay: table.delay,
            then: table.then,
            acts: table.acts,
            peer: table.peer,
        };
        rule.check().map(|()| rule)
    }
}

impl From<Rule> for RuleTable {
    fn from(rule: Rule) -> Self {
        let When {
            connections,
            chance,
            more_than,
            at_once,
            client,
            since,
            until,
            repeats,
            in_tls,
            sni,
            resumes,
            hello_over,
            faster_than,
            nth,
            from_nth,
            every_nth,
            per,
            sender,
            recipient,
            message_over,
            greylist,
        } = rule.when;
        let mut table = RuleTable {
            command: None,
            moment: None,
            fail: None,
            after_octets: None,
            connection: connections.connection,
            every: connections.every,
            chance,
            more_than,
            at_once,
            client,
            since,
            until,
            repeats,
            in_tls,
            sni,
            resumes,
            hello_over,
            faster_than,
            nth,
            from_nth,
            every_nth,
            per,
            sender,
            recipient,
            message_over,
            greylist,
            without: rule.without,
            with: rule.with,
            send: rule.send,
            delay: rule.delay,
            then: rule.then,
            acts: rule.acts,
            peer: rule.peer,
        };
        match rule.trigger {
            Trigger::Commands(commands) => table.command = Some(commands),
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
