//! The result of a pattern: text with `$1`, `${1}` and `$(1)` in it (src/util/mac_parse.c).

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
    /// The line that Postfix logs before it skips the rule, where `place` is in a table.
    pub(super) fn read(text: &str, place: &str) -> Result<Replacement, String> {
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
            let (name, after) = reference(after)
                .ok_or_else(|| format!("warning: truncated macro reference: \"{text}\""))?;
            if name.is_empty() {
                return Err(format!("warning: empty macro name: \"{text}\""));
            }
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Group(number(name, place)?));
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

fn number(name: &str, place: &str) -> Result<usize, String> {
    if !name.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "warning: {place}: non-numeric replacement index \"{name}\""
        ));
    }
    // The libraries count groups from 1 to far below this limit, so what is beyond it is out of their range.
    let number = name.parse().unwrap_or(usize::from(u16::MAX));
    if number == 0 {
        let words = if place.starts_with("regexp") {
            "out-of-range"
        } else {
            "out of range"
        };
        return Err(format!(
            "warning: {place}: {words} replacement index \"{name}\""
        ));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        let replacement = Replacement::read(text, "pcre map f, line 1")?;
        let groups = ["all", "one", "two"];
        Ok(replacement.fill(|n| groups.get(n).unwrap_or(&"").as_bytes(), 100))
    }

    #[test]
    fn groups_are_put_in_their_places() {
        assert_eq!(filled("$1").unwrap(), "one");
        assert_eq!(
            filled("a ${1}b$(2)$").unwrap_err(),
            "warning: empty macro name: \"a ${1}b$(2)$\""
        );
        assert_eq!(filled("a ${1}b$(2)$$1").unwrap(), "a onebtwo$1");
        assert_eq!(filled("$1-$2").unwrap(), "one-two");
        assert_eq!(filled("none").unwrap(), "none");
        assert_eq!(filled("").unwrap(), "");
    }

    #[test]
    fn what_is_no_number_is_refused_in_postfix_words() {
        for (text, fault) in [
            ("${1", "warning: truncated macro reference: \"${1\""),
            (
                "$1x",
                "warning: pcre map f, line 1: non-numeric replacement index \"1x\"",
            ),
            (
                "$0",
                "warning: pcre map f, line 1: out of range replacement index \"0\"",
            ),
        ] {
            assert_eq!(filled(text).unwrap_err(), fault);
        }
    }

    #[test]
    fn a_long_result_is_cut_off() {
        let replacement = Replacement::read(&"$1".repeat(1000), "").unwrap();
        assert!(replacement.fill(|_| b"0123456789", 50).len() <= 60);
    }
}
