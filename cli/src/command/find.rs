//! What the words of a command mean: scenarios, worlds and peers of the catalogue by name, and files by path.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use mta_sim::library::{Catalogue, FileKind, World};
use mta_sim::peer::{PeerSpec, load_with};
use mta_sim::scenario::Scenario;

use crate::{Usage, disk, print};

/// What can be run.
pub(super) enum What {
    Scenario(Box<Scenario>),
    World(Box<World>),
    Peer(Box<PeerSpec>),
}

/// Something that was asked for, and the catalogue with what lies beside it.
pub(super) struct Found {
    pub(super) name: String,
    pub(super) what: What,
    /// Its file, if it is one's own.
    pub(super) path: Option<PathBuf>,
    /// Whether it was meant by itself, and not with a folder.
    pub(super) alone: bool,
    pub(super) catalogue: Rc<Catalogue>,
}

/// Finds what each word means.
pub(super) fn find(words: &[String], catalogue: &Rc<Catalogue>) -> Result<Vec<Found>, Usage> {
    let mut found = Vec::new();
    for word in words {
        let path = Path::new(word);
        if let Some(what) = named(word, catalogue) {
            found.push(Found {
                name: word.clone(),
                what,
                path: None,
                alone: true,
                catalogue: catalogue.clone(),
            });
        } else if path.is_dir() {
            found.extend(folder(path, catalogue)?);
        } else if word.ends_with(".toml") || word.contains('/') {
            found.push(file(path, true, catalogue)?);
        } else {
            let unknown = catalogue.scenario(word).err();
            let told = unknown.map_or_else(String::new, |unknown| unknown.to_string());
            return Err(Usage(told));
        }
    }
    Ok(found)
}

/// A scenario, a world or a peer of the catalogue.
fn named(name: &str, catalogue: &Catalogue) -> Option<What> {
    if let Ok(scenario) = catalogue.scenario(name) {
        return Some(What::Scenario(Box::new(scenario.clone())));
    }
    if let Ok(world) = catalogue.world(name) {
        return Some(What::World(Box::new(world.clone())));
    }
    let peer = catalogue.peer(name).ok()?;
    Some(What::Peer(Box::new(peer.clone())))
}

/// The scenarios of a folder and of its `cases/`; if there are none, its worlds and peers.
fn folder(folder: &Path, catalogue: &Rc<Catalogue>) -> Result<Vec<Found>, Usage> {
    let files = disk::scenario_files(folder).map_err(Usage)?;
    let kind = |path: &PathBuf| {
        let text = disk::text(path).unwrap_or_default();
        FileKind::of(&disk::shown(path), &text).0
    };
    let kinds: Vec<FileKind> = files.iter().map(kind).collect();
    let has_scenarios = kinds.contains(&FileKind::Scenario);
    files
        .iter()
        .zip(kinds)
        .filter(|(_, kind)| !has_scenarios || *kind == FileKind::Scenario)
        .map(|(path, _)| file(path, false, catalogue))
        .collect()
}

/// A file of one's own, with what lies beside it.
fn file(path: &Path, alone: bool, catalogue: &Rc<Catalogue>) -> Result<Found, Usage> {
    let name = disk::shown(path);
    let told = |error: &dyn std::fmt::Display| Usage(error.to_string());
    let text = disk::text(path).map_err(|why| Usage(format!("{name}: {why}")))?;
    let shelf = disk::shelf(disk::folder_of(path)).map_err(Usage)?;
    let (catalogue, hidden) = shelf
        .catalogue_for(&text, catalogue)
        .map_err(|error| told(&error))?;
    for hidden in hidden {
        print::note(&hidden.to_string());
    }
    let (kind, _) = FileKind::of(&name, &text);
    let what = match kind {
        FileKind::Scenario => Scenario::load_in(&name, &text, &catalogue)
            .map(|scenario| What::Scenario(Box::new(scenario))),
        FileKind::World => {
            World::load(&name, &text, &catalogue).map(|world| What::World(Box::new(world)))
        }
        FileKind::Peer => {
            load_with(&name, &text, &catalogue).map(|peer| What::Peer(Box::new(peer)))
        }
    };
    Ok(Found {
        what: what.map_err(|error| told(&error))?,
        name,
        path: Some(path.to_owned()),
        alone,
        catalogue: Rc::new(catalogue),
    })
}

/// The peer that a word names, or that the file at this path describes.
pub(super) fn peer(word: &str, catalogue: &Rc<Catalogue>) -> Result<(String, PeerSpec), Usage> {
    if let Ok(peer) = catalogue.peer(word) {
        return Ok((word.to_owned(), peer.clone()));
    }
    let path = Path::new(word);
    if !word.ends_with(".toml") && !path.exists() {
        let unknown = catalogue.peer(word).err();
        let told = unknown.map_or_else(String::new, |unknown| unknown.to_string());
        return Err(Usage(told));
    }
    let found = file(path, true, catalogue)?;
    match found.what {
        What::Peer(peer) => Ok((found.name, *peer)),
        What::Scenario(_) | What::World(_) => Err(Usage(format!(
            "{word}: a file of another kind, where a peer is asked for"
        ))),
    }
}
