//! Two observations of one case, part by part.

use std::collections::BTreeMap;
use std::fmt;

use crate::normal;
use crate::observation::{Connection, Observation, StepSeen};

/// What is compared of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What became of the recipients: status, code, relay, text.
    Outcome,
    /// Connections in order, commands outside TLS and inside, TLS version, resumption, SNI, DNS queries.
    Dialogue,
    /// Log lines, for each daemon by itself.
    Log,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 3] = [Part::Outcome, Part::Dialogue, Part::Log];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Outcome => "outcome",
            Part::Dialogue => "dialogue",
            Part::Log => "log",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How each part compares: the lines of a difference; none where the two agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    differences: BTreeMap<Part, Vec<String>>,
}

impl Parts {
    /// Whether this part agrees.
    pub fn agrees(&self, part: Part) -> bool {
        !self.differences.contains_key(&part)
    }

    /// Whether all parts agree.
    pub fn all_agree(&self) -> bool {
        self.differences.is_empty()
    }

    /// The parts that do not agree.
    pub fn disagree(&self) -> impl Iterator<Item = Part> + '_ {
        self.differences.keys().copied()
    }

    /// The difference as lines: `- ` what Postfix did, `+ ` what the simulator did, two blanks before what is the same.
    pub fn lines(&self) -> impl Iterator<Item = (Part, &str)> {
        self.differences
            .iter()
            .flat_map(|(part, lines)| lines.iter().map(|line| (*part, line.as_str())))
    }
}

/// Compares what was observed with what the simulator did.
pub(crate) fn compare(
    observed: &Observation,
    simulated: &Observation,
    label: impl Fn(&str) -> String,
) -> Parts {
    let mut parts = Parts::default();
    for part in Part::ALL {
        let text = |seen: &Observation, observed| {
            let mut lines = Vec::new();
            for (number, step) in (1..).zip(&seen.steps) {
                lines.push(format!("step {number}"));
                lines.extend(of_step(part, step, observed, &label));
            }
            lines
        };
        let (expected, found) = (text(observed, true), text(simulated, false));
        if expected != found {
            parts.differences.insert(part, diff(&expected, &found));
        }
    }
    parts
}

fn of_step(
    part: Part,
    step: &StepSeen,
    observed: bool,
    label: impl Fn(&str) -> String,
) -> Vec<String> {
    match part {
        Part::Outcome => step
            .deliveries
            .iter()
            .map(|delivery| {
                format!(
                    "{} relay={} dsn={} status={} ({})",
                    delivery.rcpt,
                    delivery.relay,
                    delivery.dsn,
                    delivery.status,
                    normal::both(&delivery.text)
                )
            })
            .collect(),
        Part::Dialogue => step
            .dns
            .iter()
            .map(|question| format!("dns {}", dns_folded(question)))
            .chain(step.connections.iter().flat_map(dialogue))
            .collect(),
        Part::Log => {
            let mut by_daemon: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for line in step.log.iter().filter(|line| normal::counts(line)) {
                let daemon = line.split(':').next().unwrap_or_default();
                let line = if observed {
                    normal::both(&label(line))
                } else {
                    line.clone()
                };
                by_daemon.entry(daemon).or_default().push(line);
            }
            by_daemon.into_values().flatten().collect()
        }
    }
}

fn dialogue(connection: &Connection) -> Vec<String> {
    let mut lines = vec![format!("connection to {}", connection.peer)];
    let plain = connection.plain.iter();
    lines.extend(plain.map(|line| format!("C: {}", without_credentials(line))));
    // A handshake that the client never began is none.
    if let Some(tls) = &connection.tls
        && let Some(hello) = &tls.hello
    {
        lines.push(format!(
            "TLS version={} resumed={} sni={}",
            tls.version.as_deref().unwrap_or("none"),
            tls.resumed
                .map_or("unknown", |resumed| if resumed { "yes" } else { "no" }),
            hello.sni.as_deref().unwrap_or("none"),
        ));
    }
    lines.extend(
        connection
            .in_tls
            .iter()
            .map(|line| format!("C (TLS): {}", without_credentials(line))),
    );
    lines
}

/// The simulator shows nobody what logs in.
fn without_credentials(line: &str) -> String {
    let mut words = line.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some("AUTH"), Some(mechanism), Some(_)) => format!("AUTH {mechanism} <credentials>"),
        _ => line.to_owned(),
    }
}

/// Beyond so many lines the difference is shown without looking for what is the same. Ours; the longest case has 200.
const DIFF_LINES_MAX: usize = 2000;

/// The shortest way from one list of lines to the other.
fn diff(expected: &[String], found: &[String]) -> Vec<String> {
    if expected.len().max(found.len()) > DIFF_LINES_MAX {
        let gone = expected.iter().map(|line| format!("- {line}"));
        return gone
            .chain(found.iter().map(|line| format!("+ {line}")))
            .collect();
    }
    // common[i][j]: how many lines the rests from i and j have in common.
    let (rows, columns) = (expected.len(), found.len());
    let mut common = vec![vec![0usize; columns + 1]; rows + 1];
    for (i, line) in expected.iter().enumerate().rev() {
        for (j, other) in found.iter().enumerate().rev() {
            common[i][j] = if line == other {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    loop {
        match (expected.get(i), found.get(j)) {
            (None, None) => return out,
            (Some(line), Some(other)) if line == other => {
                out.push(format!("  {line}"));
                (i, j) = (i + 1, j + 1);
            }
            (Some(line), other) if other.is_none() || common[i + 1][j] >= common[i][j + 1] => {
                out.push(format!("- {line}"));
                i += 1;
            }
            (_, Some(other)) => {
                out.push(format!("+ {other}"));
                j += 1;
            }
            (Some(_), None) => return out,
        }
    }
}

/// The dataset has the names of questions in lower case.
fn dns_folded(question: &str) -> String {
    match question.rsplit_once(' ') {
        Some((name, kind)) => format!("{} {kind}", name.to_lowercase()),
        None => question.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_the_shortest_one() {
        let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            diff(&lines("a b c d"), &lines("a c x d")),
            ["  a", "- b", "  c", "+ x", "  d"]
        );
        assert_eq!(diff(&lines("a"), &lines("b")), ["- a", "+ b"]);
    }

    #[test]
    fn a_part_is_blind_to_the_others() {
        let mut seen = Observation {
            steps: vec![StepSeen::default()],
        };
        let before = seen.clone();
        seen.steps[0].dns.push("a.test MX".to_owned());
        let parts = compare(&before, &seen, str::to_owned);
        assert!(parts.agrees(Part::Outcome) && parts.agrees(Part::Log));
        assert_eq!(parts.disagree().collect::<Vec<_>>(), [Part::Dialogue]);
    }
}
