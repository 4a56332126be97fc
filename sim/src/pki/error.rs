//! Why a certificate cannot be minted.

use std::fmt;

use super::KeyKind;

/// What is wrong with a certificate that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PkiError {
    /// No authority has this name.
    UnknownAuthority {
        /// The name.
        name: String,
    },
    /// There is an authority of this name already.
    NameTaken {
        /// The name.
        name: String,
    },
    /// More authorities one below the other than [`Pki`](super::Pki) allows.
    TooDeep {
        /// The authority that would have been one too deep.
        name: String,
    },
    /// A date outside the years 1970 to 9999.
    DateOutOfRange {
        /// The certificate's name.
        name: String,
    },
    /// A signature over SHA-1 by a key that makes none.
    NoSha1 {
        /// The certificate's name.
        name: String,
    },
    /// No key of this kind could be generated.
    NoKey {
        /// The kind.
        kind: KeyKind,
    },
    /// What rcgen says is wrong.
    Mint(rcgen::Error),
}

impl fmt::Display for PkiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PkiError::UnknownAuthority { name } => write!(f, "there is no authority {name:?}"),
            PkiError::NameTaken { name } => write!(f, "there is an authority {name:?} already"),
            PkiError::TooDeep { name } => {
                write!(f, "too many authorities stand above {name:?}")
            }
            PkiError::DateOutOfRange { name } => {
                write!(f, "a date of certificate {name:?} is not in 1970 to 9999")
            }
            PkiError::NoSha1 { name } => write!(
                f,
                "certificate {name:?} cannot be signed over SHA-1: its issuer's key is neither RSA nor P-256"
            ),
            PkiError::NoKey { kind } => write!(f, "no {} key could be generated", kind.label()),
            PkiError::Mint(error) => write!(f, "the certificate cannot be minted: {error}"),
        }
    }
}

impl std::error::Error for PkiError {}
