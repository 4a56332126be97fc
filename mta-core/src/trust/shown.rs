//! What the log shows of a server's certificate.

use std::fmt::Write as _;

use super::{Algorithm, Certificate, Verdict};
use crate::event::CertificateNames;

impl Certificate {
    /// Names and digests for the log; `verdict` says which name and record were accepted.
    pub fn names(&self, verdict: &Verdict, digest: Algorithm) -> CertificateNames {
        let matched = verdict.name.as_ref();
        let or_matched = || matched.map(|name| name.to_string()).unwrap_or_default();
        CertificateNames {
            matched: matched.cloned(),
            record: verdict.record.clone(),
            subject_cn: self.subject_cn.clone().unwrap_or_else(or_matched),
            issuer_cn: self.issuer_cn.clone().unwrap_or_default(),
            fingerprint: colons(&digest.digest(&self.der)),
            key_fingerprint: colons(&digest.digest(&self.key.spki)),
            not_after: self.not_after,
        }
    }
}

fn colons(digest: &[u8]) -> String {
    let mut text = String::with_capacity(digest.len() * 3);
    for (i, byte) in digest.iter().enumerate() {
        let _ = write!(text, "{}{byte:02X}", if i == 0 { "" } else { ":" });
    }
    text
}
