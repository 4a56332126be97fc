//! A scenario: a configuration, a world, messages, and what must come out of it.

mod check;
mod expect;
mod release;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::dns::{NameSpec, StubSpec};
use crate::file::FileError;
use crate::run::{Setup, SetupError, machine};
use crate::seed::Seed;
use crate::sts::StsSpec;
use crate::world::{AttackerSpec, ChangeSpec, DomainSpec, MessageSpec, TrustSpec};
use mta_core::config::{MainCf, Release};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::library::{Catalogue, World};
use crate::library::{built_on, read};

pub use check::Failure;
pub use expect::{ChannelWord, Delivery, Expect, StatusWord, TrustWord, Words};

/// A scenario, as its file writes it.
///
/// ```
/// use mta_core::config::Release;
/// use mta_sim::library::Catalogue;
/// use mta_sim::scenario::Scenario;
/// use mta_sim::run::Driver;
/// use mta_sim::seed::Seed;
///
/// let scenario = Scenario::load("mine.toml", r#"
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
/// let setup = scenario.setup(Release::V3_7, Seed(1), &Catalogue::embedded()?)?;
/// let run = setup.run(Driver::Memory)?;
/// assert_eq!(scenario.check(Release::V3_7, &run), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// What happens, in a line.
    pub summary: String,
    /// The world of the catalogue that it takes place in: what the scenario says is laid over it, as what a world says
    /// is over the one that it `extends`. Once the scenario is read, this is gone: the scenario holds all of it.
    #[serde(default, skip_serializing)]
    pub world: Option<String>,
    /// The text of the sender's main.cf.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub main_cf: String,
    /// The SMTP clients of master.cf that mail can be sent to by name (`transport_maps`) besides `smtp` and `relay`,
    /// each with what master.cf says in place of main.cf: `[service.alt]`, and below it `smtp_tls_security_level =
    /// "encrypt"` for `-o smtp_tls_security_level=encrypt`. `[service.smtp]` and `[service.relay]` are for overrides of
    /// those two.
    #[serde(
        default,
        rename = "service",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub services: BTreeMap<String, BTreeMap<String, String>>,
    /// The releases of Postfix that the expectations are about. Default: all.
    #[schemars(with = "Vec<release::Name>")]
    #[serde(default = "release::all", with = "release")]
    pub postfix: Vec<Release>,
    /// The seed, unless another is asked for. Default 1.
    #[serde(default = "one")]
    pub seed: u64,
    /// One-way delay to every host whose peer names none of its own. Default 10 ms.
    #[schemars(with = "crate::span::Text")]
    #[serde(default = "crate::library::ten_ms", with = "crate::span")]
    pub latency: Duration,
    /// The domains that mail goes to, and who receives it.
    #[serde(default, rename = "domain", skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<DomainSpec>,
    /// Files of the sender's machine that its main.cf names, by path, such as tables of policies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// What MTA-STS policies the domains have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mta_sts: Vec<StsSpec>,
    /// DNS data beside what the domains imply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<NameSpec>,
    /// Who is on the path to the hosts.
    #[serde(default, rename = "attacker", skip_serializing_if = "Vec::is_empty")]
    pub attackers: Vec<AttackerSpec>,
    /// What changes while time goes by.
    #[serde(default, rename = "change", skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeSpec>,
    /// The roots that the sender's machine trusts.
    #[serde(default, skip_serializing_if = "TrustSpec::is_usual")]
    pub trust: TrustSpec,
    /// How the sender's machine asks DNS.
    #[serde(default, skip_serializing_if = "StubSpec::is_usual")]
    pub resolver: StubSpec,
    /// The messages.
    #[serde(default, rename = "message")]
    pub messages: Vec<MessageSpec>,
    /// What must come out.
    #[serde(default)]
    pub expect: Expect,
}

const fn one() -> u64 {
    1
}

/// Why a scenario cannot be run.
#[derive(Debug)]
pub enum ScenarioError {
    /// Its configuration is wrong, or its world is.
    Setup(SetupError),
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ScenarioError::Setup(error) = self;
        error.fmt(f)
    }
}

impl std::error::Error for ScenarioError {}

impl From<SetupError> for ScenarioError {
    fn from(error: SetupError) -> Self {
        ScenarioError::Setup(error)
    }
}

impl Scenario {
    /// Reads the text of a scenario file that needs no world; `file` is only its name, for the error.
    ///
    /// # Errors
    /// The first thing wrong with it, with a place and the nearest right word.
    pub fn load(file: &str, text: &str) -> Result<Scenario, FileError> {
        Scenario::load_in(file, text, &Catalogue::default())
    }

    /// Reads the text of a scenario file, which may take place in a world of the catalogue.
    ///
    /// # Errors
    /// The first thing wrong with it, with a place and the nearest right word.
    pub fn load_in(file: &str, text: &str, catalogue: &Catalogue) -> Result<Scenario, FileError> {
        let mut scenario: Scenario = read(file, text, catalogue)?;
        if let Some(world) = scenario.world.take() {
            scenario = built_on(file, text, ("world", &world), catalogue)?;
            scenario.world = None;
        }
        scenario
            .validate()
            .map_err(|(key, message)| FileError::at_key(file, text, key, &message))?;
        Ok(scenario)
    }

    /// The run that this scenario asks for.
    ///
    /// # Errors
    /// [`ScenarioError`] if the configuration is wrong for this release of Postfix. A world that makes no sense shows
    /// when the run is made.
    pub fn setup(
        &self,
        release: Release,
        seed: Seed,
        catalogue: &Catalogue,
    ) -> Result<Setup, ScenarioError> {
        let mut setup = self
            .as_world()
            .setup(&self.main_cf, release, seed, catalogue)?;
        let main_cf = MainCf::parse("main.cf", &self.main_cf);
        setup.serve(&main_cf, &self.services, &machine())?;
        Ok(setup)
    }

    /// The world that it takes place in.
    pub fn as_world(&self) -> World {
        World {
            summary: self.summary.clone(),
            breaks: None,
            source: None,
            extends: None,
            latency: self.latency,
            domains: self.domains.clone(),
            dns: self.dns.clone(),
            files: self.files.clone(),
            mta_sts: self.mta_sts.clone(),
            attackers: self.attackers.clone(),
            changes: self.changes.clone(),
            trust: self.trust.clone(),
            resolver: self.resolver,
            messages: self.messages.clone(),
        }
    }

    /// What types cannot rule out: the key, and the fault in a line.
    fn validate(&self) -> Result<(), (&'static str, String)> {
        if self.postfix.is_empty() {
            return Err((
                "postfix",
                "a scenario is about at least one release".to_owned(),
            ));
        }
        if self.messages.is_empty() {
            return Err(("message", "a scenario has at least one message".to_owned()));
        }
        self.as_world().validate()?;
        self.expect.validate(&self.postfix)
    }
}
