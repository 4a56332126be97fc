//! Somebody on the path to a host, as data: `[[attacker]]`. What he does is a change of the peer that the client sees,
//! so he can stand before any peer.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::peer::{Act, Certificate, Command, Fail, Moment, PeerSpec, Reply, Rule, Then};

/// An attacker on the path to one host.
///
/// Outside TLS he reads and writes as he likes. Inside he does if he ends the TLS connection himself, with a
/// `certificate` whose key is his own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AttackerSpec {
    /// The MX host on whose path he is.
    pub host: String,
    /// When he comes, after the start. Default: at the start.
    #[schemars(with = "crate::span::Text")]
    #[serde(
        default,
        with = "crate::span",
        skip_serializing_if = "Duration::is_zero"
    )]
    pub since: Duration,
    /// When he goes. Default: never.
    #[schemars(with = "Option<crate::span::Text>")]
    #[serde(
        default,
        with = "crate::span::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub until: Option<Duration>,
    /// The keywords that he takes out of the answer to EHLO.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strip: Vec<String>,
    /// The commands that he answers himself; the host does not see them.
    #[schemars(extend("propertyNames" = crate::peer::command_words()))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answer: BTreeMap<Command, Reply>,
    /// Commands that he adds to the client's STARTTLS, in the same segment. Only a host that `keeps-plaintext` heeds them.
    #[serde(
        default,
        rename = "inject-commands",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub inject_commands: Vec<String>,
    /// What he adds behind the 220 to STARTTLS, in the same segment.
    #[serde(
        default,
        rename = "inject-after-220",
        skip_serializing_if = "Option::is_none"
    )]
    pub inject_after_220: Option<String>,
    /// What he sends outside TLS when the ClientHello has passed; the host's handshake goes on behind it.
    #[serde(
        default,
        rename = "inject-after-hello",
        skip_serializing_if = "Option::is_none"
    )]
    pub inject_after_hello: Option<String>,
    /// What makes him reset the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_on: Option<ResetOn>,
    /// He ends the TLS connection himself and shows this certificate, of a key that is not the host's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
}

/// What makes an attacker reset the connection.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ResetOn {
    /// The connection request.
    Connect,
    /// The command STARTTLS.
    #[serde(rename = "STARTTLS")]
    Starttls,
    /// The client's first TLS record.
    ClientHello,
}

impl AttackerSpec {
    /// Whether he is there at this time.
    pub fn is_there(&self, at: Duration) -> bool {
        self.since <= at && self.until.is_none_or(|until| at < until)
    }

    /// What the client sees of the peer with him on the path.
    pub fn before(&self, mut peer: PeerSpec) -> PeerSpec {
        for keywords in std::iter::once(&mut peer.ehlo.keywords).chain(&mut peer.ehlo.after_tls) {
            keywords.retain(|keyword| !self.strips(keyword));
        }
        let mut rules: Vec<Rule> = Vec::new();
        match self.reset_on {
            Some(ResetOn::Connect) => {
                rules.push(Rule::moment(Moment::Connect).then(Then::Refuse));
            }
            Some(ResetOn::Starttls) => {
                rules.push(Rule::command(Command::Starttls).then(Then::Reset));
            }
            Some(ResetOn::ClientHello) => {
                peer.tls.fail = Some(Fail {
                    moment: Moment::ClientHello,
                    act: Act::Reset,
                });
            }
            None => {}
        }
        peer.added_to_starttls
            .extend_from_slice(&self.inject_commands);
        for (command, reply) in &self.answer {
            let rule = Rule::command(*command).send(reply.clone());
            rules.push(if self.certificate.is_none() {
                rule.in_tls(false)
            } else {
                rule
            });
        }
        if let Some(text) = &self.inject_after_220 {
            let segment = format!("220 2.0.0 Ready to start TLS\r\n{text}");
            let rule = Rule::command(Command::Starttls).send(Reply::raw(&segment));
            rules.push(rule.then(Then::StartTls));
        }
        if let Some(text) = &self.inject_after_hello {
            rules.push(Rule::moment(Moment::ClientHello).send(Reply::raw(text)));
        }
        if let Some(certificate) = &self.certificate {
            peer.tls.certificate = certificate.clone();
            peer.tls.impostor = true;
            peer.tls.ticket_keys = Some(format!("the attacker before {}", self.host));
        }
        for rule in &mut peer.on {
            rule.with.retain(|keyword| !self.strips(keyword));
        }
        rules.append(&mut peer.on);
        peer.on = rules;
        peer
    }

    fn strips(&self, keyword: &str) -> bool {
        let first = |text: &str| {
            text.split(' ')
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase()
        };
        self.strip
            .iter()
            .any(|stripped| first(stripped) == first(keyword))
    }
}
