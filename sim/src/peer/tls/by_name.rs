//! The certificate for the name that a client asks for (SNI, RFC 6066 §3).

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// A peer's certificates: one for each name that it knows, and one for everybody else.
#[derive(Debug)]
pub(super) struct ByName {
    usual: Arc<CertifiedKey>,
    /// Names in lower case.
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
        let mut known = self.named.keys();
        known.any(|known| known.as_bytes().eq_ignore_ascii_case(name))
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = hello
            .server_name()
            .and_then(|name| self.named.get(&name.to_ascii_lowercase()));
        Some(Arc::clone(named.unwrap_or(&self.usual)))
    }

    fn only_raw_public_keys(&self) -> bool {
        self.raw
    }
}
