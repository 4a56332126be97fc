//! What the sender's TLS engine is made of on the simulated machine.

use std::sync::Arc;

use mta_core::config::{Files, Settings, TlsSettings};
use mta_core::policy_table::Tables;
use mta_core::tls::{CaFile, Material};

use super::build::SYSTEM_BUNDLES;
use super::{World, WorldError};

/// Where systems keep trusted roots as a directory of hashed files. In a world each of these holds the certificates
/// of the simulated bundle.
pub const SYSTEM_DIRECTORIES: [&str; 3] =
    ["/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs"];

impl World {
    /// The files that these settings name, as they are on the simulated machine.
    pub fn tls_material(&self, tls: &TlsSettings) -> Material {
        let mut ca_directories = Vec::new();
        if let Some(path) = &tls.ca_path {
            ca_directories.extend(self.directory(path));
            ca_directories.extend(self.hashed(path));
        }
        // Only beside a CAfile or CApath (postconf(5) `tls_append_default_CA`).
        if tls.append_default_ca && (tls.ca_file.is_some() || tls.ca_path.is_some()) {
            ca_directories.extend(SYSTEM_BUNDLES.iter().find_map(|path| self.file(path)));
        }
        Material {
            provider: self.provider.clone(),
            ca_file: tls.ca_file.as_ref().map(|path| CaFile {
                path: path.clone(),
                pem: self.file(path),
            }),
            ca_directories,
            fingerprint_digest: tls.fingerprint_digest.clone(),
            dane_digests: tls.dane.digests.clone(),
            verify_depth: tls.verify_depth,
            credentials: tls.credentials.clone(),
            curves: tls.groups.offered.clone(),
            no_ticket: tls.no_ticket,
            library_config: tls.library_config.clone(),
            files: self.all_files(),
        }
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

    /// The files of a directory that are named as c_rehash(1) names them: OpenSSL looks at no others. That the name is
    /// the hash of the certificate's subject is taken on trust.
    fn hashed<'a>(&'a self, path: &'a str) -> impl Iterator<Item = Arc<[u8]>> + 'a {
        let inside = move |file: &str| {
            let name = file.strip_prefix(path.trim_end_matches('/'))?;
            name.strip_prefix('/').map(is_hashed)
        };
        let files = self.files.iter();
        files
            .filter(move |(file, _)| inside(file) == Some(true))
            .map(|(_, pem)| Arc::clone(pem))
    }

    /// The certificates of one of the system's own directories, one PEM text.
    fn directory(&self, path: &str) -> Option<Arc<[u8]>> {
        let path = path.trim_end_matches('/');
        let known = SYSTEM_DIRECTORIES.contains(&path);
        known.then(|| SYSTEM_BUNDLES.iter().find_map(|bundle| self.file(bundle)))?
    }
}

/// Whether a file is named like a hashed certificate: `9d66eef0.0`.
fn is_hashed(name: &str) -> bool {
    let Some((hash, number)) = name.split_once('.') else {
        return false;
    };
    let hex = |octet: u8| matches!(octet, b'0'..=b'9' | b'a'..=b'f');
    hash.len() == 8
        && hash.bytes().all(hex)
        && !number.is_empty()
        && number.bytes().all(|octet| octet.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_of_a_directory_are_known_by_their_names() {
        assert!(is_hashed("9d66eef0.0") && is_hashed("00000001.12"));
        for other in [
            "9d66eef0",
            "9d66eef0.r0",
            "9D66EEF0.0",
            "root.pem",
            "sub/9d66eef0.0",
        ] {
            assert!(!is_hashed(other), "{other}");
        }
    }
}
