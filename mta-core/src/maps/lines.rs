//! Logical lines of a table's source text (src/util/readlline.c).

use super::syntax::is_space;
use crate::event::TableNotice;

/// A line with its continuations, comments and blank lines taken out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The first line that holds text, counted from 1.
    pub(super) number: usize,
    /// The text. What is not UTF-8 is replaced.
    pub(super) text: String,
    /// Whether all of it is UTF-8.
    pub(super) is_utf8: bool,
}

/// How much is repeated of a line that is invalid.
const SHOWN_MAX: usize = 30;

/// The logical lines of the file `path`; what is odd about them goes to `log`.
pub(super) fn logical_lines(path: &str, bytes: &[u8], log: &mut Vec<TableNotice>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut whole: Option<(usize, Vec<u8>)> = None;
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        // Only text at the left edge starts a new line: comments and blank lines never do.
        if line
            .first()
            .is_some_and(|first| *first != b'#' && !is_blank(first))
        {
            lines.extend(whole.take().and_then(|whole| finish(path, whole, log)));
        }
        let text = line.iter().find(|byte| !is_blank(byte));
        if text.is_some_and(|first| *first != b'#') {
            let (_, whole) = whole.get_or_insert((number, Vec::new()));
            whole.extend_from_slice(line);
        }
    }
    lines.extend(whole.and_then(|whole| finish(path, whole, log)));
    lines
}

fn is_blank(byte: &u8) -> bool {
    is_space(char::from(*byte))
}

fn finish(
    path: &str,
    (number, bytes): (usize, Vec<u8>),
    log: &mut Vec<TableNotice>,
) -> Option<Line> {
    let text = String::from_utf8_lossy(&bytes);
    if text.starts_with(is_space) {
        let start: String = text.chars().take(SHOWN_MAX).collect();
        log.push(TableNotice::NothingToContinue {
            path: path.into(),
            start: start.into(),
            is_cut: text.len() > SHOWN_MAX,
        });
        return None;
    }
    Some(Line {
        number,
        is_utf8: matches!(text, std::borrow::Cow::Borrowed(_)),
        text: text.into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<(usize, String)>, Vec<String>) {
        let mut log = Vec::new();
        let lines = logical_lines("f", text.as_bytes(), &mut log);
        let lines = lines.into_iter().map(|l| (l.number, l.text)).collect();
        (lines, crate::log::said(&log))
    }

    #[test]
    fn lines_are_joined_as_postfix_joins_them() {
        for (text, lines) in [
            ("abc\n", vec![(1, "abc")]),
            ("abc\n def\nghi", vec![(1, "abc def"), (3, "ghi")]),
            ("#abc\n\n \ndef", vec![(4, "def")]),
            ("abc\n #def\n\n ghi", vec![(1, "abc ghi")]),
            ("abc\n#def\n ghi\n", vec![(1, "abc ghi")]),
            ("a # b\r\n\r\nc\r\n", vec![(1, "a # b\r"), (3, "c\r")]),
            ("", vec![]),
            ("#\n # x\n\n", vec![]),
        ] {
            let lines: Vec<_> = lines.into_iter().map(|(n, t)| (n, t.to_owned())).collect();
            assert_eq!(read(text), (lines, vec![]), "{text:?}");
        }
    }

    #[test]
    fn text_that_continues_nothing_is_dropped_with_a_warning() {
        let (lines, log) = read(" example.test encrypt and more words\nother.test may\n");
        assert_eq!(lines, [(2, "other.test may".to_owned())]);
        assert_eq!(
            log,
            [
                "warning: f: logical line must not start with whitespace: \" example.test encrypt and more...\""
            ]
        );
    }
}
