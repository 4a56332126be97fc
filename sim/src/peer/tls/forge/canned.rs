//! Answers to a ClientHello that need no keys.

use super::message::ServerHello;
use super::{HANDSHAKE, clear_records};
use crate::peer::tls::Hello;

/// TLS_AES_128_GCM_SHA256, which every client of TLS 1.3 has (RFC 8446 §9.1).
const USUAL_SUITE: u16 = 0x1301;
/// TLS_RSA_WITH_AES_128_CBC_SHA, which every server of TLS 1.0 to 1.2 has (RFC 5246 §9). The simulated client offers no
/// suite that an old version knows; it gives up for the version before it looks at the suite.
const OLD_SUITE: u16 = 0x002f;
const X25519: u16 = 29;
const SECP256R1: u16 = 23;

/// A HelloRetryRequest: for a group that the client has sent a share for already, or for one that it has not.
pub(crate) fn hello_retry(hello: &Hello<'_>, same_group: bool, out: &mut Vec<u8>) {
    let suite = hello.suites().find(|suite| suite >> 8 == 0x13);
    let sent = || hello.shares.iter().copied();
    let group = if same_group {
        sent().next().unwrap_or(X25519)
    } else {
        let other = hello.groups.iter().copied();
        other
            .into_iter()
            .find(|group| !sent().any(|sent| sent == *group))
            .unwrap_or(SECP256R1)
    };
    let retry = ServerHello::retry(hello.session_id, suite.unwrap_or(USUAL_SUITE), group);
    clear_records(HANDSHAKE, &retry.write(), out);
}

/// The ServerHello of a server that has never heard of supported_versions, and of no version above its own.
pub(crate) fn old_server_hello(version: u16, random: [u8; 32], out: &mut Vec<u8>) {
    let [major, minor] = version.to_be_bytes();
    let mut body = vec![major, minor];
    body.extend_from_slice(&random);
    // No session id; null compression; no extensions.
    body.push(0);
    body.extend_from_slice(&OLD_SUITE.to_be_bytes());
    body.push(0);
    let from = out.len();
    clear_records(
        HANDSHAKE,
        &super::message::message(super::message::SERVER_HELLO, &body),
        out,
    );
    // The record has the version, too.
    if let Some([_, record_major, record_minor, ..]) = out.get_mut(from..) {
        (*record_major, *record_minor) = (major, minor);
    }
}
