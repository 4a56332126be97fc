//! Rules that are never reached, since another applies first whenever they would.

use crate::file::FileError;
use crate::peer::Rule;
use toml::{Table, Value};

use super::places::Places;

/// What a rule does, and what sets it off; every other key is a condition.
const EFFECTS: [&str; 7] = ["send", "delay", "then", "with", "without", "acts", "per"];
const TRIGGERS: [&str; 4] = ["command", "moment", "fail", "after-octets"];

/// Conditions that are drawn or counted anew for each rule: two that read the same need not hold together.
const OWN_DRAWS: [&str; 1] = ["chance"];

/// The rules of the file itself, which stand under `keys`, that others of the file hide. What a peer builds on comes
/// behind them and is meant to be hidden.
pub(super) fn never_reached(rules: &[Rule], places: &Places<'_>, keys: &[&str]) -> Vec<FileError> {
    let own = places.list(keys);
    let tables: Vec<Table> = rules
        .iter()
        .take(own.len())
        .filter_map(|rule| Table::try_from(rule).ok())
        .collect();
    let mut found = Vec::new();
    for (place, (table, octet)) in tables.iter().zip(&own).enumerate() {
        let before = tables
            .iter()
            .take(place)
            .position(|other| hides(other, table));
        if let Some(other) = before.and_then(|other| own.get(other)) {
            let message = format!(
                "this rule is never reached: the one in line {} applies whenever it would",
                places.line(*other)
            );
            found.push(places.at(*octet, &message));
        }
    }
    found
}

/// Whether `first` applies whenever `second` would.
fn hides(first: &Table, second: &Table) -> bool {
    let conditions: Vec<(&String, &Value)> = first
        .iter()
        .filter(|(key, _)| !EFFECTS.contains(&key.as_str()) && !TRIGGERS.contains(&key.as_str()))
        .collect();
    let same_trigger = TRIGGERS
        .iter()
        .all(|trigger| first.get(*trigger) == second.get(*trigger));
    let is_free = conditions.is_empty();
    // Counts such as `nth` are of the trigger, so they agree only where it is the same.
    (same_trigger || (is_free && covers(first, second)))
        && conditions.iter().all(|(key, value)| {
            !OWN_DRAWS.contains(&key.as_str())
                && second.get(*key) == Some(*value)
                && first.get("per") == second.get("per")
        })
}

/// Whether the commands of `second` are among those of `first`.
fn covers(first: &Table, second: &Table) -> bool {
    let commands = |table: &Table| match table.get("command") {
        Some(Value::String(word)) => vec![word.clone()],
        Some(Value::Array(words)) => words
            .iter()
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    let (first, second) = (commands(first), commands(second));
    let all = first.iter().any(|word| word == "any");
    !second.is_empty() && (all || second.iter().all(|word| first.contains(word)))
}

#[cfg(test)]
mod tests {
    use crate::library::check::tests::found;

    #[test]
    fn a_rule_behind_one_that_always_applies_is_told() {
        for (rules, expected) in [
            (
                "command = 'RCPT'\nsend = '451 a'\n[[on]]\ncommand = 'RCPT'\nnth = 2\nsend = '550 b'",
                Some("4:1"),
            ),
            (
                "command = 'any'\ndelay = '1s'\n[[on]]\ncommand = ['MAIL', 'RCPT']\nsend = '550 b'",
                Some("4:1"),
            ),
            (
                "moment = 'greeting'\nevery = 2\nthen = 'close'\n[[on]]\nmoment = 'greeting'\nevery = 2\nin-tls = false\nthen = 'reset'",
                Some("5:1"),
            ),
            (
                "command = 'RCPT'\nnth = 2\nsend = '451 a'\n[[on]]\ncommand = 'RCPT'\nsend = '550 b'",
                None,
            ),
            (
                "command = 'RCPT'\nchance = 0.5\nsend = '451 a'\n[[on]]\ncommand = 'RCPT'\nchance = 0.5\nsend = '550 b'",
                None,
            ),
            (
                "command = ['MAIL', 'RCPT']\nnth = 1\nsend = '451 a'\n[[on]]\ncommand = 'RCPT'\nnth = 1\nsend = '550 b'",
                None,
            ),
            (
                "command = 'RCPT'\nsend = '451 a'\n[[on]]\ncommand = ['MAIL', 'RCPT']\nsend = '550 b'",
                None,
            ),
        ] {
            let found = found("p.toml", &format!("[[on]]\n{rules}"));
            let first = found.first().and_then(|told| told.split(": ").next());
            assert_eq!(first, expected, "{rules}: {found:?}");
        }
    }
}
