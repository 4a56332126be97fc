//! The disk of the machine that a main.cf is for.

use std::fmt;

/// Gives what a main.cf names.
pub trait Disk: fmt::Debug {
    /// The file at a path, if there is one that can be read.
    fn file(&self, path: &str) -> Option<FoundFile>;

    /// The names of the files in a folder, if there is one that can be read.
    fn folder(&self, path: &str) -> Option<Vec<String>>;
}

/// A file, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// What is in it.
    pub contents: Vec<u8>,
    /// Where it was found, if not where main.cf has it.
    pub elsewhere: Option<String>,
}

/// Files by path, without folders.
impl Disk for fn(&str) -> Option<Vec<u8>> {
    fn file(&self, path: &str) -> Option<FoundFile> {
        let contents = self(path)?;
        Some(FoundFile {
            contents,
            elsewhere: None,
        })
    }

    fn folder(&self, _: &str) -> Option<Vec<String>> {
        None
    }
}

/// No disk at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDisk;

impl Disk for NoDisk {
    fn file(&self, _: &str) -> Option<FoundFile> {
        None
    }

    fn folder(&self, _: &str) -> Option<Vec<String>> {
        None
    }
}
