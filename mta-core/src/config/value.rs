//! Values by type: numbers, times, yes and no (src/global/mail_conf_*.c, conv_time.c).

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use super::problem::clip;
use crate::event::{Assignment, ConfigNotice, Limit};

/// Why a value is refused: in our words, and what Postfix notices.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) what: String,
    pub(super) nearest: Option<&'static str>,
    pub(super) notice: ConfigNotice,
}

impl Refusal {
    pub(super) const fn new(what: String, notice: ConfigNotice) -> Self {
        Refusal {
            what,
            nearest: None,
            notice,
        }
    }
}

impl Refusal {
    /// Says too which names had no value.
    #[must_use]
    pub(super) fn because(mut self, undefined: &BTreeSet<String>) -> Self {
        for name in undefined {
            let _ = write!(self.what, "; ${name} has no value here");
        }
        self
    }
}

/// A time, and a remark if it was read otherwise than it looks.
pub(super) type TimeRead = (Duration, Option<String>);

/// Reads `yes` or `no`, in any case.
pub(super) fn yes_or_no(name: &str, text: &str) -> Result<bool, Refusal> {
    if text.eq_ignore_ascii_case("yes") {
        return Ok(true);
    }
    if text.eq_ignore_ascii_case("no") {
        return Ok(false);
    }
    Err(Refusal {
        what: format!("\"{}\" is neither yes nor no", clip(text)),
        nearest: match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "1" | "y" => Some("yes"),
            "false" | "off" | "0" | "n" => Some("no"),
            other => nearest(other, &["yes", "no"]),
        },
        notice: ConfigNotice::NotYesOrNo(Assignment::of(name, text)),
    })
}

/// Reads a whole number within its limits; a limit of 0 is none.
pub(super) fn number(name: &str, text: &str, min: i32, max: i32) -> Result<i32, Refusal> {
    let whole = leading_number(text).filter(|(_, rest)| !text.is_empty() && rest.is_empty());
    let (number, _) = whole.ok_or_else(|| not_a_number(name, text))?;
    within(name, number.into(), min, max)?;
    Ok(number)
}

/// Checks a whole number that may be greater than others (src/global/mail_conf_long.c).
pub(super) fn long_number(name: &str, text: &str, min: i32) -> Result<(), Refusal> {
    let trimmed = text.trim_start_matches(super::space::is_space);
    let number = trimmed.parse().map_err(|_| not_a_number(name, text))?;
    within(name, number, min, 0)
}

fn not_a_number(name: &str, text: &str) -> Refusal {
    Refusal::new(
        format!("\"{}\" is not a whole number", clip(text)),
        ConfigNotice::NotANumber(Assignment::of(name, text)),
    )
}

fn within(name: &str, number: i64, min: i32, max: i32) -> Result<(), Refusal> {
    let beyond = |what, limit| {
        let notice = ConfigNotice::NumberOutOfRange {
            parameter: name.into(),
            number,
            limit,
        };
        Err(Refusal::new(what, notice))
    };
    if min != 0 && number < min.into() {
        return beyond(format!("{number} is less than {min}"), Limit::Min(min));
    }
    if max != 0 && number > max.into() {
        return beyond(format!("{number} is more than {max}"), Limit::Max(max));
    }
    Ok(())
}

/// Text of at least `min` bytes.
pub(super) fn at_least<'t>(name: &str, text: &'t str, min: usize) -> Result<&'t str, Refusal> {
    if text.len() >= min {
        return Ok(text);
    }
    let set = Assignment::of(name, text);
    let too_short = ConfigNotice::TooShort { set, min };
    Err(Refusal::new("must not be empty".to_owned(), too_short))
}

/// Reads a time within its limits, which are in seconds; `unit` is the one that is meant without a unit.
pub(super) fn time(
    name: &str,
    text: &str,
    unit: char,
    min: i32,
    max: i32,
) -> Result<TimeRead, Refusal> {
    let bad = || {
        Refusal::new(
            format!(
                "\"{}\" is not a time: a number and one of s, m, h, d, w",
                clip(text)
            ),
            ConfigNotice::NotATime(Assignment::of(name, text)),
        )
    };
    let (number, rest) = leading_number(text)
        .filter(|(n, _)| *n >= 0)
        .ok_or_else(bad)?;
    let unit = rest.chars().next().unwrap_or(unit);
    let scale = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        'w' => 7 * 24 * 60 * 60,
        _ => return Err(bad()),
    };
    if text.is_empty() || (scale > 1 && number >= i32::MAX / scale) {
        return Err(bad());
    }
    let seconds = number * scale;
    let beyond = |what, limit| {
        let notice = ConfigNotice::TimeOutOfRange {
            parameter: name.into(),
            seconds,
            limit,
        };
        Err(Refusal::new(what, notice))
    };
    if min != 0 && seconds < min {
        let what = format!("{seconds}s is less than {min}s");
        return beyond(what, Limit::Min(min));
    }
    if max != 0 && seconds > max {
        let what = format!("{seconds}s is more than {max}s");
        return beyond(what, Limit::Max(max));
    }
    // Postfix looks at the first letter only: 300ms is five hours.
    let remark = (rest.chars().count() > 1).then(|| {
        format!(
            "\"{}\" is read as {number}{unit}, by its first letter",
            clip(text)
        )
    });
    Ok((
        Duration::from_secs(u64::from(seconds.unsigned_abs())),
        remark,
    ))
}

/// C's `strtol` for an `int`: blanks, a sign, digits. No digits is 0; `None` is out of range.
fn leading_number(text: &str) -> Option<(i32, &str)> {
    let trimmed = text.trim_start_matches(super::space::is_space);
    let (sign, digits) = match trimmed.strip_prefix(['-', '+']) {
        Some(digits) if trimmed.starts_with('-') => ("-", digits),
        Some(digits) => ("", digits),
        None => ("", trimmed),
    };
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    if digits.is_empty() {
        return Some((0, text));
    }
    Some((format!("{sign}{digits}").parse().ok()?, rest))
}

/// The word of `words` that `text` most likely was meant to be.
pub(super) fn nearest<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    // Longer than any parameter name: not a slip of the pen, and not worth the comparison.
    const MAX_LENGTH: usize = 80;
    let length = text.chars().count();
    if length > MAX_LENGTH {
        return None;
    }
    let slips = 1 + length / 5;
    words
        .iter()
        .filter(|word| word.len().abs_diff(length) <= slips)
        .map(|word| (strsim::damerau_levenshtein(text, word), *word))
        .filter(|(distance, word)| *distance <= slips && *distance < word.len().max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_as_postfix_reads_them() {
        for (text, seconds) in [
            ("0", Some(0)),
            ("30", Some(30)),
            ("30s", Some(30)),
            ("5m", Some(300)),
            ("2h", Some(7200)),
            ("5d", Some(432_000)),
            ("1w", Some(604_800)),
            ("+5m", Some(300)),
            ("2147483647", Some(2_147_483_647)),
            ("3549w", Some(2_146_435_200)),
            ("3550w", None),
            ("2147483648", None),
            ("99999999999999999999", None),
            ("-1", None),
            ("", None),
            ("x", None),
            ("5 d", None),
            ("5y", None),
            ("5D", None),
            ("1.5h", None),
        ] {
            let read = time("t", text, 's', 0, 0)
                .ok()
                .map(|(span, _)| span.as_secs());
            assert_eq!(read, seconds, "{text:?}");
        }
        assert_eq!(time("t", "5", 'd', 0, 0).unwrap().0.as_secs(), 432_000);
        let (span, remark) = time("t", "300ms", 's', 0, 0).unwrap();
        assert_eq!(span.as_secs(), 18_000);
        assert_eq!(
            remark.unwrap(),
            "\"300ms\" is read as 300m, by its first letter"
        );
    }

    #[test]
    fn what_is_refused_is_refused_in_postfix_words() {
        let said = |refusal: Refusal| {
            let said = crate::log::said([&refusal.notice]);
            said.join("\n")
        };
        let time = |text: &str| {
            let read = time("smtp_starttls_timeout", text, 's', 1, 100);
            said(read.unwrap_err())
        };
        assert_eq!(time("0"), "fatal: invalid smtp_starttls_timeout: 0 (min 1)");
        assert_eq!(
            time("2m"),
            "fatal: invalid smtp_starttls_timeout: 120 (max 100)"
        );
        assert_eq!(
            time("never"),
            "fatal: parameter smtp_starttls_timeout: bad time value or unit: never"
        );
        let number = |text: &str| {
            let read = number("line_length_limit", text, 512, 9999);
            said(read.unwrap_err())
        };
        assert_eq!(
            number("1"),
            "fatal: invalid line_length_limit parameter value 1 < 512"
        );
        assert_eq!(
            number("10000"),
            "fatal: invalid line_length_limit parameter value 10000 > 9999"
        );
        for text in ["", "x", "5x", "5 ", "2147483648"] {
            assert_eq!(
                number(text),
                format!("fatal: bad numerical configuration: line_length_limit = {text}")
            );
        }
        let boolean = yes_or_no("soft_bounce", "true").unwrap_err();
        assert_eq!(boolean.nearest, Some("yes"));
        assert_eq!(
            said(boolean),
            "fatal: bad boolean configuration: soft_bounce = true"
        );
        assert_eq!(yes_or_no("soft_bounce", "YES"), Ok(true));
        assert_eq!(yes_or_no("soft_bounce", "No"), Ok(false));
    }

    #[test]
    fn the_nearest_word_is_near() {
        let words = &["none", "may", "encrypt", "secure"];
        for (text, expected) in [
            ("mya", Some("may")),
            ("encript", Some("encrypt")),
            ("secur", Some("secure")),
            ("bogus", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(text, words), expected, "{text:?}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), words), None);
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_a_value_or_is_refused(text in "[-+ 0-9smhdwyno]{0,24}|\\PC{0,24}") {
            let _ = yes_or_no("n", &text);
            let _ = number("n", &text, 0, 0);
            let _ = time("n", &text, 's', 0, 0);
            let _ = nearest(&text, &["yes", "may", ""]);
        }

        #[test]
        fn seconds_read_back(seconds in 0..=i32::MAX) {
            let (span, remark) = time("t", &format!("{seconds}s"), 'd', 0, 0).unwrap();
            prop_assert_eq!((span.as_secs(), remark), (u64::from(seconds.unsigned_abs()), None));
        }
    }
}
