//! Finds the end of a message text: CRLF, dot, CRLF (RFC 5321 §4.1.1.4), and what a sloppy peer takes for it, however
//! the text is sliced.

use super::spec::EndOfData;

/// What ends a text besides CRLF, dot, CRLF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Endings {
    lf_lf: bool,
    lf_crlf: bool,
    cr_cr: bool,
}

impl Endings {
    pub(crate) fn of(words: &[EndOfData]) -> Endings {
        Endings {
            lf_lf: words.contains(&EndOfData::LfLf),
            lf_crlf: words.contains(&EndOfData::LfCrLf),
            cr_cr: words.contains(&EndOfData::CrCr),
        }
    }
}

/// How much of an end has been seen: the line end, the dot, the line end behind it. A text begins as if behind a CRLF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    Nothing,
    Cr,
    Lf,
    CrLf,
    CrDot,
    LfDot,
    CrLfDot,
    LfDotCr,
    CrLfDotCr,
}

impl Match {
    /// The state in which a text begins.
    pub(crate) const START: Match = Match::CrLf;

    /// Looks at the next bytes; the count of those up to and with the end, if it is among them.
    pub(crate) fn scan(&mut self, bytes: &[u8], endings: Endings) -> Option<usize> {
        let strict = endings == Endings::default();
        let mut number = 0;
        while let Some(&byte) = bytes.get(number) {
            if *self == Match::Nothing && strict && byte != b'\r' {
                // Most bytes are here: go on to the next line end.
                let rest = bytes.get(number..).unwrap_or_default();
                number += memchr::memchr(b'\r', rest).unwrap_or(rest.len());
                continue;
            }
            number += 1;
            *self = match (*self, byte) {
                (Match::CrLfDotCr, b'\n') => return Some(number),
                (Match::LfDotCr, b'\n') if endings.lf_crlf => return Some(number),
                // CRLF ends with an LF, so it may begin these ends too.
                (Match::LfDot | Match::CrLfDot, b'\n') if endings.lf_lf => return Some(number),
                (Match::CrDot, b'\r') if endings.cr_cr => return Some(number),
                (Match::Cr | Match::LfDotCr, b'\n') => Match::CrLf,
                (Match::CrLf, b'.') => Match::CrLfDot,
                (Match::Cr, b'.') => Match::CrDot,
                (Match::Lf, b'.') => Match::LfDot,
                (Match::CrLfDot, b'\r') => Match::CrLfDotCr,
                (Match::LfDot, b'\r') => Match::LfDotCr,
                // A CR behind a dot may also begin an end of its own; then the one that it was part of is over.
                (Match::CrLfDotCr | Match::LfDotCr, b'.') => Match::CrDot,
                (_, b'\r') => Match::Cr,
                (_, b'\n') => Match::Lf,
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

    const SLOPPY: Endings = Endings {
        lf_lf: true,
        lf_crlf: true,
        cr_cr: true,
    };

    /// Slow and obvious: the first place where one of the patterns is complete.
    fn oracle(text: &[u8], endings: Endings) -> Option<usize> {
        let behind_crlf = [b"\r\n", text].concat();
        let ends = [
            (true, &b"\r\n.\r\n"[..]),
            (endings.lf_lf, b"\n.\n"),
            (endings.lf_crlf, b"\n.\r\n"),
            (endings.cr_cr, b"\r.\r"),
        ];
        (3..=behind_crlf.len())
            .find(|&end| {
                ends.iter()
                    .any(|(counts, pattern)| *counts && behind_crlf[..end].ends_with(pattern))
            })
            .map(|end| end - 2)
    }

    proptest! {
        #[test]
        fn the_end_is_found_where_the_pattern_stands(
            words in proptest::collection::vec(proptest::sample::select(vec!["\r\n", ".", "x", "\r", "\n", ".\r\n"]), 0..12),
            cut in 0usize..40,
            sloppy in any::<bool>(),
        ) {
            let endings = if sloppy { SLOPPY } else { Endings::default() };
            let text = words.concat().into_bytes();
            let mut whole = Match::START;
            prop_assert_eq!(whole.scan(&text, endings), oracle(&text, endings));
            let (first, second) = text.split_at(cut.min(text.len()));
            let mut sliced = Match::START;
            let found = sliced
                .scan(first, endings)
                .or_else(|| sliced.scan(second, endings).map(|end| end + first.len()));
            prop_assert_eq!(found, oracle(&text, endings));
        }
    }
}
