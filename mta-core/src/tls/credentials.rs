//! The client's own certificates and keys: what Postfix loads once per process (src/tls/tls_certkey.c).

use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::bad_credentials::{BadCredentials, BadKey, BadPair, CredentialNotice};
use super::certified::{Loaded, Unfit, certified, is_sequence};
use super::chain_files;
use super::pem::{Content, blocks};
use super::signatures::{client_has_keys, client_signs};
use crate::config::{CredentialSettings, Files};

/// Most certificates of one file.
const CHAIN_MAX: usize = 64;

/// Loads what the settings name. Where there are chain files nothing else counts.
pub(super) fn load(
    settings: &CredentialSettings,
    files: &Files,
    provider: &CryptoProvider,
) -> Result<Loaded, BadCredentials> {
    let mut loaded = Loaded::default();
    if !settings.chain_files.is_empty() {
        chain_files::load(&settings.chain_files, files, provider, &mut loaded)?;
        return Ok(loaded);
    }
    for (kind, cert, key) in &settings.pairs {
        if cert == key {
            chain_files::load_mixed(cert, files, provider, &mut loaded)?;
        } else {
            load_pair(kind, cert, key, files, provider, &mut loaded)?;
        }
    }
    Ok(loaded)
}

fn load_pair(
    kind: &'static str,
    cert: &str,
    key: &str,
    files: &Files,
    provider: &CryptoProvider,
    loaded: &mut Loaded,
) -> Result<(), BadCredentials> {
    let bad = |path: &str, fault| BadCredentials::Pair {
        kind,
        path: path.to_owned(),
        fault,
    };
    let pem = files
        .get(cert)
        .ok_or_else(|| bad(cert, BadPair::NoCertificateFile))?;
    let chain = certificates(pem).ok_or_else(|| bad(cert, BadPair::NoCertificate))?;
    let bad_key = |fault| bad(key, BadPair::Key(fault));
    let pem = files.get(key).ok_or_else(|| bad_key(BadKey::NoFile))?;
    let der = first_key(pem).map_err(bad_key)?;
    match certified(chain, der, provider) {
        Ok(certified) => loaded.keys.push(Arc::new(certified)),
        Err(Unfit::NotSimulated) => loaded.notices.push(CredentialNotice::NotSimulated {
            path: key.to_owned(),
        }),
        Err(Unfit::Unreadable) => return Err(bad_key(BadKey::Unreadable)),
        Err(Unfit::Mismatch) => return Err(bad_key(BadKey::Mismatch)),
        Err(Unfit::OtherKind) => {
            let certificate = cert.to_owned();
            return Err(bad(key, BadPair::OtherKind { certificate }));
        }
    }
    Ok(())
}

/// The certificates of a file, if there are any and all of them are legible.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let mut found = Vec::new();
    for block in blocks(pem) {
        match block.content() {
            Content::Certificate(der) if !is_sequence(&der) => return None,
            Content::Certificate(der) if found.len() < CHAIN_MAX => found.push(der),
            Content::Broken(_) if block.label.ends_with("CERTIFICATE") => return None,
            Content::Certificate(_)
            | Content::Key(_)
            | Content::Encrypted
            | Content::Other
            | Content::Broken(_) => {}
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The first key of a file; what stands before it does not matter.
fn first_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, BadKey> {
    for block in blocks(pem) {
        match block.content() {
            Content::Key(der) => return Ok(der),
            Content::Encrypted => return Err(BadKey::Encrypted),
            Content::Broken(_) if block.label.ends_with("PRIVATE KEY") => {
                return Err(BadKey::Unreadable);
            }
            Content::Certificate(_) | Content::Other | Content::Broken(_) => {}
        }
    }
    Err(BadKey::NoKey)
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
