//! Reads the files of a dataset: families of cases, and the certificates that they use.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::case::Case;
use crate::pki::Entry;

/// Cases, and the certificates of their worlds.
#[derive(Debug, Default)]
pub struct Dataset {
    pub(crate) cases: Vec<Case>,
    pub(crate) pki: BTreeMap<String, Entry>,
}

/// Why a dataset cannot be read. Shown as `FILE:LINE:COLUMN: MESSAGE` where a place is known.
#[derive(Debug)]
pub struct LoadError {
    file: PathBuf,
    message: String,
}

/// The name of the file that holds the certificates.
const PKI: &str = "pki.json";

/// The name of the file that holds what the cases have in common of main.cf.
const BASE: &str = "main.cf";

/// A file may have so many bytes. Ours; the largest of the dataset has half a megabyte.
const FILE_BYTES_MAX: u64 = 64 << 20;

#[derive(Deserialize)]
struct Family {
    family: Option<String>,
    #[serde(default)]
    cipher_lists: BTreeMap<String, String>,
    #[serde(default)]
    cases: Vec<Case>,
}

impl Dataset {
    /// The cases, as (id, family), in the order of the files.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cases.iter().map(|case| (&*case.id, &*case.family))
    }

    /// Reads files, and the `*.json` of directories. The certificates are those of the `pki.json` beside the
    /// cases, and their settings are laid over the `main.cf` there.
    ///
    /// # Errors
    /// The first file that cannot be read, with the place in it.
    pub fn load<P: AsRef<Path>>(paths: &[P]) -> Result<Dataset, LoadError> {
        let mut files = Vec::new();
        for path in paths {
            gather(path.as_ref(), &mut files)?;
        }
        let mut dataset = Dataset::default();
        for file in files {
            if file.file_name().is_some_and(|name| name == PKI) {
                dataset.read_pki(&file)?;
                continue;
            }
            let beside = file.with_file_name(PKI);
            if dataset.pki.is_empty() && beside.exists() {
                dataset.read_pki(&beside)?;
            }
            dataset.read_cases(&file)?;
        }
        Ok(dataset)
    }

    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    fn read_pki(&mut self, file: &Path) -> Result<(), LoadError> {
        let entries: BTreeMap<String, Entry> = read(file)?;
        self.pki.extend(entries);
        Ok(())
    }

    fn read_cases(&mut self, file: &Path) -> Result<(), LoadError> {
        let Family {
            family,
            cipher_lists,
            cases,
        } = read(file)?;
        let cipher_lists = Arc::new(cipher_lists);
        let base: Arc<str> = base_beside(file)?;
        let stem = || file.file_stem().unwrap_or_default().to_string_lossy();
        let family = family.unwrap_or_else(|| stem().into_owned());
        self.cases.extend(cases.into_iter().map(|mut case| {
            case.family.clone_from(&family);
            case.cipher_lists = Arc::clone(&cipher_lists);
            case.base = Arc::clone(&base);
            case
        }));
        Ok(())
    }
}

/// The main.cf beside the cases of a file. Without one they have Postfix's defaults.
fn base_beside(file: &Path) -> Result<Arc<str>, LoadError> {
    let beside = file.with_file_name(BASE);
    if beside.exists() {
        Ok(text(&beside)?.into())
    } else {
        Ok("".into())
    }
}

fn gather(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let failed = |error: std::io::Error| LoadError {
        file: path.to_owned(),
        message: error.to_string(),
    };
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut inside: Vec<PathBuf> = fs::read_dir(path)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    inside.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
    inside.sort();
    files.extend(inside);
    Ok(())
}

fn text(file: &Path) -> Result<String, LoadError> {
    let failed = |message: String| LoadError {
        file: file.to_owned(),
        message,
    };
    let size = fs::metadata(file)
        .map_err(|error| failed(format!(" {error}")))?
        .len();
    if size > FILE_BYTES_MAX {
        return Err(failed(format!(" larger than {FILE_BYTES_MAX} octets")));
    }
    fs::read_to_string(file).map_err(|error| failed(format!(" {error}")))
}

fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> Result<T, LoadError> {
    let text = text(file)?;
    serde_json::from_str(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        LoadError {
            file: file.to_owned(),
            message: format!("{line}:{column}: {text}"),
        }
    })
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.message)
    }
}

impl std::error::Error for LoadError {}
