//! The steps of a handshake: Postfix's own, the walk over the chain, and OpenSSL's states.
//!
//! OpenSSL reports a state when it is about to leave it. That is why a state stands twice where the client first
//! stops writing and then starts reading, and why the certificate is looked at before the line that says so.

use super::line::Page;
use crate::config::LogMask;
use crate::event::{Protocol, Server, WalkStep};

/// Before the first byte (src/tls/tls_client.c `tls_client_start`). OpenSSL's first states come with
/// [`walk`] or the failure, since the session cache is asked in between.
pub(super) fn started(server: &Server, sni: Option<&str>, cipher_list: &str, page: &mut Page) {
    page.smtp_if(
        LogMask::VERBOSE,
        format_args!("setting up TLS connection to {server}"),
    );
    if !cipher_list.is_empty() {
        page.smtp_if(
            LogMask::VERBOSE,
            format_args!("{server}: TLS cipher list \"{cipher_list}\""),
        );
    }
    if let Some(name) = sni {
        page.smtp_if(
            LogMask::SSL_DEBUG,
            format_args!("{server}: SNI hostname: {name}"),
        );
    }
}

/// A handshake that succeeded.
pub(super) fn walk(
    server: &Server,
    protocol: Protocol,
    resumed: bool,
    steps: &[WalkStep],
    page: &mut Page,
) {
    states(&HELLOS, page);
    let (before, after) = match (protocol, resumed) {
        (Protocol::Tls13, false) => (&TLS_1_3[..2], &TLS_1_3[2..]),
        (Protocol::Tls13, true) => (&TLS_1_3_RESUMED[..], &[][..]),
        (Protocol::Tls12, false) => (&TLS_1_2[..1], &TLS_1_2[1..]),
        (Protocol::Tls12, true) => (&TLS_1_2_RESUMED[..], &[][..]),
    };
    states(before, page);
    for WalkStep { depth, ok, subject } in steps {
        page.smtp_if(
            LogMask::VERBOSE,
            format_args!(
                "{server}: depth={depth} verify={} subject={subject}",
                u8::from(*ok)
            ),
        );
    }
    states(after, page);
}

/// States that were left behind.
pub(super) fn states(names: &[&str], page: &mut Page) {
    for name in names {
        page.smtp_if(LogMask::SSL_DEBUG, format_args!("SSL_connect:{name}"));
    }
}

/// Up to the server's hello.
pub(super) const HELLOS: [&str; 3] = [
    "before SSL initialization",
    "SSLv3/TLS write client hello",
    "SSLv3/TLS write client hello",
];

/// Observed: cfg-loglevel-2. The chain is walked behind the second. A server that asks for another group or for a
/// client certificate goes through more states; no event says so.
const TLS_1_3: [&str; 7] = [
    "SSLv3/TLS read server hello",
    "TLSv1.3 read encrypted extensions",
    "SSLv3/TLS read server certificate",
    "TLSv1.3 read server certificate verify",
    "SSLv3/TLS read finished",
    "SSLv3/TLS write change cipher spec",
    "SSLv3/TLS write finished",
];

/// As `openssl s_client -state` of OpenSSL 3.0 shows it; not observed in Postfix.
const TLS_1_3_RESUMED: [&str; 5] = [
    "SSLv3/TLS read server hello",
    "TLSv1.3 read encrypted extensions",
    "SSLv3/TLS read finished",
    "SSLv3/TLS write change cipher spec",
    "SSLv3/TLS write finished",
];

/// Observed: pol-exclude-may. The chain is walked behind the first. A server that gives no ticket lacks that state; no
/// event says so.
const TLS_1_2: [&str; 11] = [
    "SSLv3/TLS read server hello",
    "SSLv3/TLS read server certificate",
    "SSLv3/TLS read server key exchange",
    "SSLv3/TLS read server done",
    "SSLv3/TLS write client key exchange",
    "SSLv3/TLS write change cipher spec",
    "SSLv3/TLS write finished",
    "SSLv3/TLS write finished",
    "SSLv3/TLS read server session ticket",
    "SSLv3/TLS read change cipher spec",
    "SSLv3/TLS read finished",
];

/// As `openssl s_client -state` of OpenSSL 3.0 shows it, for a server that gives no new ticket; not observed in
/// Postfix.
const TLS_1_2_RESUMED: [&str; 5] = [
    "SSLv3/TLS read server hello",
    "SSLv3/TLS read change cipher spec",
    "SSLv3/TLS read finished",
    "SSLv3/TLS write change cipher spec",
    "SSLv3/TLS write finished",
];
