//! What ends a login on the client's side. The words of Cyrus SASL for it are in `log/`.

/// What ends a login on the client's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaslFault {
    /// No way to log in is both offered and permitted.
    NoMechanism,
    /// The challenge is no base64.
    NotBase64,
    /// The server asks on, and everything was said.
    AskedOn,
    /// The challenge is longer than CRAM-MD5 allows.
    LongChallenge,
    /// What the server says in SCRAM is wrong.
    Scram(ScramFault),
}

/// What is wrong about a server's message in SCRAM (RFC 5802 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScramFault {
    /// There is none.
    Missing,
    /// It is no list of attributes.
    Invalid,
    /// It asks for an extension.
    Extension,
    /// It does not begin with a nonce.
    NoNonce,
    /// No salt follows.
    NoSalt,
    /// No number of iterations follows.
    NoIterations,
    /// That is no number.
    BadIterations,
    /// It is below 4096, so that the password could be tried out.
    FewIterations,
    /// It is above 65536.
    ManyIterations,
    /// The nonce does not begin with the client's.
    OtherNonce,
    /// The salt is empty.
    EmptySalt,
    /// The salt is no base64.
    BadSalt,
    /// The last message does not begin with a signature.
    NoSignature,
    /// The signature is no base64.
    BadSignature,
    /// The signature is too short, or too long.
    OddSignature,
    /// The signature is another one: the server does not know the password.
    OtherSignature,
}

impl SaslFault {
    /// Whether it is the server that behaved in an odd way.
    pub const fn is_the_servers(self) -> bool {
        !matches!(self, SaslFault::NoMechanism)
    }
}
