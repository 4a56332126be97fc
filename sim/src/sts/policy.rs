//! A policy, RFC 8461 §3.2.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What a domain asks of those who send to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What is to be done where it is not met.
    pub mode: Mode,
    /// Patterns of its servers' names: `mx1.example.test`, `*.example.test`.
    pub mx: Vec<String>,
    /// How long it may be kept.
    pub max_age: Duration,
}

/// What is to be done about a server that does not meet the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Mail is not delivered to it.
    Enforce,
    /// It is only reported.
    Testing,
    /// Nothing.
    None,
}

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPolicy(pub String);

impl fmt::Display for BadPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadPolicy {}

/// The most that `max_age` may be: about a year.
const MAX_AGE_MAX: u64 = 31_557_600;

/// A policy may have so many bytes; §3.3 lets a sender set a limit and suggests this one.
const POLICY_BYTES_MAX: usize = 64 * 1024;

impl FromStr for Policy {
    type Err = BadPolicy;

    /// Reads a policy. Unknown keys are passed over; of a key that comes twice the first one counts, but for `mx`.
    fn from_str(text: &str) -> Result<Policy, BadPolicy> {
        if text.len() > POLICY_BYTES_MAX {
            return Err(BadPolicy(format!(
                "a policy has at most {POLICY_BYTES_MAX} octets"
            )));
        }
        let fields: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(key, value)| (key.trim(), value.trim()))
            .collect();
        let first = |key: &str| {
            let found = fields.iter().find(|(known, _)| *known == key);
            found
                .map(|(_, value)| *value)
                .ok_or_else(|| BadPolicy(format!("a policy has a {key}")))
        };
        let version = first("version")?;
        if version != "STSv1" {
            return Err(BadPolicy(format!("unknown version {version:?}")));
        }
        let mode = match first("mode")? {
            "enforce" => Mode::Enforce,
            "testing" => Mode::Testing,
            "none" => Mode::None,
            other => return Err(BadPolicy(format!("unknown mode {other:?}"))),
        };
        let max_age = first("max_age")?;
        let max_age = match max_age.parse() {
            Ok(seconds) if max_age.len() <= 10 && seconds <= MAX_AGE_MAX => {
                Duration::from_secs(seconds)
            }
            _ => {
                return Err(BadPolicy(format!(
                    "max_age {max_age:?} is no time of up to a year"
                )));
            }
        };
        let patterns = fields.iter().filter(|(key, _)| *key == "mx");
        let mx = patterns
            .map(|(_, pattern)| read_pattern(pattern))
            .collect::<Result<Vec<String>, BadPolicy>>()?;
        if mx.is_empty() && mode != Mode::None {
            return Err(BadPolicy("a policy names the servers".to_owned()));
        }
        Ok(Policy { mode, mx, max_age })
    }
}

/// A name, or one whose first label is `*`. A name that is not ASCII, or has no use for its last dot, is taken: no
/// server will be called so.
fn read_pattern(text: &str) -> Result<String, BadPolicy> {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let is_name = !name.is_empty() && !name.contains(|c: char| c == '*' || c.is_ascii_whitespace());
    if is_name {
        Ok(text.to_owned())
    } else {
        Err(BadPolicy(format!(
            "{text:?} is no pattern for a server's name"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "version: STSv1\nmode: enforce\nmx: mx1.example.test\nmax_age: 604800\n";

    #[test]
    fn line_ends_and_further_keys_do_not_matter() {
        let policy: Policy = GOOD.parse().unwrap();
        assert_eq!(policy.mx, ["mx1.example.test"]);
        assert_eq!(GOOD.replace('\n', "\r\n").parse(), Ok(policy.clone()));
        assert_eq!(format!("{GOOD}foo: bar\n# x\n\n").parse(), Ok(policy));
    }

    #[test]
    fn the_first_of_two_counts() {
        let text = format!("version: STSv1\nmode: testing\n{GOOD}");
        assert_eq!(text.parse::<Policy>().unwrap().mode, Mode::Testing);
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for (from, to, expected) in [
            ("STSv1", "STSv2", "unknown version"),
            ("enforce", "enfroce", "unknown mode"),
            ("604800", "99999999999", "up to a year"),
            ("604800", "-1", "up to a year"),
            ("604800", "31557601", "up to a year"),
            ("mx1.example.test", "mx*.example.test", "no pattern"),
            ("mx1.example.test", "*.*.test", "no pattern"),
            ("mx: mx1.example.test\n", "", "names the servers"),
            ("max_age: 604800\n", "", "has a max_age"),
        ] {
            let error = GOOD.replace(from, to).parse::<Policy>().unwrap_err();
            assert!(error.0.contains(expected), "{error}");
        }
        assert!("x".repeat(POLICY_BYTES_MAX + 1).parse::<Policy>().is_err());
    }
}
