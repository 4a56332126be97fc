//! OpenSSL 3.0's names for errors and alerts (include/openssl/sslerr.h, ssl/ssl_stat.c).

use std::fmt;

/// An error as Postfix prints it behind `TLS library problem: `. The position in OpenSSL's sources is `<SRC>`.
#[derive(Clone, Copy, Debug)]
pub(super) enum LibraryError<'a> {
    /// Of the SSL routines: reason code and reason.
    Ssl(u32, &'a str),
    /// An alert was received: its number.
    Alert(u8),
    /// What has no counterpart in OpenSSL, in the engine's own words and without a code.
    InOtherWords(&'a str),
}

/// The number of the SSL routines among OpenSSL's libraries, where it stands in an error code.
const SSL_ROUTINES: u32 = 20 << 23;
/// `SSL_AD_REASON_OFFSET`: an alert's reason code is its number and this.
const ALERT_REASONS: u32 = 1000;

impl fmt::Display for LibraryError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LibraryError::Ssl(code, reason) => {
                let code = SSL_ROUTINES + code;
                write!(f, "error:{code:08X}:SSL routines::{reason}:<SRC>:")
            }
            LibraryError::Alert(number) => {
                let reason = ALERT_REASONS + u32::from(*number);
                let code = SSL_ROUTINES + reason;
                write!(f, "error:{code:08X}:SSL routines::")?;
                match alert_reason(*number) {
                    Some(words) => f.write_str(words)?,
                    None => write!(f, "reason({reason})")?,
                }
                write!(f, ":<SRC>:SSL alert number {number}:")
            }
            LibraryError::InOtherWords(words) => f.write_str(words),
        }
    }
}

/// The alert in lines about OpenSSL's states.
pub(super) fn alert_description(number: u8) -> &'static str {
    alert(number).map_or("unknown", |(_, _, description)| description)
}

/// The alert in errors.
fn alert_reason(number: u8) -> Option<&'static str> {
    alert(number).map(|(_, reason, _)| reason)
}

fn alert(number: u8) -> Option<(u8, &'static str, &'static str)> {
    ALERTS.iter().find(|row| row.0 == number).copied()
}

/// Number, reason, description. OpenSSL knows some alerts in the one place and not in the other.
const ALERTS: [(u8, &str, &str); 33] = [
    (10, "sslv3 alert unexpected message", "unexpected_message"),
    (20, "sslv3 alert bad record mac", "bad record mac"),
    (21, "tlsv1 alert decryption failed", "decryption failed"),
    (22, "tlsv1 alert record overflow", "record overflow"),
    (
        30,
        "sslv3 alert decompression failure",
        "decompression failure",
    ),
    (40, "sslv3 alert handshake failure", "handshake failure"),
    (41, "sslv3 alert no certificate", "no certificate"),
    (42, "sslv3 alert bad certificate", "bad certificate"),
    (
        43,
        "sslv3 alert unsupported certificate",
        "unsupported certificate",
    ),
    (44, "sslv3 alert certificate revoked", "certificate revoked"),
    (45, "sslv3 alert certificate expired", "certificate expired"),
    (46, "sslv3 alert certificate unknown", "certificate unknown"),
    (47, "sslv3 alert illegal parameter", "illegal parameter"),
    (48, "tlsv1 alert unknown ca", "unknown CA"),
    (49, "tlsv1 alert access denied", "access denied"),
    (50, "tlsv1 alert decode error", "decode error"),
    (51, "tlsv1 alert decrypt error", "decrypt error"),
    (60, "tlsv1 alert export restriction", "export restriction"),
    (70, "tlsv1 alert protocol version", "protocol version"),
    (
        71,
        "tlsv1 alert insufficient security",
        "insufficient security",
    ),
    (80, "tlsv1 alert internal error", "internal error"),
    (86, "tlsv1 alert inappropriate fallback", "unknown"),
    (90, "tlsv1 alert user cancelled", "user canceled"),
    (100, "tlsv1 alert no renegotiation", "no renegotiation"),
    (109, "tlsv13 alert missing extension", "unknown"),
    (110, "tlsv1 unsupported extension", "unsupported extension"),
    (
        111,
        "tlsv1 certificate unobtainable",
        "certificate unobtainable",
    ),
    (112, "tlsv1 unrecognized name", "unrecognized name"),
    (
        113,
        "tlsv1 bad certificate status response",
        "bad certificate status response",
    ),
    (
        114,
        "tlsv1 bad certificate hash value",
        "bad certificate hash value",
    ),
    (
        115,
        "tlsv1 alert unknown psk identity",
        "unknown PSK identity",
    ),
    (116, "tlsv13 alert certificate required", "unknown"),
    (
        120,
        "tlsv1 alert no application protocol",
        "no application protocol",
    ),
];
