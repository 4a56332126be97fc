//! A key with the certificates that are shown for it.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, SubjectPublicKeyInfoDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{Decode as _, Tag, Tagged as _};
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::bad_credentials::CredentialNotice;
use crate::trust::Certificate;

/// What could be loaded.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) keys: Vec<Arc<CertifiedKey>>,
    pub(super) notices: Vec<CredentialNotice>,
}

/// Why a key is not used with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is no key.
    Unreadable,
    /// It is one, and the provider cannot sign with it.
    NotSimulated,
    /// It is another key of the certificate's kind.
    Mismatch,
    /// It is of another kind.
    OtherKind,
}

/// Puts them together.
pub(super) fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, Unfit> {
    if !is_sequence(key.secret_der()) {
        return Err(Unfit::Unreadable);
    }
    let load = provider.key_provider.load_private_key(key);
    let certified = CertifiedKey::new(chain, load.map_err(|_| Unfit::NotSimulated)?);
    // A signer that does not tell its public key is believed.
    if certified.keys_match() == Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) {
        return Err(match is_of_other_kind(&certified) {
            true => Unfit::OtherKind,
            false => Unfit::Mismatch,
        });
    }
    Ok(certified)
}

/// Whether bytes have the form of a certificate and of each form of a key, with nothing behind it (RFC 5280 §4.1,
/// RFC 5208 §5, RFC 8017 §A.1.2, RFC 5915 §3); what is inside is for others to read.
pub(super) fn is_sequence(der: &[u8]) -> bool {
    AnyRef::from_der(der).is_ok_and(|whole| whole.tag() == Tag::Sequence)
}

fn is_of_other_kind(certified: &CertifiedKey) -> bool {
    let leaf = certified.cert.first().map(|der| Certificate::read(der));
    let Some(Ok(leaf)) = leaf else {
        return false;
    };
    let own = certified.key.public_key();
    let own = own
        .as_ref()
        .and_then(|own: &SubjectPublicKeyInfoDer<'_>| kind_of(own));
    own != kind_of(leaf.spki())
}

/// The algorithm that a public key is for.
fn kind_of(spki: &[u8]) -> Option<ObjectIdentifier> {
    let spki = SubjectPublicKeyInfoRef::from_der(spki).ok()?;
    Some(spki.algorithm.oid)
}
