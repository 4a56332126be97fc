//! A login at the peer: what it asks, and what it makes of the answers.

use mta_core::sasl::{Mechanism, base64, digest};

use super::spec::AuthSpec;
use crate::seed::Stream;
use digest::Hash;

/// How often SCRAM hashes a password: the least that clients accept (RFC 7677 §4).
const ITERATIONS: u32 = 4096;

/// A login under way, named for the response that is owed.
pub(super) enum Login {
    /// Name and password, behind NULs.
    Plain,
    /// LOGIN: the name.
    User,
    /// LOGIN: the password.
    Password { user: String },
    /// CRAM-MD5: the digest of this challenge.
    Digest { challenge: String },
    /// XOAUTH2: a token.
    Token,
    /// XOAUTH2: nothing, after the token was found to be no good.
    Sorrow,
    /// SCRAM: the client's first message. The random part of the server's nonce and the salt are there.
    ClientFirst {
        hash: Hash,
        nonce: String,
        salt: Vec<u8>,
    },
    /// SCRAM: the proof.
    Proof(Box<Scram>),
    /// SCRAM: nothing, after the server's signature.
    Thanks,
}

/// What SCRAM knows when the proof is owed.
pub(super) struct Scram {
    hash: Hash,
    salted: Vec<u8>,
    nonce: String,
    /// Both first messages, as the proof covers them.
    said: String,
}

/// What comes of a response.
pub(super) enum Turn {
    /// One more challenge, and the response to it is owed.
    Challenge(Login, Vec<u8>),
    /// The client is logged in.
    Taken,
    /// It is not.
    Refused,
    /// That was no response.
    Malformed,
}

impl Login {
    /// Begins; the challenge that goes out if nothing came along with AUTH.
    pub(super) fn begin(mechanism: Mechanism, host: &str, random: &mut Stream) -> (Login, Vec<u8>) {
        let scram = |hash, random: &mut Stream| Login::ClientFirst {
            hash,
            nonce: base64::encode(&random.bytes::<18>()),
            salt: random.bytes::<16>().to_vec(),
        };
        let login = match mechanism {
            Mechanism::ScramSha512 => scram(Hash::Sha512, random),
            Mechanism::ScramSha256 => scram(Hash::Sha256, random),
            Mechanism::ScramSha1 => scram(Hash::Sha1, random),
            Mechanism::CramMd5 => {
                let challenge = format!("<{}@{host}>", random.next_u64());
                let bytes = challenge.clone().into_bytes();
                return (Login::Digest { challenge }, bytes);
            }
            Mechanism::Xoauth2 => Login::Token,
            Mechanism::Plain => Login::Plain,
            Mechanism::Login => return (Login::User, b"Username:".to_vec()),
        };
        (login, Vec::new())
    }

    /// Whether something may come along with AUTH (RFC 4954 §4; RFC 2195 §2 has the server begin).
    pub(super) const fn may_come_along(&self) -> bool {
        !matches!(self, Login::Digest { .. })
    }

    /// Takes a response.
    pub(super) fn take(self, response: &[u8], auth: &AuthSpec) -> Turn {
        let Ok(text) = std::str::from_utf8(response) else {
            return Turn::Malformed;
        };
        match self {
            Login::Plain => plain(text, auth),
            Login::User => {
                let user = text.to_owned();
                Turn::Challenge(Login::Password { user }, b"Password:".to_vec())
            }
            Login::Password { user } => verdict(auth.takes(&user, text)),
            Login::Digest { challenge } => digest(text, &challenge, auth),
            Login::Token => token(text, auth),
            Login::Sorrow => Turn::Refused,
            Login::ClientFirst { hash, nonce, salt } => {
                client_first(text, hash, &nonce, &salt, auth)
            }
            Login::Proof(scram) => scram.proof(text),
            Login::Thanks => verdict(text.is_empty()),
        }
    }
}

fn verdict(is_taken: bool) -> Turn {
    if is_taken { Turn::Taken } else { Turn::Refused }
}

/// RFC 4616 §2: on whose behalf, who, and the password.
fn plain(text: &str, auth: &AuthSpec) -> Turn {
    let mut parts = text.split('\0');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(user), Some(password), None) => verdict(auth.takes(user, password)),
        _ => Turn::Malformed,
    }
}

/// RFC 2195 §2: the name, and the digest of the challenge under the password.
fn digest(text: &str, challenge: &str, auth: &AuthSpec) -> Turn {
    let Some((user, shown)) = text.rsplit_once(' ') else {
        return Turn::Malformed;
    };
    let expected = auth.users.get(user).map(|password| {
        let digest = Hash::Md5.keyed(password.as_bytes(), challenge.as_bytes());
        digest::hex(&digest)
    });
    verdict(auth.users.is_empty() || expected.as_deref() == Some(shown))
}

/// `user=NAME^Aauth=Bearer TOKEN^A^A`. One that is no good is explained before it is refused.
fn token(text: &str, auth: &AuthSpec) -> Turn {
    let mut parts = text.split('\x01');
    let user = parts.next().and_then(|it| it.strip_prefix("user="));
    let token = parts.next().and_then(|it| it.strip_prefix("auth=Bearer "));
    match (user, token) {
        (Some(user), Some(token)) if auth.takes(user, token) => Turn::Taken,
        (Some(_), Some(_)) => {
            let why = br#"{"status":"401","schemes":"bearer","scope":"https://mail.example/"}"#;
            Turn::Challenge(Login::Sorrow, why.to_vec())
        }
        _ => Turn::Malformed,
    }
}

/// RFC 5802 §5.1: who it is, and the client's part of the nonce.
fn client_first(text: &str, hash: Hash, nonce: &str, salt: &[u8], auth: &AuthSpec) -> Turn {
    let Some(bare) = text
        .strip_prefix("n,,")
        .or_else(|| text.strip_prefix("y,,"))
    else {
        return Turn::Malformed;
    };
    let mut attributes = bare.split(',');
    let user = attributes.next().and_then(|it| it.strip_prefix("n="));
    let own = attributes.next().and_then(|it| it.strip_prefix("r="));
    let (Some(user), Some(own)) = (user, own) else {
        return Turn::Malformed;
    };
    let user = user.replace("=2C", ",").replace("=3D", "=");
    let Some(password) = auth.users.get(&user) else {
        return Turn::Refused;
    };
    let nonce = format!("{own}{nonce}");
    let first = format!("r={nonce},s={},i={ITERATIONS}", base64::encode(salt));
    let scram = Scram {
        hash,
        salted: hash.salted(password.as_bytes(), salt, ITERATIONS),
        said: format!("{bare},{first}"),
        nonce,
    };
    Turn::Challenge(Login::Proof(Box::new(scram)), first.into_bytes())
}

impl Scram {
    /// RFC 5802 §3: the client knows the password if its proof, taken off its signature, leaves the stored key.
    fn proof(&self, text: &str) -> Turn {
        let Some((without_proof, proof)) = text.rsplit_once(",p=") else {
            return Turn::Malformed;
        };
        let nonce = without_proof.split_once(",r=").map(|(_, nonce)| nonce);
        let (Some(nonce), Some(mut key)) = (nonce, base64::decode(proof)) else {
            return Turn::Malformed;
        };
        let said = format!("{},{without_proof}", self.said);
        let hash = self.hash;
        let stored = hash.of(&hash.keyed(&self.salted, b"Client Key"));
        let signature = hash.keyed(&stored, said.as_bytes());
        if key.len() != signature.len() || nonce != self.nonce {
            return Turn::Refused;
        }
        digest::xor(&mut key, &signature);
        if hash.of(&key) != stored {
            return Turn::Refused;
        }
        let server_key = hash.keyed(&self.salted, b"Server Key");
        let signature = hash.keyed(&server_key, said.as_bytes());
        let last = format!("v={}", base64::encode(&signature));
        Turn::Challenge(Login::Thanks, last.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use mta_core::sasl::{Credentials, Exchange};

    use super::*;
    use crate::peer::load;
    use crate::seed::Seed;

    /// What comes of a login of Postfix's client at a peer.
    fn outcome(mechanism: Mechanism, users: &str, entry: &str) -> &'static str {
        let text = format!("auth = {{ mechanisms = ['PLAIN'], users = {users} }}");
        let auth = load("p.toml", &text).unwrap().auth.unwrap();
        let mut random = Seed(1).stream(crate::seed::Purpose::Challenges, 0);
        let (mut login, mut challenge) = Login::begin(mechanism, "mx.test", &mut random);
        let (mut exchange, mut response) =
            Exchange::begin(mechanism, &Credentials::split(entry, ':'), "abcdefgh");
        if response.is_empty() {
            (exchange, response) = exchange.answer(&challenge).unwrap();
        }
        loop {
            match login.take(&response, &auth) {
                Turn::Challenge(next, asked) => (login, challenge) = (next, asked),
                Turn::Taken => return "taken",
                Turn::Refused => return "refused",
                Turn::Malformed => return "malformed",
            }
            match exchange.answer(&challenge) {
                Ok(next) => (exchange, response) = next,
                Err(_) => return "given up",
            }
        }
    }

    #[test]
    fn the_right_password_and_no_other_is_taken_with_every_mechanism() {
        let users = "{ 'a,b=c' = 'secret' }";
        for mechanism in Mechanism::ALL {
            let name = mechanism.name();
            assert_eq!(outcome(mechanism, users, "a,b=c:secret"), "taken", "{name}");
            assert_eq!(
                outcome(mechanism, users, "a,b=c:other"),
                "refused",
                "{name}"
            );
            assert_eq!(
                outcome(mechanism, users, "nobody:secret"),
                "refused",
                "{name}"
            );
        }
    }

    #[test]
    fn without_users_whoever_comes_is_welcome() {
        for mechanism in [Mechanism::Plain, Mechanism::Login, Mechanism::CramMd5] {
            assert_eq!(outcome(mechanism, "{}", "anybody:x"), "taken");
        }
    }

    #[test]
    fn what_is_no_response_is_not_refused_but_malformed() {
        let auth = AuthSpec::default();
        for (login, response) in [
            (Login::Plain, "no NULs"),
            (Login::Plain, "\0a\0b\0c"),
            (Login::Token, "user=a"),
            (
                Login::Digest {
                    challenge: String::new(),
                },
                "digest",
            ),
        ] {
            assert!(matches!(
                login.take(response.as_bytes(), &auth),
                Turn::Malformed
            ));
        }
    }
}
