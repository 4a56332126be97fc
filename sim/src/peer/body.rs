//! Finds the end of a message text: CRLF, dot, CRLF, however it is sliced (RFC 5321 §4.1.1.4).

/// How much of CRLF.CRLF has been seen. A text begins as if behind a CRLF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    Nothing,
    Cr,
    CrLf,
    CrLfDot,
    CrLfDotCr,
}

impl Match {
    /// The state in which a text begins.
    pub(crate) const START: Match = Match::CrLf;

    /// Looks at the next octets; the count of those up to and with the end, if it is among them.
    pub(crate) fn scan(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut number = 0;
        while let Some(&byte) = bytes.get(number) {
            if *self == Match::Nothing && byte != b'\r' {
                // Most octets are here: go on to the next line end.
                let rest = bytes.get(number..).unwrap_or_default();
                number += memchr::memchr(b'\r', rest).unwrap_or(rest.len());
                continue;
            }
            number += 1;
            *self = match (*self, byte) {
                (Match::CrLfDotCr, b'\n') => return Some(number),
                (Match::Cr, b'\n') => Match::CrLf,
                (Match::CrLf, b'.') => Match::CrLfDot,
                (Match::CrLfDot, b'\r') => Match::CrLfDotCr,
                (_, b'\r') => Match::Cr,
                (_, _) => Match::Nothing,
            };
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Slow and obvious: the first place where the whole pattern stands.
    fn oracle(text: &[u8]) -> Option<usize> {
        let behind_crlf = [b"\r\n", text].concat();
        behind_crlf
            .windows(5)
            .position(|five| five == b"\r\n.\r\n")
            .map(|start| start + 3)
    }

    proptest! {
        #[test]
        fn the_end_is_found_where_the_pattern_stands(
            words in proptest::collection::vec(proptest::sample::select(vec!["\r\n", ".", "x", "\r", "\n", ".\r\n"]), 0..12),
            cut in 0usize..40,
        ) {
            let text = words.concat().into_bytes();
            let mut whole = Match::START;
            prop_assert_eq!(whole.scan(&text), oracle(&text));
            let (first, second) = text.split_at(cut.min(text.len()));
            let mut sliced = Match::START;
            let found = sliced.scan(first).or_else(|| sliced.scan(second).map(|end| end + first.len()));
            prop_assert_eq!(found, oracle(&text));
        }
    }
}
