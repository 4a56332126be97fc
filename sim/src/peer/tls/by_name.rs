//! The certificate for the name that a client asks for (SNI, RFC 6066 §3).

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::pattern::is;

/// A peer's certificates: one for each name that it knows, and one for everybody else.
#[derive(Debug)]
pub(super) struct ByName {
    usual: Arc<CertifiedKey>,
    /// Names in lower case; a `*` in one stands for any text.
    named: BTreeMap<String, Arc<CertifiedKey>>,
    /// Whether these are bare keys (RFC 7250).
    raw: bool,
}

impl ByName {
    pub(super) fn new(
        usual: Arc<CertifiedKey>,
        named: BTreeMap<String, Arc<CertifiedKey>>,
        raw: bool,
    ) -> ByName {
        let lower = named
            .into_iter()
            .map(|(name, certificate)| (name.to_ascii_lowercase(), certificate));
        ByName {
            usual,
            named: lower.collect(),
            raw,
        }
    }

    /// Whether there is a certificate for this name, as it stands in a ClientHello.
    pub(super) fn knows(&self, name: &[u8]) -> bool {
        std::str::from_utf8(name).is_ok_and(|name| self.find(name).is_some())
    }

    /// The certificate for a name: the one of this very name, else of the first pattern that it is like.
    fn find(&self, name: &str) -> Option<&Arc<CertifiedKey>> {
        let name = name.to_ascii_lowercase();
        let like = || {
            let mut named = self.named.iter();
            named.find(|(pattern, _)| is(pattern, &name))
        };
        let found = self.named.get(&name);
        found.or_else(|| like().map(|(_, certificate)| certificate))
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = hello.server_name().and_then(|name| self.find(name));
        Some(Arc::clone(named.unwrap_or(&self.usual)))
    }

    fn only_raw_public_keys(&self) -> bool {
        self.raw
    }
}
