//! OpenSSL's names for what rustls negotiated.

use rustls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

use crate::event::{Cipher, KeyExchange, Protocol, ServerSignature};
use crate::trust::Certificate;

/// The suite by OpenSSL's name; `None` for one that is not offered.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "rustls lists hundreds of suites and offers nine"
)]
pub(super) fn cipher(suite: CipherSuite) -> Option<Cipher> {
    let (name, bits) = match suite {
        CipherSuite::TLS13_AES_256_GCM_SHA384 => ("TLS_AES_256_GCM_SHA384", 256),
        CipherSuite::TLS13_AES_128_GCM_SHA256 => ("TLS_AES_128_GCM_SHA256", 128),
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => ("TLS_CHACHA20_POLY1305_SHA256", 256),
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 => {
            ("ECDHE-ECDSA-AES256-GCM-SHA384", 256)
        }
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 => {
            ("ECDHE-ECDSA-AES128-GCM-SHA256", 128)
        }
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 => {
            ("ECDHE-ECDSA-CHACHA20-POLY1305", 256)
        }
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 => ("ECDHE-RSA-AES256-GCM-SHA384", 256),
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 => ("ECDHE-RSA-AES128-GCM-SHA256", 128),
        CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => {
            ("ECDHE-RSA-CHACHA20-POLY1305", 256)
        }
        _ => return None,
    };
    Some(Cipher { name, bits })
}

/// The version; `None` for one that is not offered.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "rustls negotiates these two"
)]
pub(super) fn protocol(version: ProtocolVersion) -> Option<Protocol> {
    match version {
        ProtocolVersion::TLSv1_2 => Some(Protocol::Tls12),
        ProtocolVersion::TLSv1_3 => Some(Protocol::Tls13),
        _ => None,
    }
}

/// The group of this name, as OpenSSL takes it in lists.
pub(super) fn group(name: &str) -> Option<NamedGroup> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    if is("X25519") {
        Some(NamedGroup::X25519)
    } else if is("prime256v1") || is("secp256r1") || is("P-256") {
        Some(NamedGroup::secp256r1)
    } else if is("secp384r1") || is("P-384") {
        Some(NamedGroup::secp384r1)
    } else {
        None
    }
}

/// The group; `None` for one that is not offered.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "rustls names groups that nobody offers"
)]
pub(super) fn key_exchange(group: NamedGroup) -> Option<KeyExchange> {
    match group {
        NamedGroup::X25519 => Some(KeyExchange::X25519),
        NamedGroup::secp256r1 => Some(KeyExchange::Secp256r1),
        NamedGroup::secp384r1 => Some(KeyExchange::Secp384r1),
        NamedGroup::X25519MLKEM768 => Some(KeyExchange::X25519MlKem768),
        _ => None,
    }
}

/// The signature of the server, or of the client. The length of an RSA key is read from the certificate.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other schemes are not offered in TLS 1.3"
)]
pub(super) fn signature(
    scheme: SignatureScheme,
    leaf: Option<&Certificate>,
) -> Option<ServerSignature> {
    let rsa = |digest_bits| {
        let key_bits = leaf.and_then(Certificate::rsa_bits)?;
        Some(ServerSignature::RsaPss {
            key_bits,
            digest_bits,
        })
    };
    match scheme {
        SignatureScheme::ECDSA_NISTP256_SHA256 => Some(ServerSignature::EcdsaP256),
        SignatureScheme::ECDSA_NISTP384_SHA384 => Some(ServerSignature::EcdsaP384),
        SignatureScheme::ECDSA_NISTP521_SHA512 => Some(ServerSignature::EcdsaP521),
        SignatureScheme::ED25519 => Some(ServerSignature::Ed25519),
        SignatureScheme::RSA_PSS_SHA256 => rsa(256),
        SignatureScheme::RSA_PSS_SHA384 => rsa(384),
        SignatureScheme::RSA_PSS_SHA512 => rsa(512),
        _ => None,
    }
}
