//! What a server may be known by besides names: fingerprints and trust anchors (src/tls/tls_dane.c
//! `tls_dane_add_fpt_digests`, `tls_dane_load_trustfile`).

use std::sync::Arc;

use super::destination::Destination;
use super::held::Invalid;
use super::notices::notice;
use crate::config::Feature;
use crate::connection::Env;
use crate::event::{AnchorFault, DestinationNotice, What};
use crate::policy::{Level, Matching, Tlsa};
use crate::policy_table::Entry;
use crate::trust::{BadAnchors, read_anchors};

/// Most fingerprints of one list that are looked at. Ours: no host has so many certificates.
const FINGERPRINTS_MAX: usize = 1024;

/// Most characters of a digest: two digits and a colon for each byte of the widest hash (`EVP_MAX_MD_SIZE`).
const DIGEST_CHARS_MAX: usize = 3 * 64;

/// Most characters of a malformed digest that are repeated.
const DIGEST_CHARS_SHOWN: usize = 100;

/// What a table's entry names. It is loaded while the entry is read, so a fault in it is reported before those behind it
/// (src/smtp/smtp_tls_policy.c `tls_policy_lookup_one`).
#[derive(Clone, Debug, Default)]
pub(super) struct OwnProof {
    /// The digests of `match`, unless they are read when the rest of the policy is settled.
    fingerprints: Vec<Tlsa>,
    /// What is in the files of `tafile`, if there are any.
    anchors: Option<Arc<[Tlsa]>>,
}

impl OwnProof {
    pub(super) fn load(entry: &Entry, env: &mut Env<'_>) -> Result<Self, Invalid> {
        let mut fingerprints = Vec::new();
        if !env.settings.release.has(Feature::DigestsReadLast)
            && entry.level == Level::Fingerprint
            && let Some(own) = &entry.matches
        {
            add_digests(own.iter().map(String::as_str), &mut fingerprints, env);
        }
        Ok(OwnProof {
            fingerprints,
            anchors: trust_anchors(&entry.tafiles, env)?,
        })
    }
}

/// The fingerprints of the table's entry, or else of main.cf's list. Where they are read early, an entry in which nothing
/// can be read gives way to main.cf.
pub(super) fn fingerprints(
    own: &OwnProof,
    entry: &Entry,
    list: &str,
    destination: &Destination,
    env: &mut Env<'_>,
) -> Result<Matching, Invalid> {
    let mut records = own.fingerprints.clone();
    match &entry.matches {
        Some(digests) if env.settings.release.has(Feature::DigestsReadLast) => {
            // Each is a list of its own.
            for digest in digests {
                add_digests([digest.as_str()].into_iter(), &mut records, env);
            }
        }
        Some(_) | None if records.is_empty() => {
            let words = list.split([' ', '\t', '\r', '\n', ',']);
            add_digests(words.filter(|word| !word.is_empty()), &mut records, env);
        }
        Some(_) | None => {}
    }
    if records.is_empty() {
        let destination = destination.text.clone();
        notice(DestinationNotice::NoFingerprints { destination }, env);
        return Err(Invalid::configuration());
    }
    Ok(Matching::Fingerprints(records.into()))
}

/// The certificates and keys that stand for all authorities: those of the entry, or else of main.cf.
pub(super) fn anchors(own: &OwnProof, env: &mut Env<'_>) -> Result<Option<Arc<[Tlsa]>>, Invalid> {
    match &own.anchors {
        Some(anchors) => Ok(Some(anchors.clone())),
        None => {
            let settings = env.settings;
            trust_anchors(&settings.tls.trust_anchor_files, env)
        }
    }
}

/// Reads a list of digests, of certificates and of keys alike.
fn add_digests<'a>(
    words: impl Iterator<Item = &'a str>,
    records: &mut Vec<Tlsa>,
    env: &mut Env<'_>,
) {
    if env.settings.tls.fingerprint_digest_is_outdated {
        notice(DestinationNotice::DigestByDefault, env);
    }
    for word in words.take(FINGERPRINTS_MAX) {
        if word.len() > DIGEST_CHARS_MAX {
            let start: String = word.chars().take(DIGEST_CHARS_SHOWN).collect();
            bad_fingerprint(&start, true, env);
            continue;
        }
        let Some(data) = from_hex(word) else {
            bad_fingerprint(word, false, env);
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
            env.out.tell(env.now.time, None, what);
            records.push(record);
        }
    }
}

fn bad_fingerprint(word: &str, is_cut: bool, env: &mut Env<'_>) {
    let word = word.into();
    notice(DestinationNotice::BadFingerprint { word, is_cut }, env);
}

/// Hexadecimal digits, with a colon between bytes or without (src/util/hex_code.c).
fn from_hex(word: &str) -> Option<Arc<[u8]>> {
    let mut bytes = Vec::with_capacity(word.len() / 2);
    let mut rest = word.as_bytes();
    while let [high, low, more @ ..] = rest {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let byte = digit(*high)? << 4 | digit(*low)?;
        bytes.push(u8::try_from(byte).ok()?);
        rest = match more {
            [b':', more @ ..] if !more.is_empty() => more,
            more => more,
        };
    }
    (rest.is_empty() && !bytes.is_empty()).then(|| bytes.into())
}

/// The certificates and keys of files, if there are any to read.
fn trust_anchors(paths: &[String], env: &mut Env<'_>) -> Result<Option<Arc<[Tlsa]>>, Invalid> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut anchors = Vec::new();
    for path in paths {
        let fault = match env.files.get(path).map(|pem| read_anchors(pem)) {
            Some(Ok(read)) => {
                anchors.extend(read);
                continue;
            }
            None => Some(AnchorFault::Missing),
            Some(Err(BadAnchors::Certificate)) => Some(AnchorFault::Certificate),
            Some(Err(BadAnchors::PublicKey)) => Some(AnchorFault::PublicKey),
            Some(Err(BadAnchors::Unusable)) => None,
        };
        if let Some(fault) = fault {
            let path = path.as_str().into();
            notice(DestinationNotice::BadAnchorFile { path, fault }, env);
        }
        return Err(Invalid::configuration());
    }
    Ok(Some(anchors.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_may_stand_between_bytes() {
        for word in ["AB:CD:EF", "abcdef", "ab:cdEF"] {
            assert_eq!(
                from_hex(word).as_deref(),
                Some(&[0xab, 0xcd, 0xef][..]),
                "{word}"
            );
        }
        for word in ["zz:zz", "a", "ab:c", "ab::cd", ":ab", "ab:", ""] {
            assert_eq!(from_hex(word), None, "{word}");
        }
    }
}
