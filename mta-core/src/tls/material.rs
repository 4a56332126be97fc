//! What the TLS engine is made of, and why there may be none.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use super::credentials::BadCredentials;
use crate::config::{CredentialSettings, Files};
use crate::trust::UnusableBundle;

/// What an engine is made of. Files are read by the embedder.
#[derive(Clone, Debug)]
pub struct Material {
    /// The cryptography. In a simulation all its randomness comes from a seed.
    pub provider: Arc<CryptoProvider>,
    /// The contents of `smtp_tls_CAfile`, if that is set: PEM, or why it cannot be read.
    pub ca_file: Option<CaFile>,
    /// The certificates of each directory to look in: `smtp_tls_CApath`, and the system's own with
    /// `tls_append_default_CA`; PEM. A directory that is not there is none: OpenSSL looks only when it needs one.
    pub ca_directories: Vec<Arc<[u8]>>,
    /// `smtp_tls_fingerprint_digest`.
    pub fingerprint_digest: String,
    /// `tls_dane_digests`.
    pub dane_digests: String,
    /// `smtp_tls_scert_verifydepth`.
    pub verify_depth: i32,
    /// The client's own certificates and keys.
    pub credentials: CredentialSettings,
    /// Groups for key exchange, by OpenSSL's names.
    pub curves: Vec<String>,
    /// `tls_ssl_options` has NO_TICKET.
    pub no_ticket: bool,
    /// `tls_config_file`.
    pub library_config: String,
    /// The files that they name.
    pub files: Arc<Files>,
}

/// A CAfile as the embedder found it.
#[derive(Clone, Debug)]
pub struct CaFile {
    /// Its path, for messages.
    pub path: String,
    /// Its contents, or nothing if it cannot be read.
    pub pem: Option<Arc<[u8]>>,
}

/// Why there is no engine. Mail at `may` then goes in clear text.
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
