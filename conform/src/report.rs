//! What came out, as a table, as differences, as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mta_core::config::Release;
use serde::Serialize;

use crate::compare::{Part, Parts};

/// The verdicts on all cases, in the order of the files.
#[derive(Clone, Debug)]
pub struct Report {
    /// The release whose observations counted.
    pub release: Release,
    /// Case by case.
    pub judged: Vec<Judged>,
}

/// The verdict on one case.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The case.
    pub id: String,
    /// Its family.
    pub family: String,
    /// The verdict.
    pub verdict: Verdict,
}

/// How a case came out.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It was played and compared.
    Compared(Parts),
    /// No simulation here can show it.
    NotApplicable {
        /// Why.
        reason: String,
        /// How it compares nevertheless, where that was asked for and it can be played.
        compared: Option<Parts>,
    },
    /// The simulator does not have yet what it needs: the parameter, or the thing.
    NotSimulated(String),
}

/// Counts over a set of cases. `outcome`, `dialogue` and `log` count cases in which that part agrees, `agree` those in
/// which all three do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All that were observed.
    pub cases: usize,
    /// Of these, the ones that no simulation here can show.
    pub not_applicable: usize,
    /// Of these, the ones that need what is not simulated yet.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_simulated: usize,
    /// All three parts agree.
    pub agree: usize,
    /// The outcome agrees.
    pub outcome: usize,
    /// The dialogue agrees.
    pub dialogue: usize,
    /// The log agrees.
    pub log: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Counts {
    fn add(&mut self, verdict: &Verdict) {
        self.cases += 1;
        match verdict {
            Verdict::NotApplicable { .. } => self.not_applicable += 1,
            Verdict::NotSimulated(_) => self.not_simulated += 1,
            Verdict::Compared(parts) => {
                self.agree += usize::from(parts.all_agree());
                self.outcome += usize::from(parts.agrees(Part::Outcome));
                self.dialogue += usize::from(parts.agrees(Part::Dialogue));
                self.log += usize::from(parts.agrees(Part::Log));
            }
        }
    }
}

#[derive(Serialize)]
struct Json<'a> {
    version: String,
    #[serde(flatten)]
    counts: Counts,
    families: BTreeMap<&'a str, Counts>,
    disagree: Vec<Disagreement<'a>>,
    not_applicable_cases: Vec<Reason<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_simulated_cases: Vec<Reason<'a>>,
}

#[derive(Serialize)]
struct Disagreement<'a> {
    id: &'a str,
    parts: Vec<&'static str>,
}

#[derive(Serialize)]
struct Reason<'a> {
    id: &'a str,
    reason: &'a str,
}

impl Report {
    /// The counts over all cases.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for judged in &self.judged {
            counts.add(&judged.verdict);
        }
        counts
    }

    /// The counts by family.
    pub fn families(&self) -> BTreeMap<&str, Counts> {
        let mut families: BTreeMap<&str, Counts> = BTreeMap::new();
        for judged in &self.judged {
            let counts = families.entry(judged.family.as_str()).or_default();
            counts.add(&judged.verdict);
        }
        families
    }

    /// Whether anything that was compared disagrees.
    pub fn disagrees(&self) -> bool {
        self.disagreements().next().is_some()
    }

    /// The cases that were compared and disagree.
    pub fn disagreements(&self) -> impl Iterator<Item = (&Judged, &Parts)> {
        self.judged
            .iter()
            .filter_map(|judged| match &judged.verdict {
                Verdict::Compared(parts) if !parts.all_agree() => Some((judged, parts)),
                Verdict::Compared(_) | Verdict::NotApplicable { .. } | Verdict::NotSimulated(_) => {
                    None
                }
            })
    }

    /// A table: a row for each family, and one for all.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{:<20} {:>6} {:>6} {:>8} {:>9} {:>6} {:>15} {:>14}\n",
            format!("Postfix {}", self.release),
            "cases",
            "agree",
            "outcome",
            "dialogue",
            "log",
            "not applicable",
            "not simulated"
        );
        let mut row = |name: &str, counts: &Counts| {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{name:<20} {:>6} {:>6} {:>8} {:>9} {:>6} {:>15} {:>14}",
                counts.cases,
                counts.agree,
                counts.outcome,
                counts.dialogue,
                counts.log,
                counts.not_applicable,
                counts.not_simulated
            );
        };
        for (family, counts) in self.families() {
            row(family, &counts);
        }
        row("all", &self.counts());
        text
    }

    /// The first `limit` differences: `- ` what Postfix did, `+ ` what the simulator did.
    pub fn differences(&self, limit: usize) -> String {
        let mut text = String::new();
        for (judged, parts) in self.disagreements().take(limit) {
            let mut part = None;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{} ({})", judged.id, judged.family);
            for (of, line) in parts.lines() {
                if part != Some(of) {
                    let _ = writeln!(text, " {of}");
                    part = Some(of);
                }
                let _ = writeln!(text, "  {line}");
            }
        }
        text
    }

    /// One object with all counts and the names of what disagrees or was not played.
    ///
    /// # Errors
    /// None that is known; the writer of JSON has one.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        let reasons = |wanted: fn(&Verdict) -> Option<&str>| {
            self.judged
                .iter()
                .filter_map(move |judged| {
                    let reason = wanted(&judged.verdict)?;
                    Some(Reason {
                        id: &judged.id,
                        reason,
                    })
                })
                .collect()
        };
        serde_json::to_string(&Json {
            version: self.release.to_string(),
            counts: self.counts(),
            families: self.families(),
            disagree: self
                .disagreements()
                .map(|(judged, parts)| Disagreement {
                    id: &judged.id,
                    parts: parts.disagree().map(Part::name).collect(),
                })
                .collect(),
            not_applicable_cases: reasons(|verdict| match verdict {
                Verdict::NotApplicable { reason, .. } => Some(reason),
                Verdict::Compared(_) | Verdict::NotSimulated(_) => None,
            }),
            not_simulated_cases: reasons(|verdict| match verdict {
                Verdict::NotSimulated(reason) => Some(reason),
                Verdict::Compared(_) | Verdict::NotApplicable { .. } => None,
            }),
        })
    }
}
