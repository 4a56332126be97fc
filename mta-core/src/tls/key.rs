//! Where a TLS session may be offered again: Postfix's cache key (src/tls/tls_client.c, tls_fprint.c).

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::Terms;
use crate::config::{Feature, Release};
use crate::event::Server;
use crate::policy::{Level, Tlsa};

/// All that the key is made of. What is absent is absent in Postfix too: the CAfile, the match list, the
/// client's own names. Two services with different CA settings differ by `service`.
#[derive(Clone, Copy, Debug)]
pub struct KeyParts<'a> {
    /// The service in master.cf, such as `smtp`.
    pub service: &'a str,
    /// The destination as written, with brackets and port.
    pub nexthop: &'a str,
    /// The server.
    pub server: &'a Server,
    /// The name with which the server answered EHLO in cleartext; case counts.
    pub helo: &'a str,
    /// The level of the policy; part of the key with [`Feature::LevelInSessionKey`].
    pub level: Level,
    /// What the server is asked to prove; nothing where any will do.
    pub proof: Option<Proof<'a>>,
    /// What may be agreed on.
    pub terms: &'a Terms,
    /// Whose key.
    pub release: Release,
}

/// What a server is asked to prove.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The name in SNI.
    pub sni: Option<&'a str>,
    /// The records; their order does not count (observed: cache-key-fp-order).
    pub records: &'a [Tlsa],
    /// There is nothing that it could prove.
    pub must_fail: bool,
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

impl KeyParts<'_> {
    /// The key, as it stands in the log.
    pub fn key(&self) -> Arc<str> {
        let mut key = String::with_capacity(192);
        let address = self.server.address.ip();
        // Writing to a String cannot fail.
        let _ = write!(
            key,
            "{}&{}&{}&{address}&",
            self.service, self.nexthop, self.server.host
        );
        if self.release.has(Feature::LevelInSessionKey) {
            let _ = write!(key, "{}&", self.level.number());
        }
        if self.release.has(Feature::Smtputf8InKeys) {
            // The field is there, and TLS sessions leave it empty.
            key.push('&');
        }
        key.push('&');
        let digits = |byte: u8| [byte >> 4, byte & 15].map(|digit| HEX.get(usize::from(digit)));
        let digits = self.digest().into_iter().flat_map(digits);
        key.extend(digits.flatten().copied().map(char::from));
        key.into()
    }

    /// What the peer and the policy look like: any difference leads to another key. No name holds a NUL.
    fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.terms.digest());
        digest.update([u8::from(self.proof.is_some())]);
        digest.update(self.helo);
        digest.update([0]);
        if let Some(proof) = &self.proof {
            digest.update(proof.sni.unwrap_or_default());
            digest.update([0, u8::from(proof.must_fail)]);
            let mut records: Vec<&Tlsa> = proof.records.iter().collect();
            records.sort();
            for Tlsa {
                usage,
                selector,
                matching,
                data,
            } in records
            {
                digest.update([*usage, *selector, *matching]);
                digest.update(u64::try_from(data.len()).unwrap_or(u64::MAX).to_be_bytes());
                digest.update(data);
            }
        }
        digest.finalize().into()
    }
}
