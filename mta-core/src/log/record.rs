//! Records that a server is to be matched by (src/tls/tls_dane.c `tlsa_info`).

use super::line::Page;
use crate::config::{Feature, LogMask};
use crate::policy::Tlsa;

/// A TLSA record with its name, or a fingerprint, which stands for a certificate and for a key (observed:
/// fp-loglevel2-mismatch).
pub(super) fn seen(name: Option<&str>, record: &Tlsa, page: &mut Page) {
    let kinds = LogMask::DANE | LogMask::VERBOSE;
    match name {
        Some(name) => page.smtp_if(
            kinds,
            format_args!("DNSSEC-signed TLSA record: {name}: {record}"),
        ),
        None if record.selector != Tlsa::CERTIFICATE
            && !page.release.has(Feature::FingerprintOfKeyLogged) => {}
        None => page.smtp_if(
            kinds,
            format_args!("fingerprint: digest as private-use TLSA record: {record}"),
        ),
    }
}
