//! The catalogue: every peer, every world and every scenario, by the name of its file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use mta_sim_scenarios::{CASES, CORRECTIONS, PEERS, ROWS, WORLDS};

use crate::file::FileError;
use crate::nearest;
use crate::peer::{PeerSpec, PeerTexts, load_with};

use crate::behaviour::{Correction, Row, load_corrections, load_rows};
use crate::library::World;
use crate::scenario::Scenario;

/// Peers, worlds and scenarios, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    peers: BTreeMap<String, PeerSpec>,
    /// The paths of the peers' files and what they say, for those that build on them.
    peer_texts: BTreeMap<String, (String, String)>,
    worlds: BTreeMap<String, World>,
    scenarios: BTreeMap<String, Scenario>,
    rows: BTreeMap<String, Row>,
    corrections: Vec<Correction>,
}

/// A name that nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What was looked for: `peer`, `world`, `scenario` …
    pub kind: &'static str,
    /// The name.
    pub name: String,
    /// The nearest name that something has.
    pub nearest: Option<String>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} is called \"{}\"", self.kind, self.name)?;
        match &self.nearest {
            Some(near) => write!(f, "; did you mean \"{near}\"?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Unknown {}

impl Unknown {
    /// Nothing of this kind has the name; the nearest of `names` is offered.
    pub(crate) fn new<'a>(
        kind: &'static str,
        name: &str,
        names: impl Iterator<Item = &'a String>,
    ) -> Unknown {
        Unknown {
            kind,
            name: name.to_owned(),
            nearest: nearest(name, names.map(String::as_str)).map(str::to_owned),
        }
    }
}

impl Catalogue {
    /// The catalogue that was built in.
    ///
    /// # Errors
    /// The first fault in one of its files. A test sees to it that there is none.
    pub fn embedded() -> Result<Catalogue, FileError> {
        let mut catalogue = Catalogue::default();
        // All of them first: one may build on any other.
        for (name, text) in PEERS {
            catalogue.announce_peer(&peer_file(name), name, text);
        }
        for (name, text) in PEERS {
            catalogue.add_peer(name, text)?;
        }
        for (name, _) in WORLDS {
            catalogue.embed_world(name, 0)?;
        }
        for (name, text) in CASES {
            catalogue.add_scenario(name, text)?;
        }
        for (name, text) in ROWS {
            catalogue.add_rows(name, text)?;
        }
        catalogue.set_corrections(CORRECTIONS)?;
        Ok(catalogue)
    }

    /// Adds a world of `worlds/` once it has those that it builds on.
    fn embed_world(&mut self, name: &str, depth: usize) -> Result<(), FileError> {
        let file = world_file(name);
        let text = WORLDS.iter().find(|(known, _)| *known == name);
        let Some((_, text)) = text.filter(|_| !self.worlds.contains_key(name)) else {
            return Ok(());
        };
        if depth > EXTENDS_MAX {
            let message = "worlds build on one another in a ring, or in too long a chain";
            return Err(FileError::at_key(&file, text, "extends", message));
        }
        if let Some(base) = World::base(&file, text, self)? {
            self.embed_world(&base, depth + 1)?;
        }
        self.add_world(name, text)
    }

    /// Adds a peer, or puts it in the place of the one with this name. `text` is that of a peer file, which may build
    /// on a peer that is there. Peers that were added before and build on it stay as they are.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn add_peer(&mut self, name: &str, text: &str) -> Result<(), FileError> {
        self.add_peer_file(&peer_file(name), name, text).map(drop)
    }

    /// The same, from a file of one's own; whether there was one with this name.
    pub(crate) fn add_peer_file(
        &mut self,
        file: &str,
        name: &str,
        text: &str,
    ) -> Result<bool, FileError> {
        let peer = load_with(file, text, self)?;
        self.announce_peer(file, name, text);
        Ok(self.peers.insert(name.to_owned(), peer).is_some())
    }

    /// Lets others build on a peer before it is read itself.
    pub(crate) fn announce_peer(&mut self, file: &str, name: &str, text: &str) {
        let text = (file.to_owned(), text.to_owned());
        self.peer_texts.insert(name.to_owned(), text);
    }

    /// Adds a world, or puts it in the place of the one with this name. `text` is that of a world file; it may build on
    /// a world that is there.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn add_world(&mut self, name: &str, text: &str) -> Result<(), FileError> {
        self.add_world_file(&world_file(name), name, text).map(drop)
    }

    /// The same, from a file of one's own; whether there was one with this name.
    pub(crate) fn add_world_file(
        &mut self,
        file: &str,
        name: &str,
        text: &str,
    ) -> Result<bool, FileError> {
        let world = World::load(file, text, self)?;
        Ok(self.worlds.insert(name.to_owned(), world).is_some())
    }

    /// Adds a scenario, or puts it in the place of the one with this name. `text` is that of a scenario file.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn add_scenario(&mut self, name: &str, text: &str) -> Result<(), FileError> {
        let scenario = Scenario::load_in(&format!("cases/{name}.toml"), text, self)?;
        self.scenarios.insert(name.to_owned(), scenario);
        Ok(())
    }

    /// Adds rows to the table of behaviours, or puts them in the place of those with their names. `text` is that of a
    /// file of rows.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn add_rows(&mut self, name: &str, text: &str) -> Result<(), FileError> {
        let rows = load_rows(&format!("rows/{name}.toml"), text)?;
        self.rows.extend(rows);
        Ok(())
    }

    /// Settles rows otherwise. `text` is that of the file of corrections.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn set_corrections(&mut self, text: &str) -> Result<(), FileError> {
        self.corrections = load_corrections("corrections.toml", text)?;
        Ok(())
    }

    /// Every peer.
    pub const fn peers(&self) -> &BTreeMap<String, PeerSpec> {
        &self.peers
    }

    /// Every world.
    pub const fn worlds(&self) -> &BTreeMap<String, World> {
        &self.worlds
    }

    /// Every scenario.
    pub const fn scenarios(&self) -> &BTreeMap<String, Scenario> {
        &self.scenarios
    }

    /// Every row of the table of behaviours, by the name of the behaviour.
    pub const fn rows(&self) -> &BTreeMap<String, Row> {
        &self.rows
    }

    /// Where rows are settled otherwise.
    pub fn corrections(&self) -> &[Correction] {
        &self.corrections
    }

    /// The peer of this name.
    ///
    /// # Errors
    /// [`Unknown`] offers the nearest name.
    pub fn peer(&self, name: &str) -> Result<&PeerSpec, Unknown> {
        find("peer", name, &self.peers)
    }

    /// The world of this name.
    ///
    /// # Errors
    /// [`Unknown`] offers the nearest name.
    pub fn world(&self, name: &str) -> Result<&World, Unknown> {
        find("world", name, &self.worlds)
    }

    /// The scenario of this name.
    ///
    /// # Errors
    /// [`Unknown`] offers the nearest name.
    pub fn scenario(&self, name: &str) -> Result<&Scenario, Unknown> {
        find("scenario", name, &self.scenarios)
    }
}

fn find<'a, T>(
    kind: &'static str,
    name: &str,
    all: &'a BTreeMap<String, T>,
) -> Result<&'a T, Unknown> {
    all.get(name)
        .ok_or_else(|| Unknown::new(kind, name, all.keys()))
}

impl PeerTexts for Catalogue {
    fn find(&self, name: &str) -> Option<(String, Cow<'_, str>)> {
        let (file, text) = self.peer_texts.get(name)?;
        Some((file.clone(), Cow::Borrowed(text)))
    }

    fn names(&self) -> Vec<String> {
        self.peer_texts.keys().cloned().collect()
    }
}

fn peer_file(name: &str) -> String {
    format!("peers/{name}.toml")
}

fn world_file(name: &str) -> String {
    format!("worlds/{name}.toml")
}

/// So many worlds may build on one another, each on the next. Ours: more than anybody can follow.
const EXTENDS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folders_is_in_the_catalogue() {
        let catalogue = Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"));
        for (folder, names) in [
            ("peers", catalogue.peers.keys().collect::<Vec<_>>()),
            ("worlds", catalogue.worlds.keys().collect()),
            ("cases", catalogue.scenarios.keys().collect()),
        ] {
            let path = format!("{}/../scenarios/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<String> = std::fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let expected: Vec<String> = names.iter().map(|name| format!("{name}.toml")).collect();
            let mut expected = expected;
            expected.sort();
            assert_eq!(
                files, expected,
                "{folder}/ holds something else than .toml files"
            );
        }
    }

    #[test]
    fn a_peer_may_build_on_one_of_the_catalogue() {
        let mut catalogue = Catalogue::embedded().unwrap();
        let text = "extends = 'gmail'\n[[on]]\ncommand = 'EHLO'\nevery = 2\nwithout = ['STARTTLS']";
        catalogue.add_peer("flapping-gmail", text).unwrap();
        let peer = catalogue.peer("flapping-gmail").unwrap();
        assert_eq!(peer.ehlo.name.as_deref(), Some("mx.google.com"));
        assert_eq!((peer.mx.len(), peer.on.len()), (5, 1));
        assert!(peer.domains.is_empty(), "mail for gmail.com goes to Gmail");
        let fault = catalogue
            .add_peer("other", "extends = 'gmial'")
            .unwrap_err();
        assert_eq!(
            fault.to_string(),
            "peers/other.toml:1:11: no peer is called \"gmial\"; did you mean \"gmail\"?"
        );
    }

    #[test]
    fn a_miss_offers_the_nearest_name() {
        let catalogue = Catalogue::embedded().unwrap();
        assert_eq!(
            catalogue.peer("gmial").unwrap_err().to_string(),
            "no peer is called \"gmial\"; did you mean \"gmail\"?"
        );
        assert_eq!(
            catalogue.scenario("zzzzzzzzzzzz").unwrap_err().to_string(),
            "no scenario is called \"zzzzzzzzzzzz\""
        );
    }
}
