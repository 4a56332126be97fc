//! Logical lines: what Postfix takes for one line of main.cf (src/util/readlline.c; postconf(5)).

use super::space::is_space;

/// A line with its continuations, comments and blank lines taken out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LogicalLine {
    /// The first line that holds text, counted from 1.
    pub(super) line: u32,
    /// The text.
    pub(super) text: String,
}

/// The logical lines of `text`, in order.
pub(super) fn logical_lines(text: &str) -> impl Iterator<Item = LogicalLine> {
    let mut lines = (1..).zip(text.lines()).peekable();
    std::iter::from_fn(move || {
        let mut whole: Option<LogicalLine> = None;
        while let Some((number, line)) = lines.next() {
            let content = line.trim_start_matches(is_space);
            if !content.is_empty() && !content.starts_with('#') {
                let whole = whole.get_or_insert(LogicalLine {
                    line: number,
                    text: String::new(),
                });
                whole.text.push_str(line);
            }
            // Only text at the left edge starts a new line: comments and blank lines never do.
            let more = lines.peek().is_some_and(|(_, next)| !starts_new(next));
            if whole.is_some() && !more {
                break;
            }
        }
        whole
    })
}

fn starts_new(line: &str) -> bool {
    line.chars()
        .next()
        .is_some_and(|first| first != '#' && !is_space(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, String)> {
        logical_lines(text).map(|l| (l.line, l.text)).collect()
    }

    /// The cases that Postfix's own readlline test names, and CRLF.
    #[test]
    fn lines_are_joined_as_postfix_joins_them() {
        for (name, text, lines) in [
            ("one line", "abc\n", vec![(1, "abc")]),
            ("no line feed at the end", "abc def", vec![(1, "abc def")]),
            ("two lines", "a\nb\n", vec![(1, "a"), (2, "b")]),
            ("continuation", "abc\n def\n", vec![(1, "abc def")]),
            ("tab continues", "abc\n\tdef", vec![(1, "abc\tdef")]),
            ("comment first", "#abc\ndef", vec![(2, "def")]),
            (
                "indented comment first",
                " #abc\nfghij\n",
                vec![(2, "fghij")],
            ),
            ("blank first", "\n \nabc\n", vec![(3, "abc")]),
            (
                "indented comment inside",
                "abc\n #def\n ghi",
                vec![(1, "abc ghi")],
            ),
            (
                "flush comment inside",
                "abc\n#def\n ghi",
                vec![(1, "abc ghi")],
            ),
            ("blank lines inside", "abc\n\n \n ghi", vec![(1, "abc ghi")]),
            (
                "comment, then a new line",
                "abc\n#def\nghi",
                vec![(1, "abc"), (3, "ghi")],
            ),
            ("blanks at the end", "abc\n ", vec![(1, "abc")]),
            (
                "# is a comment only at the start",
                "a = b # c",
                vec![(1, "a = b # c")],
            ),
            (
                "text without a start",
                " abc\nfghij\n",
                vec![(1, " abc"), (2, "fghij")],
            ),
            ("CRLF", "a\r\n b\r\n\r\nc\r\n", vec![(1, "a b"), (4, "c")]),
            ("only comments", "#\n # x\n\n", vec![]),
            ("nothing", "", vec![]),
        ] {
            let lines: Vec<_> = lines.into_iter().map(|(n, t)| (n, t.to_owned())).collect();
            assert_eq!(read(text), lines, "{name}");
        }
    }
}
