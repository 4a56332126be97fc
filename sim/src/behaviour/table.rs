//! The table of behaviours by level: each cell run, and held against its row.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::run::Driver;
use crate::seed::Seed;
use mta_core::config::Release;
use mta_core::policy::Level;

use super::Behaviours;
use super::code::Cell;
use super::correction::Correction;
use super::row::{Capability, LEVELS, Row, SessionWord};
use super::seen::{Seen, deliveries};
use crate::library::Catalogue;

/// The whole table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its rows, by the name of the behaviour.
    pub rows: BTreeMap<String, Vec<Judged>>,
}

/// A cell, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The level.
    pub level: Level,
    /// What the row says.
    pub expected: String,
    /// What came.
    pub came: String,
    /// How the two compare.
    pub verdict: Verdict,
}

/// How a run compares with its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It came out so.
    Agree,
    /// It came out as a correction says.
    Settled,
    /// It needs what there is not yet.
    Pending(Capability),
    /// It came out otherwise.
    Disagree,
}

/// How the table is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The Postfix that delivers.
    pub release: Release,
    /// The seed of all randomness.
    pub seed: Seed,
    /// What moves the machines.
    pub driver: Driver,
}

impl Table {
    /// Runs every behaviour whose name `wanted` likes at each of the eight levels, on as many threads as there are
    /// processors. The table does not depend on their number.
    pub fn make(
        behaviours: &Behaviours,
        catalogue: &Catalogue,
        options: Options,
        wanted: impl Fn(&str) -> bool,
    ) -> Table {
        let ids: Vec<(&str, &Row)> = behaviours
            .rows()
            .iter()
            .map(|(id, row)| (id.as_str(), row))
            .filter(|(id, _)| wanted(id))
            .collect();
        let cells = Cells {
            behaviours,
            catalogue,
            options,
        };
        let next = AtomicUsize::new(0);
        let rows = Mutex::new(BTreeMap::new());
        thread::scope(|scope| {
            let workers = thread::available_parallelism().map_or(1, usize::from);
            for _ in 0..workers.min(ids.len()) {
                scope.spawn(|| {
                    while let Some((id, row)) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let judged = LEVELS.map(|level| cells.judge(id, row, level)).to_vec();
                        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
                        rows.insert((*id).to_owned(), judged);
                    }
                });
            }
        });
        Table {
            rows: rows.into_inner().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Every cell, with the name of its behaviour.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &Judged)> {
        self.rows
            .iter()
            .flat_map(|(id, cells)| cells.iter().map(move |cell| (id.as_str(), cell)))
    }

    /// How many cells were judged so.
    pub fn count(&self, verdict: impl Fn(Verdict) -> bool) -> usize {
        self.cells()
            .filter(|(_, cell)| verdict(cell.verdict))
            .count()
    }

    /// How many behaviours agree or are settled at every level.
    pub fn done(&self) -> usize {
        let is_done = |cell: &Judged| matches!(cell.verdict, Verdict::Agree | Verdict::Settled);
        self.rows
            .values()
            .filter(|cells| cells.iter().all(is_done))
            .count()
    }
}

/// What cells are run and held against.
struct Cells<'a> {
    behaviours: &'a Behaviours,
    catalogue: &'a Catalogue,
    options: Options,
}

impl Cells<'_> {
    fn judge(&self, id: &str, row: &Row, level: Level) -> Judged {
        let Cells {
            behaviours,
            catalogue,
            options,
        } = self;
        let expected = Expected::of(row, level);
        let judged = |came: String, verdict| Judged {
            level,
            expected: expected.to_string(),
            came,
            verdict,
        };
        if let Some(capability) = row.pending {
            return judged(String::new(), Verdict::Pending(capability));
        }
        let run = behaviours
            .plan(catalogue, id, level, options.release, options.seed)
            .map_err(|error| error.to_string())
            .and_then(|plan| plan.run(options.driver).map_err(|error| error.to_string()));
        let seen = match run {
            Ok(run) => deliveries(&run),
            Err(error) => return judged(error, Verdict::Disagree),
        };
        let correction = behaviours
            .corrections()
            .iter()
            .find(|correction| correction.behaviour == id && correction.is_about(level));
        let verdict = if expected.is_met(&seen) {
            Verdict::Agree
        } else if correction.is_some_and(|correction| expected.corrected(correction).is_met(&seen))
        {
            Verdict::Settled
        } else {
            Verdict::Disagree
        };
        judged(came(&seen, &expected), verdict)
    }
}

/// What a cell asks for.
struct Expected<'a> {
    out: Option<&'a Cell>,
    then: Option<&'a Cell>,
    session: Option<SessionWord>,
}

impl<'a> Expected<'a> {
    fn of(row: &'a Row, level: Level) -> Self {
        Expected {
            out: row.out.at(level),
            then: row.then.as_ref().and_then(|then| then.at(level)),
            session: row.session,
        }
    }

    fn corrected(&self, correction: &'a Correction) -> Expected<'a> {
        Expected {
            out: correction.out.as_ref().or(self.out),
            then: correction.then.as_ref().or(self.then),
            session: correction.session.or(self.session),
        }
    }

    fn is_met(&self, seen: &[Seen]) -> bool {
        let same = |cell: Option<&Cell>, seen: Option<&Seen>| match cell {
            Some(cell) => seen.map(|seen| seen.code) == cell.exact(),
            None => true,
        };
        same(self.out, seen.first()) && same(self.then, seen.get(1)) && self.session_is_met(seen)
    }

    fn session_is_met(&self, seen: &[Seen]) -> bool {
        let last = seen.iter().skip(1).rfind(|seen| seen.code.in_tls());
        match (self.session, last.and_then(|seen| seen.tls)) {
            (Some(SessionWord::Resumed), Some(tls)) => tls.resumed,
            (Some(SessionWord::Full), Some(tls)) => !tls.resumed,
            // Where the first delivery is not in TLS, the last one is not either.
            (Some(SessionWord::Resumed | SessionWord::Full), None) => {
                seen.first().is_some_and(|seen| !seen.code.in_tls())
            }
            (Some(SessionWord::Either) | None, _) => true,
        }
    }
}

impl std::fmt::Display for Expected<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(out) = self.out {
            write!(f, "{out}")?;
        }
        if let Some(then) = self.then {
            write!(f, ", then {then}")?;
        }
        match self.session {
            Some(SessionWord::Resumed) => f.write_str(", resumed"),
            Some(SessionWord::Full) => f.write_str(", full"),
            Some(SessionWord::Either) | None => Ok(()),
        }
    }
}

/// What came, as far as the cell asks for it.
fn came(seen: &[Seen], expected: &Expected<'_>) -> String {
    let code = |number: usize| {
        seen.get(number)
            .map_or_else(|| "nothing".to_owned(), |seen| seen.code.to_string())
    };
    let mut text = code(0);
    if expected.then.is_some() {
        text.push_str(&format!(", then {}", code(1)));
    }
    let last = seen.iter().skip(1).rfind(|seen| seen.code.in_tls());
    if let (Some(_), Some(tls)) = (expected.session, last.and_then(|seen| seen.tls)) {
        text.push_str(if tls.resumed { ", resumed" } else { ", full" });
    }
    text
}
