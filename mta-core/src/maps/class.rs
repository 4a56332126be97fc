//! Bracket expressions: `[a-z]`, `[^[:space:]]`.

use std::iter::Peekable;
use std::str::Chars;

use super::fault::{Fault, refused};

/// The names of classes that both libraries know.
const NAMES: [&str; 12] = [
    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "xdigit",
];

/// What PCRE knows besides.
const PERL_NAMES: [&str; 2] = ["ascii", "word"];

/// Longer than any name of a class: looking further for its end is in vain.
const MAX_NAME: usize = 32;

/// What stands at one place in brackets.
enum Item {
    Char(char),
    /// More than one character, in the words of `regex`; it is not an end of a range.
    Set(String),
}

/// Translates a bracket expression, of which the first bracket is read already. With `perl` a backslash has the
/// meaning that it has outside brackets; without, it is a character.
///
/// # Errors
/// [`Fault`], in the words of the library.
pub(super) fn class(
    chars: &mut Peekable<Chars<'_>>,
    out: &mut String,
    perl: bool,
) -> Result<(), Fault> {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut is_first = true;
    loop {
        let Some(c) = chars.next() else {
            return refused(unclosed(perl));
        };
        if c == ']' && !is_first {
            out.push(']');
            return Ok(());
        }
        is_first = false;
        let low = match item(c, chars, perl)? {
            Item::Char(low) => low,
            Item::Set(set) => {
                out.push_str(&set);
                continue;
            }
        };
        push(out, low)?;
        let mut ahead = chars.clone();
        if ahead.next() != Some('-') || ahead.next().is_none_or(|next| next == ']') {
            continue;
        }
        chars.next();
        let Some(c) = chars.next() else {
            return refused(unclosed(perl));
        };
        match item(c, chars, perl)? {
            Item::Char(high) if low <= high => {
                out.push('-');
                push(out, high)?;
            }
            Item::Set(set) if perl => {
                out.push_str(r"\-");
                out.push_str(&set);
            }
            Item::Char(_) | Item::Set(_) if perl => {
                return refused("range out of order in character class");
            }
            Item::Char(_) | Item::Set(_) => return refused("Invalid range end"),
        }
    }
}

const fn unclosed(perl: bool) -> &'static str {
    if perl {
        "missing terminating ] for character class"
    } else {
        "Unmatched [, [^, [:, [., or [="
    }
}

fn push(out: &mut String, c: char) -> Result<(), Fault> {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => out.push(c),
        // Escaped in this way, nothing has a meaning, not even a blank under `x`.
        c if c.is_ascii() => out.push_str(&format!("\\x{:02X}", u32::from(c))),
        _ => {
            return Err(Fault::Unsupported(
                "a character in brackets that is not ASCII",
            ));
        }
    }
    Ok(())
}

fn item(c: char, chars: &mut Peekable<Chars<'_>>, perl: bool) -> Result<Item, Fault> {
    match (c, chars.peek()) {
        ('[', Some(kind @ (':' | '.' | '='))) => {
            let kind = *kind;
            match named(chars, kind) {
                Some(name) => {
                    let length = name.chars().count();
                    for _ in 0..length + 3 {
                        chars.next();
                    }
                    special(&name, kind, perl)
                }
                // To PCRE, what is not closed is not a class.
                None if perl => Ok(Item::Char('[')),
                None => refused(unclosed(perl)),
            }
        }
        ('\\', _) if perl => escaped(chars),
        (c, _) => Ok(Item::Char(c)),
    }
}

/// The name in `[:name:]`, of which the bracket is read already; nothing else is.
fn named(chars: &Peekable<Chars<'_>>, kind: char) -> Option<String> {
    let mut ahead = chars.clone();
    ahead.next();
    let mut name = String::new();
    while name.len() < MAX_NAME {
        match ahead.next()? {
            c if c == kind && ahead.peek() == Some(&']') => return Some(name),
            ']' if kind == ':' => return None,
            c => name.push(c),
        }
    }
    None
}

fn special(name: &str, kind: char, perl: bool) -> Result<Item, Fault> {
    if kind == ':' {
        let (not, word) = match name.strip_prefix('^') {
            Some(word) if perl => ("^", word),
            Some(_) | None => ("", name),
        };
        if NAMES.contains(&word) || (perl && PERL_NAMES.contains(&word)) {
            return Ok(Item::Set(format!("[:{not}{word}:]")));
        }
        return refused(if perl {
            "unknown POSIX class name"
        } else {
            "Invalid character class name"
        });
    }
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if !perl => Ok(Item::Char(c)),
        _ if perl => refused("POSIX collating elements are not supported"),
        _ => refused("Invalid collation character"),
    }
}

fn escaped(chars: &mut Peekable<Chars<'_>>) -> Result<Item, Fault> {
    let Some(c) = chars.next() else {
        return refused("\\ at end of pattern");
    };
    Ok(match c {
        'd' | 'D' | 's' | 'S' | 'w' | 'W' => Item::Set(format!("\\{c}")),
        'h' => Item::Set(r"\t\x20".to_owned()),
        'v' => Item::Set(r"\n\x0B\f\r".to_owned()),
        'b' => Item::Char('\x08'),
        'a' => Item::Char('\x07'),
        'e' => Item::Char('\x1b'),
        'f' => Item::Char('\x0c'),
        'n' => Item::Char('\n'),
        'r' => Item::Char('\r'),
        't' => Item::Char('\t'),
        c if c.is_ascii_alphanumeric() => {
            return Err(Fault::Unsupported("this escape in brackets"));
        }
        c => Item::Char(c),
    })
}
