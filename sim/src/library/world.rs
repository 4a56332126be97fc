//! A world: what is around the sender, and what happens in it, as its file writes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bytes::Bytes;
use crate::file::{FileError, SourceFile, beside};
use crate::nearest;
use crate::peer::PeerSpec;
use crate::plan::Plan;
use crate::seed::Seed;
use crate::world::{DomainSpec, MessageSpec, PeerRef, WorldSpec};
use mta_core::config::Release;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Catalogue, FileKind, LookupError, Unknown, extends};

/// Where a peer stands that says nothing of its hosts: a world, and the host of a good server in it.
const PEER_WORLD: &str = "w0";
const PEER_HOST: &str = "mx1.example.test";

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
    /// Reads the text of a world file; `file` is only its name, for the error. What the file and its peers build on
    /// is in the catalogue.
    ///
    /// # Errors
    /// The first thing wrong with it, with a place and the nearest right word.
    pub fn load(file: &str, text: &str, catalogue: &Catalogue) -> Result<World, FileError> {
        World::load_file(&SourceFile::new(file, text), catalogue)
    }

    /// The same of a file that was read already.
    ///
    /// # Errors
    /// The first thing wrong with it or with what it names, with a place and the nearest right word.
    pub fn load_file(file: &Arc<SourceFile>, catalogue: &Catalogue) -> Result<World, FileError> {
        let world = World::read(file, catalogue)?;
        catalogue.check_named(&world.spec, &BTreeMap::new())?;
        Ok(world)
    }

    /// The same, whatever the peers are that it names.
    pub(super) fn read(file: &Arc<SourceFile>, catalogue: &Catalogue) -> Result<World, FileError> {
        let (world, texts) = extends::read::<World>(file, FileKind::World, catalogue)?;
        world
            .check_words()
            .map_err(|(key, message)| texts.fault_at_key(key, &message))?;
        Ok(world)
    }

    /// The world that a peer is met in: at its own domain if it says its hosts, else in the place of a good server.
    ///
    /// # Errors
    /// [`LookupError`] if the catalogue lacks the world of that server.
    pub fn around(peer: &PeerSpec, catalogue: &Catalogue) -> Result<World, LookupError> {
        let mut world = catalogue.world(PEER_WORLD)?.clone();
        if peer.mx.is_empty() {
            return Ok(world.with_peer(PEER_HOST, peer.clone())?);
        }
        let domain = peer.domains.first();
        let domain = domain.map_or("example.test", String::as_str);
        world.spec.domains = vec![DomainSpec::new(domain).peer(peer.clone())];
        world.spec.dns.clear();
        for message in &mut world.messages {
            *message = MessageSpec {
                to: vec![format!("user@{domain}")],
                ..message.clone()
            };
        }
        Ok(world)
    }

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

    /// The run of this world's messages with a main.cf, following this release of Postfix. Peers that the world names
    /// are taken from the catalogue.
    ///
    /// # Errors
    /// [`LookupError`] if the catalogue has no peer of a name, or its file is wrong.
    pub fn plan(
        &self,
        main_cf: impl Into<Bytes>,
        release: Release,
        seed: Seed,
        catalogue: &Catalogue,
    ) -> Result<Plan, LookupError> {
        Ok(Plan {
            seed,
            world: self.spec.clone(),
            peers: catalogue.peers_of(&self.spec, &BTreeMap::new())?,
            messages: self.messages.clone(),
            ..Plan::from_main_cf(main_cf, release)
        })
    }

    /// What types cannot rule out: the key, and the fault in a line.
    fn check_words(&self) -> Result<(), (&'static str, String)> {
        self.messages.iter().try_for_each(MessageSpec::check)?;
        self.spec.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let catalogue = Catalogue::embedded().unwrap();
        World::load("w.toml", &format!("summary = 'x'\n{text}"), &catalogue)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_is_wrong_is_one_line_with_a_place_and_the_nearest_word() {
        assert_eq!(
            error("extends = 'w00'"),
            "w.toml:2:11: no world is called \"w00\"; did you mean \"w0\"?"
        );
        assert_eq!(
            error("extends = 'w0'\n[[domian]]"),
            "w.toml:3:3: unknown key `domian`; did you mean `domain`?"
        );
        assert_eq!(
            error("extends = 'w0'\n[[message]]\nto = []"),
            "w.toml:4:1: a message has at least one recipient"
        );
    }

    #[test]
    fn a_peer_that_is_written_out_may_build_on_one_of_the_catalogue() {
        let catalogue = Catalogue::embedded().unwrap();
        let text = "summary = 'x'\nextends = 'w0'\n[[domain]]\nname = 'example.test'\n[[domain.mx]]\n\
            host = 'mx1.example.test'\npeer = { extends = 'gmail', greeting = '220 mine' }";
        let world = World::load("w.toml", text, &catalogue).unwrap();
        let peer = world.spec.peers().next().unwrap();
        let PeerRef::Inline(peer) = peer else {
            panic!("{peer:?}")
        };
        assert_eq!(peer.greeting, "220 mine".into());
        assert_eq!(peer.ehlo.name.as_deref(), Some("mx.google.com"));
        assert_eq!(
            error("[[domain]]\nname = 'a.test'\npeer = { extends = 'gmial' }"),
            "w.toml:4:20: no peer is called \"gmial\"; did you mean \"gmail\"?"
        );
    }

    #[test]
    fn a_peer_is_put_at_a_host_that_is_there() {
        let catalogue = Catalogue::embedded().unwrap();
        let world = catalogue.world("w2").unwrap();
        let unknown = world.clone().with_peer("mx3.example.test", "gmail");
        assert_eq!(
            unknown.unwrap_err().to_string(),
            "no host is called \"mx3.example.test\"; did you mean \"mx1.example.test\"?"
        );
        let world = world
            .clone()
            .with_peer("mx2.example.test", "gmail")
            .unwrap();
        assert_eq!(world.spec.domains[0].mx[0].peer, None);
        assert_eq!(
            world.spec.domains[0].mx[1].peer,
            Some(PeerRef::from("gmail"))
        );
    }

    #[test]
    fn every_world_is_written_back_as_it_was_read() {
        let catalogue = Catalogue::embedded().unwrap();
        for (name, world) in catalogue.worlds() {
            let written = toml::to_string(world).unwrap();
            let read = World::load(name, &written, &catalogue);
            assert_eq!(read.as_ref(), Ok(world), "{written}");
        }
    }
}
