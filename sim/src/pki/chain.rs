//! What a server shows: certificates in the order of sending, and the key of the first.

use std::sync::Arc;

use pem_rfc7468::LineEnding;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;

use super::KeyPair;

/// Certificates as they go into the `Certificate` message (RFC 8446 §4.4.2): the server's own,
/// then its issuer, and so on, without the root.
///
/// To misbehave, change the list: it is sent as it stands.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The certificates, the server's own first.
    pub certs: Vec<CertificateDer<'static>>,
    /// The key that the server's own certificate certifies.
    pub key: KeyPair,
}

impl Chain {
    /// The same without its intermediates: an incomplete chain.
    pub fn leaf_only(mut self) -> Self {
        self.certs.truncate(1);
        self
    }

    /// As rustls takes it.
    pub fn certified_key(&self) -> CertifiedKey {
        CertifiedKey::new(self.certs.clone(), Arc::new(self.key.clone()))
    }
}

/// Certificates in PEM (RFC 7468 §5), one behind the other.
pub fn to_pem<'a>(certs: impl IntoIterator<Item = &'a CertificateDer<'static>>) -> String {
    certs
        .into_iter()
        // Only a length beyond `usize` makes it fail.
        .filter_map(|cert| pem_rfc7468::encode_string("CERTIFICATE", LineEnding::LF, cert).ok())
        .collect()
}
