//! What the sender's TLS engine is made of on the simulated machine.

use std::sync::Arc;

use mta_core::config::{Files, Settings, TlsSettings};
use mta_core::policy_table::Tables;
use mta_core::tls::{Material, SYSTEM_BUNDLES};

use super::{World, WorldError};

/// Where systems keep trusted roots as a directory of hashed files.
pub(crate) const SYSTEM_DIRECTORIES: [&str; 3] =
    ["/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs"];

/// The file in each of them that holds the certificates of the simulated bundle.
const SYSTEM_HASHED: &str = "00000000.0";

impl World {
    /// The files that these settings name, as they are on the simulated machine.
    pub fn tls_material(&self, tls: &TlsSettings) -> Material {
        let read = |path: &str| Some(self.machine_file(path)?.to_vec());
        let list = |directory: &str| self.machine_files(directory);
        Material::load(tls, self.provider.clone(), &read, &list)
    }

    /// The file at a path, also where it is in a system's directory of hashed files.
    fn machine_file(&self, path: &str) -> Option<Arc<[u8]>> {
        let of_system = || {
            let directory = path.strip_suffix(SYSTEM_HASHED)?.strip_suffix('/')?;
            self.system_directory(directory)
        };
        self.file(path).or_else(of_system)
    }

    /// The names of the files in a directory.
    fn machine_files(&self, directory: &str) -> Vec<String> {
        let of_system = self.system_directory(directory).map(|_| SYSTEM_HASHED);
        let inside = |path: &String| {
            let name = path.strip_prefix(directory)?.strip_prefix('/')?;
            (!name.contains('/')).then(|| name.to_owned())
        };
        let files = self.files.keys().filter_map(inside);
        files.chain(of_system.map(str::to_owned)).collect()
    }

    /// What is in a system's directory of hashed files.
    fn system_directory(&self, directory: &str) -> Option<Arc<[u8]>> {
        let known = SYSTEM_DIRECTORIES.contains(&directory);
        known.then(|| SYSTEM_BUNDLES.iter().find_map(|bundle| self.file(bundle)))?
    }

    /// The tables of policies that these settings name.
    ///
    /// # Errors
    /// [`WorldError::Table`] for a table that Postfix could read and the simulator cannot.
    pub fn tables(&self, settings: &Settings) -> Result<Arc<Tables>, WorldError> {
        let mut read = |path: &str| self.file(path).map(|text| text.to_vec());
        let tables = Tables::load(settings, &mut read).map_err(WorldError::Table)?;
        Ok(Arc::new(tables))
    }

    /// All files of the simulated machine.
    pub fn all_files(&self) -> Arc<Files> {
        Arc::new(Files::from(self.files.clone()))
    }
}
