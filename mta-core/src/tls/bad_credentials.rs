//! What is wrong, or only odd, with the client's own certificates and keys.

use super::pem::BrokenBlock;

/// Why the credentials cannot be used; mail then goes as without a TLS engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadCredentials {
    /// A file with both the certificate and its key is not there.
    NoFile {
        /// Its path.
        path: String,
    },
    /// A certificate or a key, each in its own file, cannot be used.
    Pair {
        /// What kind of key Postfix says it is: `RSA`, `ECDSA`, `DSA`.
        kind: &'static str,
        /// The path of the file, that of the key if both are to blame.
        path: String,
        /// What is wrong.
        fault: BadPair,
    },
    /// A file with keys and certificates cannot be used.
    Chain {
        /// The files, as they are named together.
        origin: String,
        /// What is wrong.
        fault: BadChain,
    },
}

/// What is wrong with a certificate and a key in files of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadPair {
    /// The file of the certificate is not there.
    NoCertificateFile,
    /// No certificate is in it.
    NoCertificate,
    /// The key cannot be used.
    Key(BadKey),
    /// The key is of another kind than the certificate.
    OtherKind {
        /// The file of the certificate.
        certificate: String,
    },
}

/// What is wrong with the file of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKey {
    /// It is not there.
    NoFile,
    /// No key is in it.
    NoKey,
    /// What is said to be a key cannot be read.
    Unreadable,
    /// The key needs a pass phrase, which no daemon can ask for.
    Encrypted,
    /// The key is not the certificate's.
    Mismatch,
}

/// What is wrong with files of keys and certificates. Places are counted from 1, by PEM blocks of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadChain {
    /// A certificate comes before any key.
    KeyNotFirst {
        /// The file.
        path: String,
    },
    /// No PEM block is in it.
    NoPem,
    /// There is a certificate, and no key.
    NoKey,
    /// The last key has no certificate behind it.
    NoCertificate {
        /// The place of the key.
        place: usize,
        /// Its file.
        path: String,
    },
    /// A key has another key behind it.
    NotFollowed {
        /// The place of the first of the two.
        place: usize,
        /// Its file.
        path: String,
    },
    /// A key is not that of the certificate behind it, or there was a key of its kind before.
    Unfit {
        /// The place of the key.
        place: usize,
        /// Its file.
        path: String,
        /// Whether it is the last one.
        last: bool,
        /// What is wrong.
        why: Misfit,
    },
    /// What is said to be a key is none, or needs a pass phrase.
    Key {
        /// Its place.
        place: usize,
        /// The file.
        path: String,
    },
    /// What is said to be a certificate is none.
    Certificate {
        /// Its place.
        place: usize,
        /// The file.
        path: String,
    },
    /// Neither a key nor a certificate.
    Unexpected {
        /// What it is said to be.
        label: String,
        /// The file.
        path: String,
    },
    /// A block cannot be decoded.
    Broken(BrokenBlock),
}

/// How a key and the certificate behind it do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The certificate is for another key.
    OtherKey,
    /// The certificate is for another kind of key.
    OtherKind,
    /// There was a key of this kind before.
    Taken,
}

/// What is odd about credentials, and does not keep the rest from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialNotice {
    /// A file of `smtp_tls_chain_files` is not there: what would come from it and from those behind it is left out.
    NoChainFile {
        /// Its path.
        path: String,
    },
    /// A second key in a file with one certificate.
    SecondKey {
        /// The place of the key, counted from 1.
        place: usize,
        /// The place of the first.
        first: usize,
        /// The path of the file.
        path: String,
    },
    /// A key that Postfix can use and the provider cannot sign with. Its certificate is not shown.
    NotSimulated {
        /// The path of the file.
        path: String,
    },
}
