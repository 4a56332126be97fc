//! A scenario: a plan for one release of Postfix or several, and what must come out of it.

mod check;
mod expect;

#[cfg(test)]
mod tests;

use crate::file::beside;
use crate::plan::{Plan, release};
use mta_core::config::Release;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::ser::{Error as _, Serializer};
use serde_json::Value;
use toml::Table;

pub use check::Failure;
pub use expect::{ChannelWord, Delivery, Expect, StatusWord, TrustWord, Words};

/// A scenario, as its file writes it: a plan, and what must come out of it. A plan that was written down is a scenario of
/// which nothing is said but that.
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
/// let plan = scenario.plan_for(Release::V3_7, Seed(1), &Catalogue::embedded()?)?;
/// let run = plan.run(Driver::Memory)?;
/// assert_eq!(scenario.check(Release::V3_7, &run), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(transform = about_several)]
pub struct Scenario {
    /// What happens, in a line.
    #[serde(default)]
    pub summary: String,
    /// The world of the catalogue that it takes place in: what the scenario says is laid over it, as what a world says
    /// is over the one that it `extends`. Once the scenario is read, this is gone: the scenario holds all of it.
    #[serde(skip_serializing)]
    pub world: Option<String>,
    /// The releases of Postfix that the expectations are about. Default: all.
    #[schemars(skip)]
    #[serde(with = "release")]
    pub postfix: Vec<Release>,
    /// What is chosen, for whichever release: what the plan itself has for one counts for nothing.
    #[serde(flatten, serialize_with = "for_any_release")]
    pub plan: Plan,
    /// What must come out.
    #[serde(default)]
    pub expect: Expect,
}

beside! {
    Scenario with plan: Plan;
    "summary" => summary,
    "world" => world,
    "postfix" => postfix: Vec<Release> as "release",
    "expect" => expect,
    required: []
}

impl Default for Scenario {
    fn default() -> Self {
        Scenario {
            summary: String::new(),
            world: None,
            postfix: Release::ALL.to_vec(),
            plan: Plan::default(),
            expect: Expect::default(),
        }
    }
}

fn for_any_release<S: Serializer>(plan: &Plan, to: S) -> Result<S::Ok, S::Error> {
    let mut table = Table::try_from(plan).map_err(S::Error::custom)?;
    table.remove("postfix");
    table.serialize(to)
}

/// A plan has one release, a scenario may have several.
fn about_several(schema: &mut Schema) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("postfix".to_owned(), release::several());
    }
}
