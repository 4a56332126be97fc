//! What is said of a ClientHello that no simulation here can send or serve.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::observation::{Connection, Observation, TlsSeen};

/// A condition on the hellos of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HelloRule {
    /// It offers versions below TLS 1.3 and no suite of the engine for them, and the handshake fails.
    #[serde(rename = "no-suite-below-tls13")]
    NoSuiteBelowTls13,
    /// Its session is resumed, and was made under another server name.
    ResumedUnderAnotherName,
}

/// The engine's suites for TLS 1.2, by their numbers (IANA).
const ENGINE: [&str; 6] = ["C02B", "C02C", "C02F", "C030", "CCA8", "CCA9"];

impl HelloRule {
    /// Whether it holds for an observation; `lists` are the suites that it names.
    pub(crate) fn holds(self, observed: &Observation, lists: &BTreeMap<String, String>) -> bool {
        let connections: Vec<&Connection> = observed
            .steps
            .iter()
            .flat_map(|step| &step.connections)
            .collect();
        match self {
            HelloRule::NoSuiteBelowTls13 => connections
                .iter()
                .filter_map(|connection| connection.tls.as_ref())
                .any(|tls| tls.version.is_none() && lacks_suites(tls, lists)),
            HelloRule::ResumedUnderAnotherName => (1..)
                .zip(&connections)
                .any(|(behind, last)| renamed(last, connections.iter().take(behind - 1))),
        }
    }
}

/// Whether the hello offers a version below TLS 1.3, and no suite for it that the engine has.
fn lacks_suites(tls: &TlsSeen, lists: &BTreeMap<String, String>) -> bool {
    let Some(hello) = &tls.hello else {
        return false;
    };
    // RFC 8446 §4.2.1: without the extension, TLS 1.2 or below is offered.
    let below = match &hello.versions {
        Some(versions) => versions.iter().any(|version| version != "TLSv1.3"),
        None => true,
    };
    let suites = hello.suites.as_ref().and_then(|name| lists.get(name));
    below
        && suites.is_some_and(|suites| {
            let mut suites = suites.split(' ');
            !suites.any(|suite| ENGINE.contains(&suite))
        })
}

/// Whether the connection resumes a session, and none before it asked the same peer for the same name.
fn renamed<'a>(last: &Connection, mut before: impl Iterator<Item = &'a &'a Connection>) -> bool {
    let name = |connection: &Connection| {
        let hello = connection.tls.as_ref().and_then(|tls| tls.hello.as_ref());
        hello.map(|hello| hello.sni.clone())
    };
    let resumed = last.tls.as_ref().and_then(|tls| tls.resumed);
    resumed == Some(true)
        && !before.any(|other| other.peer == last.peer && name(other) == name(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{HelloSeen, StepSeen};

    fn seen(version: Option<&str>, hello: HelloSeen, resumed: bool) -> Connection {
        Connection {
            tls: Some(TlsSeen {
                hello: Some(hello),
                version: version.map(str::to_owned),
                resumed: Some(resumed),
                ..TlsSeen::default()
            }),
            ..Connection::default()
        }
    }

    fn of(connections: Vec<Connection>) -> Observation {
        Observation {
            steps: vec![StepSeen {
                connections,
                ..StepSeen::default()
            }],
        }
    }

    #[test]
    fn a_hello_needs_a_suite_of_the_engine_below_tls_1_3() {
        let lists = [("none", "1302 0002 00FF"), ("some", "1302 C02B")];
        let lists = lists.map(|(name, list)| (name.to_owned(), list.to_owned()));
        let holds = |suites: &str, versions: &[&str], version| {
            let hello = HelloSeen {
                versions: Some(versions.iter().map(|name| (*name).to_owned()).collect()),
                suites: Some(suites.to_owned()),
                ..HelloSeen::default()
            };
            let observed = of(vec![seen(version, hello, false)]);
            HelloRule::NoSuiteBelowTls13.holds(&observed, &lists.clone().into())
        };
        assert!(holds("none", &["TLSv1.3", "TLSv1.2"], None));
        assert!(!holds("some", &["TLSv1.3", "TLSv1.2"], None));
        assert!(!holds("none", &["TLSv1.3"], None));
        assert!(!holds("none", &["TLSv1.3", "TLSv1.2"], Some("TLSv1.3")));
    }

    #[test]
    fn a_session_belongs_to_the_name_that_it_was_made_under() {
        let named = |name: Option<&str>, resumed| {
            let hello = HelloSeen {
                sni: name.map(str::to_owned),
                ..HelloSeen::default()
            };
            seen(Some("TLSv1.3"), hello, resumed)
        };
        let holds = |connections| {
            HelloRule::ResumedUnderAnotherName.holds(&of(connections), &BTreeMap::new())
        };
        assert!(holds(vec![named(None, false), named(Some("a"), true)]));
        assert!(!holds(vec![
            named(Some("a"), false),
            named(Some("a"), true)
        ]));
        assert!(!holds(vec![named(None, false), named(Some("a"), false)]));
    }
}
