//! What is wrong with a configuration, for the person who wrote it, and what Postfix notices of it.

use std::fmt;

use super::place::Place;
use crate::event::Notice;

/// Most errors, and most warnings, that are kept for one file. Ours: nobody reads more.
pub const MAX_PROBLEMS: usize = 100;

/// Most characters of a wrong value that are repeated in a message. Ours.
const MAX_QUOTED: usize = 60;

/// Something that keeps a configuration from being used; Postfix would stop here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(Problem);

/// Something in a configuration that is accepted but is probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(Problem);

/// What an error or a warning says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is the matter, as far as anybody asks.
    pub kind: ProblemKind,
    /// Where it stands.
    pub place: Place,
    /// The parameter concerned, if the trouble is with one.
    pub parameter: Option<String>,
    /// What is wrong, in one clause.
    pub what: String,
    /// The nearest word that would have been right.
    pub nearest: Option<String>,
    /// What Postfix notices, if it does. [`sentences`](crate::log::sentences) has the words.
    pub notice: Option<Notice>,
}

/// What is the matter with a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// What is written is wrong, or is probably not meant.
    Odd,
    /// No Postfix has such a parameter, or not this one.
    Unknown,
    /// Postfix heeds it, and here it has no effect.
    NotSimulated,
    /// Postfix heeds it, and here it has less effect, or none that shows.
    PartlySimulated,
}

impl ConfigError {
    /// What the error says, part by part.
    pub fn problem(&self) -> &Problem {
        &self.0
    }
}

impl Warning {
    /// What the warning says, part by part.
    pub fn problem(&self) -> &Problem {
        &self.0
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Problem {
    /// A problem with `parameter`, which stands at `place`.
    pub(super) fn with(place: &Place, parameter: &str, what: impl Into<String>) -> Self {
        Problem {
            parameter: Some(clip(parameter)),
            ..Problem::at(place, what)
        }
    }

    /// A parameter that Postfix would heed.
    pub(super) fn not_simulated(place: &Place, parameter: &str) -> Self {
        let what = "not simulated; it has no effect here";
        Problem::with(place, parameter, what).of_kind(ProblemKind::NotSimulated)
    }

    /// A problem that is not one parameter's.
    pub(super) fn at(place: &Place, what: impl Into<String>) -> Self {
        let place = place.clone();
        Problem {
            kind: ProblemKind::Odd,
            place,
            parameter: None,
            what: what.into(),
            nearest: None,
            notice: None,
        }
    }

    /// Says what is the matter.
    pub(super) const fn of_kind(mut self, kind: ProblemKind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds what Postfix notices.
    pub(super) fn noticed(mut self, notice: impl Into<Notice>) -> Self {
        self.notice = Some(notice.into());
        self
    }

    /// Adds the nearest right word.
    pub(super) fn nearest(mut self, word: Option<&str>) -> Self {
        self.nearest = word.map(str::to_owned);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if let Some(parameter) = &self.parameter {
            write!(f, "{parameter}: ")?;
        }
        f.write_str(&self.what)?;
        match &self.nearest {
            Some(word) => write!(f, "; did you mean \"{word}\"?"),
            None => Ok(()),
        }
    }
}

/// Errors and warnings as they are found, no more of either than [`MAX_PROBLEMS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    pub(super) errors: Vec<ConfigError>,
    pub(super) warnings: Vec<Warning>,
}

impl Findings {
    pub(super) fn error(&mut self, problem: Problem) {
        if let Some(problem) = within_limit(self.errors.len(), problem, "errors") {
            self.errors.push(ConfigError(problem));
        }
    }

    /// Puts them in the order of the lines; the remark that there are more stays last.
    pub(super) fn sort(&mut self) {
        let errors = self.errors.len().min(MAX_PROBLEMS);
        self.errors
            .get_mut(..errors)
            .unwrap_or_default()
            .sort_by(|a, b| a.0.place.cmp(&b.0.place));
        let warnings = self.warnings.len().min(MAX_PROBLEMS);
        self.warnings
            .get_mut(..warnings)
            .unwrap_or_default()
            .sort_by(|a, b| a.0.place.cmp(&b.0.place));
    }

    /// Postfix never reads these parameters: what is wrong with one is worth a warning, and is not logged.
    pub(super) fn never_read(&mut self, is_one: impl Fn(&str) -> bool) {
        let unread = |problem: &Problem| problem.parameter.as_deref().is_some_and(&is_one);
        for Warning(problem) in &mut self.warnings {
            if unread(problem) {
                problem.notice = None;
            }
        }
        let errors = std::mem::take(&mut self.errors);
        for ConfigError(problem) in errors {
            if unread(&problem) {
                let what = format!("{}; nothing reads it without TLS", problem.what);
                let notice = None;
                self.warn(Problem {
                    what,
                    notice,
                    ..problem
                });
            } else {
                self.errors.push(ConfigError(problem));
            }
        }
    }

    /// Keeps a warning, once.
    pub(super) fn warn(&mut self, problem: Problem) {
        if self.warnings.iter().any(|known| known.0 == problem) {
            return;
        }
        if let Some(problem) = within_limit(self.warnings.len(), problem, "warnings") {
            self.warnings.push(Warning(problem));
        }
    }
}

fn within_limit(count: usize, problem: Problem, kind: &str) -> Option<Problem> {
    match count {
        ..MAX_PROBLEMS => Some(problem),
        MAX_PROBLEMS => Some(Problem::at(
            &problem.place,
            format!("more {kind} from here on"),
        )),
        _ => None,
    }
}

/// `text` as it can stand in a one-line message: cut, and without control characters.
pub(super) fn clip(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(MAX_QUOTED)
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    if text.chars().nth(MAX_QUOTED).is_some() {
        short.push_str("...");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::said;
    use std::sync::Arc;

    impl Problem {
        /// What Postfix logs about it, if it does.
        fn said(&self) -> Option<String> {
            let notice = self.notice.as_ref()?;
            Some(said([notice]).join("\n"))
        }
    }

    impl ConfigError {
        pub(in crate::config) fn postfix_says(&self) -> Option<String> {
            self.0.said()
        }
    }

    impl Warning {
        pub(in crate::config) fn postfix_says(&self) -> Option<String> {
            self.0.said()
        }
    }

    #[test]
    fn an_error_is_one_clear_line() {
        let place = Place::at(&Arc::from("main.cf"), 3);
        let problem = Problem::with(&place, "smtp_tls_security_level", "unknown level \"mya\"");
        let error = ConfigError(problem.nearest(Some("may")));
        assert_eq!(
            error.to_string(),
            "main.cf:3: smtp_tls_security_level: unknown level \"mya\"; did you mean \"may\"?"
        );
    }

    #[test]
    fn a_file_full_of_errors_gives_a_bounded_list() {
        let place = Place::in_file(&Arc::from("main.cf"));
        let mut findings = Findings::default();
        for _ in 0..1000 {
            findings.error(Problem::at(&place, "x"));
        }
        assert_eq!(findings.errors.len(), MAX_PROBLEMS + 1);
        assert_eq!(
            findings.errors.last().unwrap().to_string(),
            "main.cf: more errors from here on"
        );
    }

    #[test]
    fn what_is_quoted_is_short_and_printable() {
        assert_eq!(clip("a\u{1b}[2J\tb"), "a?[2J?b");
        assert_eq!(clip(&"x".repeat(100)), format!("{}...", "x".repeat(60)));
    }
}
