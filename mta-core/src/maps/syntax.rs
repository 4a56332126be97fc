//! Words, braces and `name = value`: the small syntax of table specifications and of what stands in tables.

use std::borrow::Cow;

use crate::event::{BraceFault, PairFault};

/// What stands between words (`CHARS_COMMA_SP` of src/util/stringops.h).
const SEPARATORS: [char; 5] = [',', ' ', '\t', '\r', '\n'];

/// Blanks, as C's `isspace` knows them.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// The words of `text` (src/util/mystrtok.c).
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(SEPARATORS).filter(|word| !word.is_empty())
}

/// The words of `text`, where what stands in braces is not taken apart (src/util/mystrtok.c `mystrtokq`).
pub(crate) fn braced_words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(SEPARATORS);
        if rest.is_empty() {
            return None;
        }
        let mut level = 0_usize;
        let end = rest.find(|c| {
            match c {
                '{' => level += 1,
                '}' => level = level.saturating_sub(1),
                _ => return level == 0 && SEPARATORS.contains(&c),
            }
            false
        });
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(word)
    })
}

/// What stands in the braces that `text` begins with, and what follows them; `None` if there are none or they are
/// never closed (src/util/balpar.c).
pub(crate) fn balanced(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{')?;
    let mut level = 1_usize;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => level += 1,
            '}' => level -= 1,
            _ => {}
        }
        if level == 0 {
            let (inner, rest) = inner.split_at(at);
            return Some((inner, rest.get(1..).unwrap_or_default()));
        }
    }
    None
}

/// What stands in `{ text }`, without the blanks around it.
///
/// # Errors
/// What is wrong, and the text as far as it was taken (src/util/extpar.c).
pub(crate) fn in_braces(text: &str) -> Result<&str, (BraceFault, &str)> {
    let trim = |text: &'_ str| -> usize { text.len() - text.trim_start_matches(is_space).len() };
    let strip = |inner| {
        let inner: &str = str::trim_end_matches(inner, is_space);
        inner.get(trim(inner)..).unwrap_or_default()
    };
    let Some(opened) = text.strip_prefix('{') else {
        return Err((BraceFault::NotOpened(text.into()), strip(text)));
    };
    match balanced(text) {
        None => Err((BraceFault::NotClosed(text.into()), strip(opened))),
        Some((inner, "")) => Ok(strip(inner)),
        Some((inner, _)) => Err((BraceFault::TextBehind(text.into()), strip(inner))),
    }
}

/// Blanks of all kinds become spaces (`EXTPAR_FLAG_NORMAL_WS`).
pub(crate) fn plain_blanks(text: &str) -> Cow<'_, str> {
    if text.contains(|c| c != ' ' && is_space(c)) {
        Cow::Owned(text.replace(is_space, " "))
    } else {
        Cow::Borrowed(text)
    }
}

/// Takes `name = value` apart.
///
/// # Errors
/// What is wrong (src/util/split_nameval.c).
pub(crate) fn name_value(text: &str) -> Result<(&str, &str), PairFault> {
    let text = text.trim_start_matches(is_space);
    let end = text.find(|c| c == '=' || is_space(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return Err(PairFault::NoName);
    }
    match rest.trim_start_matches(is_space).strip_prefix('=') {
        Some(value) => Ok((name, value.trim_matches(is_space))),
        None => Err(PairFault::NoEquals),
    }
}

/// As [`name_value`]; the name may have blanks in double quotes and behind backslashes, and keeps both.
///
/// # Errors
/// What is wrong (src/util/split_qnameval.c).
pub(super) fn quoted_name_value(text: &str) -> Result<(&str, &str), PairFault> {
    let text = text.trim_start_matches(is_space);
    if text.is_empty() {
        return Err(PairFault::NoKey);
    }
    let end = unquoted_end(text, |c| c == '=' || is_space(c)).ok_or(PairFault::OpenQuote)?;
    let (name, rest) = text.split_at(end);
    match rest.trim_start_matches(is_space).strip_prefix('=') {
        Some(value) => Ok((name, value.trim_matches(is_space))),
        None => Err(PairFault::NoEquals),
    }
}

/// Where `text` has its first character that `ends` a key and is not quoted; its length if there is none. `None` if a
/// double quote is left open.
pub(super) fn unquoted_end(text: &str, ends: impl Fn(char) -> bool) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if !quoted && ends(c) => return Some(at),
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    (!quoted).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_keep_words_together() {
        let words: Vec<_> = braced_words("a,{b c, {d}}e\t f} {g").collect();
        assert_eq!(words, ["a", "{b c, {d}}e", "f}", "{g"]);
        assert_eq!(braced_words(" ,\n").next(), None);
    }

    #[test]
    fn braces_are_taken_off_and_faults_named() {
        assert_eq!(in_braces("{ a {b} }"), Ok("a {b}"));
        assert_eq!(in_braces("{}"), Ok(""));
        assert_eq!(
            in_braces("{a"),
            Err((BraceFault::NotClosed("{a".into()), "a"))
        );
        assert_eq!(
            in_braces("{a}b"),
            Err((BraceFault::TextBehind("{a}b".into()), "a"))
        );
        assert_eq!(
            in_braces("a"),
            Err((BraceFault::NotOpened("a".into()), "a"))
        );
    }

    #[test]
    fn names_and_values_are_trimmed() {
        assert_eq!(name_value("a=b=c"), Ok(("a", "b=c")));
        assert_eq!(name_value(" a = b c "), Ok(("a", "b c")));
        assert_eq!(name_value("a="), Ok(("a", "")));
        assert_eq!(name_value("=b"), Err(PairFault::NoName));
        assert_eq!(name_value("a b"), Err(PairFault::NoEquals));
        assert_eq!(quoted_name_value("\"a =\" = b"), Ok(("\"a =\"", "b")));
        assert_eq!(quoted_name_value("\"a = b"), Err(PairFault::OpenQuote));
        assert_eq!(quoted_name_value("a\\ b=c"), Ok(("a\\ b", "c")));
    }
}
