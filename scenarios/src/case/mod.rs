//! A case: a configuration, a world, messages, and what must come out of it.

mod check;
mod expect;
mod pattern;
mod version;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use mta_core::config::PostfixVersion;
use serde::{Deserialize, Serialize};
use sim::dns::NameSpec;
use sim::file::{FileError, read};
use sim::peer::PeerSpec;
use sim::run::{Setup, SetupError};
use sim::seed::Seed;
use sim::world::{DomainSpec, MessageSpec, PeerRef, WorldSpec};

use crate::Catalogue;

pub use check::Failure;
pub use expect::{ChannelWord, Delivery, Expect, StatusWord, TrustWord, Words};

/// A case, as its file writes it.
///
/// ```
/// use mta_core::config::PostfixVersion;
/// use scenarios::{Case, Catalogue};
/// use sim::run::Driver;
/// use sim::seed::Seed;
///
/// let case = Case::load("mine.toml", r#"
///     summary = "No STARTTLS, and level may: clear text"
///     main-cf = "smtp_tls_security_level = may"
///
///     [[domain]]
///     name = "example.test"
///     peer = "plain-only"
///
///     [[message]]
///     to = ["user@example.test"]
///
///     [[expect.delivery]]
///     status = "sent"
///     channel = "clear"
/// "#)?;
/// let setup = case.setup(PostfixVersion::V3_7, Seed(1), &Catalogue::embedded()?)?;
/// let run = setup.run(Driver::Memory)?;
/// assert_eq!(case.check(PostfixVersion::V3_7, &run), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// What happens, in a line.
    pub summary: String,
    /// The text of the sender's main.cf.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub main_cf: String,
    /// The releases of Postfix that the expectations are about. Default: all.
    #[serde(default = "version::all", with = "version")]
    pub postfix: Vec<PostfixVersion>,
    /// The seed, unless another is asked for. Default 1.
    #[serde(default = "one")]
    pub seed: u64,
    /// One-way delay to every host whose peer names none of its own. Default 10 ms.
    #[serde(default = "ten_ms", with = "sim::span")]
    pub latency: Duration,
    /// The domains that mail goes to, and who receives it.
    #[serde(default, rename = "domain", skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<DomainSpec>,
    /// Files of the sender's machine that its main.cf names, by path, such as tables of policies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// DNS data beside what the domains imply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<NameSpec>,
    /// The messages.
    #[serde(rename = "message")]
    pub messages: Vec<MessageSpec>,
    /// What must come out.
    #[serde(default)]
    pub expect: Expect,
}

const fn one() -> u64 {
    1
}

const fn ten_ms() -> Duration {
    Duration::from_millis(10)
}

/// Why a case cannot be run.
#[derive(Debug)]
pub enum CaseError {
    /// Its configuration is wrong, or its world is.
    Setup(SetupError),
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CaseError::Setup(error) = self;
        error.fmt(f)
    }
}

impl std::error::Error for CaseError {}

impl From<SetupError> for CaseError {
    fn from(error: SetupError) -> Self {
        CaseError::Setup(error)
    }
}

impl Case {
    /// Reads the text of a case file; `file` is only its name, for the error.
    ///
    /// # Errors
    /// The first thing wrong with it, with a place and the nearest right word.
    pub fn load(file: &str, text: &str) -> Result<Case, FileError> {
        let case: Case = read(file, text)?;
        case.validate()
            .map_err(|(key, message)| FileError::at_key(file, text, key, &message))?;
        Ok(case)
    }

    /// The run that this case asks for.
    ///
    /// # Errors
    /// [`CaseError`] if the configuration is wrong for this release of Postfix. A world that makes no sense shows
    /// when the run is made.
    pub fn setup(
        &self,
        version: PostfixVersion,
        seed: Seed,
        catalogue: &Catalogue,
    ) -> Result<Setup, CaseError> {
        let mut setup = Setup::with_main_cf(&self.main_cf, version)?;
        setup.world = WorldSpec {
            domains: self.domains.clone(),
            dns: self.dns.clone(),
            files: self.files.clone(),
            latency: self.latency,
        };
        setup.peers = self.named_peers(catalogue.peers());
        setup.messages = self.messages.clone();
        setup.seed = seed;
        Ok(setup)
    }

    /// The peers that the case writes out itself.
    fn inline_peers(&self) -> impl Iterator<Item = &PeerSpec> {
        self.peer_refs().filter_map(|reference| match reference {
            PeerRef::Inline(spec) => Some(&**spec),
            PeerRef::Named(_) => None,
        })
    }

    fn peer_refs(&self) -> impl Iterator<Item = &PeerRef> {
        self.domains.iter().flat_map(|domain| {
            let hosts = domain.mx.iter().filter_map(|mx| mx.peer.as_ref());
            domain.peer.iter().chain(hosts)
        })
    }

    /// All peers go along if one is missing, so that its nearest name can be told.
    fn named_peers(&self, peers: &BTreeMap<String, PeerSpec>) -> BTreeMap<String, PeerSpec> {
        let mut named = BTreeMap::new();
        for reference in self.peer_refs() {
            let PeerRef::Named(name) = reference else {
                continue;
            };
            match peers.get(name) {
                Some(spec) => named.insert(name.clone(), spec.clone()),
                None => return peers.clone(),
            };
        }
        named
    }

    /// What types cannot rule out: the key, and the fault in a line.
    fn validate(&self) -> Result<(), (&'static str, String)> {
        if self.postfix.is_empty() {
            return Err(("postfix", "a case is about at least one release".to_owned()));
        }
        if self.messages.is_empty() {
            return Err(("message", "a case has at least one message".to_owned()));
        }
        if self.messages.iter().any(|message| message.to.is_empty()) {
            return Err(("to", "a message has at least one recipient".to_owned()));
        }
        for peer in self.inline_peers() {
            peer.check()?;
        }
        self.expect.validate(&self.postfix)
    }
}
