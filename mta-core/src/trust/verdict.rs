//! The verdict on a peer, and the permission to send mail that only this module gives.

use std::sync::Arc;

use super::chain::{Mismatch, Names, Verifiers, check_chain};
use super::{Certificate, Records, TrustStore, check_records};
use crate::event::{Matched, PeerStatus, RecordMatch, Rule, WalkStep};
use crate::fault::ChainFault;
use crate::policy::{Level, Matching, Policy, RequireTls};
use crate::time::Wall;

/// What a handshake left behind to judge.
pub(crate) struct Evidence<'a> {
    /// What the server showed, leaf first.
    pub presented: &'a [Certificate],
    /// What the administrator trusts.
    pub trusted: &'a TrustStore,
    /// OpenSSL's depth limit: `smtp_tls_scert_verifydepth` + 1.
    pub depth_limit: usize,
    /// Who must be at the other end.
    pub policy: &'a Policy,
    /// What can be used of the policy's records, if it has any.
    pub records: Option<&'a Records>,
    /// What a name means that does not fit.
    pub mismatch: Mismatch,
    /// The time of day.
    pub wall: Wall,
    /// The provider's verifiers.
    pub verifiers: Verifiers,
}

/// What was found out about a peer. It is kept with the TLS session and holds for whoever resumes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The first word of the summary line.
    pub status: PeerStatus,
    /// Whether it is the peer that the policy asks for.
    pub matched: bool,
    /// The name in its certificate that was accepted.
    pub name: Option<Arc<str>>,
    /// The record that means it, if records were asked for.
    pub record: Option<RecordMatch>,
    /// Why the peer is not trusted, or not matched: the fault nearest to the leaf, behind its depth.
    pub reason: Option<(usize, ChainFault)>,
    /// The rule.
    pub rule: Rule,
}

/// Permission to send MAIL on a connection. Only this module can make one, so that no path skips the check.
#[derive(Debug)]
pub(crate) struct Cleared(());

impl Cleared {
    /// Cleartext, where the level and the sender allow it.
    pub(crate) fn in_cleartext(level: Level, require_tls: RequireTls) -> Option<Cleared> {
        (!level.is_mandatory() && !require_tls.needs_tls()).then_some(Cleared(()))
    }
}

impl Verdict {
    /// The verdict on a peer that showed nothing.
    pub const fn anonymous() -> Self {
        Verdict {
            status: PeerStatus::Anonymous,
            matched: false,
            name: None,
            record: None,
            reason: None,
            rule: Rule::ChainUntrusted,
        }
    }

    /// Whether the chain leads to a trusted root, whatever its names are.
    pub fn is_trusted(&self) -> bool {
        self.status >= PeerStatus::Trusted
    }

    /// The verdict on a peer with this fault at this depth.
    const fn untrusted(depth: usize, fault: ChainFault) -> Self {
        Verdict {
            status: PeerStatus::Untrusted,
            matched: false,
            name: None,
            record: None,
            reason: Some((depth, fault)),
            rule: Rule::ChainUntrusted,
        }
    }

    /// Permission to send, if the verdict is enough for the level. At `may` and `encrypt` any peer will do
    /// (R-TLS-13; RFC 7435): the verdict only colours the log.
    pub(crate) fn clear(&self, level: Level) -> Option<Cleared> {
        (!level.must_match() || self.matched).then_some(Cleared(()))
    }
}

/// Judges a full handshake; also gives the steps of the walk, for the log.
pub(crate) fn judge(evidence: &Evidence<'_>) -> (Verdict, Vec<WalkStep>) {
    if evidence.presented.is_empty() {
        return (Verdict::anonymous(), Vec::new());
    }
    if let Some(failure) = &evidence.policy.failure {
        let fault = ChainFault::PolicyFailure(failure.clone());
        return (Verdict::untrusted(0, fault), Vec::new());
    }
    let matching = &evidence.policy.matching;
    let names = matching.names().map(|wanted| Names {
        wanted,
        mismatch: evidence.mismatch,
    });
    let no_name = matches!(matching, Matching::Names { wanted, .. } if wanted.is_empty());
    if no_name || evidence.records.is_some_and(Records::is_empty) {
        let verdict = Verdict::untrusted(0, ChainFault::NothingToMatch);
        return (verdict, Vec::new());
    }
    let (checked, found) = match evidence.records {
        Some(records) => check_records(
            evidence.presented,
            records,
            evidence.depth_limit,
            evidence.wall,
            evidence.verifiers,
            names.as_ref(),
        ),
        None => {
            let checked = check_chain(
                evidence.presented,
                evidence.trusted,
                evidence.depth_limit,
                evidence.wall,
                evidence.verifiers,
                names.as_ref(),
            );
            (checked, None)
        }
    };
    let level = evidence.policy.level;
    let matched = checked.fault.is_none() && level.must_match();
    let (status, rule) = match (&checked.fault, matching) {
        (None, Matching::Anybody) => (PeerStatus::Trusted, Rule::ChainTrusted),
        (None, Matching::Names { .. }) => (PeerStatus::Verified, Rule::NameMatches),
        // The TLSA records are proven, and not that these are the domain's servers (src/tls/tls_client.c).
        (None, _) if level == Level::HalfDane => (PeerStatus::Trusted, Rule::RecordMatches),
        (None, _) => (PeerStatus::Verified, Rule::RecordMatches),
        // The chain is as good as any.
        (Some((_, ChainFault::OtherName)), _) if evidence.mismatch == Mismatch::Last => {
            (PeerStatus::Trusted, Rule::OtherName)
        }
        (Some((_, ChainFault::OtherName)), _) => (PeerStatus::Untrusted, Rule::OtherName),
        (Some((_, ChainFault::NoMatch)), _) => (PeerStatus::Untrusted, Rule::NoRecordMatches),
        (Some(_), _) => (PeerStatus::Untrusted, Rule::ChainUntrusted),
    };
    let verdict = Verdict {
        status,
        matched,
        name: checked.name.filter(|_| matched).map(Arc::from),
        record: found.filter(|_| matched).map(|found| RecordMatch {
            what: stands_for(matching, found.what),
            ..found
        }),
        reason: checked.fault,
        rule,
    };
    (verdict, checked.steps)
}

/// What a record that matched stands for.
fn stands_for(matching: &Matching, found: Matched) -> Matched {
    match matching {
        Matching::Names { .. } => Matched::TrustAnchor,
        Matching::Fingerprints(_) => Matched::Fingerprint,
        Matching::Anybody | Matching::Tlsa { .. } => found,
    }
}
