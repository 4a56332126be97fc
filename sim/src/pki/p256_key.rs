//! A P-256 key. Minting makes thousands of them and signs with them, so there the points are left to aws-lc: the same
//! bytes in a third of the time. A handshake's signature is p256's own.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use p256::elliptic_curve::Curve as _;
use p256::elliptic_curve::ff::PrimeField as _;
use p256::elliptic_curve::ops::{Invert as _, Reduce as _};
use p256::pkcs8::{EncodePrivateKey as _, LineEnding};
use p256::{FieldBytes, NistP256, NonZeroScalar, Scalar};
use rfc6979::KGenerator;
use sha2::{Digest as _, Sha256};

/// The bytes of an uncompressed point (SEC 1 §2.3.3).
const POINT_LEN: usize = 65;

pub(super) struct P256Key(NonZeroScalar);

impl P256Key {
    /// The key with these bytes; none for 0, and from the order of the curve on.
    pub(super) fn new(octets: [u8; 32]) -> Option<P256Key> {
        let scalar = NonZeroScalar::from_repr(octets.into()).into_option()?;
        Some(P256Key(scalar))
    }

    /// Its public key, an uncompressed point.
    pub(super) fn public(&self) -> Option<[u8; POINT_LEN]> {
        point(&self.0)
    }

    /// ECDSA over SHA-256 with the nonce of RFC 6979 §3.2, in DER.
    pub(super) fn mint(&self, message: &[u8]) -> Option<Vec<u8>> {
        let digest = Sha256::digest(message);
        let order = NistP256::ORDER;
        let mut nonces =
            KGenerator::<Sha256, _>::new(&self.0.to_repr(), &digest, &[], order.as_ref());
        loop {
            let mut octets = FieldBytes::default();
            nonces.fill_next_k(&mut octets);
            let nonce = NonZeroScalar::from_repr(octets).into_option()?;
            let x: [u8; 32] = point(&nonce)?.get(1..33)?.try_into().ok()?;
            let r = Scalar::reduce(&FieldBytes::from(x));
            let s = *nonce.invert() * (Scalar::reduce(&digest) + r * self.0.as_ref());
            // A zero in one of them is one in 2^255; then the next nonce is taken.
            if let Ok(signature) = p256::ecdsa::Signature::from_scalars(r, s) {
                return Some(signature.to_der().as_bytes().to_vec());
            }
        }
    }

    /// The same signature as [`P256Key::mint`].
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.sign_digest(&Sha256::digest(message))
    }

    /// A signature over a digest that is made already.
    pub(super) fn sign_digest(&self, digest: &[u8]) -> Vec<u8> {
        let sign = ecdsa::hazmat::sign_prehashed_rfc6979::<NistP256, Sha256>;
        let (signature, _) = sign(&self.0, digest, &[]);
        signature.to_der().as_bytes().to_vec()
    }

    /// PKCS #8 in PEM.
    pub(super) fn to_pkcs8_pem(&self) -> Option<String> {
        let pem = p256::SecretKey::from(self.0).to_pkcs8_pem(LineEnding::LF);
        pem.ok().map(|pem| pem.to_string())
    }
}

/// So many times the generator.
fn point(scalar: &NonZeroScalar) -> Option<[u8; POINT_LEN]> {
    let private = PrivateKey::from_private_key(&ECDH_P256, &scalar.to_repr()).ok()?;
    private.compute_public_key().ok()?.as_ref().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Purpose, Seed};
    use p256::ecdsa::signature::Signer as _;

    #[test]
    fn points_and_signatures_are_those_of_p256() {
        let mut stream = Seed(1).stream(Purpose::Pki, 0);
        for _ in 0..16 {
            let octets = stream.bytes::<32>();
            let key = P256Key::new(octets).expect("a key");
            let other = p256::ecdsa::SigningKey::from_slice(&octets).expect("a key");
            let point = other.verifying_key().to_sec1_point(false);
            assert_eq!(key.public().expect("a point").as_slice(), point.as_bytes());
            let message = stream.bytes::<40>();
            let signature: p256::ecdsa::Signature = other.sign(&message);
            let signature = signature.to_der().as_bytes().to_vec();
            assert_eq!(key.mint(&message), Some(signature.clone()));
            assert_eq!(key.sign(&message), signature);
        }
    }

    #[test]
    fn what_is_no_scalar_is_no_key() {
        assert!(P256Key::new([0; 32]).is_none());
        assert!(P256Key::new([0xff; 32]).is_none());
    }
}
