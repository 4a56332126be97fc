//! What is wrong or odd in a main.cf, part by part, for files and programs.

use std::fmt;

use serde::Serialize;

use mta_core::config::{ConfigError, Problem, ProblemKind, Warning};

/// An error or a warning of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// What is the matter: `odd`, `unknown`, `not-simulated` or `partly-simulated`.
    pub kind: &'static str,
    /// The file that it is in, as it was named.
    pub file: String,
    /// The line, from 1, if one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The parameter, if the trouble is with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong, and what was probably meant.
    pub text: String,
}

/// What looks unintended in a configuration.
pub fn told(warnings: &[Warning]) -> Vec<Told> {
    warnings
        .iter()
        .map(|one| Told::from(one.problem()))
        .collect()
}

impl From<&ConfigError> for Told {
    fn from(error: &ConfigError) -> Self {
        error.problem().into()
    }
}

impl From<&Problem> for Told {
    fn from(problem: &Problem) -> Self {
        let mut text = problem.what.clone();
        if let Some(word) = &problem.nearest {
            text.push_str(&format!("; did you mean \"{word}\"?"));
        }
        Told {
            kind: match problem.kind {
                ProblemKind::Odd => "odd",
                ProblemKind::Unknown => "unknown",
                ProblemKind::NotSimulated => "not-simulated",
                ProblemKind::PartlySimulated => "partly-simulated",
            },
            file: problem.place.file().to_owned(),
            line: problem.place.line(),
            parameter: problem.parameter.clone(),
            text,
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(parameter) = &self.parameter {
            write!(f, ": {parameter}")?;
        }
        write!(f, ": {}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use mta_core::config::{Host, MainCf, Release, Settings};

    use super::*;

    #[test]
    fn the_parts_say_what_the_whole_says() {
        let text = "smtp_tls_security_level = may\nsmtp_tls_securty_level = encrypt\nsmtp_header_checks = x\n";
        let main_cf = MainCf::parse("main.cf", text);
        let read = Settings::from_main_cf(&main_cf, Release::default(), &Host::default());
        let (_, warnings) = read.unwrap();
        let whole: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        let parts = told(&warnings);
        assert_eq!(
            parts.iter().map(ToString::to_string).collect::<Vec<_>>(),
            whole
        );
        let misspelt = &parts[0];
        assert_eq!((misspelt.kind, misspelt.line), ("unknown", Some(2)));
        assert_eq!(
            misspelt.parameter.as_deref(),
            Some("smtp_tls_securty_level")
        );
    }
}
