//! Which rules of peers applied in a run: a test of a rule that never did tests nothing.

use std::collections::BTreeMap;
use std::fmt;

use super::Run;
use super::rule_hits::RuleHits;

/// A rule that never applied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnusedRule {
    /// The name of the peer's host.
    pub host: String,
    /// The rule through which the peer takes connections, if it is a machine behind another peer.
    pub behind: Option<usize>,
    /// The position of the rule in the peer's `on`, from 0.
    pub rule: usize,
}

impl fmt::Display for UnusedRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.host)?;
        if let Some(behind) = self.behind {
            write!(f, "the machine of rule {behind}: ")?;
        }
        write!(f, "rule {} never applied", self.rule)
    }
}

impl Run {
    /// How often a rule of the peer at this host applied: the first of its `on` is 0. Counted over all addresses of the
    /// host; if others took its place during the run, theirs too. None if nobody there has such a rule.
    ///
    /// A rule applies when its trigger comes and all its conditions hold, and it is the first such rule. One with `fail`
    /// applies when a handshake is broken as it says.
    ///
    /// ```
    /// use mta_sim::prelude::*;
    ///
    /// let busy = PeerSpec {
    ///     on: vec![
    ///         Rule::command(Command::Mail).nth(1).send("451 4.3.0 try again later"),
    ///         Rule::command(Command::Vrfy).send("252 2.0.0 perhaps"),
    ///     ],
    ///     ..PeerSpec::default()
    /// };
    /// let lab = Lab::main_cf("smtp_tls_security_level = may\n").domain("example.test", busy);
    /// let run = lab.mail("user@example.test").run()?;
    /// assert!(run.rule_hits("mx1.example.test", 0) > Some(0));
    /// let unused = run.unused_rules();
    /// assert_eq!(unused[0].to_string(), "mx1.example.test: rule 1 never applied");
    /// # Ok::<(), LabError>(())
    /// ```
    pub fn rule_hits(&self, host: &str, rule: usize) -> Option<u64> {
        let at_host =
            |hits: &&RuleHits| hits.behind.is_none() && hits.host.eq_ignore_ascii_case(host);
        let counts = self.rules.iter().filter(at_host);
        let counts = counts.filter_map(|hits| hits.hits.get(rule));
        counts.copied().reduce(u64::saturating_add)
    }

    /// The rules that never applied, by host and position.
    pub fn unused_rules(&self) -> Vec<UnusedRule> {
        let mut used: BTreeMap<UnusedRule, bool> = BTreeMap::new();
        for RuleHits {
            host, behind, hits, ..
        } in &self.rules
        {
            for (rule, count) in hits.iter().enumerate() {
                let rule = UnusedRule {
                    host: host.clone(),
                    behind: *behind,
                    rule,
                };
                *used.entry(rule).or_default() |= *count > 0;
            }
        }
        let unused = used.into_iter().filter(|(_, used)| !used);
        unused.map(|(rule, _)| rule).collect()
    }
}
