//! Files of trust anchors: `smtp_tls_trust_anchor_file` (src/tls/tls_dane.c `tls_dane_load_trustfile`).

use std::sync::Arc;

use rustls::pki_types::pem::{PemObject as _, SectionKind};

use super::BUNDLE_CERTIFICATES_MAX;
use super::Certificate;
use super::certificate::Key;
use crate::policy::Tlsa;

/// A file that is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadAnchors {
    /// A certificate in it cannot be read.
    Certificate,
    /// A public key in it cannot be read.
    PublicKey,
    /// It is not PEM, holds nothing, or more than [`BUNDLE_CERTIFICATES_MAX`] of them.
    Unusable,
}

/// Reads certificates and public keys. Each becomes a record that means an authority, whole.
///
/// # Errors
/// [`BadAnchors`] if one cannot be read, or there is none.
pub fn read_anchors(pem: &[u8]) -> Result<Vec<Tlsa>, BadAnchors> {
    let mut anchors = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(pem) {
        let (kind, der) = section.map_err(|_| BadAnchors::Unusable)?;
        let selector = if kind == SectionKind::Certificate {
            Certificate::read(&der).map_err(|_| BadAnchors::Certificate)?;
            Tlsa::CERTIFICATE
        } else if kind == SectionKind::PublicKey {
            Key::read(&der).map_err(|_| BadAnchors::PublicKey)?;
            Tlsa::KEY
        } else {
            // Whatever else is in the file is passed over.
            continue;
        };
        if anchors.len() == BUNDLE_CERTIFICATES_MAX {
            return Err(BadAnchors::Unusable);
        }
        anchors.push(Tlsa {
            usage: Tlsa::TRUST_ANCHOR,
            selector,
            matching: Tlsa::FULL,
            data: Arc::from(der),
        });
    }
    if anchors.is_empty() {
        return Err(BadAnchors::Unusable);
    }
    Ok(anchors)
}
