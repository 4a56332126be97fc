//! Lets every certificate pass the handshake, as Postfix does, and remembers how the server signed.
//!
//! The signature over the handshake is verified here, always. Who the certificate belongs to is judged
//! afterwards (`trust`), so that a bad chain becomes a verdict and not an alert.

use std::sync::atomic::{AtomicU16, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

/// One for all connections: rustls resumes a session only under the verifier that made it.
#[derive(Debug)]
pub(super) struct Witness {
    algorithms: WebPkiSupportedAlgorithms,
    /// The scheme of the signature seen last. Connections are driven one at a time, and each asks for it right
    /// after the call in which its handshake ended.
    last_scheme: AtomicU16,
}

impl Witness {
    pub(super) const fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Witness {
            algorithms,
            last_scheme: AtomicU16::new(0),
        }
    }

    pub(super) fn take_scheme(&self) -> Option<SignatureScheme> {
        match self.last_scheme.swap(0, Ordering::Relaxed) {
            0 => None,
            number => Some(SignatureScheme::from(number)),
        }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.last_scheme
            .store(signed.scheme.into(), Ordering::Relaxed);
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.last_scheme
            .store(signed.scheme.into(), Ordering::Relaxed);
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
