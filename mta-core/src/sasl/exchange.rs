//! A login under way: a challenge goes in, a response comes out. What was said is never printed.

use std::fmt;

use super::credentials::Credentials;
use super::digest::{Hash, hex};
use super::fault::SaslFault;
use super::mechanism::Mechanism;
use super::scram::{self, AwaitSalt, AwaitSignature};

/// The longest challenge of CRAM-MD5, in bytes (Cyrus SASL plugins/cram.c).
const CRAM_BYTES_MAX: usize = 1024;

/// A login under way, named for the challenge that is owed.
pub struct Exchange(Owed);

enum Owed {
    /// LOGIN: any challenge asks for the name.
    User(Credentials),
    /// LOGIN: any challenge asks for the password.
    Password(String),
    /// CRAM-MD5
    Timestamp(Credentials),
    /// SCRAM
    Salt(AwaitSalt),
    /// SCRAM
    Signature(AwaitSignature),
    /// XOAUTH2: why the token is no good. It is answered with nothing, and the reply says no.
    Trouble,
    /// Everything was said.
    Nothing,
}

impl Exchange {
    /// Begins: the login, and the response that goes out with AUTH; none where the server speaks first. A `nonce` is used up
    /// by SCRAM alone.
    pub fn begin(
        mechanism: Mechanism,
        credentials: &Credentials,
        nonce: &str,
    ) -> (Exchange, Vec<u8>) {
        let Credentials { user, password } = credentials;
        let scram = |hash| {
            let (state, first) = scram::begin(hash, credentials, nonce);
            (Owed::Salt(state), first)
        };
        let (owed, first) = match mechanism {
            Mechanism::ScramSha512 => scram(Hash::Sha512),
            Mechanism::ScramSha256 => scram(Hash::Sha256),
            Mechanism::ScramSha1 => scram(Hash::Sha1),
            Mechanism::CramMd5 => (Owed::Timestamp(credentials.clone()), String::new()),
            Mechanism::Xoauth2 => {
                let first = format!("user={user}\x01auth=Bearer {password}\x01\x01");
                (Owed::Trouble, first)
            }
            Mechanism::Plain => (Owed::Nothing, format!("\0{user}\0{password}")),
            Mechanism::Login => (Owed::User(credentials.clone()), String::new()),
        };
        (Exchange(owed), first.into_bytes())
    }

    /// Takes a challenge; the login, and the response.
    ///
    /// # Errors
    /// [`SaslFault`] if the server says something that the mechanism does not know, or does not know the password itself.
    pub fn answer(self, challenge: &[u8]) -> Result<(Exchange, Vec<u8>), SaslFault> {
        let (owed, response) = match self.0 {
            Owed::User(Credentials { user, password }) => (Owed::Password(password), user),
            Owed::Password(password) => (Owed::Nothing, password),
            Owed::Timestamp(_) if challenge.len() > CRAM_BYTES_MAX => {
                return Err(SaslFault::LongChallenge);
            }
            Owed::Timestamp(Credentials { user, password }) => {
                let digest = hex(&Hash::Md5.keyed(password.as_bytes(), challenge));
                (Owed::Nothing, format!("{user} {digest}"))
            }
            Owed::Salt(state) => {
                let (next, proof) = state.answer(challenge).map_err(SaslFault::Scram)?;
                (Owed::Signature(next), proof)
            }
            Owed::Signature(state) => {
                state.check(challenge).map_err(SaslFault::Scram)?;
                (Owed::Nothing, String::new())
            }
            Owed::Trouble => (Owed::Nothing, String::new()),
            Owed::Nothing => return Err(SaslFault::AskedOn),
        };
        Ok((Exchange(owed), response.into_bytes()))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exchange(…)")
    }
}
