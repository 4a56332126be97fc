//! Judges a whole dataset.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use mta_core::config::Release;
use mta_core::time::Wall;
use mta_sim::world::WORLD_START;

use crate::case::Case;
use crate::compare::{Part, Parts, compare};
use crate::dataset::Dataset;
use crate::pki::Certificates;
use crate::play::{Wanted, play};
use crate::reach::NotApplicable;
use crate::report::{Judged, Report, Verdict};

/// What is judged.
#[derive(Clone, Debug)]
pub struct Options {
    /// The release whose observations count.
    pub release: Release,
    /// This case only.
    pub case: Option<String>,
    /// This family only.
    pub family: Option<String>,
    /// Plays also what is not applicable, and says how it compares: to review the list.
    pub review: bool,
    /// How many threads play.
    pub threads: usize,
}

impl Options {
    /// Everything, with two threads.
    pub const fn for_postfix(release: Release) -> Options {
        Options {
            release,
            case: None,
            family: None,
            review: false,
            threads: 2,
        }
    }
}

/// Where chance had a part, a case agrees if it does with one of so many seeds.
const SEEDS: u64 = 8;

/// Plays the cases that were observed with this release, and compares.
pub fn judge(dataset: &Dataset, options: &Options) -> Report {
    let start = WORLD_START.wall();
    let certificates = Certificates::mint(&dataset.pki, start);
    let names = certificates.names();
    let list = NotApplicable::list();
    let wanted = |case: &&Case| {
        options.case.as_ref().is_none_or(|id| *id == case.id)
            && options
                .family
                .as_ref()
                .is_none_or(|family| *family == case.family)
    };
    let cases: Vec<&Case> = dataset.cases.iter().filter(wanted).collect();
    let next = AtomicUsize::new(0);
    let judged: Mutex<Vec<(usize, Judged)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(place) else { return };
                    let verdict = one(case, dataset, &certificates, &names, &list, start, options);
                    let Some(verdict) = verdict else { continue };
                    let judgement = Judged {
                        id: case.id.clone(),
                        family: case.family.clone(),
                        verdict,
                    };
                    judged
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((place, judgement));
                }
            });
        }
    });
    let mut judged = judged.into_inner().unwrap_or_else(PoisonError::into_inner);
    judged.sort_by_key(|(place, _)| *place);
    Report {
        release: options.release,
        judged: judged.into_iter().map(|(_, judgement)| judgement).collect(),
    }
}

/// The verdict on one case; nothing if it was not observed with this release.
fn one(
    case: &Case,
    dataset: &Dataset,
    certificates: &Certificates,
    names: &[String],
    list: &Result<NotApplicable, String>,
    start: Wall,
    options: &Options,
) -> Option<Verdict> {
    let observed = case.observed(options.release)?;
    let reason = match list {
        Ok(list) => list
            .reason(case, &observed, &dataset.pki)
            .map(str::to_owned),
        Err(_) => None,
    };
    if let (Some(reason), false) = (&reason, options.review) {
        return Some(Verdict::NotApplicable {
            reason: reason.clone(),
            compared: None,
        });
    }
    let seeds = if case.nondeterministic.is_some() {
        SEEDS
    } else {
        1
    };
    let mut best: Option<Parts> = None;
    for seed in 1..=seeds {
        let wanted = Wanted {
            case,
            release: options.release,
            certificates,
            names,
            start,
            seed,
        };
        let simulated = match play(&wanted) {
            Ok(simulated) => simulated,
            Err(missing) => {
                return Some(match reason {
                    Some(reason) => Verdict::NotApplicable {
                        reason,
                        compared: None,
                    },
                    None => Verdict::NotSimulated(missing.to_string()),
                });
            }
        };
        let parts = compare(&observed, &simulated, |line| {
            certificates.label_digests(line)
        });
        let count = |parts: &Parts| Part::ALL.iter().filter(|part| parts.agrees(**part)).count();
        if best.as_ref().is_none_or(|best| count(&parts) > count(best)) {
            best = Some(parts);
        }
    }
    let parts = best.unwrap_or_default();
    Some(match reason {
        Some(reason) => Verdict::NotApplicable {
            reason,
            compared: Some(parts),
        },
        None => Verdict::Compared(parts),
    })
}
