//! A scenario: a configuration, a world, messages, and what must come out of it.

mod check;
mod expect;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bytes::Bytes;
use crate::dns::{NameSpec, StubSpec};
use crate::plan::release;
use crate::sts::StsSpec;
use crate::world::{AttackerSpec, ChangeSpec, DomainSpec, MessageSpec, TrustSpec};
use mta_core::config::Release;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
/// let plan = scenario.plan(Release::V3_7, Seed(1), &Catalogue::embedded()?)?;
/// let run = plan.run(Driver::Memory)?;
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
    /// The sender's main.cf.
    #[serde(default, skip_serializing_if = "Bytes::is_empty")]
    pub main_cf: Bytes,
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
    #[serde(default = "crate::world::usual_latency", with = "crate::span")]
    pub latency: Duration,
    /// The domains that mail goes to, and who receives it.
    #[serde(default, rename = "domain", skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<DomainSpec>,
    /// Files of the sender's machine that its main.cf names, by path, such as tables of policies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Bytes>,
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
