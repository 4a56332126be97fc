//! Files of one kind by name, each read into its type when it is first asked for, and then kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::file::{FileError, SourceFile};

/// Files of one kind.
#[derive(Debug)]
pub(super) struct Named<T> {
    files: BTreeMap<String, Entry<T>>,
}

/// A file, and what it says.
#[derive(Debug)]
pub(super) struct Entry<T> {
    pub(super) file: Arc<SourceFile>,
    read: OnceLock<Result<T, FileError>>,
    used: AtomicBool,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named {
            files: BTreeMap::new(),
        }
    }
}

impl<T> Named<T> {
    pub(super) fn get(&self, name: &str) -> Option<&Entry<T>> {
        self.files.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Entry<T>)> {
        self.files.iter()
    }

    /// Adds a file. Of two with the same name, the first counts.
    pub(super) fn add(&mut self, name: &str, file: Arc<SourceFile>) {
        let entry = Entry {
            file,
            read: OnceLock::new(),
            used: AtomicBool::new(false),
        };
        self.files.entry(name.to_owned()).or_insert(entry);
    }

    /// Adds a file that was read already.
    pub(super) fn add_read(&mut self, name: &str, file: Arc<SourceFile>, value: T) {
        self.add(name, file);
        if let Some(entry) = self.files.get(name) {
            entry.read.get_or_init(|| Ok(value));
        }
    }
}

impl<T> Entry<T> {
    /// What the file says. `read` reads it, if that was not done yet.
    pub(super) fn value(
        &self,
        read: impl FnOnce(&Arc<SourceFile>) -> Result<T, FileError>,
    ) -> Result<&T, &FileError> {
        self.read.get_or_init(|| read(&self.file)).as_ref()
    }

    /// Notes that somebody asked for it.
    pub(super) fn mark_used(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }
}
