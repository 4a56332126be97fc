//! Record protection of TLS 1.3 (RFC 8446 §5.2) in one direction, so that records can be opened, changed and sealed.

use aws_lc_rs::aead::{
    AES_128_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey,
};
use aws_lc_rs::hkdf::{HKDF_SHA256, HKDF_SHA384, KeyType, Prk};

const HEADER: usize = 5;
/// The most that one record carries (RFC 8446 §5.1).
const FRAGMENT_MAX: usize = 1 << 14;
/// The outer type of every protected record.
const APPLICATION_DATA: u8 = 23;
const TLS_AES_128_GCM_SHA256: u16 = 0x1301;
const TLS_AES_256_GCM_SHA384: u16 = 0x1302;
const TLS_CHACHA20_POLY1305_SHA256: u16 = 0x1303;

/// The keys of one direction, and how many records they have protected.
pub(super) struct Protection {
    suite: u16,
    secret: Vec<u8>,
    key: LessSafeKey,
    iv: [u8; NONCE_LEN],
    sequence: u64,
}

/// A length, as aws-lc-rs expects it.
struct Octets(usize);

impl KeyType for Octets {
    fn len(&self) -> usize {
        self.0
    }
}

impl Protection {
    /// The protection that follows from a traffic secret (RFC 8446 §7.3); none for a suite that TLS 1.3 has not.
    pub(super) fn new(suite: u16, secret: &[u8]) -> Option<Protection> {
        let algorithm = match suite {
            TLS_AES_128_GCM_SHA256 => &AES_128_GCM,
            TLS_AES_256_GCM_SHA384 => &AES_256_GCM,
            TLS_CHACHA20_POLY1305_SHA256 => &CHACHA20_POLY1305,
            _ => return None,
        };
        let key = expand(suite, secret, "key", algorithm.key_len())?;
        let iv = expand(suite, secret, "iv", NONCE_LEN)?;
        Some(Protection {
            suite,
            secret: secret.to_vec(),
            key: LessSafeKey::new(UnboundKey::new(algorithm, &key).ok()?),
            iv: iv.try_into().ok()?,
            sequence: 0,
        })
    }

    /// The protection behind a KeyUpdate (RFC 8446 §7.2).
    pub(super) fn updated(&self) -> Option<Protection> {
        let secret = expand(self.suite, &self.secret, "traffic upd", self.secret.len())?;
        Protection::new(self.suite, &secret)
    }

    fn nonce(&mut self) -> Nonce {
        let mut nonce = self.iv;
        let sequence = self.sequence.to_be_bytes();
        for (octet, number) in nonce.iter_mut().skip(NONCE_LEN - 8).zip(sequence) {
            *octet ^= number;
        }
        self.sequence = self.sequence.wrapping_add(1);
        Nonce::assume_unique_for_key(nonce)
    }

    /// The type and content of a protected record, header included.
    pub(super) fn open(&mut self, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        let (header, sealed) = record.split_at_checked(HEADER)?;
        let nonce = self.nonce();
        let mut content = sealed.to_vec();
        let opened = self
            .key
            .open_in_place(nonce, Aad::from(header), &mut content)
            .ok()?
            .len();
        content.truncate(opened);
        // Zeros behind the type are padding.
        while content.last() == Some(&0) {
            content.pop();
        }
        Some((content.pop()?, content))
    }

    /// Appends content as one record or more.
    pub(super) fn seal(&mut self, kind: u8, content: &[u8], out: &mut Vec<u8>) {
        // What has no content is still a record.
        let empty: &[u8] = &[];
        let whole = content.is_empty().then_some(empty);
        for fragment in whole.into_iter().chain(content.chunks(FRAGMENT_MAX)) {
            let nonce = self.nonce();
            let mut sealed = fragment.to_vec();
            sealed.push(kind);
            let length = sealed.len() + self.key.algorithm().tag_len();
            let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
            let header = [APPLICATION_DATA, 3, 3, high, low];
            // It fails for content longer than any record only.
            if self
                .key
                .seal_in_place_append_tag(nonce, Aad::from(header), &mut sealed)
                .is_ok()
            {
                out.extend_from_slice(&header);
                out.append(&mut sealed);
            }
        }
    }
}

/// HKDF-Expand-Label with no context (RFC 8446 §7.1).
fn expand(suite: u16, secret: &[u8], label: &str, octets: usize) -> Option<Vec<u8>> {
    let algorithm = if suite == TLS_AES_256_GCM_SHA384 {
        HKDF_SHA384
    } else {
        HKDF_SHA256
    };
    let length = u16::try_from(octets).ok()?.to_be_bytes();
    let label = format!("tls13 {label}");
    let label_octets = [u8::try_from(label.len()).ok()?];
    let info = [&length[..], &label_octets, label.as_bytes(), &[0]];
    let mut out = vec![0; octets];
    let prk = Prk::new_less_safe(algorithm, secret);
    prk.expand(&info, Octets(octets))
        .ok()?
        .fill(&mut out)
        .ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pairs = digits.chunks(2).map(|pair| {
            u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex")
        });
        pairs.collect()
    }

    #[test]
    fn keys_follow_from_the_secret_as_in_the_published_trace() {
        // RFC 8448 §3: the server's handshake traffic secret, and the key and IV made of it.
        let secret = hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
        let key = expand(TLS_AES_128_GCM_SHA256, &secret, "key", 16);
        assert_eq!(key, Some(hex("3fce516009c21727d0f2e4e86ee403bc")));
        let iv = expand(TLS_AES_128_GCM_SHA256, &secret, "iv", 12);
        assert_eq!(iv, Some(hex("5d313eb2671276ee13000b30")));
    }

    #[test]
    fn what_is_sealed_opens_and_an_update_changes_the_keys() {
        for suite in [
            TLS_AES_128_GCM_SHA256,
            TLS_AES_256_GCM_SHA384,
            TLS_CHACHA20_POLY1305_SHA256,
        ] {
            let new = || Protection::new(suite, &[7; 32]).expect("a suite of TLS 1.3");
            let (mut seals, mut opens) = (new(), new());
            let mut out = Vec::new();
            seals.seal(22, b"hello", &mut out);
            let first = out.len();
            seals.seal(21, b"", &mut out);
            assert_eq!(opens.open(&out[..first]), Some((22, b"hello".to_vec())));
            assert_eq!(opens.open(&out[first..]), Some((21, Vec::new())));
            let mut later = Vec::new();
            seals.updated().expect("keys").seal(23, b"x", &mut later);
            assert_eq!(opens.open(&later), None);
            assert_eq!(
                new().updated().expect("keys").open(&later),
                Some((23, b"x".to_vec()))
            );
        }
        assert!(Protection::new(0xc02b, &[7; 32]).is_none());
    }

    #[test]
    fn long_content_is_cut_into_records() {
        let mut out = Vec::new();
        let mut seals = Protection::new(TLS_AES_128_GCM_SHA256, &[7; 32]).expect("a suite");
        seals.seal(22, &vec![1; FRAGMENT_MAX + 1], &mut out);
        assert_eq!(out.len(), FRAGMENT_MAX + 1 + 2 * (HEADER + 1 + 16));
    }
}
