//! Whether a bundle of roots stands for those of the system.

use std::collections::BTreeSet;

use mta_core::tls::SYSTEM_BUNDLES;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Whether a file holds at least half of the certificates of a system bundle of this machine: so does the bundle of
/// another release or distribution, and one with certificates of one's own added. The simulated authorities stand for all
/// that are in it. Ours: nobody defines how much makes a bundle.
pub(super) fn stands_for_system(own: &[u8], read: impl Fn(&str) -> Option<Vec<u8>>) -> bool {
    let own = certificates(own);
    SYSTEM_BUNDLES.iter().any(|path| {
        let known = read(path)
            .map(|text| certificates(&text))
            .unwrap_or_default();
        let shared = known.intersection(&own).count();
        shared > 0 && shared * 2 >= known.len()
    })
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
            (&["DDDD", "CCCC", "BBBB", "AAAA"][..], true),
            (&["AAAA", "BBBB", "CCCC", "DDDD", "EEEE"], true),
            (&["AAAA", "BBBB"], true),
            (&["AAAA"], false),
            (&["EEEE"], false),
            (&[], false),
        ] {
            assert_eq!(stands_for_system(&bundle(own), system), expected, "{own:?}");
        }
        assert!(!stands_for_system(&bundle(&["AAAA"]), |_| None));
    }
}
