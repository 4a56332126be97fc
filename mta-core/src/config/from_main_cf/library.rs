//! What the TLS library is told: groups for key exchange, and options in OpenSSL's words.

use crate::config::inet::words;
use crate::config::problem::clip;
use crate::config::reader::Reader;
use crate::config::version::PostfixVersion;

/// Which groups the engine has is its business; here a name counts that OpenSSL knows. 3.7 warns of the others.
pub(super) fn curves(reader: &mut Reader<'_>) -> Vec<String> {
    const NAME: &str = "tls_eecdh_auto_curves";
    const KNOWN: [&str; 9] = [
        "X25519",
        "X448",
        "prime256v1",
        "secp256r1",
        "P-256",
        "secp384r1",
        "P-384",
        "secp521r1",
        "P-521",
    ];
    let text = reader.text(NAME);
    let is_known = |word: &str| KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word));
    let (known, unknown): (Vec<&str>, Vec<&str>) = words(&text).partition(|word| is_known(word));
    for word in unknown {
        if reader.version() < PostfixVersion::V3_12 {
            let what = format!("unknown group \"{}\"; it is left out", clip(word));
            let postfix = format!("warning: ignoring unknown ECDHE curve \"{word}\"");
            reader.remark(NAME, &what, postfix);
        }
    }
    known.into_iter().map(str::to_owned).collect()
}

/// Words of OpenSSL's for what it does about old mistakes; an unknown one is told, and but for `NO_TICKET` they change
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
            let postfix = format!("warning: unknown {name} value \"{word}\" in \"{text}\"");
            reader.remark(name, &what, postfix);
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
