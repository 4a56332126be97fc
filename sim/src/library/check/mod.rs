//! What is wrong with a file, without running it: all of it, and what is right but cannot be meant.

mod places;
mod rules;
mod scenario;
mod starttls;

use std::sync::Arc;

use crate::file::{FileError, SourceFile, faults};
use crate::peer::{Observe, PeerSpec};
use crate::seed::Seed;
use crate::world::World as BuiltWorld;
use mta_core::config::Release;
use serde::Serialize;
use toml::de::{DeTable, DeValue};

use crate::library::{Catalogue, FileKind, LookupError, World};
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::view::{Told, told};

use places::Places;

/// What was found in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Checked {
    /// The file.
    pub file: String,
    /// What it was taken for.
    pub kind: FileKind,
    /// Why the file was taken for this kind.
    pub why: String,
    /// What is wrong with it, in the order of its lines.
    pub problems: Vec<Problem>,
    /// What looks unintended in the main.cf of a scenario, or has no effect here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Told>,
}

/// Something wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file it is in: one that the checked file builds on, perhaps.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong, in a line.
    pub message: String,
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        Problem {
            file: error.file,
            line: error.line,
            column: error.column,
            message: error.message,
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Problem {
            file,
            line,
            column,
            message,
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")
    }
}

/// Checks the text of a file; `file` is its path. What it names is looked for in `catalogue`.
///
/// ```
/// use mta_sim::library::Catalogue;
/// use mta_sim::library::check::check;
///
/// let text = "[[on]]\ncommand = 'RCPT'\nsend = '451 later'\n[[on]]\ncommand = 'RCPT'\nnth = 1\nsend = '550 no'";
/// let found = check("mine.toml", text, &Catalogue::embedded()?);
/// assert_eq!(
///     found.problems[0].to_string(),
///     "mine.toml:4:1: this rule is never reached: the one in line 1 applies whenever it would"
/// );
/// # Ok::<(), mta_sim::file::FileError>(())
/// ```
pub fn check(file: &str, text: &str, catalogue: &Catalogue) -> Checked {
    check_file(&SourceFile::new(file, text), catalogue)
}

/// The same of a file that was read already.
pub fn check_file(file: &Arc<SourceFile>, catalogue: &Catalogue) -> Checked {
    let (kind, why) = FileKind::of(file);
    let mut found = match kind {
        FileKind::Peer => faults::<PeerSpec>(file, |table| {
            table.remove("extends");
            strip_peers(table);
        }),
        FileKind::World => faults::<World>(file, strip_peers),
        FileKind::Scenario => faults::<Scenario>(file, strip_peers),
    };
    if found.is_empty() {
        found = match kind {
            FileKind::Peer => peer(file, catalogue),
            FileKind::World => world(file, catalogue),
            FileKind::Scenario => scenario_file(file, catalogue),
        };
    }
    let mut problems: Vec<Problem> = found.into_iter().map(Problem::from).collect();
    problems.sort();
    problems.dedup();
    Checked {
        file: file.path().to_owned(),
        kind,
        why,
        problems,
        warnings: match kind {
            FileKind::Scenario => warnings(file, catalogue),
            FileKind::Peer | FileKind::World => Vec::new(),
        },
    }
}

/// Those of every release that a scenario names, each once.
fn warnings(file: &Arc<SourceFile>, catalogue: &Catalogue) -> Vec<Told> {
    let mut all = Vec::new();
    let Ok(scenario) = Scenario::load_file(file, catalogue) else {
        return all;
    };
    for release in &scenario.postfix {
        let plan = scenario.plan_for(*release, scenario.plan.seed, catalogue);
        let configuration = plan.ok().and_then(|plan| plan.configuration().ok());
        let new = configuration
            .map(|found| told(found.warnings()))
            .unwrap_or_default();
        for warning in new {
            if !all.contains(&warning) {
                all.push(warning);
            }
        }
    }
    all
}

fn peer(file: &Arc<SourceFile>, catalogue: &Catalogue) -> Vec<FileError> {
    let spec = match PeerSpec::load_file(file, catalogue) {
        Ok(spec) => spec,
        Err(error) => return vec![error],
    };
    let places = Places(file);
    let mut found = rules::never_reached(&spec.on, &places, &["on"]);
    found.extend(starttls::never_spoken(&spec, &places));
    if let Ok(world) = World::around(&spec, catalogue) {
        found.extend(unbuilt(of_world(&world, catalogue), &places));
    }
    found
}

fn world(file: &Arc<SourceFile>, catalogue: &Catalogue) -> Vec<FileError> {
    match World::load_file(file, catalogue) {
        Ok(world) => unbuilt(of_world(&world, catalogue), &Places(file)),
        Err(error) => vec![error],
    }
}

fn scenario_file(file: &Arc<SourceFile>, catalogue: &Catalogue) -> Vec<FileError> {
    let scenario = match Scenario::load_file(file, catalogue) {
        Ok(scenario) => scenario,
        Err(error) => return vec![error],
    };
    let places = Places(file);
    let mut found = scenario::unmeant(&scenario, &places);
    let plan = scenario.plan_for(Release::default(), scenario.plan.seed, catalogue);
    found.extend(unbuilt(plan, &places));
    found
}

fn of_world(world: &World, catalogue: &Catalogue) -> Result<Plan, LookupError> {
    world.plan("", Release::default(), Seed(1), catalogue)
}

/// What shows only when a world is built: unknown peers, DNS data that make no sense, placeholders for nobody.
fn unbuilt(plan: Result<Plan, LookupError>, places: &Places<'_>) -> Vec<FileError> {
    let fault = match plan {
        Ok(plan) => BuiltWorld::build(&plan.world, &plan.peers, plan.seed, Observe::Nothing)
            .map_err(|error| error.to_string())
            .err(),
        Err(unknown) => Some(unknown.to_string()),
    };
    let told = |message: String| places.of_quoted(message.lines().next().unwrap_or_default());
    fault.map(told).into_iter().collect()
}

/// Peers that are written out may build on others: `extends` is not theirs to read.
fn strip_peers(table: &mut DeTable<'_>) {
    for (key, value) in table.iter_mut() {
        strip_value(value.get_mut(), key.get_ref());
    }
}

fn strip_value(value: &mut DeValue<'_>, key: &str) {
    match value {
        DeValue::Table(table) if key == "peers" => table
            .iter_mut()
            .for_each(|(_, value)| strip_value(value.get_mut(), "peer")),
        DeValue::Table(table) => {
            if key == "peer" {
                table.remove("extends");
            }
            strip_peers(table);
        }
        DeValue::Array(list) => list
            .iter_mut()
            .for_each(|value| strip_value(value.get_mut(), "")),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a file, without its name.
    pub(super) fn found(file: &str, text: &str) -> Vec<String> {
        let catalogue = Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"));
        let checked = check(file, text, &catalogue);
        let told = |problem: &Problem| {
            let Problem {
                line,
                column,
                message,
                ..
            } = problem;
            format!("{line}:{column}: {message}")
        };
        checked.problems.iter().map(told).collect()
    }

    #[test]
    fn every_fault_of_a_file_is_told() {
        let text = "summary = 'x'\ngreting = '220'\n[tls]\ncertificate = 'expird'\ntickets = 'many'\n\
                    [[on]]\nthen = 'close'\n[[on]]\ncommand = 'QIT'\nthen = 'close'";
        assert_eq!(
            found("p.toml", text),
            [
                "2:1: unknown key `greting`; did you mean `greeting`?",
                "4:15: unknown word `expird`; did you mean `expired`?",
                "5:11: invalid type: string \"many\", expected a whole number from 0 to 255",
                "6:1: a rule has one of command, moment and fail",
                "9:11: unknown word `QIT`; did you mean `QUIT`?",
            ]
        );
    }

    #[test]
    fn names_that_nobody_has_are_told_with_the_nearest() {
        assert_eq!(
            found("p.toml", "summary = 'x'\nextends = 'gmial'"),
            ["2:11: no peer is called \"gmial\"; did you mean \"gmail\"?"]
        );
        for (text, place) in [
            ("[[on]]\nmoment = 'connect'\npeer = 'gmial'", "3:8"),
            ("[[mx]]\nhost = 'mx.a.test'\npeer = 'gmial'", "3:8"),
            ("[[mx]]\nhost = 'mx.a.test'\npeer.extends = 'gmial'", "3:16"),
        ] {
            let told = format!("{place}: no peer is called \"gmial\"; did you mean \"gmail\"?");
            assert_eq!(found("p.toml", text), [told], "{text}");
            let known = text.replace("gmial", "gmail");
            assert!(found("p.toml", &known).is_empty(), "{known}");
        }
        let world = "summary = 'x'\n[[domain]]\nname = 'a.test'\npeer = 'gmial'";
        assert_eq!(
            found("w.toml", world),
            ["4:8: no peer is called \"gmial\"; did you mean \"gmail\"?"]
        );
        let scenario = "summary = 'x'\nworld = 'w00'\nmain-cf = ''";
        assert_eq!(
            found("c.toml", scenario),
            ["2:9: no world is called \"w00\"; did you mean \"w0\"?"]
        );
    }

    #[test]
    fn nothing_is_wrong_with_the_catalogue() {
        let catalogue = Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"));
        let mut wrong = Vec::new();
        for folder in ["peers", "worlds", "cases"] {
            let path = format!("{}/../scenarios/{folder}", env!("CARGO_MANIFEST_DIR"));
            for entry in std::fs::read_dir(path).unwrap() {
                let path = entry.unwrap().path();
                let text = std::fs::read_to_string(&path).unwrap();
                let checked = check(path.to_str().unwrap(), &text, &catalogue);
                wrong.extend(checked.problems.iter().map(ToString::to_string));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
