//! Digests with a key: HMAC (RFC 2104), and what SCRAM makes of it (RFC 5802 §2.2). Servers need the same.

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use sha1::Digest as _;

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// MD5, of CRAM-MD5.
    Md5,
    /// SHA-1
    Sha1,
    /// SHA-256
    Sha256,
    /// SHA-512
    Sha512,
}

impl Hash {
    /// How long it is, in bytes.
    pub const fn size(self) -> usize {
        match self {
            Hash::Md5 => 16,
            Hash::Sha1 => 20,
            Hash::Sha256 => 32,
            Hash::Sha512 => 64,
        }
    }

    /// The digest of a text.
    pub fn of(self, text: &[u8]) -> Vec<u8> {
        match self {
            Hash::Md5 => md5::Md5::digest(text).to_vec(),
            Hash::Sha1 => sha1::Sha1::digest(text).to_vec(),
            Hash::Sha256 => sha2::Sha256::digest(text).to_vec(),
            Hash::Sha512 => sha2::Sha512::digest(text).to_vec(),
        }
    }

    /// The digest of a text under a key.
    pub fn keyed(self, key: &[u8], text: &[u8]) -> Vec<u8> {
        match self {
            Hash::Md5 => keyed::<md5::Md5>(key, text),
            Hash::Sha1 => keyed::<sha1::Sha1>(key, text),
            Hash::Sha256 => keyed::<sha2::Sha256>(key, text),
            Hash::Sha512 => keyed::<sha2::Sha512>(key, text),
        }
    }

    /// `Hi(password, salt, i)` of RFC 5802 §2.2.
    pub fn salted(self, password: &[u8], salt: &[u8], iterations: u32) -> Vec<u8> {
        match self {
            Hash::Md5 => salted::<md5::Md5>(password, salt, iterations),
            Hash::Sha1 => salted::<sha1::Sha1>(password, salt, iterations),
            Hash::Sha256 => salted::<sha2::Sha256>(password, salt, iterations),
            Hash::Sha512 => salted::<sha2::Sha512>(password, salt, iterations),
        }
    }
}

/// HMAC takes keys of any length.
fn with_key<D: EagerHash>(key: &[u8]) -> Option<Hmac<D>> {
    Hmac::<D>::new_from_slice(key).ok()
}

fn keyed<D: EagerHash>(key: &[u8], text: &[u8]) -> Vec<u8> {
    let Some(hmac) = with_key::<D>(key) else {
        return Vec::new();
    };
    hmac.chain_update(text).finalize().into_bytes().to_vec()
}

fn salted<D: EagerHash>(password: &[u8], salt: &[u8], iterations: u32) -> Vec<u8> {
    let Some(hmac) = with_key::<D>(password) else {
        return Vec::new();
    };
    let first = hmac.clone().chain_update(salt);
    let mut last = first
        .chain_update(1_u32.to_be_bytes())
        .finalize()
        .into_bytes();
    let mut salted = last.to_vec();
    for _ in 1..iterations {
        last = hmac.clone().chain_update(&last).finalize().into_bytes();
        xor(&mut salted, &last);
    }
    salted
}

/// Each byte of `bytes` with the one of `other` at its place.
pub fn xor(bytes: &mut [u8], other: &[u8]) {
    for (byte, other) in bytes.iter_mut().zip(other) {
        *byte ^= other;
    }
}

/// In small letters.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
