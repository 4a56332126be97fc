//! What a table needs before it can be asked: nothing, a file, or somebody who answers.

use super::syntax::{balanced, braced_words};
use super::table::ELSEWHERE;

/// What a table, as it is written, needs before it can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach<'a> {
    /// All that it says stands in the word itself, or it has no such type.
    Written,
    /// The file with its text.
    File(&'a str),
    /// Somebody who answers: a server, a process or a system's database.
    Elsewhere,
}

/// The tables of a parameter, as they are written.
pub fn written(value: &str) -> impl Iterator<Item = &str> {
    braced_words(value)
}

/// What the tables behind a word need; `proxy:` is taken for the table behind it, and a table of tables for those.
pub fn reaches(word: &str) -> Vec<Reach<'_>> {
    let mut word = word;
    while let Some(behind) = word.strip_prefix("proxy:") {
        word = behind;
    }
    let Some((kind, name)) = word.split_once(':') else {
        return vec![Reach::Written];
    };
    match kind {
        // The rules stand in the word itself.
        "cidr" | "regexp" | "pcre" if name.starts_with('{') => vec![Reach::Written],
        "hash" | "btree" | "lmdb" | "cdb" | "dbm" | "sdbm" | "texthash" | "cidr" | "regexp"
        | "pcre" => vec![Reach::File(name)],
        "unionmap" | "pipemap" => {
            let inner = balanced(name).map_or("", |(inner, _)| inner);
            // No deeper than what is opened.
            if inner.contains("unionmap:") || inner.contains("pipemap:") {
                return vec![Reach::Written];
            }
            written(inner).flat_map(reaches).collect()
        }
        _ if ELSEWHERE.contains(&kind) => vec![Reach::Elsewhere],
        _ => vec![Reach::Written],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_table_needs_shows_in_its_type() {
        let cases = [
            ("hash:/a", vec![Reach::File("/a")]),
            ("proxy:mysql:/a.cf", vec![Reach::Elsewhere]),
            (
                "socketmap:inet:127.0.0.1:8461:postfix",
                vec![Reach::Elsewhere],
            ),
            ("inline:{a=b}", vec![Reach::Written]),
            ("/a", vec![Reach::Written]),
            ("cidr:{{0.0.0.0/0 may}}", vec![Reach::Written]),
            ("cidr:/a", vec![Reach::File("/a")]),
            (
                "unionmap:{texthash:/a, ldap:/b}",
                vec![Reach::File("/a"), Reach::Elsewhere],
            ),
        ];
        for (word, expected) in cases {
            assert_eq!(reaches(word), expected, "{word}");
        }
    }
}
