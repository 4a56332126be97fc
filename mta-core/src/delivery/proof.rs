//! What a server may be known by besides names: fingerprints and trust anchors (src/tls/tls_dane.c
//! `tls_dane_add_fpt_digests`, `tls_dane_load_trustfile`).

use std::sync::Arc;

use super::destination::Destination;
use super::policy::{Invalid, warn};
use crate::connection::Surroundings;
use crate::event::What;
use crate::policy::{Matching, Tlsa};
use crate::trust::{BadAnchors, read_anchors};

/// Most fingerprints of one list that are looked at. Ours: no host has so many certificates.
const FINGERPRINTS_MAX: usize = 1024;

/// A list of digests, of certificates and of keys alike.
pub(super) fn fingerprints(
    list: &str,
    destination: &Destination,
    around: &mut Surroundings<'_>,
) -> Result<Matching, Invalid> {
    let is_separator = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n' | ',' | '|');
    let words = list
        .split(is_separator)
        .filter(|word| !word.is_empty())
        .take(FINGERPRINTS_MAX);
    let mut records = Vec::new();
    if around.settings.tls.fingerprint_digest_is_outdated && !list.is_empty() {
        let text = "using backwards-compatible default setting smtp_tls_fingerprint_digest=md5 \
                    to compute certificate fingerprints";
        around
            .out
            .tell(around.now.time, None, What::Remark(text.into()));
    }
    for word in words {
        let Some(data) = octets(word) else {
            warn(&format!("malformed fingerprint value: {word}"), around);
            continue;
        };
        // Nobody says whether it is a digest of the certificate or of its key.
        for selector in [Tlsa::CERTIFICATE, Tlsa::KEY] {
            let record = Tlsa {
                usage: Tlsa::END_ENTITY,
                selector,
                matching: Tlsa::PRIVATE,
                data: data.clone(),
            };
            let what = What::TlsaRecord {
                name: None,
                record: record.clone(),
            };
            around.out.tell(around.now.time, None, what);
            records.push(record);
        }
    }
    if records.is_empty() {
        let text = format!(
            "nexthop domain {}: configured at fingerprint security level, but with no fingerprints to match.",
            destination.domain
        );
        warn(&text, around);
        return Err(Invalid::configuration());
    }
    Ok(Matching::Fingerprints(records.into()))
}

/// Hexadecimal digits, with a colon between octets or without (src/util/hex_code.c).
fn octets(word: &str) -> Option<Arc<[u8]>> {
    let mut octets = Vec::with_capacity(word.len() / 2);
    let mut rest = word.as_bytes();
    while let [high, low, more @ ..] = rest {
        let digit = |octet: u8| char::from(octet).to_digit(16);
        let octet = digit(*high)? << 4 | digit(*low)?;
        octets.push(u8::try_from(octet).ok()?);
        rest = match more {
            [b':', more @ ..] if !more.is_empty() => more,
            more => more,
        };
    }
    (rest.is_empty() && !octets.is_empty()).then(|| octets.into())
}

/// The certificates and keys of files, if there are any to read.
pub(super) fn trust_anchors(
    paths: &[String],
    around: &mut Surroundings<'_>,
) -> Result<Option<Arc<[Tlsa]>>, Invalid> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut anchors = Vec::new();
    for path in paths {
        let Some(pem) = around.files.get(path) else {
            // A file that may not be read has another errno text, which is not known here.
            let text =
                format!("error opening trust anchor file: {path}: No such file or directory");
            warn(&text, around);
            return Err(Invalid::configuration());
        };
        match read_anchors(pem) {
            Ok(read) => anchors.extend(read),
            Err(fault) => {
                if let BadAnchors::Malformed(what) = fault {
                    let text = format!("error reading: {path}: malformed trust-anchor {what}");
                    warn(&text, around);
                }
                return Err(Invalid::configuration());
            }
        }
    }
    Ok(Some(anchors.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_may_stand_between_octets() {
        for word in ["AB:CD:EF", "abcdef", "ab:cdEF"] {
            assert_eq!(
                octets(word).as_deref(),
                Some(&[0xab, 0xcd, 0xef][..]),
                "{word}"
            );
        }
        for word in ["zz:zz", "a", "ab:c", "ab::cd", ":ab", "ab:", ""] {
            assert_eq!(octets(word), None, "{word}");
        }
    }
}
