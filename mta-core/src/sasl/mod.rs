//! Logging in (SASL, RFC 4422; AUTH, RFC 4954): what Postfix's client gets from Cyrus SASL.
//!
//! Taken to be installed is what the library brings along in Debian's `libsasl2-modules`, without DIGEST-MD5 and NTLM, which
//! are obsolete (RFC 6331). The plug-in for XOAUTH2 comes from others; it is there where `smtp_sasl_mechanism_filter` names
//! XOAUTH2. The password in the table is the token then.
//!
//! ```
//! use mta_core::sasl::{Credentials, Exchange, Mechanism, SecurityOptions};
//!
//! let options = SecurityOptions::parse("noanonymous").unwrap();
//! let chosen = Mechanism::choose("LOGIN PLAIN X-UNKNOWN", options, false);
//! assert_eq!(chosen, Some(Mechanism::Plain));
//!
//! let credentials = Credentials::split("alerts:secret", ':');
//! let (_, initial) = Exchange::begin(Mechanism::Plain, &credentials, "");
//! assert_eq!(initial, b"\0alerts\0secret");
//! ```

mod options;

mod mechanism;

mod credentials;

mod exchange;
mod fault;
mod scram;

pub mod base64;
pub mod digest;

mod filter;
mod offer;

mod failures;

#[cfg(test)]
mod tests;

pub use credentials::Credentials;
pub use exchange::Exchange;
pub(crate) use failures::{Failures, Known};
pub use fault::{SaslFault, ScramFault};
pub use filter::MechanismFilter;
pub use mechanism::Mechanism;
pub(crate) use offer::{Offer, OfferNote};
pub use options::{SecurityOption, SecurityOptions};
pub(crate) use scram::NONCE_BYTES;
