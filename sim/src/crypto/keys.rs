//! Private keys from files: signatures follow from key and message alone (RFC 6979), so nothing is drawn.

use std::sync::Arc;

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, SigningKey as P256Key};
use p256::pkcs8::DecodePrivateKey as _;
use rustls::crypto::KeyProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

/// Loads ECDSA keys over P-256 in PKCS #8. Other signers would draw from the operating system.
#[derive(Debug)]
pub(super) struct DerKeys;

impl KeyProvider for DerKeys {
    fn load_private_key(&self, key: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        let unknown = "the seeded tier reads ECDSA P-256 keys in PKCS #8, and no others";
        if let PrivateKeyDer::Pkcs8(der) = key
            && let Ok(key) = P256Key::from_pkcs8_der(der.secret_pkcs8_der())
        {
            return Ok(Arc::new(EcdsaP256(Arc::new(key))));
        }
        Err(Error::General(unknown.to_owned()))
    }
}

#[derive(Clone)]
struct EcdsaP256(Arc<P256Key>);

impl std::fmt::Debug for EcdsaP256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The secret stays inside.
        f.write_str("EcdsaP256")
    }
}

impl SigningKey for EcdsaP256 {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&SignatureScheme::ECDSA_NISTP256_SHA256)
            .then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for EcdsaP256 {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: DerSignature = self.0.sign(message);
        Ok(signature.as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}
