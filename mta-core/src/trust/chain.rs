//! Builds and checks a chain in OpenSSL's order, because that order decides which fault Postfix reports
//! (crypto/x509/x509_vfy.c: build the chain, then purposes, then signatures and dates from the root down).

use rustls::pki_types::SignatureVerificationAlgorithm;

use super::certificate::Key;
use super::names::matching;
use super::{Certificate, TrustStore};
use crate::event::WalkStep;
use crate::fault::ChainFault;
use crate::policy::Name;
use crate::time::Wall;

/// The verifiers of a crypto provider.
pub type Verifiers = &'static [&'static dyn SignatureVerificationAlgorithm];

/// The names that the leaf may have.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// One of these.
    pub wanted: &'a [Name],
    /// What it means if it has none of them.
    pub mismatch: Mismatch,
}

/// How much a name that does not fit weighs beside other faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It is a fault of the leaf, before signatures and dates are looked at (3.7, as OpenSSL has it).
    AtTheLeaf,
    /// Any other fault is reported instead (from 3.10.4 on; observed: ver-verify-wrong-expired).
    Last,
}

/// A chain that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The fault nearest to the leaf, with its depth; nothing if the chain is good.
    pub fault: Option<(usize, ChainFault)>,
    /// The name that was accepted, if names were asked for.
    pub name: Option<Box<str>>,
    /// Every step, in OpenSSL's order, for the log.
    pub steps: Vec<WalkStep>,
}

/// Checks what a server showed, leaf first, against what is trusted.
///
/// `depth_limit` is OpenSSL's: `smtp_tls_scert_verifydepth` + 1 certificates between leaf and root. Without `names`
/// any will do.
pub fn check_chain(
    presented: &[Certificate],
    trusted: &TrustStore,
    depth_limit: usize,
    wall: Wall,
    verifiers: Verifiers,
    names: Option<&Names<'_>>,
) -> Checked {
    let Some(leaf) = presented.first() else {
        return Checked::only(Some((0, ChainFault::Unreadable)), Vec::new());
    };
    let mut check = Check::begin(leaf, verifiers);
    check.build(presented, trusted, depth_limit);
    check.purposes();
    check.finish(wall, names)
}

impl Checked {
    /// What was checked without a look at names.
    pub(super) const fn only(fault: Option<(usize, ChainFault)>, steps: Vec<WalkStep>) -> Self {
        Checked {
            fault,
            name: None,
            steps,
        }
    }
}

/// A chain that is being checked.
pub(super) struct Check<'a> {
    /// Leaf first.
    chain: Vec<&'a Certificate>,
    /// From which depth on the certificates come from the trust store.
    trusted_from: Option<usize>,
    /// A bare key is known to have signed the top.
    top_is_signed: bool,
    verifiers: Verifiers,
    fault: Option<(usize, ChainFault)>,
    steps: Vec<WalkStep>,
}

impl<'a> Check<'a> {
    pub(super) fn begin(leaf: &'a Certificate, verifiers: Verifiers) -> Self {
        Check {
            chain: vec![leaf],
            trusted_from: None,
            top_is_signed: false,
            verifiers,
            fault: None,
            steps: Vec::new(),
        }
    }

    pub(super) const fn verifiers(&self) -> Verifiers {
        self.verifiers
    }

    pub(super) fn top(&self) -> Option<&'a Certificate> {
        self.chain.last().copied()
    }

    pub(super) const fn len(&self) -> usize {
        self.chain.len()
    }

    pub(super) fn push(&mut self, issuer: &'a Certificate) {
        self.chain.push(issuer);
    }

    /// A key that is trusted by itself signed the top.
    pub(super) const fn top_is_signed(&mut self) {
        self.top_is_signed = true;
    }

    /// Names, signatures and dates.
    pub(super) fn finish(mut self, wall: Wall, names: Option<&Names<'_>>) -> Checked {
        let name = names.and_then(|names| matching(self.chain.first()?, names.wanted));
        let is_other = names.is_some() && name.is_none();
        let mismatch_counts_first =
            names.is_some_and(|names| names.mismatch == Mismatch::AtTheLeaf);
        if is_other && mismatch_counts_first {
            self.report(0, ChainFault::OtherName);
        } else if is_other {
            self.step(0, false);
        }
        self.signatures_and_dates(wall);
        self.subtrees();
        if is_other && self.fault.is_none() {
            self.fault = Some((0, ChainFault::OtherName));
        }
        Checked {
            fault: self.fault,
            name: name.map(Box::from),
            steps: self.steps,
        }
    }

    fn build(&mut self, presented: &'a [Certificate], trusted: &'a TrustStore, depth_limit: usize) {
        // Neither the leaf nor the root counts (X509_VERIFY_PARAM_set_depth(3)).
        let limit = depth_limit.saturating_add(2);
        loop {
            let depth = self.chain.len() - 1;
            let top = self.chain[depth];
            // Trusted certificates are looked at first (X509_V_FLAG_TRUSTED_FIRST, the default since 1.1.0).
            if let Some(same) = trusted
                .certificates()
                .iter()
                .find(|cert| cert.der == top.der)
            {
                self.chain[depth] = same;
                self.trusted_from.get_or_insert(depth);
            }
            if top.is_self_issued() || self.chain.len() > limit {
                break;
            }
            if let Some(issuer) = trusted
                .certificates()
                .iter()
                .find(|cert| self.issued(cert, top))
            {
                self.trusted_from.get_or_insert(depth + 1);
                self.chain.push(issuer);
            } else if self.trusted_from.is_some() {
                break;
            } else if let Some(issuer) = presented
                .iter()
                .find(|cert| self.issued(cert, top) && !self.has(cert))
            {
                self.chain.push(issuer);
            } else {
                break;
            }
        }
        let depth = self.chain.len() - 1;
        let top = self.chain[depth];
        if self.chain.len() > limit {
            self.report(depth, ChainFault::TooLong { limit: depth_limit });
        } else if top.is_self_issued() && self.trusted_from.is_some() {
            // A trusted root.
        } else {
            self.untrusted();
        }
    }

    /// Reports that the chain leads nowhere.
    pub(super) fn untrusted(&mut self) {
        let depth = self.chain.len() - 1;
        let top = self.chain[depth];
        if top.is_self_issued() && depth == 0 {
            self.report(0, ChainFault::SelfSignedLeaf);
        } else if top.is_self_issued() {
            self.report(
                depth,
                ChainFault::SelfSignedInChain {
                    issuer: top.issuer.clone(),
                },
            );
        } else if self.trusted_from.is_some() {
            self.report(depth, ChainFault::IssuerOfTrustedUnknown);
        } else {
            self.report(
                depth,
                ChainFault::IssuerUnknown {
                    issuer: top.issuer.clone(),
                },
            );
        }
    }

    pub(super) fn issued(&self, issuer: &Certificate, subject: &Certificate) -> bool {
        issuer.subject_der == subject.issuer_der
    }

    pub(super) fn has(&self, certificate: &Certificate) -> bool {
        self.chain.iter().any(|known| known.der == certificate.der)
    }

    /// `check_extensions` of x509_vfy.c.
    pub(super) fn purposes(&mut self) {
        for depth in 0..self.chain.len() {
            let usage = self.chain[depth].usage;
            let is_authority = usage.signs_certificates != Some(false)
                && match usage.ca {
                    Some(ca) => ca,
                    None => {
                        (usage.version_1 && self.chain[depth].is_self_issued())
                            || usage.signs_certificates == Some(true)
                    }
                };
            if depth > 0 && !is_authority {
                self.report(depth, ChainFault::NotAnAuthority);
            } else if usage.server_auth == Some(false)
                || (depth == 0 && usage.serves_tls == Some(false))
            {
                self.report(depth, ChainFault::WrongPurpose);
            } else if depth > 1
                && usage
                    .path_length
                    .is_some_and(|max| depth - 1 > usize::from(max))
            {
                self.report(depth, ChainFault::PathLengthExceeded);
            }
        }
    }

    /// `internal_verify` of x509_vfy.c.
    fn signatures_and_dates(&mut self, wall: Wall) {
        let top = self.chain.len() - 1;
        // A top that does not sign itself cannot be verified; the walk begins below it.
        let start = if self.top_is_signed || self.chain[top].is_self_issued() || top == 0 {
            top
        } else {
            top - 1
        };
        for depth in (0..=start).rev() {
            let certificate = self.chain[depth];
            // A trusted root's own signature proves nothing and is not looked at.
            if depth < top && !signed_by(certificate, self.chain[depth + 1], self.verifiers) {
                self.report(depth, ChainFault::BadSignature);
            }
            if wall < certificate.not_before {
                self.report(depth, ChainFault::NotYetValid);
            }
            if wall > certificate.not_after {
                self.report(depth, ChainFault::Expired);
            }
            self.step(depth, true);
        }
    }

    /// `check_name_constraints` of x509_vfy.c. Of a certificate that names itself as its issuer it looks at the leaf only.
    fn subtrees(&mut self) {
        for depth in (0..self.chain.len()).rev() {
            let certificate = self.chain[depth];
            if depth > 0 && certificate.is_self_issued() {
                continue;
            }
            let above = self.chain.iter().skip(depth + 1).rev();
            let fault = above
                .flat_map(|authority| {
                    let names = presented(certificate, depth == 0);
                    names.filter_map(|name| authority.subtrees.fault(name))
                })
                .next();
            if let Some(fault) = fault {
                self.report(depth, fault);
            }
        }
    }

    /// At one depth the first fault stays; a fault nearer to the leaf replaces it (Postfix tls_verify.c).
    pub(super) fn report(&mut self, depth: usize, fault: ChainFault) {
        self.step(depth, false);
        if self.fault.as_ref().is_none_or(|(known, _)| depth < *known) {
            self.fault = Some((depth, fault));
        }
    }

    fn step(&mut self, depth: usize, ok: bool) {
        self.steps.push(WalkStep {
            depth,
            ok,
            subject: self.chain[depth].subject.clone(),
        });
    }
}

/// The DNS names of a certificate; a leaf that has none goes by its common name.
fn presented(certificate: &Certificate, is_leaf: bool) -> impl Iterator<Item = &str> {
    let names = certificate.dns_names.iter().map(|name| &**name);
    let common = certificate.common_name();
    names.chain(common.filter(|_| is_leaf && certificate.dns_names.is_empty()))
}

fn signed_by(certificate: &Certificate, issuer: &Certificate, verifiers: Verifiers) -> bool {
    signed_with(certificate, &issuer.key, verifiers)
}

/// Whether a key signed a certificate.
pub(super) fn signed_with(certificate: &Certificate, key: &Key, verifiers: Verifiers) -> bool {
    verifiers
        .iter()
        .filter(|verifier| {
            verifier.signature_alg_id().as_ref() == certificate.signed.algorithm
                && verifier.public_key_alg_id().as_ref() == key.algorithm
        })
        .any(|verifier| {
            verifier
                .verify_signature(
                    &key.bits,
                    &certificate.signed.tbs,
                    &certificate.signed.signature,
                )
                .is_ok()
        })
}
