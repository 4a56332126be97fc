//! Files and folders of the disk: read whole, within limits, and told by their names when that cannot be done.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use mta_sim::file::FILE_OCTETS_MAX;
use mta_sim::library::{FileKind, Shelf};

/// So many files of one folder are looked at. Ours.
const FILES_MAX: usize = 4096;

/// So many octets of a recorded conversation are read. Ours: a thousand attempts have fewer.
const RECORD_OCTETS_MAX: usize = 64 << 20;

/// The text of a file of peers, worlds or scenarios.
///
/// # Errors
/// Why there is none, in a line without the file's name.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    read(path, FILE_OCTETS_MAX)
}

/// The text of a recorded conversation.
///
/// # Errors
/// Why there is none, in a line without the file's name.
pub(crate) fn record(path: &Path) -> Result<String, String> {
    read(path, RECORD_OCTETS_MAX)
}

fn read(path: &Path, octets_max: usize) -> Result<String, String> {
    let told = |error: std::io::Error| error.to_string();
    let about = fs::metadata(path).map_err(told)?;
    if about.is_dir() {
        return Err("it is a folder".to_owned());
    }
    // What is no file, such as a pipe without an end, might be read for ever.
    if !about.is_file() {
        return Err("it is no ordinary file".to_owned());
    }
    let limit = u64::try_from(octets_max).unwrap_or(u64::MAX);
    let mut octets = Vec::new();
    let file = File::open(path).map_err(told)?;
    file.take(limit + 1)
        .read_to_end(&mut octets)
        .map_err(told)?;
    if octets.len() > octets_max {
        return Err(format!("a file has at most {octets_max} octets"));
    }
    String::from_utf8(octets).map_err(|error| {
        let octet = error.utf8_error().valid_up_to();
        format!("it is not UTF-8: octet {octet} begins no character")
    })
}

/// The files of a folder that end in .toml, by name; none if there is no such folder.
///
/// # Errors
/// Why it cannot be read, in a line.
pub(crate) fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.extension().is_some_and(|ending| ending == "toml") && !path.is_dir() {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            return Err(format!("{}: more than {FILES_MAX} files", folder.display()));
        }
    }
    files.sort();
    Ok(files)
}

/// The files of a folder and of its `peers/`, `worlds/` and `cases/` that are peers, worlds or scenarios.
///
/// # Errors
/// A folder that cannot be read, or that holds none of them.
pub(crate) fn scenario_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for inner in ["", "peers", "worlds", "cases"] {
        files.extend(toml_files(&folder.join(inner))?);
    }
    // What cannot be read is told when it is looked at.
    files.retain(|file| text(file).map_or(true, |text| FileKind::is_told(&shown(file), &text)));
    if files.is_empty() {
        let folder = folder.display();
        return Err(format!(
            "{folder}: neither it nor its peers/, worlds/ or cases/ holds a peer, a world or a scenario (*.toml)"
        ));
    }
    Ok(files)
}

/// The folder that a file lies in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// The peers and worlds that files of `folder` may name: those in it and in its `peers/` and `worlds/`, and, if it is
/// the `cases/`, `peers/` or `worlds/` of another folder, those there.
///
/// # Errors
/// A folder that cannot be read. A file that cannot be read is told when it is named.
pub(crate) fn shelf(folder: &Path) -> Result<Shelf, String> {
    let mut folders = vec![folder.to_owned()];
    folders.extend(["peers", "worlds"].map(|name| folder.join(name)));
    let name = folder.canonicalize().ok();
    let name = name.as_deref().and_then(Path::file_name);
    if name.is_some_and(|name| {
        ["cases", "peers", "worlds"]
            .iter()
            .any(|known| name == *known)
    }) {
        let above = folder.join("..");
        folders.extend(["peers", "worlds"].map(|name| above.join(name)));
    }
    let mut shelf = Shelf::default();
    for folder in folders {
        for file in toml_files(&folder)? {
            shelf.add(&shown(&file), text(&file));
        }
    }
    Ok(shelf)
}

/// A path as it was written, without a `./` that nobody wrote.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.to_string_lossy().into_owned()
}
