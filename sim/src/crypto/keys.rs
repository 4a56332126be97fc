//! Private keys from files: signatures follow from key and message alone, so nothing is drawn.

use std::sync::Arc;

use rustls::Error;
use rustls::crypto::KeyProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;

use crate::pki::KeyPair;

/// Loads the keys that [`KeyPair::from_der`] reads. Other signers would draw from the operating system.
#[derive(Debug)]
pub(super) struct DerKeys;

impl KeyProvider for DerKeys {
    fn load_private_key(&self, key: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        match KeyPair::from_der(&key) {
            Some(key) => Ok(Arc::new(key)),
            None => Err(Error::General(
                "the seeded tier reads keys of RSA, ECDSA over P-256, P-384 and P-521, and Ed25519, and no others".to_owned(),
            )),
        }
    }
}
