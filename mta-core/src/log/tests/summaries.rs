//! The summary line.

use super::*;
use crate::event::{Cipher, KeyExchange, PeerStatus, Protocol, ServerSignature, TlsSummary};

const AES_256: Cipher = Cipher {
    name: "TLS_AES_256_GCM_SHA384",
    bits: 256,
};

pub(super) const ECDSA: TlsSummary = TlsSummary {
    status: PeerStatus::Trusted,
    protocol: Protocol::Tls13,
    cipher: AES_256,
    key_exchange: Some(KeyExchange::X25519),
    signature: Some(ServerSignature::EcdsaP256),
    client_signature: None,
    resumed: false,
};

pub(super) const TLS_1_2: TlsSummary = TlsSummary {
    protocol: Protocol::Tls12,
    cipher: Cipher {
        name: "ECDHE-ECDSA-AES256-GCM-SHA384",
        bits: 256,
    },
    ..ECDSA
};

pub(super) fn established(summary: TlsSummary) -> What {
    What::TlsEstablished {
        server: server(),
        summary,
    }
}

/// What stands behind the server's name, in 3.7 and in 3.12.
#[track_caller]
fn assert_summary(summary: TlsSummary, v3_7: &str, v3_12: &str) {
    for (version, expected) in [(V3_7, v3_7), (V3_12, v3_12)] {
        let expected = format!(
            "{} TLS connection established to mx1.example.test[127.0.1.1]:25: {expected}",
            summary.status
        );
        assert_log(version, "1", &[established(summary)], &[&expected]);
        assert_log(version, "untrusted, peercert", &[established(summary)], &[]);
    }
}

#[test]
fn full_tls_1_3() {
    // cache-hit-13
    assert_summary(
        ECDSA,
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 \
         server-signature ECDSA (prime256v1) server-digest SHA256",
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange x25519 \
         server-signature ECDSA (prime256v1) server-digest SHA256",
    );
    // proto-curves-none
    assert_summary(
        TlsSummary {
            key_exchange: Some(KeyExchange::Secp384r1),
            signature: Some(ServerSignature::RsaPss {
                key_bits: 2048,
                digest_bits: 256,
            }),
            ..ECDSA
        },
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange ECDHE (secp384r1) \
         server-signature RSA-PSS (2048 bits) server-digest SHA256",
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange secp384r1 \
         server-signature RSA-PSS (2048 bits) server-digest SHA256",
    );
}

#[test]
fn what_was_not_observed_has_openssl_names() {
    assert_summary(
        TlsSummary {
            status: PeerStatus::Untrusted,
            key_exchange: Some(KeyExchange::Secp256r1),
            signature: Some(ServerSignature::Ed25519),
            client_signature: None,
            ..ECDSA
        },
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) \
         key-exchange ECDHE (prime256v1) server-signature ED25519",
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) \
         key-exchange secp256r1 server-signature ED25519",
    );
    assert_summary(
        TlsSummary {
            key_exchange: Some(KeyExchange::X25519MlKem768),
            signature: Some(ServerSignature::EcdsaP384),
            client_signature: None,
            ..ECDSA
        },
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) \
         server-signature ECDSA (secp384r1) server-digest SHA384",
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) \
         key-exchange X25519MLKEM768 server-signature ECDSA (secp384r1) server-digest SHA384",
    );
}

#[test]
fn resumed_tls_1_3() {
    // cache-hit-13
    assert_summary(
        TlsSummary {
            resumed: true,
            ..ECDSA
        },
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 \
         server-signature ECDSA (prime256v1)",
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange x25519",
    );
    // cache-loglevel1-resume13
    assert_summary(
        TlsSummary {
            resumed: true,
            signature: Some(ServerSignature::RsaPss {
                key_bits: 2048,
                digest_bits: 256,
            }),
            ..ECDSA
        },
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 \
         server-signature RSA-PSS (2048 bits)",
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange x25519",
    );
}

#[test]
fn tls_1_2_ends_with_the_bits() {
    // cache-hit-12, level-secure-tls12-rsa
    let line = "TLSv1.2 with cipher ECDHE-ECDSA-AES256-GCM-SHA384 (256/256 bits)";
    assert_summary(TLS_1_2, line, line);
    let verified = TlsSummary {
        status: PeerStatus::Verified,
        resumed: true,
        ..TLS_1_2
    };
    assert_summary(verified, line, line);
}
