//! What a handshake may agree on: protocols and ciphers, worked out once for each class of levels.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::cipher_list::Class;
use super::{CipherList, NoCiphers, NoProtocols, Offered};
use crate::config::{PostfixVersion, TlsSettings};
use crate::policy::Level;

/// What a handshake may agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The protocols allowed, as configured.
    pub protocols: String,
    /// The protocols to offer.
    pub offered: Result<Offered, NoProtocols>,
    /// The ciphers before TLS 1.3.
    pub ciphers: Result<CipherList, NoCiphers>,
    /// Other terms have another digest: sessions are not resumed across them.
    digest: [u8; 32],
}

/// Stands in for OpenSSL's version number, which Postfix mixes in: OpenSSL 3.0.
const TLS_LIBRARY: u32 = 0x3000_0000;

impl Terms {
    /// The terms of a level.
    pub fn of(settings: &TlsSettings, level: Level, version: PostfixVersion) -> Terms {
        let lists = &settings.protocols;
        let protocols = match Class::of(level) {
            Class::Opportunistic => &lists.optional,
            Class::Encrypted | Class::Authenticated => &lists.mandatory,
        };
        let ciphers = CipherList::of(&settings.ciphers, level, version);
        let list = ciphers.as_ref().map_or("", |list| &list.text);
        let mut digest = Sha256::new();
        digest.update(TLS_LIBRARY.to_be_bytes());
        for part in [protocols, list] {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
        Terms {
            protocols: protocols.clone(),
            offered: Offered::of(protocols),
            digest: digest.finalize().into(),
            ciphers,
        }
    }

    pub(super) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// The terms worked out so far. To do it anew costs more than a resumed delivery.
#[derive(Clone, Debug, Default)]
pub struct TermsKnown(Vec<(Class, Arc<Terms>)>);

impl TermsKnown {
    /// As [`Terms::of`]. The settings must be the same in every call.
    pub fn of(
        &mut self,
        settings: &TlsSettings,
        level: Level,
        version: PostfixVersion,
    ) -> Arc<Terms> {
        let class = Class::of(level);
        if let Some((_, terms)) = self.0.iter().find(|(known, _)| *known == class) {
            return terms.clone();
        }
        let terms = Arc::new(Terms::of(settings, level, version));
        self.0.push((class, terms.clone()));
        terms
    }
}
