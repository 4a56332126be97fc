//! The chain that a spec asks for, minted by the world's authorities.

use std::collections::BTreeMap;

use crate::peer::spec::{Certificate, TlsSpec};
use crate::pki::{CertSpec, Chain, Pki, PkiError};

/// A name that no peer of a world has.
const WRONG_HOST: &str = "wrong-host.invalid";

impl TlsSpec {
    /// Mints the chain of the host `name`, with everything that is wrong with it.
    ///
    /// # Errors
    /// As [`Pki::chain`].
    pub fn mint(&self, pki: &mut Pki, name: &str) -> Result<Chain, PkiError> {
        self.chain(self.certificate, pki, name)
    }

    /// Mints the chains for the names that clients may ask for.
    ///
    /// # Errors
    /// As [`Pki::chain`].
    pub fn mint_by_name(&self, pki: &mut Pki) -> Result<BTreeMap<String, Chain>, PkiError> {
        let minted = self.by_name.iter().map(|(name, certificate)| {
            let chain = self.chain(*certificate, pki, name)?;
            Ok((name.clone(), chain))
        });
        minted.collect()
    }

    fn chain(
        &self,
        certificate: Certificate,
        pki: &mut Pki,
        name: &str,
    ) -> Result<Chain, PkiError> {
        let good = CertSpec::server(name).with_key(self.key);
        match certificate {
            Certificate::Valid => pki.chain(name, &good),
            Certificate::Expired => pki.chain(name, &good.expired()),
            Certificate::NotYetValid => pki.chain(name, &good.not_yet_valid()),
            Certificate::WrongHost => pki.chain(name, &good.named(WRONG_HOST)),
            Certificate::UntrustedRoot => pki.chain(name, &good.unknown_issuer()),
            Certificate::SelfSigned => pki.chain(name, &good.self_signed()),
            Certificate::IncompleteChain => pki.chain(name, &good).map(Chain::leaf_only),
        }
    }
}
