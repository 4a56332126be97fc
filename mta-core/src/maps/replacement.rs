//! The result of a pattern: text with `$1`, `${1}` and `$(1)` in it (src/util/mac_parse.c).

use crate::event::PatternFault;

/// A result, ready to be filled in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Replacement {
    pieces: Vec<Piece>,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// What the group of this number matched.
    Group(usize),
}

impl Replacement {
    /// Reads a result.
    ///
    /// # Errors
    /// What is wrong, before Postfix skips the rule.
    pub(super) fn read(text: &str) -> Result<Replacement, PatternFault> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            literal.push_str(before);
            if let Some(after) = after.strip_prefix('$') {
                literal.push('$');
                rest = after;
                continue;
            }
            let (name, after) =
                reference(after).ok_or_else(|| PatternFault::TruncatedReference(text.into()))?;
            if name.is_empty() {
                return Err(PatternFault::EmptyReference(text.into()));
            }
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Group(number(name)?));
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Replacement { pieces })
    }

    /// The highest number of a group in it; 0 if it has none.
    pub(super) fn highest_group(&self) -> usize {
        let groups = self.pieces.iter().map(|piece| match piece {
            Piece::Text(_) => 0,
            Piece::Group(number) => *number,
        });
        groups.max().unwrap_or(0)
    }

    /// The result, given what each group matched; cut off once it is longer than `limit`.
    pub(super) fn fill<'k>(&self, group: impl Fn(usize) -> &'k [u8], limit: usize) -> String {
        let mut result = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => result.extend_from_slice(text.as_bytes()),
                Piece::Group(number) => result.extend_from_slice(group(*number)),
            }
            if result.len() > limit {
                break;
            }
        }
        // A group may end within a character.
        String::from_utf8_lossy(&result).into_owned()
    }
}

/// The name behind a `$`, and what follows it; `None` if its bracket is not closed.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (open, close) = match text.chars().next() {
        Some('(') => ('(', ')'),
        Some('{') => ('{', '}'),
        _ => {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            return Some(text.split_at(end.unwrap_or(text.len())));
        }
    };
    let inner = text.get(1..)?;
    let mut level = 1_usize;
    for (at, c) in inner.char_indices() {
        if c == open {
            level += 1;
        } else if c == close {
            level -= 1;
        }
        if level == 0 {
            return Some((inner.get(..at)?, inner.get(at + 1..)?));
        }
    }
    None
}

fn number(name: &str) -> Result<usize, PatternFault> {
    if !name.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PatternFault::NamedGroup(name.into()));
    }
    // The libraries count groups from 1 to far below this limit, so what is beyond it is out of their range.
    let number = name.parse().unwrap_or(usize::from(u16::MAX));
    if number == 0 {
        return Err(PatternFault::NoSuchGroup(name.into()));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, PatternFault> {
        let replacement = Replacement::read(text)?;
        let groups = ["all", "one", "two"];
        Ok(replacement.fill(|n| groups.get(n).unwrap_or(&"").as_bytes(), 100))
    }

    #[test]
    fn groups_are_put_in_their_places() {
        assert_eq!(filled("$1").unwrap(), "one");
        assert_eq!(
            filled("a ${1}b$(2)$").unwrap_err(),
            PatternFault::EmptyReference("a ${1}b$(2)$".into())
        );
        assert_eq!(filled("a ${1}b$(2)$$1").unwrap(), "a onebtwo$1");
        assert_eq!(filled("$1-$2").unwrap(), "one-two");
        assert_eq!(filled("none").unwrap(), "none");
        assert_eq!(filled("").unwrap(), "");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (text, fault) in [
            ("${1", PatternFault::TruncatedReference("${1".into())),
            ("$1x", PatternFault::NamedGroup("1x".into())),
            ("$0", PatternFault::NoSuchGroup("0".into())),
        ] {
            assert_eq!(filled(text).unwrap_err(), fault);
        }
    }

    #[test]
    fn a_long_result_is_cut_off() {
        let replacement = Replacement::read(&"$1".repeat(1000)).unwrap();
        assert!(replacement.fill(|_| b"0123456789", 50).len() <= 60);
    }
}
