//! What Postfix sets in the TLS library, in OpenSSL's words.

use crate::config::inet::words;
use crate::config::problem::clip;
use crate::config::reader::Reader;
use crate::event::{Assignment, ConfigNotice, WordWeight};

/// Words of OpenSSL's for what it does about old mistakes; an unknown one is reported, and but for `NO_TICKET` they change
/// nothing here. Whether that is among them.
pub(super) fn library_options(reader: &mut Reader<'_>) -> bool {
    const NO_TICKET: &str = "NO_TICKET";
    let mut no_ticket = false;
    const OPTIONS: [&str; 8] = [
        "ENABLE_MIDDLEBOX_COMPAT",
        "LEGACY_SERVER_CONNECT",
        "NO_COMPRESSION",
        "NO_ENCRYPT_THEN_MAC",
        "NO_RENEGOTIATION",
        "NO_SESSION_RESUMPTION_ON_RENEGOTIATION",
        "NO_TICKET",
        "PRIORITIZE_CHACHA",
    ];
    const WORKAROUNDS: [&str; 14] = [
        "CRYPTOPRO_TLSEXT_BUG",
        "DONT_INSERT_EMPTY_FRAGMENTS",
        "LEGACY_SERVER_CONNECT",
        "MICROSOFT_BIG_SSLV3_BUFFER",
        "MICROSOFT_SESS_ID_BUG",
        "MSIE_SSLV2_RSA_PADDING",
        "NETSCAPE_CHALLENGE_BUG",
        "NETSCAPE_REUSE_CIPHER_CHANGE_BUG",
        "SSLEAY_080_CLIENT_DH_BUG",
        "SSLREF2_REUSE_CERT_TYPE_BUG",
        "TLSEXT_PADDING",
        "TLS_BLOCK_PADDING_BUG",
        "TLS_D5_BUG",
        "TLS_ROLLBACK_BUG",
    ];
    for (name, known) in [
        ("tls_ssl_options", &OPTIONS[..]),
        ("tls_disable_workarounds", &WORKAROUNDS[..]),
    ] {
        let text = reader.text(name);
        let is_known = |word: &str| {
            word.starts_with("0x") || known.iter().any(|known| known.eq_ignore_ascii_case(word))
        };
        if let Some(word) = words(&text).find(|word| !is_known(word)) {
            let what = format!("unknown word \"{}\"; nothing of it is heeded", clip(word));
            let unknown = ConfigNotice::UnknownWord {
                set: Assignment::of(name, &text),
                word: word.into(),
                weight: WordWeight::Odd,
            };
            reader.remark(name, &what, unknown);
        } else {
            no_ticket |= words(&text).any(|word| word.eq_ignore_ascii_case(NO_TICKET));
            let without = |word: &&str| !word.eq_ignore_ascii_case(NO_TICKET);
            if let Some(word) = words(&text).find(without) {
                reader.ignored(name, &format!("{word} changes nothing here"));
            }
        }
    }
    no_ticket
}

/// Parameters that are read so that a wrong value is reported, and that change nothing here or in Postfix.
pub(super) fn read_only(reader: &mut Reader<'_>) {
    const RPK: &str = "smtp_tls_enable_rpk";
    const CONFIG_NAME: &str = "tls_config_name";
    const SHUTDOWN: &str = "tls_fast_shutdown_enable";
    const MANAGER: &str = "tlsmgr_service_name";
    if reader.yes_or_no(RPK) {
        reader.ignored(
            RPK,
            "raw public keys need OpenSSL 3.2; with 3.0, as here, they are never asked for",
        );
    }
    if !reader.text(CONFIG_NAME).is_empty() {
        reader.ignored(CONFIG_NAME, "OpenSSL's configuration changes nothing here");
    }
    if !reader.yes_or_no(SHUTDOWN) {
        reader.ignored(SHUTDOWN, "TLS is left without waiting for the peer here");
    }
    if reader.text(MANAGER) != "tlsmgr" {
        reader.ignored(MANAGER, "the service is there under any name here");
    }
    reader.yes_or_no("smtp_tls_block_early_mail_reply");
    reader.number("tls_daemon_random_bytes");
    reader.number("smtp_tls_trace_size_limit");
    reader.number("tls_trace_rate_limit");
}
