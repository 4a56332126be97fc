//! What rustls reports, in the field's words.

use rustls::{CertificateError, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};

use crate::fault::HandshakeFault;

/// The fault behind an error of a connection that was still shaking hands.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "rustls' errors are open-ended; what has no class keeps its words"
)]
pub(super) fn handshake_fault(error: &Error) -> HandshakeFault {
    match error {
        Error::AlertReceived(alert) => HandshakeFault::AlertReceived(u8::from(*alert)),
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType
            | InvalidMessage::UnknownProtocolVersion
            | InvalidMessage::MessageTooLarge
            | InvalidMessage::InvalidEmptyPayload,
        ) => HandshakeFault::NotTls,
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => HandshakeFault::UnsupportedVersion,
        Error::PeerIncompatible(_)
        | Error::PeerMisbehaved(
            PeerMisbehaved::SelectedUnofferedCipherSuite
            | PeerMisbehaved::SelectedUnusableCipherSuiteForVersion,
        ) => HandshakeFault::NoCommonParameters,
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            HandshakeFault::UnexpectedMessage
        }
        Error::DecryptError => HandshakeFault::BadRecordMac,
        Error::InvalidCertificate(CertificateError::BadSignature) => HandshakeFault::BadSignature,
        other => HandshakeFault::Other(other.to_string()),
    }
}
