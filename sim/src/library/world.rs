//! Worlds read from their files, and the runs in which they are met.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bytes::Bytes;
use crate::file::{FileError, SourceFile};
use crate::peer::PeerSpec;
use crate::plan::Plan;
use crate::seed::Seed;
use crate::world::{DomainSpec, MessageSpec};
use mta_core::config::Release;

use super::{Catalogue, FileKind, LookupError, World, extends};

/// Where a peer stands that says nothing of its hosts: a world, and the host of a good server in it.
const PEER_WORLD: &str = "w0";
const PEER_HOST: &str = "mx1.example.test";

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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::PeerRef;

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
