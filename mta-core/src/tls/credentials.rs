//! The client's own certificates and keys: what Postfix loads once per process (src/tls/tls_certkey.c).

use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, SignatureScheme};

use super::signatures::{Keys, client_has_keys, client_signs};
use crate::config::{CredentialSettings, Files};

/// Why the credentials cannot be used; mail then goes as without a TLS engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadCredentials {
    /// A file with a chain is not there.
    NoFile {
        /// Its path.
        path: String,
    },
    /// A key is not there, cannot be read, or is not the certificate's.
    UnusableKey {
        /// What kind of key: `RSA`, `ECDSA`, `DSA`.
        kind: &'static str,
        /// The path of its file.
        path: String,
    },
    /// A file has no key for its certificate.
    NoKey {
        /// Its path.
        path: String,
    },
    /// A file of `smtp_tls_chain_files` does not begin with its key.
    KeyNotFirst {
        /// Its path.
        path: String,
    },
}

/// Most certificates of one file.
const CHAIN_MAX: usize = 64;

/// Loads what the settings name. Where there are chain files nothing else counts.
pub(super) fn load(
    settings: &CredentialSettings,
    files: &Files,
    provider: &CryptoProvider,
) -> Result<Keys, BadCredentials> {
    if !settings.chain_files.is_empty() {
        let load = |path: &String| chain_file(path, files, provider);
        return settings
            .chain_files
            .iter()
            .map(|path| load(path).map(Arc::new))
            .collect();
    }
    let load = |(kind, cert, key): &(&'static str, String, String)| {
        if cert == key {
            return from_one_file(cert, files, provider);
        }
        let chain = certificates(open(cert, files)?);
        let key_fault = || BadCredentials::UnusableKey {
            kind,
            path: key.clone(),
        };
        let pem = files.get(key).ok_or_else(key_fault)?;
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|_| key_fault())?;
        certified(chain, der, provider).ok_or_else(key_fault)
    };
    settings
        .pairs
        .iter()
        .map(|pair| load(pair).map(Arc::new))
        .collect()
}

fn open<'a>(path: &str, files: &'a Files) -> Result<&'a [u8], BadCredentials> {
    let missing = || BadCredentials::NoFile {
        path: path.to_owned(),
    };
    files.get(path).map(|pem| &**pem).ok_or_else(missing)
}

fn from_one_file(
    path: &str,
    files: &Files,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, BadCredentials> {
    let pem = open(path, files)?;
    let none = || BadCredentials::NoKey {
        path: path.to_owned(),
    };
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| none())?;
    certified(certificates(pem), key, provider).ok_or_else(none)
}

/// The key comes first, its chain behind it (postconf(5) `smtp_tls_chain_files`).
fn chain_file(
    path: &str,
    files: &Files,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, BadCredentials> {
    let pem = open(path, files)?;
    let text = String::from_utf8_lossy(pem);
    let first = text.lines().find(|line| line.starts_with("-----BEGIN "));
    if !first.is_some_and(|line| line.contains("PRIVATE KEY")) {
        let path = path.to_owned();
        return Err(BadCredentials::KeyNotFirst { path });
    }
    from_one_file(path, files, provider)
}

fn certificates(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem)
        .filter_map(Result::ok)
        .take(CHAIN_MAX)
        .collect()
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    provider: &CryptoProvider,
) -> Option<CertifiedKey> {
    let key = provider.key_provider.load_private_key(key).ok()?;
    let certified = CertifiedKey::new(chain, key);
    // A signer that does not tell its public key is believed.
    let differs = Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch));
    (certified.keys_match() != differs).then_some(certified)
}

/// Shows a certificate to servers that ask for one. One for all processes: rustls resumes a session only under the
/// credentials that made it, and Postfix does not look at them (observed: cache-key-client-cert). So the keys are not
/// here, but with the call.
#[derive(Debug)]
pub(super) struct Credentials;

impl ResolvesClientCert for Credentials {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        client_signs(schemes)
    }

    fn has_certs(&self) -> bool {
        client_has_keys()
    }
}
