//! Authorities and certificates that follow from the seed: the same DER in every process.
//!
//! Each key and serial number has a stream of its own, found by the certificate's name, so one
//! certificate more or less leaves all others as they were.

mod authorities;
mod chain;
mod der;
mod error;
mod key;
mod key_kind;
mod mint;
mod p256_key;
mod read;
mod signing;
mod spec;
mod system;

pub use authorities::{Authority, Pki};
pub use chain::{Chain, to_pem};
pub use error::PkiError;
pub use key::KeyPair;
pub use key_kind::KeyKind;
pub use spec::{CertSpec, Issuer, PRIVATE_CA, SYSTEM_CA, SignatureHash, Usage};
pub use system::authority_names;

#[cfg(test)]
mod tests;
