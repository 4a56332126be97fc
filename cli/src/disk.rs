//! Files and folders of the disk: read whole, within limits, and reported by name when that fails.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mta_sim::file::{FILE_BYTES_MAX, SourceFile};
use mta_sim::library::{Catalogue, FileKind, LocalFiles};

/// At most this many files of one folder are read. Limit chosen here.
const FILES_MAX: usize = 4096;

/// At most this many bytes of a recorded conversation are read. Limit chosen here: a thousand attempts have fewer.
const RECORD_BYTES_MAX: usize = 64 << 20;

/// The text of a file of peers, worlds or scenarios.
///
/// # Errors
/// Why there is none, in a line without the file's name.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    read(path, FILE_BYTES_MAX)
}

/// The text of a recorded conversation.
///
/// # Errors
/// Why there is none, in a line without the file's name.
pub(crate) fn record(path: &Path) -> Result<String, String> {
    read(path, RECORD_BYTES_MAX)
}

fn read(path: &Path, octets_max: usize) -> Result<String, String> {
    let told = |error: std::io::Error| error.to_string();
    let about = fs::metadata(path).map_err(told)?;
    if about.is_dir() {
        return Err("it is a folder".to_owned());
    }
    // What is no file, such as a pipe without an end, might be read for ever.
    if !about.is_file() {
        return Err("not a regular file".to_owned());
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
        format!("invalid UTF-8 at byte {octet}")
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

/// The folder that a file lies in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// The files that a command looks at. Each is read and parsed once, however many name it.
#[derive(Default)]
pub(crate) struct Files {
    /// By their paths without detours.
    files: BTreeMap<PathBuf, Result<Arc<SourceFile>, String>>,
    /// By the folders that they are for.
    catalogues: BTreeMap<PathBuf, Arc<Catalogue>>,
}

impl Files {
    /// The file at a path.
    ///
    /// # Errors
    /// Why there is none, in a line without the file's name.
    pub(crate) fn file(&mut self, path: &Path) -> Result<Arc<SourceFile>, String> {
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let read = || text(path).map(|text| SourceFile::new(shown(path), text));
        self.files.entry(place).or_insert_with(read).clone()
    }

    /// The files of a folder and of its `peers/`, `worlds/` and `cases/` that are peers, worlds or scenarios, each with
    /// its path.
    ///
    /// # Errors
    /// A folder or a file that cannot be read, or a folder that holds none of them, in a line.
    pub(crate) fn of_folder(
        &mut self,
        folder: &Path,
    ) -> Result<Vec<(PathBuf, Arc<SourceFile>)>, String> {
        let mut found = Vec::new();
        for inner in ["", "peers", "worlds", "cases"] {
            for path in toml_files(&folder.join(inner))? {
                let told = |why| format!("{}: {why}", shown(&path));
                let file = self.file(&path).map_err(told)?;
                if FileKind::is_told(&file) {
                    found.push((path, file));
                }
            }
        }
        if found.is_empty() {
            let folder = folder.display();
            return Err(format!(
                "{folder}: neither it nor its peers/, worlds/ or cases/ holds a peer, a world or a scenario (*.toml)"
            ));
        }
        Ok(found)
    }

    /// The catalogue, and over it what files of `folder` may name: what lies in it and in its `peers/` and `worlds/`,
    /// and, if it is the `cases/`, `peers/` or `worlds/` of another folder, there.
    ///
    /// # Errors
    /// A folder that cannot be read. A file that cannot be read is reported when it is named.
    pub(crate) fn around(&mut self, folder: &Path) -> Result<Arc<Catalogue>, String> {
        if let Some(catalogue) = self.catalogues.get(folder) {
            return Ok(catalogue.clone());
        }
        let mut local = LocalFiles::default();
        for folder in folders_around(folder) {
            for path in toml_files(&folder)? {
                let dark = |why| SourceFile::unreadable(shown(&path), why);
                local.add(self.file(&path).unwrap_or_else(dark));
            }
        }
        let catalogue = Arc::new(local.over(Catalogue::shared()));
        self.catalogues.insert(folder.to_owned(), catalogue.clone());
        Ok(catalogue)
    }

    /// What there is to note of the files that were used: which are not those of the catalogue.
    pub(crate) fn notes(&self) -> Vec<String> {
        let overridden = self.catalogues.values().flat_map(|own| own.overridden());
        let mut notes: Vec<String> = overridden.map(|one| one.to_string()).collect();
        notes.sort();
        notes.dedup();
        notes
    }
}

/// Where files of a folder look for what they name.
fn folders_around(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    folders.extend(["peers", "worlds"].map(|name| folder.join(name)));
    let is_one = |folder: &Path| {
        let name = folder.file_name();
        name.is_some_and(|name| {
            ["cases", "peers", "worlds"]
                .iter()
                .any(|known| name == *known)
        })
    };
    let above = match folder.parent() {
        Some(above) if is_one(folder) => above.to_owned(),
        _ if folder.canonicalize().is_ok_and(|place| is_one(&place)) => folder.join(".."),
        _ => return folders,
    };
    folders.extend(["peers", "worlds"].map(|name| above.join(name)));
    folders
}

/// A path as it was written, without a `./` that nobody wrote.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_once_under_whatever_path() {
        let folder = std::env::temp_dir().join(format!("mta-sim-once-{}", std::process::id()));
        for inner in ["peers", "cases"] {
            fs::create_dir_all(folder.join(inner)).unwrap();
        }
        fs::write(folder.join("peers/x.toml"), "tls.tickets = 1").unwrap();
        let mut files = Files::default();
        let straight = files.file(&folder.join("peers/x.toml")).unwrap();
        let detour = files.file(&folder.join("cases/../peers/x.toml")).unwrap();
        assert!(Arc::ptr_eq(&straight, &detour));
        let around = files.around(&folder.join("cases")).unwrap();
        assert!(Arc::ptr_eq(
            &around,
            &files.around(&folder.join("cases")).unwrap()
        ));
        fs::remove_dir_all(&folder).unwrap();
        // What was read stays as it was.
        assert_eq!(around.peer("x").unwrap().tls.tickets, 1);
        assert_eq!(
            files
                .file(&folder.join("peers/y.toml"))
                .unwrap_err()
                .lines()
                .count(),
            1
        );
    }
}
