//! What a peer makes of a client's certificate: it may ask for one, and takes any.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::NoClientAuth;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::lacking::restore;
use crate::peer::spec::{ClientCertificate, TlsSpec};

/// The verifier that a spec asks for.
pub(super) fn client_verifier(
    spec: &TlsSpec,
    provider: &Arc<CryptoProvider>,
) -> Arc<dyn ClientCertVerifier> {
    let mandatory = match spec.client_certificate {
        ClientCertificate::Ignored => return Arc::new(NoClientAuth),
        ClientCertificate::Requested => false,
        ClientCertificate::Required => true,
    };
    let authorities = 1..=spec.client_authorities;
    Arc::new(AnyClient {
        mandatory,
        authorities: authorities.map(authority).collect(),
        provider: provider.clone(),
    })
}

/// The name of an authority, told from others by its number.
fn authority(number: u16) -> DistinguishedName {
    let name = format!(
        "An authority that this server knows, and that its clients may know, number {number:05}"
    );
    let bytes = u8::try_from(name.len()).unwrap_or_default();
    // Sequence of sets of sequences of type, here common name, and UTF8String (RFC 5280 §4.1.2.4).
    let mut der = vec![
        0x30,
        bytes + 11,
        0x31,
        bytes + 9,
        0x30,
        bytes + 7,
        6,
        3,
        0x55,
        4,
        3,
        0x0c,
        bytes,
    ];
    der.extend_from_slice(name.as_bytes());
    der.into()
}

/// Takes whoever holds the key to what is shown.
#[derive(Debug)]
struct AnyClient {
    mandatory: bool,
    authorities: Vec<DistinguishedName>,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.authorities
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(&restore(message), cert, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
