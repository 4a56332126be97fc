//! A peer as data: well-behaved by default, so that only what is wrong with it has to be said.

mod auth;
mod certificate;
mod certificate_words;
mod commands;
mod condition;
mod down;
mod fact;
mod fail;
mod lack;
mod load;
mod measure;
mod mx;
pub(crate) mod placeholder;
mod reply;
mod reply_table;
mod rule;
mod rule_builder;
mod rule_table;
mod schema;
mod schema_parts;
mod tls;
mod trigger;
mod words;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dns::NameSpec;
use crate::network::NetworkSpec;

pub use auth::{AuthSpec, Mechanism, Offered};
pub(crate) use certificate::UNTRUSTED_ROOT;
pub use certificate::{Certificate, IssuedBy, Words};
pub use certificate_words::{CertificateWord, Link, Offset};
pub use commands::Commands;
pub use condition::{Connections, Per, When};
pub use down::{Down, Nobody};
pub use fact::{Fact, Knowledge};
pub use fail::{Act, Alert, Fail, Forgery};
pub use lack::Lack;
pub use load::load;
pub use measure::{Chance, ClientNet, Rate, Sni};
pub use mx::{MxSpec, PeerRef};
pub use reply::{Reply, Say, Step};
pub(crate) use rule::NESTED_MACHINES;
pub use rule::Rule;
pub(crate) use schema_parts::command_words;
pub(crate) use tls::{AUTHORITIES_MAX, MACHINES_MAX, TICKET_BYTES_MAX, TICKETS_MAX};
pub use tls::{
    Cipher, ClientCertificate, Forget, Group, PeerStore, Resume, TicketsSent, TlsSpec, TlsVersion,
    UnknownName,
};
pub use trigger::Trigger;
pub use words::{Command, EndOfData, Moment, Then};

/// How a peer behaves.
///
/// `PeerSpec::default()`, and an empty file, is a good modern MX.
///
/// ```
/// use mta_sim::peer::{Command, PeerSpec, Rule};
///
/// let read = mta_sim::peer::load("starttls-454.toml", r#"
///     summary = "Offers STARTTLS and refuses it"
///     [[on]]
///     command = "STARTTLS"
///     send = "454 4.7.0 TLS not available due to temporary reason"
/// "#)?;
/// let built = PeerSpec {
///     summary: "Offers STARTTLS and refuses it".into(),
///     on: vec![Rule::command(Command::Starttls).send("454 4.7.0 TLS not available due to temporary reason")],
///     ..PeerSpec::default()
/// };
/// assert_eq!(read, built);
/// # Ok::<(), mta_sim::file::FileError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = schema_parts::extends)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PeerSpec {
    /// What this peer is, in a line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// The rule it breaks, as `RFC 3207 §4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaks: Option<String>,
    /// Where the behaviour was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The date on which `source` described it, as `2026-03`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// What is known about the peer, part by part.
    #[serde(rename = "fact", skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// The domains whose mail this peer is known to receive, for `--to`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// The hosts and ports at which it takes mail for others from who logs in, as `smtp.isp.example:587`; a `*` stands for
    /// any text. A preview meets it where main.cf names one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relay: Vec<String>,
    /// The MX records of such a domain, and where the hosts are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mx: Vec<MxSpec>,
    /// DNS data that come with them: whether the zones are signed, TLSA records, faults.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<NameSpec>,
    /// The greeting.
    pub greeting: Reply,
    /// The answer to EHLO.
    pub ehlo: EhloSpec,
    /// The usual replies to commands, where they differ from Postfix's words.
    #[schemars(extend("propertyNames" = schema_parts::command_words()))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub replies: BTreeMap<Command, Reply>,
    /// The TLS side.
    pub tls: TlsSpec,
    /// The logins that it takes; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<AuthSpec>,
    /// Whether it throws away what has come behind a command when it answers it: PIPELINING (RFC 2920), badly done.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub discards_pipelined: bool,
    /// Whether it keeps the commands that came in clear text behind STARTTLS, and answers them inside TLS (CVE-2011-0411).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keeps_plaintext: bool,
    /// What somebody on the path adds behind the client's STARTTLS, a line each; the word for it is `inject-commands` of
    /// `[[attacker]]`.
    #[serde(skip)]
    pub added_to_starttls: Vec<String>,
    /// What it takes for the end of a message text besides CRLF, dot, CRLF (RFC 5321 §4.1.1.4).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub end_of_data: Vec<EndOfData>,
    /// The path to the peer.
    #[serde(skip_serializing_if = "NetworkSpec::is_clean")]
    pub network: NetworkSpec,
    /// Departures from the usual; the first that applies is taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<Rule>,
}

impl Default for PeerSpec {
    fn default() -> Self {
        PeerSpec {
            summary: String::new(),
            breaks: None,
            source: None,
            as_of: None,
            facts: Vec::new(),
            domains: Vec::new(),
            relay: Vec::new(),
            mx: Vec::new(),
            dns: Vec::new(),
            greeting: Reply::from("220 {host} ESMTP"),
            ehlo: EhloSpec::default(),
            replies: BTreeMap::new(),
            tls: TlsSpec::default(),
            auth: None,
            discards_pipelined: false,
            keeps_plaintext: false,
            added_to_starttls: Vec::new(),
            end_of_data: Vec::new(),
            network: NetworkSpec::default(),
            on: Vec::new(),
        }
    }
}

impl PeerSpec {
    /// The answer to EHLO, with AUTH where it is offered.
    pub(crate) fn answer_to_ehlo(&self) -> EhloSpec {
        let mut ehlo = self.ehlo.clone();
        let Some(auth) = &self.auth else {
            return ehlo;
        };
        let add = |keywords: &mut Vec<String>, in_tls| {
            let is_there = keywords.iter().any(|keyword| same_word(keyword, "AUTH"));
            if auth.is_offered(in_tls) && !is_there {
                keywords.push(auth.keyword());
            }
        };
        let inside = ehlo.announced(true).into_iter();
        let mut inside: Vec<String> = inside.map(str::to_owned).collect();
        add(&mut inside, true);
        add(&mut ehlo.keywords, false);
        ehlo.after_tls = Some(inside);
        ehlo
    }
}

/// The answer to EHLO, RFC 5321 §4.1.1.1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct EhloSpec {
    /// The name that begins the first line; absent: the host's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What follows the name on the first line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The extensions, one a line. Without `STARTTLS` among them the peer does not speak it.
    pub keywords: Vec<String>,
    /// The extensions inside TLS; absent: `keywords` without `STARTTLS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_tls: Option<Vec<String>>,
}

impl Default for EhloSpec {
    fn default() -> Self {
        let keywords = [
            "PIPELINING",
            "SIZE 36700160",
            "8BITMIME",
            "STARTTLS",
            "ENHANCEDSTATUSCODES",
            "SMTPUTF8",
        ];
        EhloSpec {
            name: None,
            text: String::new(),
            keywords: keywords.map(str::to_owned).to_vec(),
            after_tls: None,
        }
    }
}

impl EhloSpec {
    /// Whether STARTTLS is offered in clear text, and so spoken.
    pub fn offers_starttls(&self) -> bool {
        self.keywords.iter().any(|keyword| is_starttls(keyword))
    }

    /// The same answer, as a rule changes it.
    pub(crate) fn changed(&self, rule: &Rule) -> EhloSpec {
        let change = |keywords: &Vec<String>| {
            let is_replaced = |keyword: &str| {
                let mut changes = rule.with.iter().chain(&rule.without);
                changes.any(|changed| same_word(changed, keyword))
            };
            let mut left: Vec<String> = keywords
                .iter()
                .filter(|keyword| !is_replaced(keyword))
                .cloned()
                .collect();
            left.extend(rule.with.iter().cloned());
            left
        };
        EhloSpec {
            keywords: change(&self.keywords),
            after_tls: self.after_tls.as_ref().map(change),
            ..self.clone()
        }
    }

    /// The extensions announced outside TLS, or inside.
    pub fn announced(&self, in_tls: bool) -> Vec<&str> {
        match (&self.after_tls, in_tls) {
            (Some(inside), true) => inside.iter().map(String::as_str).collect(),
            (None, true) => self
                .keywords
                .iter()
                .map(String::as_str)
                .filter(|keyword| !is_starttls(keyword))
                .collect(),
            (_, false) => self.keywords.iter().map(String::as_str).collect(),
        }
    }
}

/// RFC 5321 §2.4: keywords are told apart without regard to case; a client may take one with an argument.
fn is_starttls(keyword: &str) -> bool {
    same_word(keyword, "STARTTLS")
}

/// Whether two keywords are the same but for their arguments.
fn same_word(one: &str, other: &str) -> bool {
    let word = |keyword: &str| {
        let end = keyword.find(' ').unwrap_or(keyword.len());
        keyword.get(..end).map(str::to_ascii_uppercase)
    };
    word(one) == word(other)
}
