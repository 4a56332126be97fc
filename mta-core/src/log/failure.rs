//! A handshake that failed (src/tls/tls_client.c `tls_client_start`, tls_misc.c `tls_info_callback`).
//!
//! The library's error is OpenSSL's where OpenSSL has one for the fault. Its states are known only as far as the
//! server's choice of a version: what came behind it is not in the event, so a later break appears there, and without
//! the walk over the chain.

use super::line::Page;
use super::openssl::{LibraryError, alert_description};
use super::steps::{HELLOS, states};
use crate::config::LogMask;
use crate::event::{Protocol, Server};
use crate::fault::{HandshakeFault, NetworkFault};

/// OpenSSL's states, then what failed.
pub(super) fn failed(
    server: &Server,
    fault: &HandshakeFault,
    protocol: Option<Protocol>,
    page: &mut Page,
) {
    let error = match fault {
        HandshakeFault::Closed => {
            return broken(server, NetworkFault::Closed, protocol, page);
        }
        HandshakeFault::Reset => return broken(server, NetworkFault::Reset, protocol, page),
        HandshakeFault::TimedOut => return broken(server, NetworkFault::TimedOut, protocol, page),
        HandshakeFault::AlertReceived(number) => {
            progress(protocol.is_some(), protocol, page);
            alert("read", *number, page);
            LibraryError::Alert(*number)
        }
        HandshakeFault::NotTls => {
            progress(protocol.is_some(), protocol, page);
            // To whom does not speak TLS at all, OpenSSL says nothing.
            if protocol.is_some() {
                alert("write", PROTOCOL_VERSION, page);
            }
            WRONG_VERSION_NUMBER
        }
        HandshakeFault::UnsupportedVersion => {
            progress(true, None, page);
            alert("write", PROTOCOL_VERSION, page);
            UNSUPPORTED_PROTOCOL
        }
        HandshakeFault::NoCommonParameters => {
            progress(true, protocol, page);
            alert("write", ILLEGAL_PARAMETER, page);
            WRONG_CIPHER_RETURNED
        }
        // OpenSSL has not begun.
        HandshakeFault::NoProtocols => NO_PROTOCOLS,
        HandshakeFault::LegacyProtocol => {
            progress(true, None, page);
            alert("write", INTERNAL_ERROR, page);
            LEGACY_SIGALG
        }
        HandshakeFault::UnexpectedMessage => {
            progress(true, protocol, page);
            alert("write", UNEXPECTED_MESSAGE, page);
            UNEXPECTED
        }
        HandshakeFault::BadRecordMac => {
            progress(true, protocol, page);
            alert("write", BAD_RECORD_MAC, page);
            DECRYPTION_FAILED
        }
        HandshakeFault::BadSignature => {
            progress(true, protocol, page);
            alert("write", DECRYPT_ERROR, page);
            BAD_SIGNATURE
        }
        HandshakeFault::Other(words) => {
            progress(protocol.is_some(), protocol, page);
            LibraryError::InOtherWords(words)
        }
    };
    page.smtp_if(
        LogMask::SSL_DEBUG,
        format_args!("SSL_connect:error in error"),
    );
    if !page.proxied {
        page.smtp(format_args!("SSL_connect error to {server}: -1"));
    }
    page.smtp(format_args!("warning: TLS library problem: {error}"));
    if page.proxied {
        proxy_gave_up(server, page);
    }
}

/// tlsproxy(8) knows the other end by its address alone (src/tlsproxy/tlsproxy.c).
fn proxy_gave_up(server: &Server, page: &mut Page) {
    let peer = server.endpoint();
    let service = page.service.clone();
    let service = service.as_deref().unwrap_or("smtp");
    page.smtp(format_args!(
        "TLS handshake failed for service={service} peer={peer}"
    ));
}

/// TLS broke after the handshake; what the network does then is not logged (src/tls/tls_bio_ops.c, `SSL_ERROR_SSL`).
pub(super) fn broke(fault: &HandshakeFault, page: &mut Page) {
    let error = match fault {
        HandshakeFault::Closed | HandshakeFault::Reset | HandshakeFault::TimedOut => return,
        HandshakeFault::AlertReceived(number) => {
            alert("read", *number, page);
            LibraryError::Alert(*number)
        }
        HandshakeFault::NotTls => WRONG_VERSION_NUMBER,
        HandshakeFault::UnsupportedVersion => UNSUPPORTED_PROTOCOL,
        HandshakeFault::NoCommonParameters => WRONG_CIPHER_RETURNED,
        HandshakeFault::NoProtocols => NO_PROTOCOLS,
        HandshakeFault::LegacyProtocol => LEGACY_SIGALG,
        HandshakeFault::UnexpectedMessage => UNEXPECTED,
        HandshakeFault::BadRecordMac => DECRYPTION_FAILED,
        HandshakeFault::BadSignature => BAD_SIGNATURE,
        HandshakeFault::Other(words) => LibraryError::InOtherWords(words),
    };
    page.smtp(format_args!("warning: TLS library problem: {error}"));
}

/// The network let go. OpenSSL stays in the state in which it was; on a timeout it is not even asked again.
fn broken(server: &Server, fault: NetworkFault, protocol: Option<Protocol>, page: &mut Page) {
    progress(protocol.is_some(), protocol, page);
    if fault != NetworkFault::TimedOut {
        let state = match protocol {
            None => "SSLv3/TLS write client hello",
            Some(Protocol::Tls12) => "SSLv3/TLS read server hello",
            // The first half of a flight holds this too (observed: cfg-loglevel-3-hsfail).
            Some(Protocol::Tls13) => "TLSv1.3 read encrypted extensions",
        };
        page.smtp_if(
            LogMask::SSL_DEBUG,
            format_args!("SSL_connect:error in {state}"),
        );
    }
    if page.proxied {
        if fault == NetworkFault::TimedOut {
            let peer = server.endpoint();
            page.smtp(format_args!(
                "warning: ciphertext read/write timeout for {peer}"
            ));
        }
        return proxy_gave_up(server, page);
    }
    page.smtp(format_args!("SSL_connect error to {server}: {fault}"));
}

/// The states left behind, by whether a hello of the server came and what it chose.
fn progress(hello_came: bool, protocol: Option<Protocol>, page: &mut Page) {
    let [before, wrote, read] = HELLOS;
    states(&[before, wrote], page);
    if hello_came {
        states(&[read], page);
    }
    if protocol == Some(Protocol::Tls13) {
        states(&["SSLv3/TLS read server hello"], page);
    }
}

fn alert(direction: &str, number: u8, page: &mut Page) {
    page.smtp_if(
        LogMask::SSL_DEBUG,
        format_args!("SSL3 alert {direction}:fatal:{}", alert_description(number)),
    );
}

/// RFC 8446 §6.
const UNEXPECTED_MESSAGE: u8 = 10;
const BAD_RECORD_MAC: u8 = 20;
const ILLEGAL_PARAMETER: u8 = 47;
const DECRYPT_ERROR: u8 = 51;
const PROTOCOL_VERSION: u8 = 70;
const INTERNAL_ERROR: u8 = 80;

/// Observed: hs-encrypt-garbage-before-hello.
const WRONG_VERSION_NUMBER: LibraryError<'_> = LibraryError::Ssl(0x10B, "wrong version number");
/// Observed: proto-mand-reversed.
const NO_PROTOCOLS: LibraryError<'_> = LibraryError::Ssl(0xBF, "no protocols available");
/// Observed: level-verify-tls10.
const LEGACY_SIGALG: LibraryError<'_> =
    LibraryError::Ssl(0x14D, "legacy sigalg disallowed or unsupported");
/// `SSL_R_UNEXPECTED_MESSAGE`.
const UNEXPECTED: LibraryError<'_> = LibraryError::Ssl(0xF4, "unexpected message");
/// Observed: hs-encrypt-corrupt-flight.
const DECRYPTION_FAILED: LibraryError<'_> =
    LibraryError::Ssl(0x119, "decryption failed or bad record mac");
/// Observed: hs-encrypt-corrupt-flight-tls12.
const BAD_SIGNATURE: LibraryError<'_> = LibraryError::Ssl(0x7B, "bad signature");
/// As OpenSSL 3.0 says it; not observed in Postfix.
const UNSUPPORTED_PROTOCOL: LibraryError<'_> = LibraryError::Ssl(0x102, "unsupported protocol");
/// As OpenSSL 3.0 names it; not observed in Postfix. It stands for whatever was chosen without having been offered.
const WRONG_CIPHER_RETURNED: LibraryError<'_> = LibraryError::Ssl(0x105, "wrong cipher returned");
