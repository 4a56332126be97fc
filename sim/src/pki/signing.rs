//! Signatures of certificates and for the handshake (RFC 8446 §4.2.3): the same key and message, the same signature.

use p256::ecdsa::signature::Signer as _;
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::KeyPair;
use super::key::{Private, RsaSecret};
use crate::seed::Purpose;

/// A signature over a SHA-1 digest, as authorities made them until 2016; none for a key that knows no SHA-1.
pub(super) fn sign_sha1(key: &KeyPair, message: &[u8]) -> Option<Vec<u8>> {
    let digest = Sha1::digest(message);
    match &key.private {
        Private::EcdsaP256(key) => Some(key.sign_digest(&digest)),
        Private::Rsa(secret) => {
            let key = rsa::pkcs1v15::SigningKey::<Sha1>::new(secret.key.clone());
            Some(key.try_sign(message).ok()?.to_vec())
        }
        // A digest this short is none for the larger curves (FIPS 186-5 §6.1.1), and Ed25519 takes no digest.
        Private::Ed25519(_) | Private::EcdsaP384(_) | Private::EcdsaP521(_) => None,
    }
}

impl rcgen::SigningKey for KeyPair {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let scheme = match &self.private {
            Private::Ed25519(_) => SignatureScheme::ED25519,
            Private::EcdsaP256(key) => {
                return key.mint(message).ok_or(rcgen::Error::RemoteKeyError);
            }
            Private::EcdsaP384(_) => SignatureScheme::ECDSA_NISTP384_SHA384,
            Private::EcdsaP521(_) => SignatureScheme::ECDSA_NISTP521_SHA512,
            Private::Rsa(_) => SignatureScheme::RSA_PKCS1_SHA256,
        };
        sign(self, scheme, message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

impl SigningKey for KeyPair {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let scheme = *schemes(self).iter().find(|s| offered.contains(s))?;
        Some(Box::new(SchemeSigner {
            key: self.clone(),
            scheme,
        }))
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(self.spki_der().into())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.private {
            Private::Ed25519(_) => SignatureAlgorithm::ED25519,
            Private::EcdsaP256(_) | Private::EcdsaP384(_) | Private::EcdsaP521(_) => {
                SignatureAlgorithm::ECDSA
            }
            Private::Rsa(_) => SignatureAlgorithm::RSA,
        }
    }
}

/// What a key can sign with in TLS, best first. Without RSASSA-PSS in the offer, which TLS 1.3
/// demands and a TLS 1.2 client may lack, RSA signs with PKCS #1 v1.5.
fn schemes(key: &KeyPair) -> &'static [SignatureScheme] {
    match key.private {
        Private::Ed25519(_) => &[SignatureScheme::ED25519],
        Private::EcdsaP256(_) => &[SignatureScheme::ECDSA_NISTP256_SHA256],
        Private::EcdsaP384(_) => &[SignatureScheme::ECDSA_NISTP384_SHA384],
        Private::EcdsaP521(_) => &[SignatureScheme::ECDSA_NISTP521_SHA512],
        Private::Rsa(_) => &[
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PKCS1_SHA256,
        ],
    }
}

#[derive(Debug)]
struct SchemeSigner {
    key: KeyPair,
    scheme: SignatureScheme,
}

impl Signer for SchemeSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        sign(&self.key, self.scheme, message)
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

pub(super) fn sign(
    key: &KeyPair,
    scheme: SignatureScheme,
    message: &[u8],
) -> Result<Vec<u8>, Error> {
    let failed = || Error::General(format!("cannot sign with {scheme:?}"));
    match &key.private {
        Private::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        Private::EcdsaP256(key) => Ok(key.sign(message)),
        Private::EcdsaP384(key) => {
            let signature: p384::ecdsa::Signature = key.try_sign(message).map_err(|_| failed())?;
            Ok(signature.to_der().as_bytes().to_vec())
        }
        Private::EcdsaP521(key) => {
            let signature: p521::ecdsa::Signature = key.try_sign(message).map_err(|_| failed())?;
            Ok(signature.to_der().as_bytes().to_vec())
        }
        Private::Rsa(secret) => if scheme == SignatureScheme::RSA_PKCS1_SHA256 {
            rsa_pkcs1(secret, message)
        } else {
            rsa_pss(secret, message)
        }
        .map_err(|_| failed()),
    }
}

fn rsa_pkcs1(secret: &RsaSecret, message: &[u8]) -> Result<Vec<u8>, rsa::signature::Error> {
    let key = rsa::pkcs1v15::SigningKey::<Sha256>::new(secret.key.clone());
    Ok(key.try_sign(message)?.to_vec())
}

/// Salt and blinding follow from key and message, in the manner of RFC 6979, so signing needs no
/// stream in scope and works in every tier.
fn rsa_pss(secret: &RsaSecret, message: &[u8]) -> Result<Vec<u8>, rsa::signature::Error> {
    let key = rsa::pss::SigningKey::<Sha256>::new(secret.key.clone());
    let mut digest = String::with_capacity(64);
    for byte in Sha256::digest(message) {
        digest.push_str(&format!("{byte:02x}"));
    }
    let mut stream = secret.salts.named_stream(Purpose::Pki, &digest, 0);
    Ok(key.try_sign_with_rng(stream.generator(), message)?.to_vec())
}
