//! A TLSA record, which is also how Postfix hands fingerprints and trust anchors to OpenSSL (src/tls/tls_dane.c).

use std::fmt;
use std::sync::Arc;

/// A certificate association (RFC 6698 §2.1); nothing about it has been checked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tlsa {
    /// Certificate usage: 2 for an authority, 3 for the server itself.
    pub usage: u8,
    /// Selector: 0 for the certificate, 1 for its key.
    pub selector: u8,
    /// Matching type: 0 for the thing itself, others for a digest of it.
    pub matching: u8,
    /// What is to match.
    pub data: Arc<[u8]>,
}

impl Tlsa {
    /// Usage DANE-TA (RFC 7218 §2.1).
    pub const TRUST_ANCHOR: u8 = 2;
    /// Usage DANE-EE.
    pub const END_ENTITY: u8 = 3;
    /// Selector for the certificate.
    pub const CERTIFICATE: u8 = 0;
    /// Selector for the public key.
    pub const KEY: u8 = 1;
    /// Matching type for the thing itself.
    pub const FULL: u8 = 0;
    /// The matching type for private use, which stands for `smtp_tls_fingerprint_digest`.
    pub const PRIVATE: u8 = 255;

    /// The data in hexadecimal digits, all of them.
    pub fn hex(&self) -> impl fmt::Display {
        Hex(&self.data)
    }
}

/// Longer data is shown without its middle.
const SHOWN_BYTES_MAX: usize = 64;

/// `3 1 1 C4C7…`, as Postfix logs it.
impl fmt::Display for Tlsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tlsa {
            usage,
            selector,
            matching,
            data,
        } = self;
        write!(f, "{usage} {selector} {matching} ")?;
        if data.len() <= SHOWN_BYTES_MAX {
            return Hex(data).fmt(f);
        }
        let (first, rest) = data.split_at(SHOWN_BYTES_MAX / 2);
        let last = rest.split_at(rest.len() - SHOWN_BYTES_MAX / 2).1;
        write!(f, "{}...{}", Hex(first), Hex(last))
    }
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_data_is_shown_without_its_middle() {
        let of = |bytes: usize| Tlsa {
            usage: 3,
            selector: 0,
            matching: 0,
            data: vec![0xab; bytes].into(),
        };
        assert_eq!(of(2).to_string(), "3 0 0 ABAB");
        assert_eq!(of(64).to_string().len(), 6 + 128);
        let long = of(65).to_string();
        assert_eq!(long.len(), 6 + 64 + 3 + 64);
        assert!(long.contains("AB...AB"));
    }
}
