//! Files that hold keys and certificates together (src/tls/tls_certkey.c `load_pem_bio`).

use std::mem;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::bad_credentials::{BadChain, BadCredentials, CredentialNotice, Misfit};
use super::certified::{Loaded, Unfit, certified, is_sequence};
use super::pem::{Block, Content, blocks};
use crate::config::Files;

/// Loads what one file after the other holds: each key with the certificates behind it.
pub(super) fn load(
    paths: &[String],
    files: &Files,
    provider: &CryptoProvider,
    loaded: &mut Loaded,
) -> Result<(), BadCredentials> {
    let bad = |fault| BadCredentials::Chain {
        origin: paths.join(", "),
        fault,
    };
    let mut reading = Reading::default();
    for path in paths {
        let Some(pem) = files.get(path) else {
            // Postfix goes on with what it has installed so far: the last key and its chain are not among it.
            let path = path.clone();
            loaded.notices.push(CredentialNotice::NoChainFile { path });
            return Ok(());
        };
        for (place, block) in (1..).zip(blocks(pem)) {
            let step = reading.take(&block, path, place, provider, loaded);
            step.map_err(bad)?;
        }
    }
    reading.end(provider, loaded).map_err(bad)
}

/// A file in which the key may stand anywhere.
pub(super) fn load_mixed(
    path: &str,
    files: &Files,
    provider: &CryptoProvider,
    loaded: &mut Loaded,
) -> Result<(), BadCredentials> {
    let bad = |fault| BadCredentials::Chain {
        origin: path.to_owned(),
        fault,
    };
    let missing = || BadCredentials::NoFile {
        path: path.to_owned(),
    };
    let pem = files.get(path).ok_or_else(missing)?;
    let mut reading = Reading {
        mixed: true,
        ..Reading::default()
    };
    for (place, block) in (1..).zip(blocks(pem)) {
        let step = reading.take(&block, path, place, provider, loaded);
        step.map_err(bad)?;
    }
    reading.end(provider, loaded).map_err(bad)
}

/// A key, and where it stands.
struct Key {
    der: PrivateKeyDer<'static>,
    path: String,
    place: usize,
}

/// What was read and not yet put together.
#[derive(Default)]
struct Reading {
    /// The key may stand behind its certificates, and there is only one.
    mixed: bool,
    key: Option<Key>,
    chain: Vec<CertificateDer<'static>>,
}

impl Reading {
    fn take(
        &mut self,
        block: &Block<'_>,
        path: &str,
        place: usize,
        provider: &CryptoProvider,
        loaded: &mut Loaded,
    ) -> Result<(), BadChain> {
        let path = || path.to_owned();
        match block.content() {
            Content::Certificate(_) if self.key.is_none() && !self.mixed => {
                Err(BadChain::KeyNotFirst { path: path() })
            }
            Content::Certificate(der) if !is_sequence(&der) => Err(BadChain::Certificate {
                path: path(),
                place,
            }),
            Content::Certificate(der) => {
                self.chain.push(der);
                Ok(())
            }
            Content::Key(der) => {
                let key = Key {
                    der,
                    path: path(),
                    place,
                };
                self.take_key(key, provider, loaded)
            }
            // The label is that of a key; what a pass phrase hides is none.
            Content::Encrypted if block.label != "ENCRYPTED PRIVATE KEY" => Err(BadChain::Key {
                path: path(),
                place,
            }),
            Content::Other | Content::Encrypted if self.mixed => Ok(()),
            Content::Other | Content::Encrypted => Err(BadChain::Unexpected {
                label: block.label.to_owned(),
                path: path(),
            }),
            Content::Broken(why) => Err(BadChain::Broken(why)),
        }
    }

    fn take_key(
        &mut self,
        key: Key,
        provider: &CryptoProvider,
        loaded: &mut Loaded,
    ) -> Result<(), BadChain> {
        if let Some(first) = &self.key {
            if self.mixed {
                loaded.notices.push(CredentialNotice::SecondKey {
                    place: key.place,
                    first: first.place,
                    path: key.path,
                });
                return Ok(());
            }
            if self.chain.is_empty() {
                return Err(BadChain::NotFollowed {
                    place: first.place,
                    path: first.path.clone(),
                });
            }
            self.install(false, provider, loaded)?;
        }
        if !is_sequence(key.der.secret_der()) {
            return Err(BadChain::Key {
                place: key.place,
                path: key.path,
            });
        }
        self.key = Some(key);
        Ok(())
    }

    /// The key so far, with its chain.
    fn install(
        &mut self,
        last: bool,
        provider: &CryptoProvider,
        loaded: &mut Loaded,
    ) -> Result<(), BadChain> {
        let Some(Key { der, path, place }) = self.key.take() else {
            return Err(BadChain::NoKey);
        };
        let misfit = |why| BadChain::Unfit {
            place,
            path: path.clone(),
            last,
            why,
        };
        let one = match certified(mem::take(&mut self.chain), der, provider) {
            Ok(one) => one,
            Err(Unfit::NotSimulated) => {
                loaded.notices.push(CredentialNotice::NotSimulated { path });
                return Ok(());
            }
            Err(Unfit::Unreadable) => return Err(BadChain::Key { place, path }),
            Err(Unfit::Mismatch) => return Err(misfit(Misfit::OtherKey)),
            Err(Unfit::OtherKind) => return Err(misfit(Misfit::OtherKind)),
        };
        let is_taken = |known: &Arc<_>| same_kind(known, &one);
        // Only chain files promise one key of a kind; a pair replaces what was there.
        if !self.mixed && loaded.keys.iter().any(is_taken) {
            return Err(misfit(Misfit::Taken));
        }
        loaded.keys.push(Arc::new(one));
        Ok(())
    }

    fn end(mut self, provider: &CryptoProvider, loaded: &mut Loaded) -> Result<(), BadChain> {
        match (&self.key, self.chain.is_empty()) {
            (None, true) => Err(BadChain::NoPem),
            (None, false) => Err(BadChain::NoKey),
            (Some(key), true) => Err(BadChain::NoCertificate {
                place: key.place,
                path: key.path.clone(),
            }),
            (Some(_), false) => self.install(true, provider, loaded),
        }
    }
}

fn same_kind(one: &CertifiedKey, other: &CertifiedKey) -> bool {
    one.key.algorithm() == other.key.algorithm()
}
