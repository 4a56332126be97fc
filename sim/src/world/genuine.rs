//! What is truly a host's: its certificate and the issuers above it, whatever the host shows. TLSA data and files name
//! them instead of spelling digests, which would hold for one seed alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mta_core::trust::{Algorithm, Certificate};
use rustls::pki_types::CertificateDer;

use crate::pki::to_pem;

/// For each host, by its name in lower case: its certificate, then its issuers up to the root; nothing of a host that
/// nobody names.
#[derive(Debug, Default)]
pub(super) struct Genuine(BTreeMap<String, Vec<CertificateDer<'static>>>);

/// A placeholder that stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Nothing {
    /// It, with its brackets.
    pub(super) placeholder: String,
    /// The nearest host that there is.
    pub(super) near: Option<String>,
}

/// A certificate of a host, by its distance from the host's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Leaf,
    Issuer,
    Root,
}

/// What a file may hold of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// In PEM (RFC 7468 §5).
    Pem,
    /// The digest of the certificate, as Postfix writes fingerprints.
    Certificate(Algorithm),
    /// The digest of its SubjectPublicKeyInfo.
    Key(Algorithm),
}

impl Genuine {
    pub(super) fn insert(&mut self, host: &str, certificates: Vec<CertificateDer<'static>>) {
        self.0.insert(host.to_ascii_lowercase(), certificates);
    }

    /// Knows of a host, whether anybody names its certificate or not.
    pub(super) fn add_host(&mut self, host: &str) {
        self.0.entry(host.to_ascii_lowercase()).or_default();
    }

    /// A certificate of this host; what signs itself has no issuer.
    pub(super) fn get(&self, which: Which, host: &str) -> Option<&CertificateDer<'static>> {
        let certificates = self.0.get(&host.to_ascii_lowercase())?;
        match which {
            Which::Leaf => certificates.first(),
            Which::Issuer => certificates.get(1),
            Which::Root => certificates.get(1..).and_then(<[_]>::last),
        }
    }

    /// The host whose name is most like this one.
    pub(super) fn nearest(&self, host: &str) -> Option<String> {
        crate::nearest(host, self.0.keys().map(String::as_str)).map(str::to_owned)
    }

    /// A file with every `<key-sha256:HOST>`, `<cert-sha256:HOST>` and `<pem:HOST>` put in; with `issuer-` or
    /// `root-` before the word, of the authority. Other words in brackets are text.
    pub(super) fn fill(&self, file: &[u8]) -> Result<Vec<u8>, Nothing> {
        let mut filled = Vec::with_capacity(file.len());
        let mut rest = file;
        while let Some((before, after)) = split_at(rest, b'<') {
            filled.extend_from_slice(before);
            let inside = split_at(after, b'>').and_then(|(inside, behind)| {
                let inside = std::str::from_utf8(inside).ok()?;
                let (word, host) = inside.split_once(':')?;
                let (which, form) = parse(word)?;
                Some((inside, which, form, host, behind))
            });
            let Some((inside, which, form, host, behind)) = inside else {
                filled.push(b'<');
                rest = after;
                continue;
            };
            let shown = self
                .get(which, host)
                .and_then(|certificate| show(form, certificate));
            let shown = shown.ok_or_else(|| Nothing {
                placeholder: format!("<{inside}>"),
                near: self.nearest(host),
            })?;
            filled.extend_from_slice(shown.as_bytes());
            rest = behind;
        }
        filled.extend_from_slice(rest);
        Ok(filled)
    }
}

/// The hosts that a file or a record may name in placeholders, in lower case: whatever stands in brackets behind a colon.
pub(super) fn hosts_named(text: &[u8]) -> impl Iterator<Item = String> {
    text.split(|byte| *byte == b'<')
        .skip(1)
        .filter_map(|after| {
            let (inside, _) = split_at(after, b'>')?;
            let (_, host) = std::str::from_utf8(inside).ok()?.split_once(':')?;
            Some(host.to_ascii_lowercase())
        })
}

/// What stands before the first such byte, and what behind it.
fn split_at(bytes: &[u8], mark: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(mark, bytes)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

fn parse(word: &str) -> Option<(Which, Form)> {
    let (which, word) = if let Some(word) = word.strip_prefix("issuer-") {
        (Which::Issuer, word)
    } else if let Some(word) = word.strip_prefix("root-") {
        (Which::Root, word)
    } else {
        (Which::Leaf, word)
    };
    let form = match word.split_once('-') {
        Some(("cert", digest)) => Form::Certificate(Algorithm::by_name(digest)?),
        Some(("key", digest)) => Form::Key(Algorithm::by_name(digest)?),
        None if word == "pem" => Form::Pem,
        Some(_) | None => return None,
    };
    Some((which, form))
}

fn show(form: Form, certificate: &CertificateDer<'static>) -> Option<String> {
    match form {
        Form::Pem => Some(to_pem([certificate])),
        Form::Certificate(algorithm) => Some(colons(&algorithm.digest(certificate))),
        Form::Key(algorithm) => Some(colons(&algorithm.digest(&spki(certificate)?))),
    }
}

/// The SubjectPublicKeyInfo of a certificate.
pub(super) fn spki(certificate: &[u8]) -> Option<Vec<u8>> {
    Some(Certificate::read(certificate).ok()?.spki().to_vec())
}

/// Bytes as Postfix writes fingerprints.
fn colons(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len() * 3);
    for (place, octet) in octets.iter().enumerate() {
        let colon = if place == 0 { "" } else { ":" };
        // Writing to a String cannot fail.
        let _ = write!(text, "{colon}{octet:02X}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{CertSpec, Pki};
    use crate::seed::Seed;
    use mta_core::time::Wall;

    fn genuine() -> Genuine {
        let mut pki = Pki::new(Seed(1), Wall(1_780_000_000));
        let spec = CertSpec::server("mx1.example.test");
        let mut all = pki.chain("mx1.example.test", &spec).expect("minted").certs;
        all.extend(pki.root_above(&spec).expect("an authority"));
        let mut genuine = Genuine::default();
        genuine.insert("mx1.example.test", all);
        genuine
    }

    #[test]
    fn placeholders_stand_for_what_is_the_hosts_own() {
        let genuine = genuine();
        let filled = genuine
            .fill(b"a <b> \xFC match=<key-sha256:MX1.example.test> <x:y> <\xFC><")
            .expect("filled");
        let (before, rest) = filled.split_at(14);
        let (digest, after) = split_at(rest, b' ').expect("the rest");
        assert_eq!(before, b"a <b> \xFC match=");
        assert_eq!(after, b"<x:y> <\xFC><");
        let digest = std::str::from_utf8(digest).expect("hexadecimal");
        assert_eq!(digest.split(':').count(), 32);
        let pem = |word| {
            let filled = genuine.fill(format!("<{word}:mx1.example.test>").as_bytes());
            String::from_utf8(filled.expect("filled")).expect("PEM")
        };
        let all = [pem("pem"), pem("issuer-pem"), pem("root-pem")];
        assert!(
            all.iter()
                .all(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----\n"))
        );
        assert!(all[0] != all[1] && all[1] != all[2]);
        assert_ne!(pem("cert-sha256"), pem("key-sha256"));
        assert_eq!(pem("issuer-cert-md5").split(':').count(), 16);
    }

    #[test]
    fn hosts_are_named_in_brackets_behind_a_colon() {
        let named = |text: &str| hosts_named(text.as_bytes()).collect::<Vec<_>>();
        assert_eq!(
            named("3 1 1 <leaf:MX1.test> a:b <c> <<pem:mx2.test>"),
            ["mx1.test", "mx2.test"]
        );
        assert!(named("<pem:mx1.test").is_empty());
    }

    #[test]
    fn an_unknown_host_is_answered_with_the_nearest() {
        let nothing = genuine()
            .fill(b"<pem:mx2.example.test>")
            .expect_err("no such host");
        assert_eq!(nothing.placeholder, "<pem:mx2.example.test>");
        assert_eq!(nothing.near.as_deref(), Some("mx1.example.test"));
    }
}
