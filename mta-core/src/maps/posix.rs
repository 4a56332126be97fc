//! POSIX regular expressions, as glibc reads them, in the words of the `regex` crate (regex(7)).
//!
//! What differs in the result: of several ways to match, POSIX takes the longest and `regex` the first. So a rule
//! matches the same keys, but `$1` may differ where alternatives begin alike.

use std::iter::Peekable;
use std::str::Chars;

use super::class::class;
use super::fault::{Fault, refused};

/// A part of a pattern, whichever of the two syntaxes it is written in.
#[derive(Clone, Copy)]
enum Token {
    Open,
    Close,
    Or,
    /// `*`, `+` or `?`.
    Repeat(char),
    /// The start of `{2,3}`.
    Interval,
    Bracket,
    /// Passed on as it is.
    Same(&'static str),
    Literal(char),
}

/// Translates a pattern; `extended` is the syntax without backslashes.
///
/// # Errors
/// [`Fault`], in the words of glibc's `regerror`.
pub(super) fn translate(pattern: &str, extended: bool) -> Result<String, Fault> {
    let mut chars = pattern.chars().peekable();
    let mut out = String::with_capacity(pattern.len() * 2);
    // Where the groups that are open began, and where the last thing that can be repeated did.
    let mut groups = Vec::new();
    let mut atom: Option<usize> = None;
    while let Some(token) = next_token(&mut chars, extended, groups.len(), atom.is_none())? {
        let start = out.len();
        match token {
            Token::Open => {
                groups.push(start);
                out.push('(');
                atom = None;
            }
            Token::Close => {
                let Some(start) = groups.pop() else {
                    return refused("Unmatched ) or \\)");
                };
                out.push(')');
                atom = Some(start);
            }
            Token::Or => {
                out.push('|');
                atom = None;
            }
            Token::Repeat(sign) => {
                let Some(start) = atom else {
                    return refused("Invalid preceding regular expression");
                };
                repeat(&mut out, start, sign);
            }
            Token::Interval => {
                let Some(start) = atom else {
                    return refused("Invalid preceding regular expression");
                };
                let interval = interval(&mut chars, extended)?;
                enclose(&mut out, start);
                out.push_str(&interval);
            }
            Token::Bracket => {
                class(&mut chars, &mut out, false)?;
                atom = Some(start);
            }
            Token::Same(text) => {
                out.push_str(text);
                // A basic `^*` is an asterisk at the start.
                atom = (extended || text != "^").then_some(start);
            }
            Token::Literal(c) => {
                out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                atom = Some(start);
            }
        }
    }
    if groups.is_empty() {
        Ok(out)
    } else {
        refused("Unmatched ( or \\(")
    }
}

/// Repeats what begins at `start`. A second sign would mean something else to `regex`: `a*?` is lazy there.
fn repeat(out: &mut String, start: usize, sign: char) {
    enclose(out, start);
    out.push(sign);
}

/// Makes one thing of what begins at `start`, unless it is one character or group anyway.
fn enclose(out: &mut String, start: usize) {
    let repeated = out.ends_with(['*', '+', '?', '}']);
    let escaped = out
        .get(start..)
        .is_some_and(|atom| atom.len() == 2 && atom.starts_with('\\'));
    if repeated && !escaped {
        out.insert_str(start, "(?:");
        out.push(')');
    }
}

fn next_token(
    chars: &mut Peekable<Chars<'_>>,
    extended: bool,
    depth: usize,
    at_start: bool,
) -> Result<Option<Token>, Fault> {
    let Some(c) = chars.next() else {
        return Ok(None);
    };
    let token = match c {
        '\\' => escaped(chars, extended)?,
        '[' => Token::Bracket,
        '.' => Token::Same("."),
        '*' if !extended && at_start => Token::Literal('*'),
        '*' => Token::Repeat('*'),
        '^' if extended || at_start => Token::Same("^"),
        '$' if extended || is_last(chars) => Token::Same("$"),
        '(' if extended => Token::Open,
        // glibc takes a bracket that closes nothing for itself.
        ')' if extended && depth > 0 => Token::Close,
        '|' if extended => Token::Or,
        '+' | '?' if extended => Token::Repeat(c),
        '{' if extended => Token::Interval,
        other => Token::Literal(other),
    };
    Ok(Some(token))
}

fn escaped(chars: &mut Peekable<Chars<'_>>, extended: bool) -> Result<Token, Fault> {
    let Some(c) = chars.next() else {
        return refused("Trailing backslash");
    };
    Ok(match c {
        '(' if !extended => Token::Open,
        ')' if !extended => Token::Close,
        '|' if !extended => Token::Or,
        '+' | '?' if !extended => Token::Repeat(c),
        '{' if !extended => Token::Interval,
        'w' => Token::Same(r"\w"),
        'W' => Token::Same(r"\W"),
        's' => Token::Same(r"\s"),
        'S' => Token::Same(r"\S"),
        'b' => Token::Same(r"\b"),
        'B' => Token::Same(r"\B"),
        '<' => Token::Same(r"\<"),
        '>' => Token::Same(r"\>"),
        '`' => Token::Same(r"\A"),
        '\'' => Token::Same(r"\z"),
        '1'..='9' => return Err(Fault::Unsupported("a back-reference")),
        other => Token::Literal(other),
    })
}

/// Whether a `$` is the end of a basic pattern, of a group or of an alternative.
fn is_last(chars: &Peekable<Chars<'_>>) -> bool {
    let mut ahead = chars.clone();
    match ahead.next() {
        None => true,
        Some('\\') => matches!(ahead.next(), Some(')' | '|')),
        Some(_) => false,
    }
}

/// The rest of `{n}`, `{n,}`, `{,m}` or `{n,m}`, in the words of `regex`.
fn interval(chars: &mut Peekable<Chars<'_>>, extended: bool) -> Result<String, Fault> {
    let mut text = String::new();
    loop {
        match chars.next() {
            None => return refused("Unmatched \\{"),
            Some('}') if extended => break,
            Some('\\') if !extended && chars.next_if_eq(&'}').is_some() => break,
            Some(c) if c.is_ascii_digit() || c == ',' => text.push(c),
            Some(_) => return refused("Invalid content of \\{\\}"),
        }
    }
    let (min, max) = match text.split_once(',') {
        None => (text.as_str(), Some(text.as_str())),
        Some((min, "")) => (min, None),
        Some((min, max)) => (min, Some(max)),
    };
    let number = |digits: &str| digits.parse::<u16>().ok();
    let low = if min.is_empty() && max != Some("") {
        Some(0)
    } else {
        number(min)
    };
    let high = max.map(number);
    match (low, high) {
        (Some(low), None) => Ok(format!("{{{low},}}")),
        (Some(low), Some(Some(high))) if low <= high => Ok(format!("{{{low},{high}}}")),
        (Some(_) | None, Some(_) | None) => refused("Invalid content of \\{\\}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, extended: bool, key: &str) -> bool {
        let translated = translate(pattern, extended).unwrap();
        let regex = regex::bytes::RegexBuilder::new(&translated)
            .unicode(false)
            .build();
        regex.unwrap().is_match(key.as_bytes())
    }

    #[test]
    fn extended_patterns_mean_what_they_mean_to_glibc() {
        for (pattern, key, matched) in [
            (r"^mx[0-9]+\.example\.test$", "mx12.example.test", true),
            (r"^mx[0-9]+\.example\.test$", "mx12xexample.test", false),
            (r"^[^.]+\.test$", "a.b.test", false),
            (r"^[\.]$", "\\", true),
            (r"^[]a]$", "]", true),
            (r"^[[:alpha:]]{2,3}$", "abc", true),
            (r"^a{,2}$", "aaa", false),
            (r"^a)$", "a)", true),
            (r"^(ab|c)*?$", "abcab", true),
            (r"^a*?$", "aa", true),
            (r"^\*?$", "*", true),
            (r"\<test\>", "a test b", true),
            (r"^\t$", "t", true),
            (r"^[a&&b]$", "&", true),
        ] {
            assert_eq!(matches(pattern, true, key), matched, "{pattern} {key}");
        }
    }

    #[test]
    fn basic_patterns_have_their_signs_behind_backslashes() {
        for (pattern, key, matched) in [
            (r"^\(ab\|c\)\{2\}$", "abc", true),
            (r"^(a)+$", "(a)+", true),
            (r"^*a$", "*a", true),
            (r"a^b$", "a^b", true),
            (r"^a$b$", "a$b", true),
            (r"^a\+$", "aaa", true),
        ] {
            assert_eq!(matches(pattern, false, key), matched, "{pattern} {key}");
        }
    }

    #[test]
    fn what_glibc_refuses_is_refused_in_its_words() {
        for (pattern, words) in [
            ("(a", "Unmatched ( or \\("),
            ("[a", "Unmatched [, [^, [:, [., or [="),
            ("*a", "Invalid preceding regular expression"),
            ("a|?", "Invalid preceding regular expression"),
            ("(?:a)", "Invalid preceding regular expression"),
            ("a{x}", "Invalid content of \\{\\}"),
            ("a{2,1}", "Invalid content of \\{\\}"),
            ("a{1", "Unmatched \\{"),
            ("[b-a]", "Invalid range end"),
            ("[[:foo:]]", "Invalid character class name"),
            ("a\\", "Trailing backslash"),
        ] {
            assert_eq!(translate(pattern, true), refused(words), "{pattern}");
        }
        assert_eq!(
            translate(r"(a)\1", true),
            Err(Fault::Unsupported("a back-reference"))
        );
    }
}
