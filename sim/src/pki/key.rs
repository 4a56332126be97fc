//! Key pairs drawn from a stream, as certificates and TLS use them.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;

use super::PkiError;
use super::key_kind::KeyKind;
use super::p256_key::P256Key;
use crate::seed::{Purpose, Seed, Stream};

/// A private key and its public key; cheap to clone.
///
/// It signs for rustls and for rcgen, and a signature follows from key and message alone.
#[derive(Clone)]
pub struct KeyPair {
    pub(super) private: Private,
    /// As it stands in the certificate: the point, or PKCS #1 `RSAPublicKey`.
    public: Arc<[u8]>,
}

#[derive(Clone)]
pub(super) enum Private {
    Ed25519(Arc<Ed25519KeyPair>),
    EcdsaP256(Arc<P256Key>),
    EcdsaP384(Arc<p384::ecdsa::SigningKey>),
    EcdsaP521(Arc<p521::ecdsa::SigningKey>),
    Rsa(Arc<RsaSecret>),
}

pub(super) struct RsaSecret {
    pub(super) key: rsa::PrivateKey,
    /// Where the salts of RSASSA-PSS and the blinding come from.
    pub(super) salts: Seed,
}

/// Candidates tried for one P-256 key. A candidate is out of range about once in 2^32.
const CANDIDATES_MAX: usize = 8;
const RSA_BITS: usize = 2048;
const RSA_4096: &str = include_str!("keys/rsa-4096.pem");
const RSA_8192: &str = include_str!("keys/rsa-8192.pem");

impl KeyPair {
    /// The key of this kind and name; the same for the same seed.
    ///
    /// # Errors
    /// [`PkiError::NoKey`] if no key could be generated.
    pub fn generate(seed: Seed, kind: KeyKind, name: &str) -> Result<Self, PkiError> {
        let named = format!("key {} {name}", kind.label());
        let mut stream = seed.named_stream(Purpose::Pki, &named, 0);
        match kind {
            KeyKind::Ed25519 => Self::ed25519(&mut stream),
            KeyKind::EcdsaP256 => Self::ecdsa_p256(&mut stream),
            KeyKind::EcdsaP384 => Self::ecdsa_p384(&mut stream),
            KeyKind::EcdsaP521 => Self::ecdsa_p521(&mut stream),
            KeyKind::Rsa2048 => Self::rsa(&mut stream),
            KeyKind::Rsa4096 => Self::known_rsa(RSA_4096, &mut stream),
            KeyKind::Rsa8192 => Self::known_rsa(RSA_8192, &mut stream),
        }
        .ok_or(PkiError::NoKey { kind })
    }

    fn ed25519(stream: &mut Stream) -> Option<Self> {
        let key = Ed25519KeyPair::from_seed_unchecked(&stream.bytes::<32>()).ok()?;
        Some(Self::of_ed25519(key))
    }

    pub(super) fn of_ed25519(key: Ed25519KeyPair) -> Self {
        KeyPair {
            public: key.public_key().as_ref().into(),
            private: Private::Ed25519(Arc::new(key)),
        }
    }

    fn ecdsa_p256(stream: &mut Stream) -> Option<Self> {
        Self::of_p256((0..CANDIDATES_MAX).find_map(|_| P256Key::new(stream.bytes::<32>()))?)
    }

    pub(super) fn of_p256(key: P256Key) -> Option<Self> {
        Some(KeyPair {
            public: key.public()?.into(),
            private: Private::EcdsaP256(Arc::new(key)),
        })
    }

    fn ecdsa_p384(stream: &mut Stream) -> Option<Self> {
        let key = (0..CANDIDATES_MAX)
            .find_map(|_| p384::ecdsa::SigningKey::from_slice(&stream.bytes::<48>()).ok())?;
        Some(Self::of_p384(key))
    }

    pub(super) fn of_p384(key: p384::ecdsa::SigningKey) -> Self {
        KeyPair {
            public: key.verifying_key().to_sec1_point(false).as_bytes().into(),
            private: Private::EcdsaP384(Arc::new(key)),
        }
    }

    fn ecdsa_p521(stream: &mut Stream) -> Option<Self> {
        let candidate = |stream: &mut Stream| {
            let mut octets = stream.bytes::<66>();
            // 521 bits are 65 bytes and one bit.
            octets[0] &= 1;
            p521::ecdsa::SigningKey::from_slice(&octets).ok()
        };
        Some(Self::of_p521(
            (0..CANDIDATES_MAX).find_map(|_| candidate(stream))?,
        ))
    }

    pub(super) fn of_p521(key: p521::ecdsa::SigningKey) -> Self {
        KeyPair {
            public: key.verifying_key().to_sec1_point(false).as_bytes().into(),
            private: Private::EcdsaP521(Arc::new(key)),
        }
    }

    fn rsa(stream: &mut Stream) -> Option<Self> {
        let salts = Seed(stream.next_u64());
        let key = rsa::PrivateKey::new(stream.generator(), RSA_BITS).ok()?;
        Self::of_rsa(key, salts)
    }

    /// A key that is not drawn; its salts are.
    fn known_rsa(pem: &str, stream: &mut Stream) -> Option<Self> {
        let salts = Seed(stream.next_u64());
        Self::of_rsa(rsa::PrivateKey::from_pkcs8_pem(pem).ok()?, salts)
    }

    pub(super) fn of_rsa(key: rsa::PrivateKey, salts: Seed) -> Option<Self> {
        Some(KeyPair {
            public: key.to_public_key().to_pkcs1_der().ok()?.as_bytes().into(),
            private: Private::Rsa(Arc::new(RsaSecret { key, salts })),
        })
    }

    /// What kind of key it is.
    pub fn kind(&self) -> KeyKind {
        match self.private {
            Private::Ed25519(_) => KeyKind::Ed25519,
            Private::EcdsaP256(_) => KeyKind::EcdsaP256,
            Private::EcdsaP384(_) => KeyKind::EcdsaP384,
            Private::EcdsaP521(_) => KeyKind::EcdsaP521,
            Private::Rsa(ref secret) => match secret.key.size() {
                0..=256 => KeyKind::Rsa2048,
                257..=512 => KeyKind::Rsa4096,
                _ => KeyKind::Rsa8192,
            },
        }
    }

    /// The private key as PKCS #8 in PEM, if it is an ECDSA key: those are what a client's key file may hold.
    pub fn to_pkcs8_pem(&self) -> Option<String> {
        match &self.private {
            Private::EcdsaP256(key) => key.to_pkcs8_pem(),
            Private::Ed25519(_)
            | Private::EcdsaP384(_)
            | Private::EcdsaP521(_)
            | Private::Rsa(_) => None,
        }
    }

    /// `SubjectPublicKeyInfo` in DER (RFC 5280 §4.1.2.7), as TLSA selector 1 takes it
    /// (RFC 6698 §2.1.2).
    pub fn spki_der(&self) -> Vec<u8> {
        rcgen::PublicKeyData::subject_public_key_info(self)
    }
}

impl rcgen::PublicKeyData for KeyPair {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.private {
            Private::Ed25519(_) => &rcgen::PKCS_ED25519,
            Private::EcdsaP256(_) => &rcgen::PKCS_ECDSA_P256_SHA256,
            Private::EcdsaP384(_) => &rcgen::PKCS_ECDSA_P384_SHA384,
            Private::EcdsaP521(_) => &rcgen::PKCS_ECDSA_P521_SHA512,
            Private::Rsa(_) => &rcgen::PKCS_RSA_SHA256,
        }
    }
}

/// Shows the kind only.
impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair")
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}
