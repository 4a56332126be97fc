//! Whether a bundle of roots stands for those of the system.

use std::collections::BTreeSet;

use mta_core::tls::SYSTEM_BUNDLES;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// What a bundle of roots is, compared with those of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    /// The simulated authorities stand for what is in it.
    System,
    /// Other ones.
    Own,
    /// There is no certificate.
    None,
    /// There is no bundle of the system on this machine to compare it with.
    Unknown,
}

/// Whether a file holds at least half of the certificates of a system bundle of this machine: so does the bundle of
/// another release or distribution, and one with certificates of one's own added. The simulated authorities stand for all
/// that are in it. Ours: nobody defines how much makes a bundle.
pub(super) fn roots_of(own: &[u8], read: impl Fn(&str) -> Option<Vec<u8>>) -> Roots {
    let own = certificates(own);
    let bundles = SYSTEM_BUNDLES.iter().filter_map(|path| read(path));
    let known: Vec<BTreeSet<Vec<u8>>> = bundles
        .map(|text| certificates(&text))
        .filter(|known| !known.is_empty())
        .collect();
    let stands_for =
        |known: &BTreeSet<Vec<u8>>| known.intersection(&own).count() * 2 >= known.len();
    if own.is_empty() {
        Roots::None
    } else if known.is_empty() {
        Roots::Unknown
    } else if known.iter().any(stands_for) {
        Roots::System
    } else {
        Roots::Own
    }
}

/// The certificates in a PEM file, up to the first that cannot be decoded.
fn certificates(text: &[u8]) -> BTreeSet<Vec<u8>> {
    CertificateDer::pem_slice_iter(text)
        .map_while(Result::ok)
        .map(|certificate| certificate.to_vec())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(certificates: &[&str]) -> Vec<u8> {
        let pem = |body: &&str| {
            format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
        };
        certificates.iter().map(pem).collect::<String>().into()
    }

    #[test]
    fn a_bundle_is_known_by_what_is_in_it() {
        let system = |path: &str| {
            (path == SYSTEM_BUNDLES[0]).then(|| bundle(&["AAAA", "BBBB", "CCCC", "DDDD"]))
        };
        for (own, expected) in [
            (&["DDDD", "CCCC", "BBBB", "AAAA"][..], Roots::System),
            (&["AAAA", "BBBB", "CCCC", "DDDD", "EEEE"], Roots::System),
            (&["AAAA", "BBBB"], Roots::System),
            (&["AAAA"], Roots::Own),
            (&["EEEE"], Roots::Own),
            (&[], Roots::None),
        ] {
            assert_eq!(roots_of(&bundle(own), system), expected, "{own:?}");
        }
        assert_eq!(roots_of(&bundle(&["AAAA"]), |_| None), Roots::Unknown);
        assert_eq!(roots_of(b"no PEM", |_| None), Roots::None);
    }
}
