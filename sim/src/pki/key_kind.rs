//! Kinds of keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of key a certificate is for.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// Ed25519 (RFC 8032). All signatures have one length.
    Ed25519,
    /// ECDSA over P-256, nonces by RFC 6979.
    #[default]
    EcdsaP256,
    /// ECDSA over P-384.
    EcdsaP384,
    /// ECDSA over P-521.
    EcdsaP521,
    /// RSA with 2048 bits. Takes a fraction of a second to generate.
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    /// RSA with 4096 bits: always the same key, because one from the seed would take seconds to find.
    #[serde(rename = "rsa-4096")]
    Rsa4096,
    /// RSA with 8192 bits: always the same key, because one from the seed would take minutes to find.
    #[serde(rename = "rsa-8192")]
    Rsa8192,
}

impl KeyKind {
    /// The word for it in files.
    pub const fn label(self) -> &'static str {
        match self {
            KeyKind::Ed25519 => "ed25519",
            KeyKind::EcdsaP256 => "ecdsa-p256",
            KeyKind::EcdsaP384 => "ecdsa-p384",
            KeyKind::EcdsaP521 => "ecdsa-p521",
            KeyKind::Rsa2048 => "rsa-2048",
            KeyKind::Rsa4096 => "rsa-4096",
            KeyKind::Rsa8192 => "rsa-8192",
        }
    }

    /// All of them.
    pub const ALL: [KeyKind; 7] = [
        KeyKind::Ed25519,
        KeyKind::EcdsaP256,
        KeyKind::EcdsaP384,
        KeyKind::EcdsaP521,
        KeyKind::Rsa2048,
        KeyKind::Rsa4096,
        KeyKind::Rsa8192,
    ];
}
