//! `{left} operator {right}` inside `${...}`.

use std::cmp::Ordering;

use super::super::compat_level::CompatLevel;
use super::super::problem::clip;
use super::Expander;
use super::error::{ExpandError, error};
use super::pieces::{braced, trim_start};

/// Characters that Postfix takes as belonging to an operator, known or not.
const OPERATOR: &str = "<>!=?+-*/~&|%";

impl Expander<'_, '_> {
    /// Whether the relation at the start of `text` holds, and what follows it.
    pub(super) fn relation<'t>(&mut self, text: &'t str) -> Result<(bool, &'t str), ExpandError> {
        let (left, rest) = braced(text)?;
        let (operator, rest) = split_while(rest, |c| OPERATOR.contains(c));
        let accepts: fn(Ordering) -> bool = match operator {
            "==" => Ordering::is_eq,
            "!=" => Ordering::is_ne,
            "<" => Ordering::is_lt,
            "<=" => Ordering::is_le,
            ">=" => Ordering::is_ge,
            ">" => Ordering::is_gt,
            _ => {
                return error(format!(
                    "\"==\" or \"!=\" or \"<\" or \"<=\" or \">=\" or \">\" expected at: \"...{}}}>>>{}\"",
                    clip(left),
                    clip(&format!("{operator}{rest}"))
                ));
            }
        };
        let (suffix, rest) = split_while(rest, |c| c.is_ascii_alphanumeric());
        let rest = trim_start(rest);
        if !rest.starts_with('{') {
            return error(format!(
                "\"{{expression}}\" expected at: \"...>>>{}\"",
                clip(rest)
            ));
        }
        let (right, rest) = braced(rest)?;
        let (left, right) = (self.operand(left)?, self.operand(right)?);
        let order = match suffix {
            "" => compare(&left, &right)?,
            "level" => level(&left)?.cmp(&level(&right)?),
            _ => {
                return error(format!(
                    "bad operator suffix at: \"...>>>{}\"",
                    clip(suffix)
                ));
            }
        };
        Ok((accepts(order), rest))
    }

    /// Expands one side by itself; depth and work count on.
    pub(super) fn operand(&mut self, text: &str) -> Result<String, ExpandError> {
        let outer = std::mem::take(&mut self.out.text);
        let result = self.text(text);
        let operand = std::mem::replace(&mut self.out.text, outer);
        result.map(|()| operand)
    }
}

/// By value if both sides are all digits, else by bytes.
fn compare(left: &str, right: &str) -> Result<Ordering, ExpandError> {
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !(all_digits(left) && all_digits(right)) {
        return Ok(left.as_bytes().cmp(right.as_bytes()));
    }
    Ok(whole_number(left)?.cmp(&whole_number(right)?))
}

fn whole_number(digits: &str) -> Result<i64, ExpandError> {
    digits
        .parse()
        .or_else(|_| error(format!("bad conversion: {}", clip(digits))))
}

fn level(text: &str) -> Result<CompatLevel, ExpandError> {
    text.parse().or_else(|_| {
        error(format!(
            "malformed compatibility level syntax: \"{}\"",
            clip(text)
        ))
    })
}

fn split_while(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}
