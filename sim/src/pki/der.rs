//! The little DER (X.690 §8.1) that rcgen does not write: bytes that a string type forbids, and a signature over SHA-1.

use super::KeyPair;
use super::key::Private;
use super::signing::sign_sha1;

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 3;
/// dNSName and iPAddress of GeneralName (RFC 5280 §4.2.1.6).
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;
/// What stands before `signature` in TBSCertificate: version and serialNumber (RFC 5280 §4.1).
const BEFORE_SIGNATURE: usize = 2;

/// sha1WithRSAEncryption (RFC 3279 §2.2.1), with its NULL.
const SHA1_RSA: &[u8] = &[
    0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5, 5, 0,
];
/// ecdsa-with-SHA1 (RFC 3279 §2.2.3).
const SHA1_ECDSA: &[u8] = &[0x30, 9, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];

/// Tag, length and content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len().to_be_bytes();
    match content.len() {
        short @ 0..=127 => out.extend(u8::try_from(short)),
        _ => {
            let from = length.iter().take_while(|octet| **octet == 0).count();
            let octets = length.get(from..).unwrap_or_default();
            out.extend(u8::try_from(octets.len()).map(|count| 0x80 | count));
            out.extend_from_slice(octets);
        }
    }
    out.extend_from_slice(content);
    out
}

/// The first element: all of it, its content, and what follows it.
fn first(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let length = usize::from(*bytes.get(1)?);
    let (header, length) = match length.checked_sub(0x80) {
        None => (2, length),
        Some(count) => {
            let octets = bytes.get(2..2 + count)?;
            let length = octets.iter().try_fold(0usize, |sum, octet| {
                Some(sum.checked_mul(256)? | usize::from(*octet))
            })?;
            (2 + count, length)
        }
    };
    let (whole, rest) = bytes.split_at_checked(header.checked_add(length)?)?;
    Some((whole, whole.get(header..)?, rest))
}

/// SubjectAltName whatever the names hold: NUL, eight bits, a dot at the end.
pub(super) fn alternative_names(names: &[String], addresses: &[std::net::IpAddr]) -> Vec<u8> {
    let mut content = Vec::new();
    for name in names {
        content.extend(element(DNS_NAME, name.as_bytes()));
    }
    for address in addresses {
        content.extend(match address {
            std::net::IpAddr::V4(address) => element(IP_ADDRESS, &address.octets()),
            std::net::IpAddr::V6(address) => element(IP_ADDRESS, &address.octets()),
        });
    }
    element(SEQUENCE, &content)
}

/// The same certificate, signed by `key` over SHA-1; none if such a key signs no SHA-1.
pub(super) fn signed_with_sha1(certificate: &[u8], key: &KeyPair) -> Option<Vec<u8>> {
    let algorithm = match key.private {
        Private::EcdsaP256(_) => SHA1_ECDSA,
        Private::Rsa(_) => SHA1_RSA,
        Private::Ed25519(_) | Private::EcdsaP384(_) | Private::EcdsaP521(_) => return None,
    };
    let (_, parts, _) = first(certificate)?;
    let (_, tbs, _) = first(parts)?;
    let mut content = Vec::with_capacity(tbs.len());
    let mut rest = tbs;
    for _ in 0..BEFORE_SIGNATURE {
        let (whole, _, after) = first(rest)?;
        content.extend_from_slice(whole);
        rest = after;
    }
    let (_, _, after) = first(rest)?;
    content.extend_from_slice(algorithm);
    content.extend_from_slice(after);
    let tbs = element(SEQUENCE, &content);
    // No unused bits.
    let mut signature = vec![0];
    signature.extend(sign_sha1(key, &tbs)?);
    let parts = [&tbs, algorithm, &element(BIT_STRING, &signature)].concat();
    Some(element(SEQUENCE, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_they_are_read() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let mut bytes = element(SEQUENCE, &content);
            bytes.push(9);
            let (whole, inside, rest) = first(&bytes).expect("an element");
            assert_eq!((inside.len(), rest), (length, &[9][..]));
            assert_eq!(whole.len() + 1, bytes.len());
        }
        for broken in [
            &[][..],
            &[0x30],
            &[0x30, 5, 1],
            &[0x30, 0x89, 1],
            &[0x30, 0x88, 255, 255, 255, 255, 255, 255, 255, 255],
        ] {
            assert_eq!(first(broken), None);
        }
    }
}
