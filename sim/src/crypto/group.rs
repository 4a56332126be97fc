//! Key exchange whose ephemeral private key comes from the stream in scope (RFC 8446 §7.4.2).
//!
//! The groups of the stock provider ignore `CryptoProvider::secure_random` and ask the operating
//! system, so these replace them; the arithmetic is the same.

use aws_lc_rs::agreement::{self, Algorithm, PrivateKey, PublicKey, UnparsedPublicKey};
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, PeerMisbehaved};

use super::ambient;

/// X25519 (RFC 7748).
pub(super) static X25519: Group = Group {
    name: NamedGroup::X25519,
    algorithm: &agreement::X25519,
    share: Share::Any,
};

/// ECDH over NIST P-256.
pub(super) static SECP256R1: Group = Group {
    name: NamedGroup::secp256r1,
    algorithm: &agreement::ECDH_P256,
    share: Share::UncompressedPoint,
};

/// ECDH over NIST P-384.
pub(super) static SECP384R1: Group = Group {
    name: NamedGroup::secp384r1,
    algorithm: &agreement::ECDH_P384,
    share: Share::UncompressedPoint,
};

/// An elliptic-curve group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    name: NamedGroup,
    algorithm: &'static Algorithm,
    share: Share,
}

/// What a peer's share has to look like before the arithmetic sees it.
#[derive(Clone, Copy, Debug)]
enum Share {
    Any,
    /// RFC 8446 §4.2.8.2: the legacy form, 4, is the only one.
    UncompressedPoint,
}

/// Candidates tried for one private key. A P-256 candidate is out of range about once in 2^32.
const CANDIDATES_MAX: usize = 8;

impl SupportedKxGroup for Group {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        for _ in 0..CANDIDATES_MAX {
            let private = if self.name == NamedGroup::secp384r1 {
                PrivateKey::from_private_key(self.algorithm, &ambient::bytes::<48>()?)
            } else {
                PrivateKey::from_private_key(self.algorithm, &ambient::bytes::<32>()?)
            };
            let Ok(private) = private else { continue };
            let public = private
                .compute_public_key()
                .map_err(|_| Error::General(format!("no public key for {:?}", self.name)))?;
            return Ok(Box::new(Exchange {
                group: *self,
                private,
                public,
            }));
        }
        Err(Error::General(format!(
            "no private key for {:?}",
            self.name
        )))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        self.name
    }
}

/// An exchange begun: our share is sent, the peer's is awaited.
struct Exchange {
    group: Group,
    private: PrivateKey,
    public: PublicKey,
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        const BAD_SHARE: Error = Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare);
        match self.group.share {
            Share::UncompressedPoint if peer.first() != Some(&4) => return Err(BAD_SHARE),
            Share::UncompressedPoint | Share::Any => {}
        }
        let peer = UnparsedPublicKey::new(self.group.algorithm, peer);
        agreement::agree(&self.private, peer, BAD_SHARE, |secret| {
            Ok(SharedSecret::from(secret))
        })
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn group(&self) -> NamedGroup {
        self.group.name
    }

    fn pub_key(&self) -> &[u8] {
        self.public.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::scope;
    use crate::seed::{Purpose, Seed, Stream};

    fn stream(index: u64) -> Option<Box<Stream>> {
        Some(Box::new(Seed(1).stream(Purpose::ServerTls, index)))
    }

    #[test]
    fn two_ends_agree_and_the_shares_come_from_the_streams() {
        for group in [&X25519, &SECP256R1, &SECP384R1] {
            let begin = |index| scope(&mut stream(index), || group.start()).expect("a share");
            let (ours, theirs) = (begin(0), begin(1));
            let (our_share, their_share) = (ours.pub_key().to_vec(), theirs.pub_key().to_vec());
            assert_ne!(our_share, their_share);
            assert_eq!(our_share, begin(0).pub_key());
            let ours = ours.complete(&their_share).expect("agreed");
            let theirs = theirs.complete(&our_share).expect("agreed");
            assert_eq!(ours.secret_bytes(), theirs.secret_bytes());
        }
    }

    #[test]
    fn a_bad_share_is_the_peers_fault() {
        let low_order = [0; 32];
        let not_on_the_curve = [4; 65];
        let compressed = [2; 33];
        for (group, share) in [
            (&X25519, &low_order[..]),
            (&X25519, &[][..]),
            (&SECP256R1, &not_on_the_curve[..]),
            (&SECP256R1, &compressed[..]),
            (&SECP256R1, &[][..]),
        ] {
            let begun = scope(&mut stream(0), || group.start()).expect("a share");
            assert_eq!(
                begun.complete(share).err(),
                Some(Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare)),
            );
        }
    }

    #[test]
    fn without_a_stream_there_is_no_share() {
        assert_eq!(X25519.start().err(), Some(Error::FailedToGetRandomBytes));
        assert_eq!(SECP256R1.start().err(), Some(Error::FailedToGetRandomBytes));
    }
}
