//! What a handshake may agree on: protocols and ciphers, worked out once for each kind of policy.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::cipher_list::Class;
use super::{CipherList, NoCiphers, NoProtocols, Offered};
use crate::config::{Release, TlsSettings};
use crate::policy::Policy;

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
    /// The terms of a policy.
    pub fn of(settings: &TlsSettings, policy: &Policy, release: Release) -> Terms {
        let lists = &settings.protocols;
        let protocols = match (&policy.protocols, Class::of(policy.level)) {
            (Some(protocols), _) => protocols,
            (None, Class::Opportunistic) => &*lists.optional,
            (None, Class::Encrypted | Class::Authenticated) => &lists.mandatory,
        };
        let ciphers = CipherList::of(&settings.ciphers, policy, release);
        let list = ciphers.as_ref().map_or("", |list| &list.text);
        let mut digest = Sha256::new();
        digest.update(TLS_LIBRARY.to_be_bytes());
        for part in [protocols, list] {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
        Terms {
            protocols: protocols.to_owned(),
            offered: Offered::of(protocols),
            digest: digest.finalize().into(),
            ciphers,
        }
    }

    pub(super) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// What is kept of a policy to know its terms by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    class: Class,
    protocols: Option<Arc<str>>,
    grade: Option<Arc<str>>,
    excluded: Option<Arc<str>>,
}

/// How many terms are kept: a site has a handful.
const KNOWN_MAX: usize = 64;

/// The terms worked out so far. To do it anew costs more than a resumed delivery.
#[derive(Clone, Debug, Default)]
pub(crate) struct TermsKnown(Vec<(Known, Arc<Terms>)>);

impl TermsKnown {
    /// As [`Terms::of`]. The settings must be the same in every call.
    pub(crate) fn of(
        &mut self,
        settings: &TlsSettings,
        policy: &Policy,
        release: Release,
    ) -> Arc<Terms> {
        let class = Class::of(policy.level);
        let known = self.0.iter().find(|(known, _)| {
            known.class == class
                && known.protocols == policy.protocols
                && known.grade == policy.grade
                && known.excluded == policy.excluded
        });
        if let Some((_, terms)) = known {
            return terms.clone();
        }
        let terms = Arc::new(Terms::of(settings, policy, release));
        if self.0.len() >= KNOWN_MAX {
            self.0.clear();
        }
        let known = Known {
            class,
            protocols: policy.protocols.clone(),
            grade: policy.grade.clone(),
            excluded: policy.excluded.clone(),
        };
        self.0.push((known, terms.clone()));
        terms
    }
}
