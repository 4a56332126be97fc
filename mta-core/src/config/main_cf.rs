//! main.cf as text: names, values, and the lines they stand on.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::logical_line::{LogicalLine, logical_lines};
use super::place::Place;
use super::problem::{ConfigError, Findings, Problem, Warning, clip};
use super::space::is_space;
use crate::event::{ConfigNotice, PairFault};

/// Largest file that is read. Ours: Postfix has no limit, and a long main.cf has some 50 kB.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// Most entries that are read. Ours: Postfix has about 950 parameters.
pub const MAX_ENTRIES: usize = 10_000;

/// How much Postfix repeats of a line that continues nothing, in characters.
const SHOWN_MAX: usize = 30;

/// The entries of a main.cf, not yet looked at: values are raw, with `$name` in them.
///
/// Reading never fails; what is wrong is kept and comes out with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MainCf {
    file: Arc<str>,
    entries: Vec<Entry>,
    /// Name → index of its last entry.
    last: BTreeMap<String, usize>,
    findings: Findings,
}

/// One `name = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The parameter's name; case matters.
    pub name: String,
    /// The raw value, continuation lines joined, without blanks at either end.
    pub value: String,
    /// Where the entry starts.
    pub place: Place,
}

impl MainCf {
    /// Reads the text of a main.cf. `file` is the name for messages, such as `main.cf`.
    pub fn parse(file: &str, text: &str) -> Self {
        let mut main_cf = MainCf {
            file: Arc::from(file),
            entries: Vec::new(),
            last: BTreeMap::new(),
            findings: Findings::default(),
        };
        main_cf.read(text);
        main_cf
    }

    /// As [`MainCf::parse`], for bytes as they come from a file. Bytes that are not UTF-8 become U+FFFD,
    /// with a warning. Postfix keeps them; no parameter that is used here can hold them to any purpose.
    pub fn parse_bytes(file: &str, bytes: &[u8]) -> Self {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => return MainCf::parse(file, text),
            Err(error) => error,
        };
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        // Lossy decoding may triple the size; the limit is for the file, so it is kept before that.
        let kept = bytes.get(..MAX_FILE_BYTES).unwrap_or(bytes);
        let mut main_cf = MainCf::parse(file, &String::from_utf8_lossy(kept));
        let place = Place::at(&main_cf.file, u32::try_from(line).unwrap_or(u32::MAX));
        main_cf.findings.warn(Problem::at(
            &place,
            "not UTF-8 text; read with replacement characters",
        ));
        main_cf
    }

    /// The parameters as a service of master.cf sees them: `overrides` are its `-o name=value` (master(5)), in which
    /// `$service_name` is the service.
    #[must_use]
    pub fn for_service(&self, service: &str, overrides: &BTreeMap<String, String>) -> MainCf {
        let mut seen = self.clone();
        let file: Arc<str> = format!("master.cf, service {service}").into();
        let place = Place::in_file(&file);
        let name = ("service_name", service);
        let overrides = overrides.iter().map(|(name, value)| (&**name, &**value));
        for (name, value) in std::iter::once(name).chain(overrides) {
            seen.put(name, value.trim_matches(is_space), place.clone());
        }
        seen
    }

    /// The name of the file, as given.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The entry that counts for `name`: the last one.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(*self.last.get(name)?)
    }

    /// The entries that count, by name.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.last
            .values()
            .filter_map(|index| self.entries.get(*index))
    }

    /// What was wrong with the text itself. Wrong values are found by
    /// [`Settings::from_main_cf`](super::Settings::from_main_cf), which repeats these errors.
    pub fn errors(&self) -> &[ConfigError] {
        &self.findings.errors
    }

    /// What looks unintended in the text itself.
    pub fn warnings(&self) -> &[Warning] {
        &self.findings.warnings
    }

    pub(super) fn findings(&self) -> &Findings {
        &self.findings
    }

    pub(super) fn whole_file(&self) -> Place {
        Place::in_file(&self.file)
    }

    fn read(&mut self, text: &str) {
        if text.len() > MAX_FILE_BYTES {
            let what = format!("larger than {MAX_FILE_BYTES} bytes; not read");
            return self.findings.error(Problem::at(&self.whole_file(), what));
        }
        if text.starts_with('\u{feff}') {
            let what =
                "starts with a byte-order mark, which Postfix takes for text; save without it";
            self.findings
                .warn(Problem::at(&Place::at(&self.file, 1), what));
        }
        for line in logical_lines(text) {
            if self.entries.len() == MAX_ENTRIES {
                let what = format!("more than {MAX_ENTRIES} entries; not read further");
                let place = Place::at(&self.file, line.line);
                return self.findings.error(Problem::at(&place, what));
            }
            self.read_line(&line);
        }
    }

    fn read_line(&mut self, line: &LogicalLine) {
        let place = Place::at(&self.file, line.line);
        // To Postfix a line is a C string.
        let text = match line.text.split_once('\0') {
            Some((before, _)) => {
                self.findings
                    .warn(Problem::at(&place, "text after a null byte is ignored"));
                before
            }
            None => line.text.as_str(),
        };
        if text.starts_with(is_space) {
            let start: String = text.chars().take(SHOWN_MAX).collect();
            let what = "continues a line, but there is none to continue; ignored";
            let notice = ConfigNotice::NothingToContinue {
                path: place.path(),
                start: start.into(),
                is_cut: text.chars().nth(SHOWN_MAX).is_some(),
            };
            return self
                .findings
                .warn(Problem::at(&place, what).noticed(notice));
        }
        match split_name_value(text) {
            Ok((name, value)) => self.enter(name, value, place),
            Err(fault) => {
                let what = format!("{fault}: \"{}\"", clip(text));
                let notice = ConfigNotice::BadLine {
                    at: place.noticed(),
                    fault,
                    text: text.into(),
                };
                self.findings
                    .error(Problem::at(&place, what).noticed(notice));
            }
        }
    }

    fn enter(&mut self, name: &str, value: &str, place: Place) {
        if let Some(earlier) = self.get(name).filter(|earlier| earlier.value != value) {
            // Postfix names only the later line; the earlier one is what the reader looks for.
            let line = earlier.place.line().unwrap_or_default();
            let what = format!(
                "overriding earlier entry on line {line}: {}",
                clip(&earlier.value)
            );
            let notice = ConfigNotice::Overriding {
                at: place.noticed(),
                parameter: name.into(),
                value: earlier.value.as_str().into(),
            };
            let problem = Problem::with(&place, name, what).noticed(notice);
            self.findings.warn(problem);
        }
        self.put(name, value, place);
    }

    fn put(&mut self, name: &str, value: &str, place: Place) {
        self.last.insert(name.to_owned(), self.entries.len());
        self.entries.push(Entry {
            name: name.to_owned(),
            value: value.to_owned(),
            place,
        });
    }
}

/// The two sides of `name = value` (src/util/split_nameval.c).
fn split_name_value(text: &str) -> Result<(&str, &str), PairFault> {
    if text.is_empty() || text.starts_with('=') {
        return Err(PairFault::NoName);
    }
    let (left, value) = text.split_once('=').ok_or(PairFault::NoEquals)?;
    let name = left.trim_end_matches(is_space);
    if name.contains(is_space) {
        return Err(PairFault::NoEquals);
    }
    Ok((name, value.trim_matches(is_space)))
}

#[cfg(test)]
mod tests;
