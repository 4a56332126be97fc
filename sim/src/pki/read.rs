//! Keys from files, in the forms that `openssl` writes: PKCS #8, PKCS #1 for RSA, SEC 1 for curves.

use aws_lc_rs::signature::Ed25519KeyPair;
use p256::pkcs8::DecodePrivateKey as _;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use rustls::pki_types::PrivateKeyDer;
use sha2::{Digest as _, Sha256};

use super::KeyPair;
use super::p256_key::P256Key;
use crate::seed::Seed;

/// The shortest RSA key whose signatures a peer can verify here, in octets.
const RSA_OCTETS_MIN: usize = 256;

impl KeyPair {
    /// The key in a file. It signs as those that are generated here do: from key and message alone.
    ///
    /// Nothing if it is of another kind than those of [`KeyKind`](super::KeyKind), an RSA key with less than 2048 or more
    /// than 8192 bits, or no key.
    pub fn from_der(key: &PrivateKeyDer<'_>) -> Option<Self> {
        let der = key.secret_der();
        match key {
            PrivateKeyDer::Pkcs1(_) => Self::from_rsa(rsa::PrivateKey::from_pkcs1_der(der).ok()?),
            PrivateKeyDer::Sec1(_) => {
                let p256 = || Self::from_p256(&p256::SecretKey::from_sec1_der(der).ok()?);
                let p384 = || Some(Self::from_p384(p384::SecretKey::from_sec1_der(der).ok()?));
                let p521 = || Some(Self::from_p521(p521::SecretKey::from_sec1_der(der).ok()?));
                p256().or_else(p384).or_else(p521)
            }
            PrivateKeyDer::Pkcs8(_) => {
                let p256 = || Self::from_p256(&p256::SecretKey::from_pkcs8_der(der).ok()?);
                let p384 = || Some(Self::from_p384(p384::SecretKey::from_pkcs8_der(der).ok()?));
                let p521 = || Some(Self::from_p521(p521::SecretKey::from_pkcs8_der(der).ok()?));
                let rsa = || Self::from_rsa(rsa::PrivateKey::from_pkcs8_der(der).ok()?);
                let ed25519 = || {
                    let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok()?;
                    Some(Self::of_ed25519(key))
                };
                p256()
                    .or_else(p384)
                    .or_else(p521)
                    .or_else(rsa)
                    .or_else(ed25519)
            }
            _ => None,
        }
    }

    fn from_p256(key: &p256::SecretKey) -> Option<Self> {
        Self::of_p256(P256Key::new(key.to_bytes().into())?)
    }

    fn from_p384(key: p384::SecretKey) -> Self {
        Self::of_p384(key.into())
    }

    fn from_p521(key: p521::SecretKey) -> Self {
        Self::of_p521(key.into())
    }

    /// The salts are the key's own: nothing else is known of where it came from.
    fn from_rsa(key: rsa::PrivateKey) -> Option<Self> {
        if key.size() < RSA_OCTETS_MIN {
            return None;
        }
        let digest = Sha256::digest(key.n_bytes());
        let salts = digest.first_chunk().copied().map(u64::from_be_bytes)?;
        Self::of_rsa(key, Seed(salts))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::SignatureScheme;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::sign::{CertifiedKey, SigningKey as _};

    use super::super::KeyKind;
    use super::*;

    /// A file that `openssl` made.
    macro_rules! file {
        ($name:literal) => {
            include_str!(concat!("../../tests/keys/", $name))
        };
    }

    fn read(pem: &str) -> Option<KeyPair> {
        KeyPair::from_der(&PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()?)
    }

    /// Each kind of key, its certificate, and its forms.
    fn keys() -> [(KeyKind, &'static str, Vec<&'static str>); 5] {
        let rsa = vec![file!("rsa-2048.pkcs8.key"), file!("rsa-2048.pkcs1.key")];
        let p256 = vec![file!("p256.pkcs8.key"), file!("p256.sec1.key")];
        let p384 = vec![file!("p384.pkcs8.key"), file!("p384.sec1.key")];
        let p521 = vec![file!("p521.pkcs8.key"), file!("p521.sec1.key")];
        [
            (KeyKind::Rsa2048, file!("rsa-2048.crt"), rsa),
            (KeyKind::EcdsaP256, file!("p256.crt"), p256),
            (KeyKind::EcdsaP384, file!("p384.crt"), p384),
            (KeyKind::EcdsaP521, file!("p521.crt"), p521),
            (
                KeyKind::Ed25519,
                file!("ed25519.crt"),
                vec![file!("ed25519.pkcs8.key")],
            ),
        ]
    }

    #[test]
    fn each_form_is_the_key_of_its_certificate() {
        for (kind, certificate, forms) in keys() {
            for form in forms {
                let key = read(form).unwrap_or_else(|| panic!("{kind:?}"));
                assert_eq!(key.kind(), kind);
                let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
                let pair = CertifiedKey::new(vec![certificate], Arc::new(key));
                assert_eq!(pair.keys_match(), Ok(()), "{kind:?}");
            }
        }
    }

    #[test]
    fn the_same_key_signs_alike_in_each_form() {
        let offered = [
            SignatureScheme::ED25519,
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::RSA_PSS_SHA256,
        ];
        for (kind, _, forms) in keys() {
            let mut made = forms.iter().map(|form| {
                let signer = read(form).unwrap().choose_scheme(&offered).unwrap();
                signer.sign(b"a message").unwrap()
            });
            let first = made.next().unwrap();
            assert!(made.all(|other| other == first), "{kind:?}");
        }
    }

    #[test]
    fn other_keys_are_not_read() {
        for other in [
            file!("ed448.pkcs8.key"),
            file!("rsa-1024.pkcs8.key"),
            file!("p256.encrypted-pkcs8.key"),
            file!("p256.encrypted-sec1.key"),
            file!("p256.crt"),
        ] {
            assert!(read(other).is_none(), "{other}");
        }
    }
}
