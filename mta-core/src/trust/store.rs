//! The certificates that the administrator trusts: `smtp_tls_CAfile`.

use std::fmt;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::Certificate;

/// Most certificates read from one bundle; Debian's has about 150.
pub const BUNDLE_CERTIFICATES_MAX: usize = 4096;

/// Trusted certificates. A chain is trusted where it ends in a self-signed one of these; the others only
/// help to complete chains, because Postfix does not set OpenSSL's `X509_V_FLAG_PARTIAL_CHAIN` for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustStore {
    certificates: Vec<Certificate>,
}

/// A bundle that OpenSSL would not load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnusableBundle {
    /// There is no certificate in it.
    Empty,
    /// The certificate at this place, counted from 1, cannot be read.
    Unreadable(usize),
    /// More than [`BUNDLE_CERTIFICATES_MAX`] certificates.
    TooLarge,
}

impl fmt::Display for UnusableBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnusableBundle::Empty => f.write_str("no certificate in it"),
            UnusableBundle::Unreadable(nth) => write!(f, "certificate {nth} cannot be read"),
            UnusableBundle::TooLarge => {
                write!(f, "more than {BUNDLE_CERTIFICATES_MAX} certificates")
            }
        }
    }
}

impl TrustStore {
    /// Reads a PEM bundle; text around the certificates is skipped.
    ///
    /// # Errors
    /// [`UnusableBundle`] if there is no certificate in it, or one that cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, UnusableBundle> {
        let mut certificates = Vec::new();
        for (i, der) in CertificateDer::pem_slice_iter(pem).enumerate() {
            if i == BUNDLE_CERTIFICATES_MAX {
                return Err(UnusableBundle::TooLarge);
            }
            let certificate = der
                .ok()
                .and_then(|der| Certificate::read(&der).ok())
                .ok_or(UnusableBundle::Unreadable(i + 1))?;
            certificates.push(certificate);
        }
        if certificates.is_empty() {
            Err(UnusableBundle::Empty)
        } else {
            Ok(TrustStore { certificates })
        }
    }

    /// A store of certificates already read.
    pub const fn of(certificates: Vec<Certificate>) -> Self {
        TrustStore { certificates }
    }

    /// Adds another store's certificates.
    pub fn extend(&mut self, other: TrustStore) {
        self.certificates.extend(other.certificates);
    }

    /// Whether nothing is trusted.
    pub const fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// All certificates, in the order of the bundle.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }
}
