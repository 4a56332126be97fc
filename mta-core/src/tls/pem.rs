//! The blocks of a PEM file in their order, those that are no certificate or key too (RFC 7468).

use std::ops::Range;

use rustls::pki_types::pem::{SectionKind, SliceIter};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What stands between a BEGIN and its END.
pub(super) struct Block<'a> {
    /// What it is said to be, such as `RSA PRIVATE KEY`.
    pub(super) label: &'a str,
    text: &'a [u8],
    has_end: bool,
}

/// What a block holds.
pub(super) enum Content {
    /// A certificate.
    Certificate(CertificateDer<'static>),
    /// A key.
    Key(PrivateKeyDer<'static>),
    /// A key that needs a pass phrase.
    Encrypted,
    /// Something else.
    Other,
    /// What is there cannot be decoded.
    Broken(BrokenBlock),
}

/// Why a block cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenBlock {
    /// It has no END.
    NoEnd,
    /// It is no base64.
    NoBase64,
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// The blocks of a file. Text around them is skipped.
pub(super) fn blocks(file: &[u8]) -> impl Iterator<Item = Block<'_>> {
    let mut at = 0;
    let mut lines = file
        .split_inclusive(|&byte| byte == b'\n')
        .map(move |line| {
            let place = at..at + line.len();
            at += line.len();
            (place, str::from_utf8(line).unwrap_or_default().trim_end())
        });
    std::iter::from_fn(move || {
        let (start, label) = lines.find_map(|(place, line)| {
            Some((place.start, line.strip_prefix(BEGIN)?.strip_suffix(DASHES)?))
        })?;
        let is_end = |(_, line): &(Range<usize>, &str)| line.starts_with("-----END ");
        let end = lines.find(is_end).map(|(place, _)| place.end);
        let text = file.get(start..end.unwrap_or(file.len()))?;
        Some(Block {
            label,
            text,
            has_end: end.is_some(),
        })
    })
}

impl Block<'_> {
    /// What it holds.
    pub(super) fn content(&self) -> Content {
        let is_key = self.label.ends_with("PRIVATE KEY");
        if is_key && self.is_encrypted() {
            return Content::Encrypted;
        }
        match SliceIter::<(SectionKind, Vec<u8>)>::new(self.text).next() {
            Some(Ok((SectionKind::Certificate, der))) => Content::Certificate(der.into()),
            Some(Ok((SectionKind::PrivateKey, der))) => {
                Content::Key(PrivateKeyDer::Pkcs8(der.into()))
            }
            Some(Ok((SectionKind::RsaPrivateKey, der))) => {
                Content::Key(PrivateKeyDer::Pkcs1(der.into()))
            }
            Some(Ok((SectionKind::EcPrivateKey, der))) => {
                Content::Key(PrivateKeyDer::Sec1(der.into()))
            }
            _ if !self.has_end => Content::Broken(BrokenBlock::NoEnd),
            Some(Ok(_)) | None => Content::Other,
            Some(Err(_)) => Content::Broken(BrokenBlock::NoBase64),
        }
    }

    /// PKCS #8 says so in the label, the older forms in a header (RFC 1421 §4.6.1.1).
    fn is_encrypted(&self) -> bool {
        let header = |line: &[u8]| line.starts_with(b"Proc-Type:");
        self.label == "ENCRYPTED PRIVATE KEY" || self.text.split(|&b| b == b'\n').any(header)
    }
}
