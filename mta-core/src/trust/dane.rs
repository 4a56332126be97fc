//! Verifies a server by records: TLSA, fingerprints, trust anchors, as OpenSSL's DANE does it for all of them
//! (crypto/x509/x509_vfy.c `dane_verify`; RFC 7671, RFC 7672).

use super::chain::{Check, Checked, Names, Verifiers, signed_with};
use super::{Certificate, Records};
use crate::event::{Matched, RecordMatch, WalkStep};
use crate::fault::ChainFault;
use crate::policy::Tlsa;
use crate::time::Wall;

/// Checks what a server showed, leaf first, against records. The names count only where a record means an authority.
pub fn check_records(
    presented: &[Certificate],
    records: &Records,
    depth_limit: usize,
    wall: Wall,
    verifiers: Verifiers,
    names: Option<&Names<'_>>,
) -> (Checked, Option<RecordMatch>) {
    let Some(leaf) = presented.first() else {
        return (Checked::only(None, Vec::new()), None);
    };
    let step = |ok| WalkStep {
        depth: 0,
        ok,
        subject: leaf.subject.clone(),
    };
    // RFC 7671 §5.1: neither names nor dates nor purposes of a certificate count that DNS vouches for.
    if let Some(record) = records.matching(leaf, Tlsa::END_ENTITY) {
        let found = RecordMatch {
            what: Matched::Certificate,
            depth: 0,
            record: record.clone(),
        };
        return (Checked::only(None, vec![step(true)]), Some(found));
    }
    if !records.have_anchors() {
        let fault = Some((0, ChainFault::NoMatch));
        return (Checked::only(fault, vec![step(false)]), None);
    }
    let mut check = Check::begin(leaf, verifiers);
    let found = build(&mut check, presented, records, depth_limit);
    check.purposes();
    (check.finish(wall, names), found)
}

/// From the leaf up to the first certificate that a record means; or to one that a key in DNS signed.
fn build<'a>(
    check: &mut Check<'a>,
    presented: &'a [Certificate],
    records: &'a Records,
    depth_limit: usize,
) -> Option<RecordMatch> {
    let limit = depth_limit.saturating_add(2);
    while let Some(top) = check.top().filter(|top| !top.is_self_issued()) {
        let issuer = presented
            .iter()
            .chain(records.whole_anchors())
            .find(|issuer| check.issued(issuer, top) && !check.has(issuer));
        let Some(issuer) = issuer.filter(|_| check.len() <= limit) else {
            break;
        };
        check.push(issuer);
        if let Some(record) = records.matching(issuer, Tlsa::TRUST_ANCHOR) {
            return Some(RecordMatch {
                what: Matched::Certificate,
                depth: check.len() - 1,
                record: record.clone(),
            });
        }
    }
    let depth = check.len() - 1;
    let top = check.top()?;
    let signer = records
        .bare_keys()
        .find(|(key, _)| signed_with(top, key, check.verifiers()));
    if let (Some((_, record)), true) = (signer, check.len() <= limit) {
        check.top_is_signed();
        return Some(RecordMatch {
            what: Matched::Signer,
            depth,
            record: record.clone(),
        });
    }
    if check.len() > limit {
        check.report(depth, ChainFault::TooLong { limit: depth_limit });
    }
    check.report(depth, ChainFault::NoMatch);
    check.untrusted();
    None
}
