//! Digests by OpenSSL's names, and which of them TLSA records may use (src/tls/tls_dane.c `tls_dane_digest_init`).

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

use crate::policy::Tlsa;

/// A digest that can be computed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RFC 1321; for fingerprints of old.
    Md5,
    /// FIPS 180-4, as all that follow; for fingerprints of old.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA-512/224.
    Sha512By224,
    /// SHA-512/256.
    Sha512By256,
}

impl Algorithm {
    /// The algorithm by a name that OpenSSL 3.0 takes; case does not matter.
    pub fn by_name(name: &str) -> Option<Algorithm> {
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, algorithm)| *algorithm)
    }

    /// The digest of some bytes.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Algorithm::Md5 => Md5::digest(bytes).to_vec(),
            Algorithm::Sha1 => Sha1::digest(bytes).to_vec(),
            Algorithm::Sha224 => Sha224::digest(bytes).to_vec(),
            Algorithm::Sha256 => Sha256::digest(bytes).to_vec(),
            Algorithm::Sha384 => Sha384::digest(bytes).to_vec(),
            Algorithm::Sha512 => Sha512::digest(bytes).to_vec(),
            Algorithm::Sha512By224 => Sha512_224::digest(bytes).to_vec(),
            Algorithm::Sha512By256 => Sha512_256::digest(bytes).to_vec(),
        }
    }

    /// How many bytes a digest has.
    pub const fn digest_len(self) -> usize {
        match self {
            Algorithm::Md5 => 16,
            Algorithm::Sha1 => 20,
            Algorithm::Sha224 | Algorithm::Sha512By224 => 28,
            Algorithm::Sha256 | Algorithm::Sha512By256 => 32,
            Algorithm::Sha384 => 48,
            Algorithm::Sha512 => 64,
        }
    }

    /// The matching type that IANA gave it (RFC 6698 §7.4).
    const fn registered(self) -> Option<u8> {
        match self {
            Algorithm::Sha256 => Some(1),
            Algorithm::Sha512 => Some(2),
            Algorithm::Md5
            | Algorithm::Sha1
            | Algorithm::Sha224
            | Algorithm::Sha384
            | Algorithm::Sha512By224
            | Algorithm::Sha512By256 => None,
        }
    }
}

const NAMES: [(&str, Algorithm); 13] = [
    ("md5", Algorithm::Md5),
    ("sha1", Algorithm::Sha1),
    ("sha-1", Algorithm::Sha1),
    ("sha224", Algorithm::Sha224),
    ("sha2-224", Algorithm::Sha224),
    ("sha256", Algorithm::Sha256),
    ("sha2-256", Algorithm::Sha256),
    ("sha384", Algorithm::Sha384),
    ("sha2-384", Algorithm::Sha384),
    ("sha512", Algorithm::Sha512),
    ("sha2-512", Algorithm::Sha512),
    ("sha512-224", Algorithm::Sha512By224),
    ("sha512-256", Algorithm::Sha512By256),
];

/// The digests that records may use, strongest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    fingerprint: Algorithm,
    by_matching: Vec<(u8, Algorithm)>,
}

/// A word of `tls_dane_digests` that is passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OddDigest {
    /// Only `sha256` and `sha512` have a number of their own.
    NeedsNumber(String),
    /// The number is none, or none that DNS may use.
    BadNumber(String),
    /// The number or the algorithm stood before.
    Twice(String),
    /// No such algorithm.
    Unknown(String),
}

impl Digests {
    /// Reads `tls_dane_digests`; also gives what is passed over, in order.
    pub fn of(fingerprint: Algorithm, list: &str) -> (Digests, Vec<OddDigest>) {
        let mut by_matching: Vec<(u8, Algorithm)> = Vec::new();
        let mut odd = Vec::new();
        for word in list
            .split([' ', '\t', '\r', '\n', ','])
            .filter(|word| !word.is_empty())
        {
            match one(word) {
                Ok(found) if by_matching.iter().any(|(known, _)| *known == found.0) => {
                    odd.push(OddDigest::Twice(word.to_owned()));
                }
                Ok(found) => by_matching.push(found),
                Err(fault) => odd.push(fault),
            }
        }
        let digests = Digests {
            fingerprint,
            by_matching,
        };
        (digests, odd)
    }

    /// The algorithm of fingerprints.
    pub const fn fingerprint(&self) -> Algorithm {
        self.fingerprint
    }

    /// The algorithm behind a matching type, if records may use it.
    pub(super) fn algorithm(&self, matching: u8) -> Option<Algorithm> {
        if matching == Tlsa::PRIVATE {
            return Some(self.fingerprint);
        }
        self.by_matching
            .iter()
            .find(|(known, _)| *known == matching)
            .map(|(_, algorithm)| *algorithm)
    }

    /// How strong a matching type is; whole certificates and keys come last, and are never left out for it.
    pub(super) fn strength(&self, matching: u8) -> usize {
        let place = self
            .by_matching
            .iter()
            .position(|(known, _)| *known == matching);
        place.map_or(0, |place| self.by_matching.len() - place)
    }
}

/// `sha512`, or another algorithm with a number: `sha384=3`.
fn one(word: &str) -> Result<(u8, Algorithm), OddDigest> {
    let (name, number) = match word.split_once('=') {
        Some((name, number)) => (name, Some(number)),
        None => (word, None),
    };
    let algorithm = Algorithm::by_name(name);
    let number = match number {
        Some(number) => number
            .parse()
            .ok()
            .filter(|number| (1..Tlsa::PRIVATE).contains(number))
            .ok_or_else(|| OddDigest::BadNumber(word.to_owned()))?,
        None => algorithm
            .and_then(Algorithm::registered)
            .ok_or_else(|| OddDigest::NeedsNumber(name.to_owned()))?,
    };
    match algorithm {
        Some(algorithm) => Ok((number, algorithm)),
        None => Err(OddDigest::Unknown(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_first_is_strongest() {
        let (digests, odd) = Digests::of(Algorithm::Md5, "sha256, sha384=3 sha512");
        assert_eq!(odd, []);
        assert!(digests.strength(1) > digests.strength(3));
        assert!(digests.strength(3) > digests.strength(2));
        assert!(digests.strength(2) > digests.strength(Tlsa::FULL));
        assert_eq!(digests.algorithm(3), Some(Algorithm::Sha384));
        assert_eq!(digests.algorithm(Tlsa::PRIVATE), Some(Algorithm::Md5));
        assert_eq!(digests.algorithm(4), None);
    }

    #[test]
    fn odd_words_are_passed_over() {
        let list = "nosuch sha256 sha1=1 sha1=256 nosuch=9";
        let (digests, odd) = Digests::of(Algorithm::Sha256, list);
        assert_eq!(digests.algorithm(1), Some(Algorithm::Sha256));
        assert_eq!(
            odd,
            [
                OddDigest::NeedsNumber("nosuch".to_owned()),
                OddDigest::Twice("sha1=1".to_owned()),
                OddDigest::BadNumber("sha1=256".to_owned()),
                OddDigest::Unknown("nosuch".to_owned()),
            ]
        );
    }

    #[test]
    fn a_digest_has_the_bytes_it_says() {
        for (_, algorithm) in NAMES {
            assert_eq!(algorithm.digest(b"x").len(), algorithm.digest_len());
        }
    }
}
