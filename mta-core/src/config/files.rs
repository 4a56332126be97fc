//! The files that settings name. Whoever embeds the core reads them; the core has no file access.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Contents by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Arc<[u8]>>);

impl Files {
    /// What is in a file; nothing if there is none at this path.
    pub fn get(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.0.get(path)
    }
}

impl From<BTreeMap<String, Arc<[u8]>>> for Files {
    fn from(files: BTreeMap<String, Arc<[u8]>>) -> Self {
        Files(files)
    }
}
