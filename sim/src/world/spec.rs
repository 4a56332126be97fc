//! A world as data: what files of worlds, scenarios and plans say of what is around the sender.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attacker::AttackerSpec;
use super::change::ChangeSpec;
use super::client::ClientSpec;
use crate::bytes::Bytes;
use crate::crypto::Tier;
use crate::date::Moment;
use crate::dns::{Dnssec, NameSpec, PerKind, StubSpec};
use crate::peer::{MxSpec, PeerRef};
use crate::sts::StsSpec;

/// The wall time at which every world starts unless it says otherwise: 2026-06-01T00:00:00Z.
pub const WORLD_START: Moment = Moment(1_780_272_000);

/// One-way delay to a host, where nothing is said of it.
const USUAL_LATENCY: Duration = Duration::from_millis(10);

/// A world. The default has no domain in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WorldSpec {
    /// The domains that mail goes to.
    #[serde(rename = "domain", skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<DomainSpec>,
    /// DNS data beside what the domains imply; the same name here takes the place of an implied one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<NameSpec>,
    /// Files of the sender's machine that main.cf names, by path: tables, certificates. They may hold
    /// `<key-sha256:HOST>` and `<cert-sha256:HOST>`, fingerprints as Postfix writes them, and `<pem:HOST>`, a
    /// certificate in PEM: of what is truly HOST's, with `issuer-` or `root-` before it of the authority above.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Bytes>,
    /// What MTA-STS policies the domains have; what a resolver of policies makes of them stands in the file
    /// [`POLICIES_FILE`](crate::sts::POLICIES_FILE), unless `files` has it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mta_sts: Vec<StsSpec>,
    /// One-way delay to every host whose peer names none of its own. Default 10 ms.
    #[schemars(with = "crate::span::Text")]
    #[serde(with = "crate::span", skip_serializing_if = "is_usual_latency")]
    pub latency: Duration,
    /// Who is on the path to the hosts.
    #[serde(rename = "attacker", skip_serializing_if = "Vec::is_empty")]
    pub attackers: Vec<AttackerSpec>,
    /// What changes while time goes by.
    #[serde(rename = "change", skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeSpec>,
    /// The roots that the sender's machine trusts.
    #[serde(skip_serializing_if = "TrustSpec::is_usual")]
    pub trust: TrustSpec,
    /// How the sender's machine asks DNS.
    #[serde(skip_serializing_if = "StubSpec::is_usual")]
    pub resolver: StubSpec,
    /// The sender's machine in the network.
    #[serde(skip_serializing_if = "ClientSpec::is_usual")]
    pub client: ClientSpec,
    /// What every wall clock shows at the start. Default [`WORLD_START`].
    #[serde(skip_serializing_if = "is_world_start")]
    pub start: Moment,
    /// Where the cryptography of both ends gets its randomness. Only with the default do two runs have the same bytes.
    #[serde(skip_serializing_if = "Tier::is_usual")]
    pub crypto: Tier,
}

impl Default for WorldSpec {
    fn default() -> Self {
        WorldSpec {
            domains: Vec::new(),
            dns: Vec::new(),
            files: BTreeMap::new(),
            mta_sts: Vec::new(),
            latency: USUAL_LATENCY,
            attackers: Vec::new(),
            changes: Vec::new(),
            trust: TrustSpec::default(),
            resolver: StubSpec::default(),
            client: ClientSpec::default(),
            start: WORLD_START,
            crypto: Tier::default(),
        }
    }
}

impl WorldSpec {
    /// The peers that it names or writes out.
    pub fn peers(&self) -> impl Iterator<Item = &PeerRef> {
        let at_first = self.domains.iter().flat_map(|domain| {
            let hosts = domain.mx.iter().filter_map(|mx| mx.peer.as_ref());
            domain.peer.iter().chain(hosts)
        });
        let changes = self.changes.iter();
        at_first.chain(changes.filter_map(|change| change.peer.as_ref()))
    }

    /// Says what makes no sense about it, and under which key of the file.
    ///
    /// # Errors
    /// The key, and the fault in a line.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for reference in self.peers() {
            if let PeerRef::Inline(peer) = reference {
                peer.check()?;
            }
        }
        self.changes.iter().try_for_each(ChangeSpec::check)
    }
}

fn is_usual_latency(latency: &Duration) -> bool {
    *latency == USUAL_LATENCY
}

fn is_world_start(start: &Moment) -> bool {
    *start == WORLD_START
}

/// `[trust]`: what is in the files where systems keep the roots that they trust.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TrustSpec {
    /// The authorities, by the names that every world has for them; none, if empty. Default: those of the web.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<Vec<String>>,
    /// The files are not there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
}

impl TrustSpec {
    /// Whether it is as on most machines.
    pub fn is_usual(&self) -> bool {
        *self == TrustSpec::default()
    }
}

/// A domain, and who receives its mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DomainSpec {
    /// The domain's name.
    pub name: String,
    /// The peer behind its MX hosts, unless a host has another. Default: a good one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<PeerRef>,
    /// Its MX records. Default: those that the peer's file gives, or `10 mx1.NAME`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mx: Vec<MxSpec>,
    /// What validation makes of the domain and the names below it, until one says otherwise. Default: that of the name
    /// above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dnssec: Option<PerKind<Dnssec>>,
    /// The DNS names of its hosts' certificates, where their peers say nothing of names: `{host}`, `{domain}`.
    /// Default: the host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificate_names: Vec<String>,
}

impl DomainSpec {
    /// A domain with a good MX.
    pub fn new(name: impl Into<String>) -> Self {
        DomainSpec {
            name: name.into(),
            peer: None,
            mx: Vec::new(),
            dnssec: None,
            certificate_names: Vec::new(),
        }
    }

    /// The same domain behind another peer.
    #[must_use]
    pub fn peer(mut self, peer: impl Into<PeerRef>) -> Self {
        self.peer = Some(peer.into());
        self
    }
}

/// A message of a scenario's plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MessageSpec {
    /// The recipients.
    pub to: Vec<String>,
    /// The sender. Default `alerts@client.example`.
    #[serde(default = "default_sender")]
    pub from: String,
    /// When it enters the queue, after the start.
    #[schemars(with = "crate::span::Text")]
    #[serde(
        default,
        with = "crate::span",
        skip_serializing_if = "Duration::is_zero"
    )]
    pub at: Duration,
    /// How long it was in the queue already.
    #[schemars(with = "crate::span::Text")]
    #[serde(
        default,
        with = "crate::span",
        skip_serializing_if = "Duration::is_zero"
    )]
    pub age: Duration,
    /// Octets of its text, about; it consists of lines of letters. Default 1024.
    #[serde(default = "default_octets")]
    pub octets: u32,
    /// Its text instead, each line as it is written here; behind the last one a line end is added if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Fields of its header besides From and Subject, such as `TLS-Required: no`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
}

fn default_sender() -> String {
    "alerts@client.example".to_owned()
}

const fn default_octets() -> u32 {
    1024
}

impl MessageSpec {
    /// A message to one recipient, at the start.
    pub fn to(recipient: impl Into<String>) -> Self {
        MessageSpec {
            to: vec![recipient.into()],
            from: default_sender(),
            at: Duration::ZERO,
            age: Duration::ZERO,
            octets: default_octets(),
            text: None,
            headers: Vec::new(),
        }
    }

    /// The same message, later.
    #[must_use]
    pub const fn at(mut self, at: Duration) -> Self {
        self.at = at;
        self
    }

    /// The same message, older.
    #[must_use]
    pub const fn aged(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// Says what makes no sense about it, and under which key of the file.
    ///
    /// # Errors
    /// The key, and the fault in a line.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if self.to.is_empty() {
            return Err(("to", "a message has at least one recipient".to_owned()));
        }
        Ok(())
    }

    /// A header and the text; lines of letters, unless it says something else.
    pub fn content(&self) -> Vec<u8> {
        let mut text = format!("From: {}\nSubject: simulated\n", self.from).into_bytes();
        for field in &self.headers {
            // One line each: a line end would end the header.
            text.extend(field.bytes().filter(|octet| !octet.is_ascii_control()));
            text.push(b'\n');
        }
        text.push(b'\n');
        if let Some(body) = &self.text {
            text.extend_from_slice(body.as_bytes());
            return text;
        }
        let octets = usize::try_from(self.octets)
            .unwrap_or(usize::MAX)
            .min(MESSAGE_BYTES_MAX);
        let mut letter = b'a';
        while text.len() < octets {
            text.extend(std::iter::repeat_n(letter, 71.min(octets - text.len())));
            text.push(b'\n');
            letter = if letter == b'z' { b'a' } else { letter + 1 };
        }
        text
    }
}

/// The largest simulated message; larger ones only cost memory.
const MESSAGE_BYTES_MAX: usize = 64 << 20;
