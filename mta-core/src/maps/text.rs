//! Tables of keys and values: what postmap(1) compiles, `texthash:` and `inline:`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::lines::Line;
use super::syntax::{balanced, braced_words, in_braces, is_space, quoted_name_value, unquoted_end};
use crate::event::{InlineFault, LineFault, OpenFault, TableNotice, WordFault};

/// Keys in lower case, and their values.
pub(super) type Keys = BTreeMap<String, String>;

/// What is done with a key that is there already.
pub(super) enum Twice<'t> {
    /// postmap(1): the first one stays; the warning begins with this name of the database.
    FirstStays(&'t str),
    /// `texthash:`: the table is not to be used at all.
    IsFatal,
}

/// Reads the lines of a file `path` (src/postmap/postmap.c, src/util/dict_thash.c); what is odd about them goes to
/// `log`.
///
/// # Errors
/// Why the table cannot be used.
pub(super) fn read(
    path: &str,
    lines: &[Line],
    twice: &Twice<'_>,
    log: &mut Vec<TableNotice>,
) -> Result<Keys, OpenFault> {
    let mut keys = Keys::new();
    for Line {
        number,
        text,
        is_utf8,
    } in lines
    {
        let odd = |fault| TableNotice::Line {
            path: path.into(),
            line: *number,
            fault,
        };
        if !is_utf8 {
            log.push(odd(LineFault::NotUtf8(text.as_str().into())));
            continue;
        }
        let Some(end) = unquoted_end(text, is_space) else {
            log.push(odd(LineFault::OpenQuote(text.as_str().into())));
            continue;
        };
        let (key, value) = text.split_at(end);
        let value = value.trim_matches(is_space);
        if key.is_empty() || value.is_empty() {
            let in_postmap = matches!(twice, Twice::FirstStays(_));
            log.push(odd(LineFault::NoValue { in_postmap }));
            continue;
        }
        if key.ends_with(':') {
            log.push(odd(LineFault::KeyWithColon));
        }
        match (keys.entry(fold(key)), twice) {
            (Entry::Vacant(entry), _) => {
                entry.insert(value.to_owned());
            }
            (Entry::Occupied(entry), Twice::FirstStays(name)) => {
                log.push(TableNotice::Duplicate {
                    database: (*name).into(),
                    key: entry.key().as_str().into(),
                });
            }
            (Entry::Occupied(_), Twice::IsFatal) => {
                return Err(OpenFault::Duplicate {
                    path: path.into(),
                    line: *number,
                    key: key.into(),
                });
            }
        }
    }
    Ok(keys)
}

/// Reads `{ {key = value}, key=value }` (src/util/dict_inline.c). The last value of a key counts.
///
/// # Errors
/// Why the table cannot be used.
pub(super) fn inline(name: &str) -> Result<Keys, OpenFault> {
    let because = |fault| OpenFault::Inline {
        text: name.into(),
        fault,
    };
    let bad_entry = |fault| because(InlineFault::Entry(fault));
    let inner = match balanced(name) {
        Some((inner, "")) if !inner.is_empty() => inner,
        Some(_) | None => return Err(because(InlineFault::Syntax)),
    };
    let mut keys = Keys::new();
    for word in braced_words(inner) {
        let entry = if word.starts_with('{') {
            in_braces(word).map_err(|(fault, _)| bad_entry(WordFault::Braces(fault)))?
        } else {
            word
        };
        let pair = quoted_name_value(entry);
        let (key, value) = pair.map_err(|fault| bad_entry(WordFault::Pair(fault)))?;
        keys.insert(fold(key), value.to_owned());
    }
    if keys.is_empty() {
        return Err(because(InlineFault::Empty));
    }
    Ok(keys)
}

/// A key as it is stored and looked up: case does not count.
pub(super) fn fold(key: &str) -> String {
    key.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::lines::logical_lines;
    use super::*;
    use crate::log::said;

    fn table(text: &str, twice: &Twice<'_>) -> (Result<Keys, OpenFault>, Vec<String>) {
        let mut log = Vec::new();
        let lines = logical_lines("f", text.as_bytes(), &mut log);
        let keys = read("f", &lines, twice, &mut log);
        (keys, said(&log))
    }

    #[test]
    fn keys_end_at_the_first_blank_and_fold() {
        let (keys, log) = table(
            "# comment\nEXAMPLE.test\tsecure\n\tmatch=a:b  \n\"a b\" c\n",
            &Twice::IsFatal,
        );
        let keys = keys.unwrap();
        assert!(log.is_empty(), "{log:?}");
        assert_eq!(keys["example.test"], "secure\tmatch=a:b");
        assert_eq!(keys["\"a b\""], "c");
    }

    #[test]
    fn a_second_entry_is_a_warning_to_postmap_and_the_end_of_a_texthash() {
        let text = "a.test may\nA.test none\n";
        let (keys, log) = table(text, &Twice::FirstStays("f.db"));
        assert_eq!(keys.unwrap()["a.test"], "may");
        assert_eq!(log, ["warning: f.db: duplicate entry: \"a.test\""]);
        let (keys, _) = table(text, &Twice::IsFatal);
        let fault = TableNotice::NotOpened(keys.unwrap_err());
        assert_eq!(
            said(&[fault]),
            ["error: f, line 2: duplicate entry: \"A.test\""]
        );
    }

    #[test]
    fn odd_lines_are_named() {
        let (keys, log) = table("a.test\nb.test: may\n\"c may\n", &Twice::FirstStays("f"));
        assert_eq!(keys.unwrap().len(), 1);
        assert_eq!(
            log,
            [
                "warning: f, line 1: expected format: key whitespace value",
                "warning: f, line 2: record is in \"key: value\" format; is this an alias file?",
                "warning: f, line 3: unbalanced '\"' in '\"c may' -- ignoring this line",
            ]
        );
    }

    #[test]
    fn inline_tables_are_read_with_and_without_inner_braces() {
        let keys = inline("{ {A.test = secure match=x}, b.test=none b.test=may }").unwrap();
        assert_eq!(keys["a.test"], "secure match=x");
        assert_eq!(keys["b.test"], "may");
        for (name, fault) in [
            (
                "{}",
                "bad syntax: \"inline:{}\"; need \"inline:{name=value...}\"",
            ),
            (
                "x",
                "bad syntax: \"inline:x\"; need \"inline:{name=value...}\"",
            ),
            (
                "{ }",
                "empty table: \"inline:{ }\"; need \"inline:{name=value...}\"",
            ),
            (
                "{a}",
                "missing '=' after attribute name: \"inline:{a}\"; need \"inline:{name=value...}\"",
            ),
        ] {
            let notice = TableNotice::NotOpened(inline(name).unwrap_err());
            assert_eq!(said(&[notice]), [format!("error: {fault}")]);
        }
    }
}
