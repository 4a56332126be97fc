//! What must come out of a scenario, in the words of its file.

use std::collections::BTreeMap;
use std::time::Duration;

use mta_core::config::Release;
use mta_core::event::{Channel, PeerStatus, Rule, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// `[expect]`: what must come out. What is not said is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// `[[expect.delivery]]`: what becomes of each recipient in each attempt, in order; all of them.
    #[serde(rename = "delivery", skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<Delivery>,
    /// Rules that must decide something, by their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<String>,
    /// Rules that must decide nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_decided: Vec<String>,
    /// How many connections are opened, refused ones too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<usize>,
    /// How many messages are given up and returned to their senders. Default 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub returned: usize,
    /// Patterns of the log's lines, in order; there may be others between them. A `*` stands for any text, and the
    /// pattern for a part of a line. A line is `smtp: TEXT`: without time, host and process.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
    /// Patterns of the whole log, line by line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_is: Option<Vec<String>>,
    /// Patterns that no line of the log fits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<String>,
    /// `[expect.version."3.12"]`: what holds for one release only, beside the rest.
    #[schemars(with = "BTreeMap<String, Words>", extend("propertyNames" = crate::plan::release::names()))]
    #[serde(
        skip_serializing_if = "BTreeMap::is_empty",
        serialize_with = "write_by_release",
        deserialize_with = "read_by_release"
    )]
    pub version: BTreeMap<Release, Words>,
}

/// What a release logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Words {
    /// As [`Expect::log`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
    /// As [`Expect::log_is`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_is: Option<Vec<String>>,
    /// As [`Expect::never`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<String>,
}

/// What becomes of a recipient in an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Delivery {
    /// How many deliveries in a row are as said here. Default 1.
    #[serde(default = "once", skip_serializing_if = "is_one")]
    pub times: usize,
    /// The recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `sent`, `deferred` or `bounced`.
    pub status: StatusWord,
    /// The enhanced status code, `4.7.5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dsn: Option<String>,
    /// The server that decided, as the log names it: a pattern for a part of `HOST[ADDRESS]:25`, or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// How the message travelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelWord>,
    /// What the certificate proved: the first word of the log's line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<TrustWord>,
    /// The protocol of the connection: `TLSv1.2`, `TLSv1.3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Whether the TLS session was a resumed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed: Option<bool>,
    /// A pattern for a part of the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When: whole seconds since the start.
    #[schemars(with = "Option<crate::span::Text>")]
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_span",
        deserialize_with = "read_span"
    )]
    pub at: Option<Duration>,
}

const fn once() -> usize {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_one(times: &usize) -> bool {
    *times == 1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What becomes of a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are those of `Status`")]
pub enum StatusWord {
    Sent,
    Deferred,
    Bounced,
}

impl From<StatusWord> for Status {
    fn from(word: StatusWord) -> Status {
        match word {
            StatusWord::Sent => Status::Sent,
            StatusWord::Deferred => Status::Deferred,
            StatusWord::Bounced => Status::Bounced,
        }
    }
}

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are those of `Channel`")]
pub enum ChannelWord {
    Undecided,
    Clear,
    Tls,
    Blocked,
    Unknown,
}

impl From<Channel> for ChannelWord {
    fn from(channel: Channel) -> ChannelWord {
        match channel {
            Channel::Undecided => ChannelWord::Undecided,
            Channel::Cleartext => ChannelWord::Clear,
            Channel::Tls | Channel::WeakerTls(_) => ChannelWord::Tls,
            Channel::Blocked => ChannelWord::Blocked,
            Channel::Unknown => ChannelWord::Unknown,
        }
    }
}

/// What a certificate proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words are those of `PeerStatus`")]
pub enum TrustWord {
    Anonymous,
    Untrusted,
    Trusted,
    Verified,
}

impl From<PeerStatus> for TrustWord {
    fn from(status: PeerStatus) -> TrustWord {
        match status {
            PeerStatus::Anonymous => TrustWord::Anonymous,
            PeerStatus::Untrusted => TrustWord::Untrusted,
            PeerStatus::Trusted => TrustWord::Trusted,
            PeerStatus::Verified => TrustWord::Verified,
        }
    }
}

impl Expect {
    /// What types cannot rule out: the key, and the fault in a line.
    pub(crate) fn validate(&self, about: &[Release]) -> Result<(), (&'static str, String)> {
        for (key, names) in [
            ("decided", &self.decided),
            ("not-decided", &self.not_decided),
        ] {
            for name in names {
                if !Rule::ALL.iter().any(|rule| rule.name() == name) {
                    let known: Vec<String> =
                        Rule::ALL.map(|rule| format!("`{}`", rule.name())).to_vec();
                    let known = known.join(", ");
                    return Err((
                        key,
                        format!("unknown rule `{name}`, expected one of {known}"),
                    ));
                }
            }
        }
        if self.deliveries.iter().any(|delivery| delivery.times == 0) {
            return Err(("times", "a delivery is expected at least once".to_owned()));
        }
        match self.version.keys().find(|release| !about.contains(release)) {
            Some(release) => Err(("postfix", format!("the scenario is not about {release}"))),
            None => Ok(()),
        }
    }
}

fn read_by_release<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Release, Words>, D::Error> {
    let words = BTreeMap::<String, Words>::deserialize(deserializer)?;
    words
        .into_iter()
        .map(|(release, words)| Ok((release.parse().map_err(de::Error::custom)?, words)))
        .collect()
}

fn write_by_release<S: Serializer>(
    by_release: &BTreeMap<Release, Words>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        by_release
            .iter()
            .map(|(release, words)| (release.to_string(), words)),
    )
}

fn read_span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    crate::span::deserialize(deserializer).map(Some)
}

#[expect(clippy::ref_option, reason = "serde asks for a reference")]
fn write_span<S: Serializer>(span: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    crate::span::serialize(&span.unwrap_or_default(), serializer)
}
