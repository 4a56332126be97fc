//! Lines of a log that only repeat others, folded.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mta_sim::preview::Span;

/// How often a line is shown, whatever its times, numbers and addresses are.
const SHOWN: usize = 4;

/// The lines, without those that repeat others again and again: in their place stands how many there are, and until when.
pub(super) fn folded(lines: &[String]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut shown = Vec::new();
    let mut hidden: Vec<&str> = Vec::new();
    for line in lines {
        let times = seen.entry(sameness(line)).or_default();
        *times += 1;
        if *times > SHOWN {
            hidden.push(line);
        } else {
            shown.extend(told(&std::mem::take(&mut hidden)));
            shown.push(line.clone());
        }
    }
    shown.extend(told(&hidden));
    shown
}

/// What stands for hidden lines; one or two stand for themselves.
fn told(hidden: &[&str]) -> Vec<String> {
    let [_, .., _, last] = hidden else {
        return hidden.iter().map(ToString::to_string).collect();
    };
    let tries = hidden.iter().filter(|line| line.contains(" status="));
    let (count, what) = match tries.count() {
        0 => (hidden.len(), "lines like these"),
        tries => (tries, "tries like these"),
    };
    let mut text = format!("… {count} more {what}");
    let seconds = last
        .split_whitespace()
        .next()
        .and_then(|at| at.parse::<f64>().ok());
    if let Some(at) =
        seconds.and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok())
    {
        let millis = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        let _ = write!(text, " until {}", Span(millis));
    }
    vec![text]
}

/// A line without what differs from one try to the next: numbers, queue ids, what stands in brackets.
fn sameness(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let bare = word.trim_end_matches([':', ',']);
        let is_queue_id = bare.len() > 6 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_queue_id { "#" } else { word }
    });
    let mut key = String::new();
    let mut in_brackets = false;
    for c in words.collect::<Vec<_>>().join(" ").chars() {
        in_brackets = (in_brackets || c == '[') && c != ']';
        if !in_brackets && !c.is_ascii_digit() && c != '.' {
            key.push(c);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(tries: usize) -> Vec<String> {
        let line = |n: usize| {
            let (at, id) = (n * 4000, 0x00C8_2F97_F231_u64);
            format!(
                "{at}.242 postfix/smtp: {id:X}: to=<a@b.test>, relay=mx[192.0.2.{n}]:25, status=deferred (no)"
            )
        };
        (1..=tries).map(line).collect()
    }

    #[test]
    fn tries_that_repeat_others_are_counted() {
        let mut lines = log(107);
        lines.push("435300.242 postfix/qmgr: C82F97F231: from=<x>, status=expired".into());
        let folded = folded(&lines);
        assert_eq!(folded.len(), SHOWN + 2);
        assert_eq!(folded[SHOWN], "… 103 more tries like these until 4 days");
        assert_eq!(folded.last(), lines.last());
    }

    #[test]
    fn a_short_log_is_whole() {
        let lines = log(SHOWN);
        assert_eq!(folded(&lines), lines);
    }
}
