//! A rule as a file writes it: one flat table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::commands::Commands;
use super::condition::{Connections, Per, When};
use super::fail::Fail;
use super::measure::{Chance, ClientNet, Rate, Sni};
use super::reply::Reply;
use super::rule::{Rule, Trigger};
use super::words::{Moment, Then};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RuleTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Commands>,
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
    chance: Option<Chance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more_than: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_once: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientNet>,
    #[serde(with = "crate::span::maybe", skip_serializing_if = "Option::is_none")]
    since: Option<Duration>,
    #[serde(with = "crate::span::maybe", skip_serializing_if = "Option::is_none")]
    until: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_tls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sni: Option<Sni>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resumes: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hello_over: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_nth: Option<u32>,
    #[serde(skip_serializing_if = "Per::is_connection")]
    per: Per,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_over: Option<u64>,
    #[serde(with = "crate::span::maybe", skip_serializing_if = "Option::is_none")]
    greylist: Option<Duration>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    without: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    with: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    send: Option<Reply>,
    #[serde(with = "crate::span", skip_serializing_if = "Duration::is_zero")]
    delay: Duration,
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<Then>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acts: Option<bool>,
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
                in_tls: table.in_tls,
                sni: table.sni,
                resumes: table.resumes,
                hello_over: table.hello_over,
                nth: table.nth,
                from_nth: table.from_nth,
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
            in_tls,
            sni,
            resumes,
            hello_over,
            nth,
            from_nth,
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
            in_tls,
            sni,
            resumes,
            hello_over,
            nth,
            from_nth,
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
