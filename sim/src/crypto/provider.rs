//! The providers of cryptography, one per tier.

use std::sync::{Arc, LazyLock};

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ambient::Ambient;
use super::group;
use super::keys::DerKeys;

/// Where a run's cryptography gets its randomness.
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
pub enum Tier {
    /// Real algorithms, every random byte from the stream in [`scope`](super::scope). Whoever
    /// knows the seed knows every key, so this is for simulation only.
    #[default]
    Seeded,
    /// Real algorithms, randomness from the operating system: for peers served to real senders.
    System,
}

impl Tier {
    /// Whether everything follows from the seed.
    pub fn is_usual(&self) -> bool {
        *self == Tier::default()
    }
}

/// The provider of a tier; made once, then shared.
///
/// Both tiers offer what rustls offers by default over aws-lc-rs, in its order
/// (TLS_AES_256_GCM_SHA384 first), and the groups X25519, secp256r1 and secp384r1.
pub fn provider(tier: Tier) -> Arc<CryptoProvider> {
    static SEEDED: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(seeded()));
    static SYSTEM: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(system()));
    match tier {
        Tier::Seeded => SEEDED.clone(),
        Tier::System => SYSTEM.clone(),
    }
}

/// AEAD, hashes, key schedule and verification draw nothing, and stay as they are.
fn seeded() -> CryptoProvider {
    CryptoProvider {
        kx_groups: vec![&group::X25519, &group::SECP256R1, &group::SECP384R1],
        secure_random: &Ambient,
        key_provider: &DerKeys,
        ..default_provider()
    }
}

fn system() -> CryptoProvider {
    CryptoProvider {
        kx_groups: vec![kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1],
        ..default_provider()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::Error;
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use rustls::{CipherSuite, NamedGroup};

    #[test]
    fn both_tiers_offer_the_same_in_the_same_order() {
        let [seeded, system] = [Tier::Seeded, Tier::System].map(|tier| {
            let provider = provider(tier);
            let groups: Vec<_> = provider.kx_groups.iter().map(|g| g.name()).collect();
            let suites: Vec<_> = provider.cipher_suites.iter().map(|s| s.suite()).collect();
            (groups, suites)
        });
        assert_eq!(seeded, system);
        assert_eq!(
            seeded.0,
            [
                NamedGroup::X25519,
                NamedGroup::secp256r1,
                NamedGroup::secp384r1
            ]
        );
        assert_eq!(
            seeded.1.first(),
            Some(&CipherSuite::TLS13_AES_256_GCM_SHA384)
        );
    }

    #[test]
    fn a_key_that_would_draw_is_refused() {
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(vec![0x30, 0]));
        assert!(matches!(
            provider(Tier::Seeded).key_provider.load_private_key(der),
            Err(Error::General(why)) if why.contains("P-521")
        ));
    }
}
