//! What the simulator does not have yet, and what it will never have.

use std::fmt;

use mta_core::config::{ConfigError, ProblemKind, Warning};
use serde::Deserialize;

use crate::case::Case;
use crate::hello::HelloRule;
use crate::observation::Observation;
use crate::pki::Entry;

/// Why a case is not run: the parameter, or the thing, that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotYet(String);

impl NotYet {
    pub(crate) fn new(reason: impl Into<String>) -> NotYet {
        NotYet(reason.into())
    }

    pub(crate) fn placeholder(word: String) -> NotYet {
        NotYet(format!("placeholder {word}"))
    }

    pub(crate) fn config(error: &ConfigError) -> NotYet {
        let problem = error.problem();
        let parameter = problem.parameter.as_deref().unwrap_or("main.cf");
        NotYet(format!("{parameter}: {}", problem.what))
    }

    /// Looks for parameters that Postfix would heed and the simulator does not.
    ///
    /// # Errors
    /// The first of them.
    pub(crate) fn among(warnings: &[Warning]) -> Result<(), NotYet> {
        let missing = |warning: &&Warning| warning.problem().kind == ProblemKind::NotSimulated;
        match warnings.iter().find(missing) {
            Some(warning) => {
                let name = warning.problem().parameter.as_deref().unwrap_or_default();
                Err(NotYet(format!("parameter {name}")))
            }
            None => Ok(()),
        }
    }
}

impl fmt::Display for NotYet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The list of what no simulation here can show.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotApplicable {
    #[serde(default, rename = "not-applicable")]
    entries: Vec<Rule>,
}

/// A rule: a case is not applicable if everything that the rule names holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Rule {
    /// Why. Every rule has a reason.
    reason: String,
    /// What a hello is like.
    hello: Option<HelloRule>,
    /// A TLS version that was negotiated.
    negotiated_version: Vec<String>,
    /// A TLS version that was negotiated by a client that offered a TLS 1.3 session.
    negotiated_for_psk: Vec<String>,
    /// A cipher suite that was negotiated, by OpenSSL's name; `*` stands for any letters at the end.
    negotiated_cipher: Vec<String>,
    /// A group that keys were exchanged in, as the log names it (TLS 1.3).
    negotiated_group: Vec<String>,
    /// The kind of key of a certificate that a peer shows.
    peer_key: Vec<String>,
    /// The hash of the signature of a certificate that a peer shows.
    peer_signature_hash: Vec<String>,
}

/// The list itself.
const LIST: &str = include_str!("../not-applicable.toml");

impl NotApplicable {
    /// The list of this crate.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn list() -> Result<NotApplicable, String> {
        let list: NotApplicable = toml::from_str(LIST).map_err(|error| error.to_string())?;
        match list.entries.iter().find(|rule| rule.is_empty()) {
            Some(rule) => Err(format!("a rule without reason or condition: {rule:?}")),
            None => Ok(list),
        }
    }

    /// Why a case is not applicable, if it is not.
    pub(crate) fn reason(
        &self,
        case: &Case,
        observed: &Observation,
        pki: &std::collections::BTreeMap<String, Entry>,
    ) -> Option<&str> {
        self.entries
            .iter()
            .find(|rule| rule.holds(case, observed, pki))
            .map(|rule| rule.reason.as_str())
    }
}

impl Rule {
    fn is_empty(&self) -> bool {
        let nothing = Rule {
            reason: String::new(),
            ..self.clone()
        };
        self.reason.trim().is_empty()
            || (nothing.hello.is_none()
                && nothing.negotiated_version.is_empty()
                && nothing.negotiated_for_psk.is_empty()
                && nothing.negotiated_cipher.is_empty()
                && nothing.negotiated_group.is_empty()
                && nothing.peer_key.is_empty()
                && nothing.peer_signature_hash.is_empty())
    }

    fn holds(
        &self,
        case: &Case,
        observed: &Observation,
        pki: &std::collections::BTreeMap<String, Entry>,
    ) -> bool {
        let handshakes = || {
            observed
                .steps
                .iter()
                .flat_map(|step| &step.connections)
                .filter_map(|connection| connection.tls.as_ref())
        };
        let shown = || {
            case.peers
                .iter()
                .flat_map(|peer| &peer.conns)
                .filter_map(|behaviour| behaviour.tls.as_ref())
                .flat_map(|tls| &tls.chain)
                .filter_map(|name| pki.get(name))
        };
        let any_or_unasked =
            |patterns: &[String], mut found: Box<dyn Iterator<Item = &str> + '_>| {
                patterns.is_empty()
                    || found.any(|word| patterns.iter().any(|pattern| fits(pattern, word)))
            };
        self.hello
            .is_none_or(|rule| rule.holds(observed, &case.cipher_lists))
            && any_or_unasked(
                &self.negotiated_version,
                Box::new(handshakes().filter_map(|tls| tls.version.as_deref())),
            )
            && any_or_unasked(
                &self.negotiated_for_psk,
                Box::new(
                    handshakes()
                        .filter(|tls| tls.hello.as_ref().is_some_and(|hello| hello.psk))
                        .filter_map(|tls| tls.version.as_deref()),
                ),
            )
            && any_or_unasked(
                &self.negotiated_cipher,
                Box::new(handshakes().filter_map(|tls| tls.cipher.as_deref())),
            )
            && any_or_unasked(
                &self.negotiated_group,
                Box::new(
                    observed
                        .steps
                        .iter()
                        .flat_map(|step| &step.log)
                        .filter_map(|line| line.split_once(" key-exchange "))
                        .map(|(_, group)| group),
                ),
            )
            && any_or_unasked(
                &self.peer_key,
                Box::new(shown().map(|entry| entry.key.as_str())),
            )
            && any_or_unasked(
                &self.peer_signature_hash,
                Box::new(shown().map(|entry| entry.signature_hash.as_str())),
            )
    }
}

fn fits(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => pattern == word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_reason_and_a_condition() {
        let list = NotApplicable::list().unwrap();
        assert!(!list.entries.is_empty());
        assert!(
            Rule {
                reason: "because".to_owned(),
                ..Rule::default()
            }
            .is_empty()
        );
        assert!(
            Rule {
                hello: Some(HelloRule::ResumedUnderAnotherName),
                ..Rule::default()
            }
            .is_empty()
        );
    }

    #[test]
    fn a_star_stands_for_any_end() {
        assert!(fits("ADH-*", "ADH-AES256-SHA"));
        assert!(!fits("ADH-*", "AES256-SHA"));
        assert!(fits("x", "x") && !fits("x", "xy"));
    }
}
