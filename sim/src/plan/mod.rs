//! A plan: everything that is chosen for a run, as one value. It can be written down, compared, read back, and run.

mod configuration;
mod host;
pub(crate) mod main_cf;
mod messages;
mod prepared;
pub(crate) mod release;
mod texts;
mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use mta_core::config::{ConfigError, Release};
use mta_core::event::Detail;
use schemars::JsonSchema;
use serde::Serialize;

use crate::bytes::Bytes;
use crate::file::{FileError, beside, read};
use crate::peer::PeerSpec;
use crate::seed::Seed;
use crate::world::{MessageSpec, WorldError, WorldSpec};

pub use configuration::Configuration;
pub use host::HostSpec;
pub use prepared::Prepared;

/// Everything that is chosen for a run: two equal plans make the same run, to the byte, wherever they are run; unless
/// the world's cryptography takes its randomness from the system.
///
/// Its TOML is a scenario file too, without expectations. Nothing in it refers to anything outside.
///
/// ```
/// use mta_sim::plan::Plan;
/// use mta_sim::run::Driver;
/// use mta_sim::world::{DomainSpec, MessageSpec};
///
/// let mut plan = Plan::from_main_cf("smtp_tls_security_level = may\n", Default::default());
/// plan.world.domains.push(DomainSpec::new("example.test"));
/// plan.messages.push(MessageSpec::to("user@example.test"));
///
/// let prepared = plan.prepare()?;
/// assert!(prepared.warnings().is_empty());
/// let run = prepared.run(Driver::Memory)?;
///
/// let read: Plan = toml::from_str(&toml::to_string(&plan)?)?;
/// assert_eq!(read, plan);
/// assert_eq!(read.run(Driver::Memory)?.wire, run.wire);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Plan {
    /// The release of Postfix that delivers.
    #[schemars(with = "release::Name")]
    #[serde(with = "release::one")]
    pub postfix: Release,
    /// Its main.cf.
    #[serde(skip_serializing_if = "Bytes::is_empty")]
    pub main_cf: Bytes,
    /// What master.cf says of its SMTP clients in place of main.cf, by service and parameter: `[service.alt]`, and below it
    /// `smtp_tls_security_level = "encrypt"` for `-o smtp_tls_security_level=encrypt`. Mail can be sent to them by name
    /// (`transport_maps`). `smtp` and `relay` are there in any case; `relay` has a `syslog_name` of its own, as every
    /// master.cf gives it.
    #[serde(rename = "service", skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<String, BTreeMap<String, String>>,
    /// The machine that Postfix runs on. Default: at the addresses that `client` has in the network.
    #[serde(skip_serializing_if = "HostSpec::is_usual")]
    pub host: HostSpec,
    /// The seed of all randomness. Default 1.
    pub seed: Seed,
    /// The run ends at this simulated time, whatever is left to do. Default `6d`: Postfix's queue lifetime and a day.
    #[schemars(with = "crate::span::Text")]
    #[serde(with = "crate::span")]
    pub limit: Duration,
    /// How much is reported.
    #[schemars(with = "words::DetailWords")]
    #[serde(with = "words::DetailWords", skip_serializing_if = "words::is_all")]
    pub detail: Detail,
    /// What is around the sender, the files of its machine, and what changes while time goes by.
    #[serde(flatten)]
    pub world: WorldSpec,
    /// The peers that the world refers to by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub peers: BTreeMap<String, PeerSpec>,
    /// The messages.
    #[serde(rename = "message", skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageSpec>,
}

beside! {
    Plan with world: WorldSpec;
    "postfix" => postfix: Release as "release::one",
    "main-cf" => main_cf,
    "service" => services,
    "host" => host,
    "seed" => seed,
    "limit" => limit: Duration as "crate::span",
    "detail" => detail: Detail as "words::DetailWords",
    "peers" => peers,
    "message" => messages,
    required: []
}

/// Simulated time after which a run is cut off: Postfix's queue lifetime and a day.
const LIMIT: Duration = Duration::from_secs(6 * 86_400);

/// An empty main.cf in an empty world.
impl Default for Plan {
    fn default() -> Self {
        Plan {
            postfix: Release::default(),
            main_cf: Bytes::default(),
            services: BTreeMap::new(),
            host: HostSpec::default(),
            seed: Seed(1),
            limit: LIMIT,
            detail: Detail::Conversation,
            world: WorldSpec::default(),
            peers: BTreeMap::new(),
            messages: Vec::new(),
        }
    }
}

impl Plan {
    /// This main.cf in an empty world.
    pub fn from_main_cf(main_cf: impl Into<Bytes>, postfix: Release) -> Self {
        Plan {
            postfix,
            main_cf: main_cf.into(),
            ..Plan::default()
        }
    }

    /// Reads the text of a plan; `file` is only its name, for the error.
    ///
    /// # Errors
    /// The first thing wrong with it, where it stands, with the nearest right word.
    pub fn load(file: &str, text: &str) -> Result<Plan, FileError> {
        read(file, text)
    }
}

/// Why a plan cannot be run.
#[derive(Debug)]
pub enum PlanError {
    /// The configuration is wrong; every fault in it.
    Config(Vec<ConfigError>),
    /// The world is.
    World(WorldError),
    /// The driver cannot do it.
    Driver(String),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::Config(errors) => {
                for (i, error) in errors.iter().enumerate() {
                    write!(f, "{}{error}", if i == 0 { "" } else { "\n" })?;
                }
                Ok(())
            }
            PlanError::World(error) => write!(f, "{error}"),
            PlanError::Driver(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for PlanError {}

impl From<WorldError> for PlanError {
    fn from(error: WorldError) -> Self {
        PlanError::World(error)
    }
}
