//! The library of peers, worlds and scenarios: sources in a row, of which each overrides those below it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, OnceLock};

use mta_sim_scenarios::{CASES, PEERS, WORLDS};

use super::lookup::{LookupError, Unknown};
use super::named::{Entry, Named};
use super::overridden::Overridden;
use super::{FileKind, World};
use crate::file::{FileError, SourceFile};
use crate::peer::PeerSpec;
use crate::scenario::Scenario;

/// Peers, worlds and scenarios by name, those of one source over those of others.
///
/// A file is read when it is first asked for, and once.
#[derive(Debug, Default)]
pub struct Catalogue {
    peers: Named<PeerSpec>,
    worlds: Named<World>,
    scenarios: Named<Scenario>,
    below: Option<Arc<Catalogue>>,
    all: All,
}

/// Everything of a kind, those of all sources together.
#[derive(Debug, Default)]
struct All {
    peers: OnceLock<BTreeMap<String, PeerSpec>>,
    worlds: OnceLock<BTreeMap<String, World>>,
    scenarios: OnceLock<BTreeMap<String, Scenario>>,
}

static SHARED: LazyLock<Arc<Catalogue>> = LazyLock::new(|| Arc::new(Catalogue::built_in()));

impl Catalogue {
    /// The catalogue that is built in, one for the whole process.
    ///
    /// A test sees to it that nothing is wrong with its files.
    pub fn shared() -> &'static Arc<Catalogue> {
        &SHARED
    }

    /// The catalogue that is built in, with room above it for more.
    ///
    /// # Errors
    /// The first fault in one of its files. A test sees to it that there is none.
    pub fn embedded() -> Result<Catalogue, FileError> {
        let shared = Catalogue::shared();
        shared.check_all()?;
        Ok(Catalogue::over(shared))
    }

    /// An empty source over others.
    pub fn over(below: &Arc<Catalogue>) -> Catalogue {
        Catalogue {
            below: Some(below.clone()),
            ..Catalogue::default()
        }
    }

    fn built_in() -> Catalogue {
        let mut catalogue = Catalogue::default();
        for (kind, files) in [
            (FileKind::Peer, PEERS),
            (FileKind::World, WORLDS),
            (FileKind::Scenario, CASES),
        ] {
            for (name, text) in files {
                let file = SourceFile::new(kind.path(name), *text);
                catalogue.add_file(kind, name, file);
            }
        }
        catalogue
    }

    /// Adds a file under a name, to be read when it is asked for. The first of its kind and name counts.
    pub(super) fn add_file(&mut self, kind: FileKind, name: &str, file: Arc<SourceFile>) {
        self.all = All::default();
        match kind {
            FileKind::Peer => self.peers.add(name, file),
            FileKind::World => self.worlds.add(name, file),
            FileKind::Scenario => self.scenarios.add(name, file),
        }
    }

    /// Adds a peer, over the one with this name. `text` is that of a peer file, which may build on a peer that is
    /// there. Peers that were added before and build on it stay as they are.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn add_peer(&mut self, name: &str, text: &str) -> Result<(), FileError> {
        let file = SourceFile::new(FileKind::Peer.path(name), text);
        let peer = PeerSpec::read(&file, self)?;
        self.make_room(self.peers.get(name).is_some());
        self.peers.add_read(name, file, peer);
        Ok(())
    }

    /// Adds a world, over the one with this name. `text` is that of a world file; it may build on a world that is
    /// there.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn add_world(&mut self, name: &str, text: &str) -> Result<(), FileError> {
        let file = SourceFile::new(FileKind::World.path(name), text);
        let world = World::read(&file, self)?;
        self.make_room(self.worlds.get(name).is_some());
        self.worlds.add_read(name, file, world);
        Ok(())
    }

    /// Adds a scenario, over the one with this name. `text` is that of a scenario file.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn add_scenario(&mut self, name: &str, text: &str) -> Result<(), FileError> {
        let file = SourceFile::new(FileKind::Scenario.path(name), text);
        let scenario = Scenario::read(&file, self)?;
        self.make_room(self.scenarios.get(name).is_some());
        self.scenarios.add_read(name, file, scenario);
        Ok(())
    }

    /// A name that is taken goes into a source of its own, over this one: what builds on the first stays as it is.
    fn make_room(&mut self, is_taken: bool) {
        self.all = All::default();
        if is_taken {
            let below = Arc::new(std::mem::take(self));
            *self = Catalogue::over(&below);
        }
    }

    /// Reads every file of every source.
    ///
    /// # Errors
    /// The first fault in one of them.
    pub fn check_all(&self) -> Result<(), FileError> {
        for layer in self.layers() {
            let peers = layer
                .peers
                .iter()
                .map(|(_, entry)| layer.read_peer(entry).err());
            let worlds = layer
                .worlds
                .iter()
                .map(|(_, entry)| layer.read_world(entry).err());
            let scenarios = layer.scenarios.iter();
            let scenarios = scenarios.map(|(_, entry)| layer.read_scenario(entry).err());
            if let Some(fault) = peers.chain(worlds).chain(scenarios).flatten().next() {
                return Err(fault.clone());
            }
        }
        Ok(())
    }

    /// Every peer that can be read.
    pub fn peers(&self) -> &BTreeMap<String, PeerSpec> {
        let below = self.below.as_ref().map(|below| below.peers());
        together(&self.all.peers, below, &self.peers, |entry| {
            self.read_peer(entry)
        })
    }

    /// Every world that can be read.
    pub fn worlds(&self) -> &BTreeMap<String, World> {
        let below = self.below.as_ref().map(|below| below.worlds());
        together(&self.all.worlds, below, &self.worlds, |entry| {
            self.read_world(entry)
        })
    }

    /// Every scenario that can be read.
    pub fn scenarios(&self) -> &BTreeMap<String, Scenario> {
        let below = self.below.as_ref().map(|below| below.scenarios());
        together(&self.all.scenarios, below, &self.scenarios, |entry| {
            self.read_scenario(entry)
        })
    }

    /// The peer of this name.
    ///
    /// # Errors
    /// [`LookupError`]: nothing has the name, and it offers the nearest; or its file is wrong.
    pub fn peer(&self, name: &str) -> Result<&PeerSpec, LookupError> {
        let found = self
            .layers()
            .find_map(|layer| Some((layer, layer.peers.get(name)?)));
        let (layer, entry) = found.ok_or_else(|| self.unknown(FileKind::Peer, name))?;
        entry.mark_used();
        Ok(layer.read_peer(entry)?)
    }

    /// The world of this name.
    ///
    /// # Errors
    /// [`LookupError`]: nothing has the name, and it offers the nearest; or its file is wrong.
    pub fn world(&self, name: &str) -> Result<&World, LookupError> {
        let found = self
            .layers()
            .find_map(|layer| Some((layer, layer.worlds.get(name)?)));
        let (layer, entry) = found.ok_or_else(|| self.unknown(FileKind::World, name))?;
        entry.mark_used();
        Ok(layer.read_world(entry)?)
    }

    /// The scenario of this name.
    ///
    /// # Errors
    /// [`LookupError`]: nothing has the name, and it offers the nearest; or its file is wrong.
    pub fn scenario(&self, name: &str) -> Result<&Scenario, LookupError> {
        let found = self
            .layers()
            .find_map(|layer| Some((layer, layer.scenarios.get(name)?)));
        let (layer, entry) = found.ok_or_else(|| self.unknown(FileKind::Scenario, name))?;
        entry.mark_used();
        Ok(layer.read_scenario(entry)?)
    }

    /// The files of this source that were used in the place of one below it.
    pub fn overridden(&self) -> Vec<Overridden> {
        let mut found = Vec::new();
        let mut note = |kind, name: &String, file: &SourceFile, is_used: bool| {
            let has = |below: &Arc<Catalogue>| below.has(kind, name);
            if is_used && self.below.as_ref().is_some_and(has) {
                found.push(Overridden {
                    kind,
                    name: name.clone(),
                    path: file.path().to_owned(),
                });
            }
        };
        for (name, entry) in self.peers.iter() {
            note(FileKind::Peer, name, &entry.file, entry.is_used());
        }
        for (name, entry) in self.worlds.iter() {
            note(FileKind::World, name, &entry.file, entry.is_used());
        }
        for (name, entry) in self.scenarios.iter() {
            note(FileKind::Scenario, name, &entry.file, entry.is_used());
        }
        found
    }

    /// The file that stands for a name which `asker` builds on, and the source that it lies in: here or below, and
    /// not `asker` itself.
    pub(super) fn base(
        &self,
        kind: FileKind,
        name: &str,
        asker: &Arc<SourceFile>,
    ) -> Option<(&Catalogue, &Arc<SourceFile>)> {
        self.layers().find_map(|layer| {
            let file = match kind {
                FileKind::Peer => used(layer.peers.get(name), asker),
                FileKind::World => used(layer.worlds.get(name), asker),
                FileKind::Scenario => used(layer.scenarios.get(name), asker),
            };
            Some((layer, file?))
        })
    }

    /// Whether anything of this kind has the name.
    pub(super) fn has(&self, kind: FileKind, name: &str) -> bool {
        self.layers().any(|layer| match kind {
            FileKind::Peer => layer.peers.get(name).is_some(),
            FileKind::World => layer.worlds.get(name).is_some(),
            FileKind::Scenario => layer.scenarios.get(name).is_some(),
        })
    }

    /// Nothing of this kind has the name.
    pub(super) fn unknown(&self, kind: FileKind, name: &str) -> Unknown {
        let mut names = BTreeSet::new();
        for layer in self.layers() {
            match kind {
                FileKind::Peer => names.extend(layer.peers.iter().map(|(name, _)| name)),
                FileKind::World => names.extend(layer.worlds.iter().map(|(name, _)| name)),
                FileKind::Scenario => names.extend(layer.scenarios.iter().map(|(name, _)| name)),
            }
        }
        Unknown::new(kind.word(), name, names.into_iter())
    }

    /// This source, and those below it.
    fn layers(&self) -> impl Iterator<Item = &Catalogue> {
        std::iter::successors(Some(self), |layer| layer.below.as_deref())
    }

    fn read_peer<'e>(&self, entry: &'e Entry<PeerSpec>) -> Result<&'e PeerSpec, &'e FileError> {
        entry.value(|file| PeerSpec::read(file, self))
    }

    fn read_world<'e>(&self, entry: &'e Entry<World>) -> Result<&'e World, &'e FileError> {
        entry.value(|file| World::read(file, self))
    }

    fn read_scenario<'e>(&self, entry: &'e Entry<Scenario>) -> Result<&'e Scenario, &'e FileError> {
        entry.value(|file| Scenario::read(file, self))
    }
}

/// The file of an entry that another file builds on.
fn used<'e, T>(
    entry: Option<&'e Entry<T>>,
    asker: &Arc<SourceFile>,
) -> Option<&'e Arc<SourceFile>> {
    let entry = entry.filter(|entry| !Arc::ptr_eq(&entry.file, asker))?;
    entry.mark_used();
    Some(&entry.file)
}

/// Everything of a kind: what a source holds, over what is below it.
fn together<'c, T: Clone>(
    all: &'c OnceLock<BTreeMap<String, T>>,
    below: Option<&'c BTreeMap<String, T>>,
    own: &'c Named<T>,
    read: impl Fn(&'c Entry<T>) -> Result<&'c T, &'c FileError>,
) -> &'c BTreeMap<String, T> {
    if let Some(below) = below.filter(|_| own.iter().next().is_none()) {
        return below;
    }
    all.get_or_init(|| {
        let mut all = below.cloned().unwrap_or_default();
        for (name, entry) in own.iter() {
            match read(entry) {
                Ok(value) => all.insert(name.clone(), value.clone()),
                Err(_) => all.remove(name),
            };
        }
        all
    })
}
