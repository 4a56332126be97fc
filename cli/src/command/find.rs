//! What the words of a command mean: scenarios, worlds and peers of the catalogue by name, and files by path.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mta_sim::file::SourceFile;
use mta_sim::library::{Catalogue, FileKind, LookupError, World};
use mta_sim::peer::PeerSpec;
use mta_sim::scenario::Scenario;

use crate::disk::Files;
use crate::verdict::Usage;
use crate::{disk, print};

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
    pub(super) catalogue: Arc<Catalogue>,
}

/// Finds what each word means.
pub(super) fn find(words: &[String]) -> Result<Vec<Found>, Usage> {
    let mut files = Files::default();
    let mut found = Vec::new();
    for word in words {
        let path = Path::new(word);
        if let Some(what) = named(word)? {
            found.push(Found {
                name: word.clone(),
                what,
                path: None,
                alone: true,
                catalogue: Catalogue::shared().clone(),
            });
        } else if path.is_dir() {
            found.extend(folder(path, &mut files)?);
        } else if word.ends_with(".toml") || word.contains('/') {
            found.push(file(path, &mut files)?);
        } else {
            let unknown = Catalogue::shared().scenario(word).err();
            let told = unknown.map_or_else(String::new, |unknown| unknown.to_string());
            return Err(Usage(told));
        }
    }
    note(&files);
    Ok(found)
}

/// A scenario, a world or a peer of the catalogue.
fn named(name: &str) -> Result<Option<What>, Usage> {
    let catalogue = Catalogue::shared();
    let scenario = catalogue.scenario(name);
    let what = scenario.map(|scenario| What::Scenario(Box::new(scenario.clone())));
    let what = unless_unknown(what, || {
        let world = catalogue.world(name);
        world.map(|world| What::World(Box::new(world.clone())))
    });
    let what = unless_unknown(what, || {
        let peer = catalogue.peer(name);
        peer.map(|peer| What::Peer(Box::new(peer.clone())))
    });
    match what {
        Ok(what) => Ok(Some(what)),
        Err(LookupError::Unknown(_)) => Ok(None),
        Err(LookupError::Invalid(fault)) => Err(Usage(fault.to_string())),
    }
}

/// What is found, or the next thing if nothing has the name.
fn unless_unknown(
    what: Result<What, LookupError>,
    next: impl FnOnce() -> Result<What, LookupError>,
) -> Result<What, LookupError> {
    match what {
        Err(LookupError::Unknown(_)) => next(),
        found => found,
    }
}

/// The scenarios of a folder and of its `cases/`; if there are none, its worlds and peers.
fn folder(folder: &Path, files: &mut Files) -> Result<Vec<Found>, Usage> {
    let all = files.of_folder(folder).map_err(Usage)?;
    let is_scenario = |file: &SourceFile| FileKind::of(file).0 == FileKind::Scenario;
    let has_scenarios = all.iter().any(|(_, file)| is_scenario(file));
    all.into_iter()
        .filter(|(_, file)| !has_scenarios || is_scenario(file))
        .map(|(path, file)| read(&path, &file, false, files))
        .collect()
}

/// The file at a path.
fn file(path: &Path, files: &mut Files) -> Result<Found, Usage> {
    let told = |why| Usage(format!("{}: {why}", disk::shown(path)));
    let file = files.file(path).map_err(told)?;
    read(path, &file, true, files)
}

/// A file of one's own, with what lies beside it.
fn read(
    path: &Path,
    file: &Arc<SourceFile>,
    alone: bool,
    files: &mut Files,
) -> Result<Found, Usage> {
    let catalogue = files.around(disk::folder_of(path)).map_err(Usage)?;
    let (kind, _) = FileKind::of(file);
    let what = match kind {
        FileKind::Scenario => {
            Scenario::load_file(file, &catalogue).map(|scenario| What::Scenario(Box::new(scenario)))
        }
        FileKind::World => {
            World::load_file(file, &catalogue).map(|world| What::World(Box::new(world)))
        }
        FileKind::Peer => {
            PeerSpec::load_file(file, &catalogue).map(|peer| What::Peer(Box::new(peer)))
        }
    };
    Ok(Found {
        what: what.map_err(|error| Usage(error.to_string()))?,
        name: file.path().to_owned(),
        path: Some(path.to_owned()),
        alone,
        catalogue,
    })
}

fn note(files: &Files) {
    files.notes().iter().for_each(|note| print::note(note));
}

/// The peer that a word names, or that the file at this path describes.
pub(super) fn peer(word: &str) -> Result<(String, PeerSpec), Usage> {
    let unknown = match Catalogue::shared().peer(word) {
        Ok(peer) => return Ok((word.to_owned(), peer.clone())),
        Err(unknown) => unknown,
    };
    let path = Path::new(word);
    if !word.ends_with(".toml") && !path.exists() {
        return Err(Usage(unknown.to_string()));
    }
    let mut files = Files::default();
    let found = file(path, &mut files)?;
    note(&files);
    match found.what {
        What::Peer(peer) => Ok((found.name, *peer)),
        What::Scenario(_) | What::World(_) => Err(Usage(format!(
            "{word}: a file of another kind, where a peer is asked for"
        ))),
    }
}
