//! What the TLS engine is made of, and why there may be none.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use super::bad_credentials::BadCredentials;
use crate::config::{CredentialSettings, Files, TlsSettings};
use crate::trust::UnusableBundle;

/// Where systems keep their bundle of trusted roots. The first that is there stands for OpenSSL's own default
/// (`SSL_CTX_set_default_verify_paths`).
pub const SYSTEM_BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// What an engine is made of: what settings say of it, and the files that they name.
#[derive(Clone, Debug)]
pub struct Material {
    pub(super) provider: Arc<CryptoProvider>,
    /// `smtp_tls_CAfile`, if that is set.
    pub(super) ca_file: Option<CaFile>,
    /// The certificates of each directory to look in, and the system's own with `tls_append_default_CA`; PEM. A
    /// directory that is not there is none: OpenSSL looks only when it needs one.
    pub(super) ca_directories: Vec<Vec<u8>>,
    pub(super) fingerprint_digest: String,
    pub(super) dane_digests: String,
    pub(super) verify_depth: i32,
    pub(super) credentials: CredentialSettings,
    pub(super) curves: Vec<String>,
    pub(super) no_ticket: bool,
    /// The path of OpenSSL's configuration, if it is not the usual one.
    pub(super) library_config: Option<String>,
    /// The files of credentials and OpenSSL's configuration.
    pub(super) files: Files,
}

/// A CAfile: its path, for messages, and its contents in PEM, or nothing if it cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CaFile {
    pub(super) path: String,
    pub(super) pem: Option<Vec<u8>>,
}

impl Material {
    /// Reads what the settings name: trusted authorities, the client's own certificates and keys. `read` gives the
    /// contents of a file, or nothing if it is not there or may not be read; `list` gives the names of the files in a
    /// directory, or none. The provider's randomness is the embedder's: real in production, drawn from a seed in a
    /// simulation.
    ///
    /// What is missing or unusable shows when an engine is made of it, as in Postfix.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use mta_core::config::{Release, Settings};
    /// use mta_core::tls::{Engine, EngineFault, Material};
    ///
    /// // What a file system would be asked for; here there is nothing at all.
    /// let read = |_: &str| None;
    /// let list = |_: &str| Vec::new();
    /// let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ///
    /// let mut settings = Settings::default_for(Release::V3_12);
    /// Engine::new(Material::load(&settings.tls, provider.clone(), &read, &list))?;
    ///
    /// settings.tls.ca_file = Some("/etc/ssl/no-such-file.pem".to_owned());
    /// let fault = Engine::new(Material::load(&settings.tls, provider, &read, &list)).err();
    /// let path = "/etc/ssl/no-such-file.pem".to_owned();
    /// assert_eq!(fault, Some(EngineFault::CaFileUnreadable { path }));
    /// # Ok::<(), EngineFault>(())
    /// ```
    pub fn load(
        settings: &TlsSettings,
        provider: Arc<CryptoProvider>,
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
        list: &dyn Fn(&str) -> Vec<String>,
    ) -> Material {
        Material {
            provider,
            ca_file: settings.ca_file.as_ref().map(|path| CaFile {
                path: path.clone(),
                pem: read(path),
            }),
            ca_directories: ca_directories(settings, read, list),
            fingerprint_digest: settings.fingerprint_digest.clone(),
            dane_digests: settings.dane.digests.clone(),
            verify_depth: settings.verify_depth,
            credentials: settings.credentials.clone(),
            curves: settings.groups.offered.clone(),
            no_ticket: settings.no_ticket,
            library_config: settings.own_library_config().cloned(),
            files: files(settings, read),
        }
    }
}

/// What is trusted beside the CAfile.
fn ca_directories(
    settings: &TlsSettings,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
    list: &dyn Fn(&str) -> Vec<String>,
) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    if let Some(directory) = &settings.ca_path {
        let directory = directory.trim_end_matches('/');
        let mut names = list(directory);
        names.retain(|name| is_hash_named(name));
        // What is listed comes in any order.
        names.sort_unstable();
        let paths = names.iter().map(|name| format!("{directory}/{name}"));
        found.extend(paths.filter_map(|path| read(&path)));
    }
    // Only beside a CAfile or CApath (postconf(5) `tls_append_default_CA`).
    if settings.append_default_ca && (settings.ca_file.is_some() || settings.ca_path.is_some()) {
        found.extend(SYSTEM_BUNDLES.iter().find_map(|path| read(path)));
    }
    found
}

/// Whether a file of a CApath is named as c_rehash(1) names certificates, such as `9d66eef0.0`: OpenSSL looks at no
/// others. That the name is the hash of the certificate's subject is taken on trust.
pub fn is_hash_named(name: &str) -> bool {
    let Some((hash, number)) = name.split_once('.') else {
        return false;
    };
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    hash.len() == 8
        && hash.bytes().all(hex)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The files that are read when the engine is made.
fn files(settings: &TlsSettings, read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Files {
    let CredentialSettings { chain_files, pairs } = &settings.credentials;
    let pairs = pairs.iter().flat_map(|(_, cert, key)| [cert, key]);
    let named = chain_files.iter().chain(pairs);
    let named = named.chain(settings.own_library_config());
    let found = named.filter_map(|path| Some((path.clone(), read(path)?.into())));
    Files::from(found.collect::<BTreeMap<_, _>>())
}

/// Why there is no engine. Mail at `may` then goes in cleartext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineFault {
    /// The CAfile cannot be read.
    CaFileUnreadable {
        /// Its path.
        path: String,
    },
    /// The CAfile holds nothing usable.
    CaFileUnusable {
        /// Its path.
        path: String,
        /// What is wrong with it.
        fault: UnusableBundle,
    },
    /// No digest is called so.
    UnknownDigest {
        /// The name.
        name: String,
    },
    /// OpenSSL knows the digest, and it is not simulated.
    DigestNotSimulated {
        /// The name.
        name: String,
    },
    /// The client's own certificates or keys cannot be used.
    Credentials(BadCredentials),
    /// OpenSSL's configuration cannot be read.
    LibraryConfig {
        /// Its path.
        path: String,
    },
    /// The provider lacks what TLS 1.2 or 1.3 need.
    Provider(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Release, Settings};
    use crate::tls::{BadCredentials, Engine};

    /// A machine on which each of these files has its own path for contents.
    fn load(settings: &TlsSettings, machine: &[&str]) -> Material {
        let read = |path: &str| machine.contains(&path).then(|| path.into());
        let list = |directory: &str| {
            let inside = |path: &&str| {
                let name = path.strip_prefix(directory)?.strip_prefix('/')?;
                (!name.contains('/')).then(|| name.to_owned())
            };
            machine.iter().filter_map(inside).collect()
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Material::load(settings, provider, &read, &list)
    }

    fn settings() -> TlsSettings {
        Settings::default_for(Release::V3_12).tls
    }

    fn trusted(settings: &TlsSettings, machine: &[&str]) -> Vec<String> {
        let found = load(settings, machine).ca_directories;
        found
            .into_iter()
            .map(|pem| String::from_utf8(pem).unwrap())
            .collect()
    }

    #[test]
    fn certificates_of_a_directory_are_known_by_their_names() {
        let machine = [
            "/etc/ca/9d66eef0.0",
            "/etc/ca/00000001.12",
            "/etc/ca/9d66eef0",
            "/etc/ca/9d66eef0.r0",
            "/etc/ca/9D66EEF0.0",
            "/etc/ca/root.pem",
            "/etc/ca/sub/9d66eef0.0",
            "/etc/other/9d66eef0.0",
        ];
        for path in ["/etc/ca", "/etc/ca/"] {
            let mut settings = settings();
            settings.ca_path = Some(path.to_owned());
            let expected = ["/etc/ca/00000001.12", "/etc/ca/9d66eef0.0"];
            assert_eq!(trusted(&settings, &machine), expected);
        }
    }

    #[test]
    fn the_systems_authorities_join_others_and_never_stand_alone() {
        let machine = [
            "/etc/ca.pem",
            "/etc/ssl/cert.pem",
            "/etc/pki/tls/certs/ca-bundle.crt",
        ];
        let mut settings = settings();
        settings.append_default_ca = true;
        assert!(trusted(&settings, &machine).is_empty());
        settings.ca_file = Some("/etc/ca.pem".to_owned());
        assert_eq!(trusted(&settings, &machine), [machine[2]]);
        settings.append_default_ca = false;
        assert!(trusted(&settings, &machine).is_empty());
        let ca_file = load(&settings, &machine).ca_file.unwrap();
        assert_eq!(ca_file.pem.as_deref(), Some(machine[0].as_bytes()));
    }

    #[test]
    fn of_keys_only_the_files_that_are_named_are_read() {
        let machine = ["/etc/own.pem", "/etc/own.key", "/etc/chain.pem", "default"];
        let mut settings = settings();
        settings.credentials.pairs = vec![("RSA", machine[0].to_owned(), machine[1].to_owned())];
        let of = |settings: &TlsSettings| {
            let files = load(settings, &machine).files;
            machine.map(|path| files.get(path).is_some())
        };
        assert_eq!(of(&settings), [true, true, false, false]);
        settings.credentials.chain_files = vec![machine[2].to_owned()];
        settings.credentials.pairs.clear();
        assert_eq!(of(&settings), [false, false, true, false]);
    }

    #[test]
    fn what_is_missing_shows_when_the_engine_is_made() {
        let fault = |settings: &TlsSettings| Engine::new(load(settings, &[])).err();
        let path = "/etc/missing".to_owned();
        assert_eq!(fault(&settings()), None);
        let mut with = settings();
        with.ca_path = Some(path.clone());
        assert_eq!(fault(&with), None);
        with.ca_file = Some(path.clone());
        let expected = EngineFault::CaFileUnreadable { path: path.clone() };
        assert_eq!(fault(&with), Some(expected));
        let mut with = settings();
        with.library_config = path.clone();
        let expected = EngineFault::LibraryConfig { path: path.clone() };
        assert_eq!(fault(&with), Some(expected));
        let mut with = settings();
        with.credentials.pairs = vec![("RSA", path.clone(), path.clone())];
        let bad = BadCredentials::NoFile { path };
        assert_eq!(fault(&with), Some(EngineFault::Credentials(bad)));
    }
}
