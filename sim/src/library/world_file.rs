//! A world: what is around the sender, and what happens in it, as its file writes it.

use crate::file::beside;
use crate::nearest;
use crate::world::{MessageSpec, PeerRef, WorldSpec};
use schemars::JsonSchema;
use serde::Serialize;

use super::lookup::Unknown;

/// A world, as its file writes it: what a scenario holds, but no configuration and no expectations.
///
/// A file that `extends` another world holds only what differs. Tables are laid over those of that world, and so are
/// the `[[domain]]` and `[[dns]]` of the same `name` and the `[[domain.mx]]` of the same `host`; any other list, and a
/// `peer`, takes the place of the one there.
///
/// ```
/// use mta_core::config::Release;
/// use mta_sim::library::Catalogue;
/// use mta_sim::run::Driver;
/// use mta_sim::seed::Seed;
///
/// let mut catalogue = Catalogue::embedded()?;
/// catalogue.add_world("first-down", r#"
///     summary = "The better of two servers is down"
///     extends = "w2"
///     [[domain]]
///     name = "example.test"
///     [[domain.mx]]
///     host = "mx1.example.test"
///     down = true
/// "#)?;
/// let world = catalogue.world("first-down")?.clone().with_peer("mx2.example.test", "gmail")?;
/// let main_cf = "smtp_tls_security_level = may";
/// let run = world.plan(main_cf, Release::V3_7, Seed(1), &catalogue)?.run(Driver::Memory)?;
/// let (_, outcome) = run.outcomes().next().expect("an outcome");
/// assert_eq!(outcome.relay.as_ref().expect("a relay").to_string(), "mx2.example.test[192.0.2.2]:25");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct World {
    /// What it is like, or what happens in it, in a line.
    pub summary: String,
    /// The rule that somebody in it breaks, as `RFC 7672 §2.1.1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaks: Option<String>,
    /// Where it was seen, or who thought of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The world that this one builds on. Once the file is read, this is gone: the world holds all of it.
    #[serde(skip_serializing)]
    pub extends: Option<String>,
    /// What is around the sender, and what happens in it.
    #[serde(flatten)]
    pub spec: WorldSpec,
    /// The messages.
    #[serde(default, rename = "message", skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageSpec>,
}

beside! {
    World with spec: WorldSpec;
    "summary" => summary,
    "breaks" => breaks,
    "source" => source,
    "extends" => extends,
    "message" => messages,
    required: ["summary"]
}

impl World {
    /// The same world with this peer at the host `host`.
    ///
    /// # Errors
    /// [`Unknown`] if no domain has an MX host of this name; it offers the nearest.
    pub fn with_peer(mut self, host: &str, peer: impl Into<PeerRef>) -> Result<World, Unknown> {
        let hosts = || self.spec.domains.iter().flat_map(|domain| &domain.mx);
        let nearest = nearest(host, hosts().map(|mx| mx.host.as_str())).map(str::to_owned);
        let mut same = self
            .spec
            .domains
            .iter_mut()
            .flat_map(|domain| &mut domain.mx);
        let Some(mx) = same.find(|mx| mx.host.eq_ignore_ascii_case(host)) else {
            return Err(Unknown {
                kind: "host",
                name: host.to_owned(),
                nearest,
            });
        };
        mx.peer = Some(peer.into());
        Ok(self)
    }

    /// What types cannot rule out: the key, and the fault in a line.
    pub(super) fn check_words(&self) -> Result<(), (&'static str, String)> {
        self.messages.iter().try_for_each(MessageSpec::check)?;
        self.spec.check()
    }
}
