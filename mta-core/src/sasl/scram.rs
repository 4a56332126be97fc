//! The client's part of SCRAM (RFC 5802), without channel binding, which Postfix does not ask for. The nonce comes from outside.

use super::base64;
use super::credentials::Credentials;
use super::digest::{Hash, xor};
use super::fault::ScramFault;

/// The nonce's length; the server's is behind it (Cyrus SASL plugins/scram.c `NONCE_SIZE`).
pub(crate) const NONCE_BYTES: usize = 24;

/// Fewer iterations are refused, and more are (plugins/scram.c).
const ITERATIONS: std::ops::RangeInclusive<u64> = 4096..=0x1_0000;

/// Without channel binding, and under one's own name (RFC 5802 §7 `gs2-header`).
const GS2_HEADER: &str = "n,,";

/// The first message was sent.
#[derive(Clone)]
pub(super) struct AwaitSalt {
    hash: Hash,
    password: String,
    nonce: String,
    /// `client-first-message-bare`
    bare: String,
}

/// The proof was sent.
#[derive(Clone)]
pub(super) struct AwaitSignature {
    hash: Hash,
    expected: Vec<u8>,
}

/// Begins: what is owed then, and the first message.
pub(super) fn begin(hash: Hash, credentials: &Credentials, nonce: &str) -> (AwaitSalt, String) {
    // RFC 5802 §5.1: neither a comma nor `=` stands for itself in a name.
    let user = credentials.user.replace('=', "=3D").replace(',', "=2C");
    let bare = format!("n={user},r={nonce}");
    let first = format!("{GS2_HEADER}{bare}");
    let state = AwaitSalt {
        hash,
        password: credentials.password.clone(),
        nonce: nonce.to_owned(),
        bare,
    };
    (state, first)
}

impl AwaitSalt {
    /// Takes the server's first message; what is owed then, and the proof.
    pub(super) fn answer(self, challenge: &[u8]) -> Result<(AwaitSignature, String), ScramFault> {
        let hash = self.hash;
        let ServerFirst {
            text,
            nonce,
            salt,
            iterations,
        } = ServerFirst::read(challenge)?;
        if nonce.len() <= self.nonce.len() || !nonce.starts_with(&self.nonce) {
            return Err(ScramFault::OtherNonce);
        }
        if salt.is_empty() {
            return Err(ScramFault::EmptySalt);
        }
        let salt = base64::decode(salt).ok_or(ScramFault::BadSalt)?;
        let header = base64::encode(GS2_HEADER.as_bytes());
        let without_proof = format!("c={header},r={nonce}");
        let said = format!("{},{text},{without_proof}", self.bare);
        let salted = hash.salted(self.password.as_bytes(), &salt, iterations);
        let mut proof = hash.keyed(&salted, b"Client Key");
        let signature = hash.keyed(&hash.of(&proof), said.as_bytes());
        xor(&mut proof, &signature);
        let expected = hash.keyed(&hash.keyed(&salted, b"Server Key"), said.as_bytes());
        let answer = format!("{without_proof},p={}", base64::encode(&proof));
        Ok((AwaitSignature { hash, expected }, answer))
    }
}

impl AwaitSignature {
    /// Takes the server's last message: it must know the password too (RFC 5802 §3).
    pub(super) fn check(self, challenge: &[u8]) -> Result<(), ScramFault> {
        if challenge.len() < 3 {
            return Err(ScramFault::Invalid);
        }
        let text = challenge
            .strip_prefix(b"v=")
            .ok_or(ScramFault::NoSignature)?;
        let text = text.split(|byte| *byte == b',').next().unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| ScramFault::BadSignature)?;
        let signature = base64::decode(text).ok_or(ScramFault::BadSignature)?;
        if signature.len() != self.hash.size() {
            return Err(ScramFault::OddSignature);
        }
        if signature != self.expected {
            return Err(ScramFault::OtherSignature);
        }
        Ok(())
    }
}

/// `server-first-message`
struct ServerFirst<'a> {
    text: &'a str,
    nonce: &'a str,
    salt: &'a str,
    iterations: u32,
}

impl<'a> ServerFirst<'a> {
    fn read(challenge: &'a [u8]) -> Result<ServerFirst<'a>, ScramFault> {
        if challenge.is_empty() {
            return Err(ScramFault::Missing);
        }
        let text = std::str::from_utf8(challenge).map_err(|_| ScramFault::Invalid)?;
        if text.len() < 3 || text.as_bytes().get(1) != Some(&b'=') {
            return Err(ScramFault::Invalid);
        }
        if text.starts_with('m') {
            return Err(ScramFault::Extension);
        }
        let mut attributes = text.split(',');
        let mut next = |name: &str| attributes.next().and_then(|it| it.strip_prefix(name));
        let nonce = next("r=").ok_or(ScramFault::NoNonce)?;
        let salt = next("s=").ok_or(ScramFault::NoSalt)?;
        let iterations = next("i=").ok_or(ScramFault::NoIterations)?;
        let iterations: u64 = iterations.parse().map_err(|_| ScramFault::BadIterations)?;
        if iterations < *ITERATIONS.start() {
            return Err(ScramFault::FewIterations);
        }
        if iterations > *ITERATIONS.end() {
            return Err(ScramFault::ManyIterations);
        }
        let iterations = u32::try_from(iterations).map_err(|_| ScramFault::ManyIterations)?;
        Ok(ServerFirst {
            text,
            nonce,
            salt,
            iterations,
        })
    }
}
