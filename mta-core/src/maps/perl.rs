//! Perl-compatible regular expressions, in the words of the `regex` crate (pcre2pattern(3)).
//!
//! The two are alike; what `regex` reads otherwise is put right, and what it lacks (looking ahead and behind,
//! back-references, atomic groups, recursion) is named.

use std::iter::Peekable;
use std::str::Chars;

use super::class::class;
use super::fault::{Fault, refused};

/// Translates a pattern; `spaced` is the option `x`.
///
/// # Errors
/// [`Fault`], in the words of PCRE2.
pub(super) fn translate(pattern: &str, spaced: bool) -> Result<String, Fault> {
    let mut chars = pattern.chars().peekable();
    translated(&mut chars, spaced).map_err(|fault| match fault {
        Fault::Unsupported(what) => Fault::Unsupported(what),
        Fault::Refused { words, .. } => {
            let left: usize = chars.map(char::len_utf8).sum();
            // These two are said of the character itself, the others of where reading ended.
            let back = usize::from(words == NOTHING_TO_REPEAT || words == NOTHING_TO_CLOSE);
            let offset = Some(pattern.len() - left - back);
            Fault::Refused { offset, words }
        }
    })
}

const NOTHING_TO_REPEAT: &str = "quantifier does not follow a repeatable item";
const NOTHING_TO_CLOSE: &str = "unmatched closing parenthesis";

fn translated(chars: &mut Peekable<Chars<'_>>, spaced: bool) -> Result<String, Fault> {
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut before = Before::Nothing;
    while let Some(c) = chars.next() {
        let now = match c {
            '\\' => escaped(chars, &mut out)?,
            '[' => {
                class(chars, &mut out, true)?;
                Before::Atom
            }
            '(' => {
                if open(chars, &mut out)? {
                    depth += 1;
                }
                Before::Nothing
            }
            ')' => {
                if depth == 0 {
                    return refused(NOTHING_TO_CLOSE);
                }
                depth -= 1;
                out.push(')');
                Before::Atom
            }
            '|' => {
                out.push('|');
                Before::Nothing
            }
            '*' | '+' | '?' => repeat(c.to_string(), before, chars, &mut out)?,
            '{' => match interval(chars) {
                Some(interval) => repeat(interval, before, chars, &mut out)?,
                None => {
                    out.push_str(r"\{");
                    Before::Atom
                }
            },
            '#' if spaced => {
                while chars.next().is_some_and(|c| c != '\n') {}
                before
            }
            c if spaced && c.is_ascii_whitespace() => before,
            '.' | '^' | '$' => {
                out.push(c);
                Before::Atom
            }
            c => {
                out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                Before::Atom
            }
        };
        before = now;
    }
    if depth > 0 {
        return refused("missing closing parenthesis");
    }
    Ok(out)
}

/// What a quantifier would apply to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Atom,
    Quantifier,
}

fn repeat(
    quantifier: String,
    before: Before,
    chars: &mut Peekable<Chars<'_>>,
    out: &mut String,
) -> Result<Before, Fault> {
    match before {
        Before::Atom => {}
        Before::Nothing | Before::Quantifier => {
            return refused(NOTHING_TO_REPEAT);
        }
    }
    out.push_str(&quantifier);
    match chars.next_if(|c| matches!(c, '?' | '+')) {
        Some('+') => return Err(Fault::Unsupported("a possessive quantifier")),
        Some(lazy) => out.push(lazy),
        None => {}
    }
    Ok(Before::Quantifier)
}

/// The rest of `{2}`, `{2,}` or `{2,3}`; nothing is read if it is none.
fn interval(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    // Two numbers of five digits and a comma are all that PCRE takes.
    let ahead = chars.clone().take(12);
    let text: String = ahead.take_while(|c| *c != '}').collect();
    let (min, max) = text.split_once(',').unwrap_or((&text, "0"));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if min.is_empty() || !is_number(min) || !is_number(max) {
        return None;
    }
    let mut ahead = chars.clone();
    if ahead.nth(text.len()) != Some('}') {
        return None;
    }
    *chars = ahead;
    Some(format!("{{{text}}}"))
}

/// What stands behind a bracket; whether it opens a group.
fn open(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<bool, Fault> {
    if chars.peek() == Some(&'*') {
        return Err(Fault::Unsupported("a verb like (*ACCEPT)"));
    }
    if chars.next_if_eq(&'?').is_none() {
        out.push('(');
        return Ok(true);
    }
    match chars.next() {
        Some(':') => out.push_str("(?:"),
        Some('#') => {
            while chars.next().is_some_and(|c| c != ')') {}
            return Ok(false);
        }
        Some('P') if chars.next_if_eq(&'<').is_some() => name(chars, out, '>')?,
        Some('\'') => name(chars, out, '\'')?,
        Some('<') if !matches!(chars.peek(), Some('=' | '!')) => name(chars, out, '>')?,
        Some('=' | '!' | '<') => return Err(Fault::Unsupported("looking ahead or behind")),
        Some(c @ ('i' | 'm' | 's' | '-')) => return flags(c, chars, out),
        Some(_) => return Err(Fault::Unsupported("this kind of group")),
        None => return refused("unrecognized character after (? or (?-"),
    }
    Ok(true)
}

/// A named group: its number is all that counts.
fn name(chars: &mut Peekable<Chars<'_>>, out: &mut String, end: char) -> Result<(), Fault> {
    out.push('(');
    loop {
        match chars.next() {
            Some(c) if c == end => return Ok(()),
            Some(c) if c.is_ascii_alphanumeric() || c == '_' => {}
            Some(_) | None => {
                return refused("syntax error in subpattern name (missing terminator?)");
            }
        }
    }
}

/// `(?i)` and `(?i:`; whether a group is open.
fn flags(first: char, chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<bool, Fault> {
    out.push_str("(?");
    out.push(first);
    loop {
        match chars.next() {
            Some(c @ ('i' | 'm' | 's' | '-')) => out.push(c),
            Some(c @ (':' | ')')) => {
                out.push(c);
                return Ok(c == ':');
            }
            Some(_) => return Err(Fault::Unsupported("this option within a pattern")),
            None => return refused("missing closing parenthesis"),
        }
    }
}

fn escaped(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<Before, Fault> {
    let Some(c) = chars.next() else {
        return refused("\\ at end of pattern");
    };
    match c {
        'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'b' | 'B' | 'A' | 'z' | 'n' | 'r' | 't' | 'f' | 'a' => {
            out.push('\\');
            out.push(c);
        }
        'Z' => out.push_str(r"\z"),
        'h' => out.push_str(r"[\t\x20]"),
        'v' => out.push_str(r"[\n\x0B\f\r]"),
        'e' => out.push_str(r"\x1B"),
        'Q' => {
            let mut is_empty = true;
            while let Some(c) = chars.next() {
                if c == '\\' && chars.next_if_eq(&'E').is_some() {
                    break;
                }
                is_empty = false;
                out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
            }
            return Ok(if is_empty {
                Before::Nothing
            } else {
                Before::Atom
            });
        }
        '1'..='9' | 'g' | 'k' => return Err(Fault::Unsupported("a back-reference")),
        c if c.is_ascii_alphanumeric() => return Err(Fault::Unsupported("this escape")),
        c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
    }
    Ok(Before::Atom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, key: &str) -> bool {
        let translated = translate(pattern, false).unwrap();
        let regex = regex::bytes::RegexBuilder::new(&translated)
            .unicode(false)
            .build();
        regex.unwrap().is_match(key.as_bytes())
    }

    #[test]
    fn patterns_mean_what_they_mean_to_pcre() {
        for (pattern, key, matched) in [
            (r"^mx\d+\.example\.test$", "mx12.example.test", true),
            (r"^[\w.]+$", "a.b", true),
            (r"^[[:alpha:]\d]+$", "a1", true),
            (r"^[a[b]$", "[", true),
            (r"^a{x}$", "a{x}", true),
            (r"^(?:ab|c){2,}$", "abc", true),
            (r"^(?<host>a)(?#note)$", "a", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^(?i)A$", "a", true),
            (r"^.+?\.test\Z", "a.test", true),
        ] {
            assert_eq!(matches(pattern, key), matched, "{pattern} {key}");
        }
        assert_eq!(translate("a b # c", true).unwrap(), "ab");
    }

    #[test]
    fn what_is_wrong_is_told_from_what_is_not_supported() {
        for (pattern, offset, words) in [
            ("(a", 2, "missing closing parenthesis"),
            ("a)", 1, "unmatched closing parenthesis"),
            ("[abcd", 5, "missing terminating ] for character class"),
            ("*a", 0, "quantifier does not follow a repeatable item"),
            ("a**", 2, "quantifier does not follow a repeatable item"),
            ("a\\", 2, "\\ at end of pattern"),
        ] {
            let offset = Some(offset);
            let refused = Err(Fault::Refused { offset, words });
            assert_eq!(translate(pattern, false), refused, "{pattern}");
        }
        for pattern in [
            "a(?!b)", "(?<=a)b", r"(a)\1", "a++", "(?>a)", "(?R)", r"\p{L}",
        ] {
            let fault = translate(pattern, false).unwrap_err();
            assert!(matches!(fault, Fault::Unsupported(_)), "{pattern}");
        }
    }
}
