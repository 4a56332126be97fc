//! One value after another, from main.cf or from the table of defaults, expanded and checked.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::braced_words::BracedWords;
use super::compat_level::CompatLevel;
use super::expand::{Expanded, expand};
use super::feature::Feature;
use super::in_force::InForce;
use super::known_names;
use super::main_cf::{Entry, MainCf};
use super::parameter::{Kind, Parameter};
use super::place::Place;
use super::problem::{Findings, Problem, ProblemKind, clip};
use super::release::Release;
use super::table::parameter;
use super::value::{self, Refusal};
use crate::event::{Assignment, ConfigNotice, OpenFault};

/// Reads parameters. A wrong value is an error that is kept, and the default goes on in its place, so that
/// all errors are found in one go.
pub(super) struct Reader<'a> {
    main_cf: &'a MainCf,
    release: Release,
    /// Values that are final, such as `myhostname` once it is known.
    settled: BTreeMap<&'static str, String>,
    pub(super) findings: Findings,
    /// The names that were read.
    pub(super) asked: BTreeSet<&'static str>,
}

impl<'a> Reader<'a> {
    pub(super) fn of(main_cf: &'a MainCf, release: Release) -> Self {
        let findings = main_cf.findings().clone();
        let (settled, asked) = (BTreeMap::new(), BTreeSet::new());
        Reader {
            main_cf,
            release,
            settled,
            findings,
            asked,
        }
    }

    pub(super) fn release(&self) -> Release {
        self.release
    }

    pub(super) fn has(&self, feature: Feature) -> bool {
        self.release.has(feature)
    }

    /// What main.cf says of a parameter; nothing if this Postfix does not know it, so that the name is an admin's own.
    fn entry(&self, name: &str) -> Option<&'a Entry> {
        let known = parameter(name).is_none_or(|row| row.is_known_to(self.release));
        self.main_cf.get(name).filter(|_| known)
    }

    /// The names in main.cf with this end.
    pub(super) fn names_with_end(&self, end: &str) -> Vec<String> {
        let names = self.main_cf.entries().map(|entry| &entry.name);
        names.filter(|name| name.ends_with(end)).cloned().collect()
    }

    /// Where `name` is set, or the file if it is not.
    pub(super) fn place(&self, name: &str) -> Place {
        self.main_cf
            .get(name)
            .map_or_else(|| self.main_cf.whole_file(), |entry| entry.place.clone())
    }

    /// Whether main.cf says nothing about `name`.
    pub(super) fn is_unset(&self, name: &str) -> bool {
        self.entry(name).is_none()
    }

    /// Whether `compatibility_level` is at least this one.
    pub(super) fn compat_level_reaches(&mut self, level: &str) -> bool {
        let own: Option<CompatLevel> = self.text("compatibility_level").parse().ok();
        let own = own.unwrap_or_default();
        level.parse().is_ok_and(|level| own >= level)
    }

    /// Warns of a value that would count for Postfix, and here does so in part or not at all.
    pub(super) fn ignored(&mut self, name: &str, what: &str) {
        let place = self.place(name);
        let problem = Problem::with(&place, name, what);
        self.findings
            .warn(problem.of_kind(ProblemKind::PartlySimulated));
    }

    /// Warns of a value that Postfix remarks on when its process starts.
    pub(super) fn remark(&mut self, name: &str, what: &str, notice: ConfigNotice) {
        let place = self.place(name);
        self.findings
            .warn(Problem::with(&place, name, what).noticed(notice));
    }

    /// Text, expanded.
    pub(super) fn text(&mut self, name: &'static str) -> String {
        let release = self.release;
        self.read(name, String::new(), |row, text| {
            // Where the default is empty, anything may be.
            let min = match row.kind {
                Kind::Text { min } if !row.default(release).is_empty() => min,
                Kind::Text { .. } | Kind::Tables | Kind::HostName | Kind::YesNo => 0,
                Kind::Number { .. } | Kind::Time { .. } | Kind::Word(_) | Kind::Words(_) => 0,
            };
            Ok((value::at_least(row.name, text, min)?.to_owned(), None))
        })
    }

    /// The same reader, for a parameter whose default is the value of this one.
    pub(super) fn with_default_of(&mut self, name: &'static str) -> &mut Self {
        self.asked.insert(name);
        self
    }

    /// Lookup tables, expanded: each has a type, on which older releases insist.
    pub(super) fn tables(&mut self, name: &'static str) -> String {
        let insists = !self.has(Feature::UntypedTables);
        self.read(name, String::new(), |_, text| {
            let untyped = |word: &&str| !word.contains(':') || word.starts_with(':');
            match BracedWords::of(text).find(untyped) {
                Some(word) if insists => Err(Refusal::new(
                    format!(
                        "\"{}\" is not a lookup table; expected TYPE:NAME, such as hash:/etc/postfix/table",
                        clip(word)
                    ),
                    ConfigNotice::NoTable(OpenFault::Untyped(word.into())),
                )),
                Some(_) | None => Ok((text.to_owned(), None)),
            }
        })
    }

    /// Text, expanded; `None` if there is none.
    pub(super) fn some_text(&mut self, name: &'static str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    pub(super) fn yes_or_no(&mut self, name: &'static str) -> bool {
        self.read(name, false, |row, text| {
            Ok((value::yes_or_no(row.name, text)?, None))
        })
    }

    pub(super) fn number(&mut self, name: &'static str) -> i32 {
        self.read(name, 0, |row, text| {
            let (min, max) = limits(row.kind);
            Ok((value::number(row.name, text, min, max)?, None))
        })
    }

    pub(super) fn time(&mut self, name: &'static str) -> Duration {
        let release = self.release;
        self.read(name, Duration::ZERO, |row, text| {
            let (min, max) = limits(row.kind);
            let unit = row
                .default(release)
                .chars()
                .find(char::is_ascii_alphabetic)
                .unwrap_or('s');
            value::time(row.name, text, unit, min, max)
        })
    }

    /// A value of another type; `fallback` if not even the default can be read.
    pub(super) fn parsed<T>(
        &mut self,
        name: &'static str,
        fallback: T,
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> T {
        self.read(name, fallback, |_, text| Ok((parse(text)?, None)))
    }

    /// A host name; `default` if main.cf does not have it. Other values see it as it is.
    pub(super) fn host_name(&mut self, name: &'static str, default: String) -> String {
        self.asked.insert(name);
        let entry = self.main_cf.get(name);
        let text = match entry {
            Some(entry) => self.expanded(name, &entry.value, Some(&entry.place)),
            None => Some(Expanded {
                text: default.clone(),
                ..Expanded::default()
            }),
        };
        let checked = text.map(|text| {
            host_name_of(name, &text.text, self.main_cf.file())
                .map_err(|refusal| refusal.because(&text.undefined))
        });
        let host_name = match checked {
            Some(Ok(text)) => text,
            Some(Err(refusal)) => {
                self.refuse(name, refusal);
                default
            }
            None => default,
        };
        self.settled.insert(name, host_name.clone());
        host_name
    }

    /// Looks at a value that has no effect here, if main.cf has one.
    pub(super) fn check(&mut self, name: &str, check: impl Fn(&str) -> Result<(), Refusal>) {
        let Some(entry) = self.main_cf.get(name) else {
            return;
        };
        if let Some(text) = self.expanded(name, &entry.value, Some(&entry.place))
            && let Err(refusal) = check(&text.text)
        {
            self.refuse(name, refusal.because(&text.undefined));
        }
    }

    /// The raw value in main.cf, expanded; `None` if it is not there.
    pub(super) fn in_file(&mut self, name: &str) -> Option<String> {
        let entry = self.main_cf.get(name)?;
        expand(&entry.value, &|name| self.raw(name))
            .ok()
            .map(|expanded| expanded.text)
    }

    /// What holds of a parameter, once everything is read.
    pub(super) fn in_force(&self, row: &'static Parameter) -> InForce {
        let entry = self.main_cf.get(row.name);
        let raw = match (entry, row.kind, self.settled.get(row.name)) {
            (Some(entry), ..) => &entry.value,
            (None, Kind::HostName, Some(machine)) => machine,
            (None, ..) => row.default(self.release),
        };
        InForce {
            parameter: row,
            value: expand(raw, &|name| self.raw(name)).unwrap_or_default().text,
            raw: raw.to_owned(),
            place: entry.map(|entry| entry.place.clone()),
        }
    }

    /// Keeps an error about `name`.
    pub(super) fn refuse(&mut self, name: &str, refusal: Refusal) {
        let problem = Problem::with(&self.place(name), name, refusal.what);
        self.findings
            .error(problem.nearest(refusal.nearest).noticed(refusal.notice));
    }

    fn read<T>(
        &mut self,
        name: &'static str,
        fallback: T,
        parse: impl Fn(&Parameter, &str) -> Result<(T, Option<String>), Refusal>,
    ) -> T {
        self.asked.insert(name);
        let place = self.place(name);
        let Some(row) = parameter(name) else {
            self.findings.error(Problem::with(
                &place,
                name,
                "not in the table of parameters",
            ));
            return fallback;
        };
        let default = row.default(self.release);
        let entry = self.entry(name);
        let raw = entry.map_or(default, |entry| &entry.value);
        if let Some(text) = self.expanded(name, raw, entry.map(|entry| &entry.place)) {
            match parse(row, &text.text) {
                Ok((value, remark)) => {
                    if let Some(remark) = remark {
                        self.findings.warn(Problem::with(&place, name, remark));
                    }
                    return value;
                }
                Err(refusal) => self.refuse(name, refusal.because(&text.undefined)),
            }
        }
        let default = expand(default, &|name| self.raw(name))
            .unwrap_or_default()
            .text;
        let value = parse(row, &default).map_or(fallback, |(value, _)| value);
        // Other values see the default too: one mistake is reported once.
        self.settled.insert(row.name, default);
        value
    }

    /// Expands a raw value; what goes wrong is kept. A default has no place: what it lacks is told of the parameter that it
    /// is taken from.
    fn expanded(&mut self, name: &str, raw: &str, place: Option<&Place>) -> Option<Expanded> {
        match expand(raw, &|name| self.raw(name)) {
            Ok(expanded) => {
                for (undefined, place) in expanded.undefined.iter().zip(place.into_iter().cycle()) {
                    let what = format!("${undefined} has no value here and is left out");
                    self.findings.warn(Problem::with(place, name, what));
                }
                Some(expanded)
            }
            Err(error) => {
                let what = error.0.as_str().into();
                let notice = ConfigNotice::Macro { what };
                let whole_file = self.main_cf.whole_file();
                let place = place.unwrap_or(&whole_file);
                self.findings
                    .error(Problem::with(place, name, error.0).noticed(notice));
                None
            }
        }
    }

    /// What `name` stands for inside other values.
    fn raw(&self, name: &str) -> Option<Cow<'_, str>> {
        let settled = self.settled.get(name).map(String::as_str);
        let entry = || self.main_cf.get(name).map(|entry| entry.value.as_str());
        let is_known = |row: &&Parameter| row.is_known_to(self.release);
        let row = || parameter(name).filter(|row| row.kind != Kind::HostName && is_known(row));
        let default = || row().map(|row| row.default(self.release));
        let raw = settled.or_else(entry).or_else(default);
        raw.or_else(|| known_names::default_of(name))
            .map(Cow::Borrowed)
    }
}

fn host_name_of(name: &str, text: &str, file: &str) -> Result<String, Refusal> {
    let text = value::at_least(name, text, 1)?;
    let Some(fault) = super::host_name::fault_of(text) else {
        return Ok(text.to_owned());
    };
    let path = Place::in_file(&file.into()).path();
    Err(Refusal::new(
        format!("\"{}\" is not a host name: {fault}", clip(text)),
        ConfigNotice::NotAHostName {
            path,
            set: Assignment::of(name, text),
            fault,
        },
    ))
}

fn limits(kind: Kind) -> (i32, i32) {
    if let Kind::Number { min, max } | Kind::Time { min, max } = kind {
        (min, max)
    } else {
        (0, 0)
    }
}
