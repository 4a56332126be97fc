//! Reads a TOML file of peers, worlds or scenarios; what is wrong with it is said in one line, with a place and the
//! nearest right word.

mod all;
mod beside;
mod merge;
mod source;
mod tree;

use std::fmt;

use serde::de::DeserializeOwned;

use crate::nearest;

pub use all::faults;
pub(crate) use beside::{Beside, beside, keys_of_both, read_beside};
pub use merge::{MergeRule, lay_over};
pub use source::{FAULTS_MAX, SourceFile};
pub use tree::Texts;

/// A file may have so many bytes. Ours; the longest file of the catalogue has a hundredth of it.
pub const FILE_BYTES_MAX: usize = 256 * 1024;

/// Reads the text of a file; `file` is only its name, for the error.
///
/// # Errors
/// The first thing wrong with it.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, FileError> {
    if text.len() > FILE_BYTES_MAX {
        let message = format!("a file has at most {FILE_BYTES_MAX} octets");
        return Err(FileError::at_byte(file, text, 0, message));
    }
    toml::from_str(text).map_err(|error| FileError::of_reader(file, text, &error))
}

/// What is wrong with a file. Shown as `FILE:LINE:COLUMN: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The file's name, as it was given to [`read`].
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and the nearest word that would be right.
    pub message: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}

impl std::error::Error for FileError {}

impl FileError {
    /// A fault at a byte of the text, counted from 0.
    pub fn at_byte(file: &str, text: &str, octet: usize, message: String) -> Self {
        let (line, column) = place(text, octet);
        FileError {
            file: file.to_owned(),
            line,
            column,
            message: one_line(&message),
        }
    }

    /// What the reader of TOML says.
    fn of_reader(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let octet = error.span().map_or(0, |span| span.start);
        let message = explain_at(text, octet, error.message());
        FileError::at_byte(file, text, octet, message)
    }

    /// A fault where `key` is first set; at the start if it is nowhere. A message that lists the words that would
    /// have been right, `…, expected one of …`, keeps only the nearest.
    pub fn at_key(file: &str, text: &str, key: &str, message: &str) -> Self {
        FileError::at_byte(
            file,
            text,
            find_key(text, key).unwrap_or(0),
            explain(message),
        )
    }
}

/// The longest message; what it quotes of the file may be of any length.
const MESSAGE_CHARS_MAX: usize = 2000;

/// What a message quotes may have line ends and other controls: they are shown escaped, and the message is cut.
fn one_line(message: &str) -> String {
    let mut line = String::new();
    for (number, c) in message.chars().enumerate() {
        if number == MESSAGE_CHARS_MAX {
            line.push('…');
            break;
        }
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

/// The same as [`explain`], of a message about this byte of the text.
fn explain_at(text: &str, octet: usize, message: &str) -> String {
    let message = explain(message);
    let Some((what, advice)) = message
        .strip_prefix("unknown key ")
        .and_then(|rest| rest.split_once("; "))
    else {
        return message;
    };
    // A key that is near to a right one is misspelt.
    match dotted_name(text, octet) {
        Some(name) if advice.starts_with("known are ") => {
            format!("unknown key {what}; as a key, a name with dots stands in quotes: `\"{name}\"`")
        }
        Some(_) | None => message,
    }
}

/// The bare words and dots around a byte that stands behind a dot.
fn dotted_name(text: &str, octet: usize) -> Option<&str> {
    let (before, after) = text.split_at_checked(octet)?;
    if !before.ends_with('.') {
        return None;
    }
    let is_outside = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let start = before.rfind(is_outside).map_or(0, |at| at + 1);
    let end = after.find(is_outside).unwrap_or(after.len());
    text.get(start..octet + end)
}

/// Turns the reader's message into one line; of a list of expected words, only the nearest is kept.
fn explain(message: &str) -> String {
    let message = in_words(message.lines().next().unwrap_or("not TOML"));
    let message = message.as_str();
    let Some((what, expected)) = message
        .split_once(", expected one of ")
        .or_else(|| message.split_once(", expected `"))
    else {
        return message.to_owned();
    };
    let Some(wrong) = what.split('`').nth(1) else {
        return message.to_owned();
    };
    let words: Vec<&str> = expected
        .split(", ")
        .flat_map(|word| word.split(" or "))
        .map(|word| word.trim_matches(|c: char| c == '`' || c.is_whitespace()))
        .collect();
    match nearest(wrong, words.iter().copied()) {
        Some(word) => format!("{}; did you mean `{word}`?", rename(what)),
        None => format!("{}; known are {}", rename(what), words.join(", ")),
    }
}

/// The reader speaks of Rust's types; a file has tables, lists and numbers.
fn in_words(message: &str) -> String {
    if message == "invalid IP address syntax" {
        let form = "no IP address; write it as `192.0.2.1` or `2001:db8::1`, as a key in quotes";
        return form.to_owned();
    }
    let Some((what, expected)) = message
        .strip_prefix("invalid type: ")
        .and_then(|rest| rest.split_once(", expected "))
    else {
        return message.to_owned();
    };
    let what = match what {
        "map" => "table",
        "sequence" => "list",
        _ => what,
    };
    let most = match expected {
        "u8" => Some(u64::from(u8::MAX)),
        "u16" => Some(u16::MAX.into()),
        "u32" => Some(u32::MAX.into()),
        "u64" => Some(i64::MAX.unsigned_abs()),
        _ => None,
    };
    let expected = match (expected, most) {
        (_, Some(most)) => format!("a whole number from 0 to {most}"),
        ("a sequence", None) => "a list".to_owned(),
        ("a map", None) => "a table".to_owned(),
        (name, None) if name.starts_with("struct ") => "a table".to_owned(),
        (_, None) => expected.to_owned(),
    };
    format!("invalid type: {what}, expected {expected}")
}

/// The reader says "field" and "variant"; a file has keys and words.
fn rename(what: &str) -> String {
    what.replacen("unknown field", "unknown key", 1)
        .replacen("unknown variant", "unknown word", 1)
}

/// Line and column of a byte, both from 1.
fn place(text: &str, octet: usize) -> (usize, usize) {
    let before = text.get(..octet).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (
        line,
        before.get(line_start..).unwrap_or_default().chars().count() + 1,
    )
}

/// Where a key is first set, on a line of its own if anywhere, else inside a table on one line.
fn find_key(text: &str, key: &str) -> Option<usize> {
    let is_set = |at: usize, after: &[char]| {
        let rest = text.get(at + key.len()..).unwrap_or_default();
        rest.trim_start().starts_with(after)
    };
    let places = || text.match_indices(key).map(|(at, _)| at);
    let before = |at: usize| text.get(..at).unwrap_or_default();
    let on_its_own = places().find(|&at| {
        let line = before(at).rsplit('\n').next().unwrap_or_default();
        line.trim_start().trim_start_matches('[').is_empty() && is_set(at, &['=', ']'])
    });
    let inside =
        || places().find(|&at| before(at).ends_with([' ', '{', ',', '.']) && is_set(at, &['=']));
    let at = on_its_own.or_else(inside)?;
    // A table is placed at its first bracket.
    Some(before(at).trim_end_matches('[').len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    struct Page {
        #[expect(dead_code, reason = "only read")]
        first_key: u8,
        #[expect(dead_code, reason = "only read")]
        other: Option<u8>,
    }

    fn error(text: &str) -> String {
        read::<Page>("p.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_key_is_answered_with_the_nearest() {
        assert_eq!(
            error("first-key = 1\n  othr = 2"),
            "p.toml:2:3: unknown key `othr`; did you mean `other`?"
        );
        assert_eq!(
            error("first-key = 1\nwholly-different = 2"),
            "p.toml:2:1: unknown key `wholly-different`; known are first-key, other"
        );
    }

    #[test]
    fn whatever_else_is_wrong_is_one_line_with_a_place() {
        assert_eq!(
            error("first-key = 'x'"),
            "p.toml:1:13: invalid type: string \"x\", expected a whole number from 0 to 255"
        );
        assert!(error("first-key == 1").starts_with("p.toml:1:12: "));
        let long = "#".repeat(FILE_BYTES_MAX + 1);
        assert!(error(&long).contains("at most"));
        for text in ["first-key = 'x'", "= ", "[", "a = \"\"\"", "\u{feff}["] {
            assert_eq!(error(text).lines().count(), 1, "{text}");
        }
    }

    #[test]
    fn what_is_quoted_makes_a_message_neither_long_nor_torn() {
        let fault = |message: String| FileError::at_byte("p.toml", "", 0, message).message;
        assert_eq!(fault("no \"a\r\nb\"".to_owned()), "no \"a\\r\\nb\"");
        assert_eq!(
            fault("x".repeat(100_000)).chars().count(),
            MESSAGE_CHARS_MAX + 1
        );
    }

    #[test]
    fn a_fault_is_placed_at_its_key() {
        let text = "summary = 'x'\n\n[[on]]\nthen = 'close'";
        let fault = FileError::at_key("p.toml", text, "on", "no");
        assert_eq!((fault.line, fault.column), (3, 1));
        let inline = "on_ = 1\nlonger-on = 2\npeer = { non = 1, on = [] }";
        let fault = FileError::at_key("p.toml", inline, "on", "no");
        assert_eq!((fault.line, fault.column), (3, 19));
        assert_eq!(FileError::at_key("p.toml", text, "off", "no").line, 1);
    }
}
