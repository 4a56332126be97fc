//! The verdict on a peer, and the leave to send mail that only this room gives.

use super::chain::{Verifiers, check_chain};
use super::{Certificate, TrustStore};
use crate::event::{PeerStatus, Rule, WalkStep};
use crate::fault::ChainFault;
use crate::policy::Level;
use crate::time::Wall;

/// What a handshake left behind to judge.
pub struct Evidence<'a> {
    /// What the server showed, leaf first.
    pub presented: &'a [Certificate],
    /// What the administrator trusts.
    pub trusted: &'a TrustStore,
    /// OpenSSL's depth limit: `smtp_tls_scert_verifydepth` + 1.
    pub depth_limit: usize,
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
    /// Why the peer is not trusted: the fault nearest to the leaf, behind its depth.
    pub reason: Option<(usize, ChainFault)>,
    /// The rule.
    pub rule: Rule,
}

/// Leave to send MAIL on a connection. Only this room can make one, so that no path skips the check.
#[derive(Debug)]
pub struct Cleared(());

impl Cleared {
    /// Clear text, where the level allows it.
    pub fn in_the_clear(level: Level) -> Option<Cleared> {
        (!level.is_mandatory()).then_some(Cleared(()))
    }
}

impl Verdict {
    /// The verdict on a peer that showed nothing.
    pub const fn anonymous() -> Self {
        Verdict {
            status: PeerStatus::Anonymous,
            reason: None,
            rule: Rule::ChainUntrusted,
        }
    }

    /// Leave to send, if the verdict is enough for the level. At `may` and `encrypt` any peer will do
    /// (R-TLS-13; RFC 7435): the verdict only colours the log.
    pub fn clear(&self, level: Level) -> Option<Cleared> {
        (!level.must_match() || self.status == PeerStatus::Verified).then_some(Cleared(()))
    }
}

/// Judges a full handshake; also gives the steps of the walk, for the log.
pub fn judge(evidence: &Evidence<'_>) -> (Verdict, Vec<WalkStep>) {
    if evidence.presented.is_empty() {
        return (Verdict::anonymous(), Vec::new());
    }
    let checked = check_chain(
        evidence.presented,
        evidence.trusted,
        evidence.depth_limit,
        evidence.wall,
        evidence.verifiers,
    );
    let verdict = match checked.fault {
        None => Verdict {
            status: PeerStatus::Trusted,
            reason: None,
            rule: Rule::ChainTrusted,
        },
        Some(reason) => Verdict {
            status: PeerStatus::Untrusted,
            reason: Some(reason),
            rule: Rule::ChainUntrusted,
        },
    };
    (verdict, checked.steps)
}
