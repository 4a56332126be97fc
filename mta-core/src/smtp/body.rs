//! Message text on the wire: line ends, long lines, dots.

use std::num::NonZeroU32;
use std::sync::Arc;

/// Longest line sent by default, in bytes without the line end: Postfix's `smtp_line_length_limit`
/// (RFC 5321 §4.5.3.1.6 allows 1000 with it).
pub const LINE_BYTES_MAX: NonZeroU32 = NonZeroU32::new(998).unwrap();

/// A message's text, ready for DATA: CRLF line ends, leading dots doubled, last line ended.
/// Made once for a message and shared by all its attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    wire: Arc<[u8]>,
    size: u64,
    eight_bit: bool,
}

impl Body {
    /// Prepares `content`. Lines end with LF or CRLF; a bare CR is dropped, so that no server can take it
    /// for a line end (R-SMTP-07). Lines of more than `line_bytes_max` are folded with a blank, as Postfix does.
    pub fn new(content: &[u8], line_bytes_max: Option<NonZeroU32>) -> Self {
        let limit = line_bytes_max.map_or(usize::MAX, |max| {
            usize::try_from(max.get()).unwrap_or(usize::MAX)
        });
        let mut wire = Vec::with_capacity(content.len() + content.len() / 16 + 8);
        let mut doubled = 0;
        let mut rest = content;
        while !rest.is_empty() {
            let end = rest.iter().position(|&b| b == b'\n');
            let (line, next) = match end {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None => (rest, &rest[rest.len()..]),
            };
            doubled += u64::from(write_line(line, limit, &mut wire));
            rest = next;
        }
        let bytes = u64::try_from(wire.len()).unwrap_or(u64::MAX);
        Body {
            size: bytes - doubled,
            eight_bit: wire.iter().any(|b| !b.is_ascii()),
            wire: wire.into(),
        }
    }

    /// The bytes between the reply to DATA and the final dot.
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// Bytes of the message, doubled dots not counted (RFC 1870 §5).
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Whether a byte has its high bit set.
    pub const fn is_eight_bit(&self) -> bool {
        self.eight_bit
    }
}

/// Appends one line; whether a dot was doubled.
fn write_line(line: &[u8], limit: usize, wire: &mut Vec<u8>) -> bool {
    let mut bytes = line.iter().copied().filter(|&b| b != b'\r').peekable();
    let dotted = bytes.peek() == Some(&b'.');
    if dotted {
        wire.push(b'.');
    }
    let mut room = limit;
    for byte in bytes {
        if room == 0 {
            wire.extend_from_slice(b"\r\n ");
            room = limit.saturating_sub(1).max(1);
        }
        wire.push(byte);
        room -= 1;
    }
    wire.extend_from_slice(b"\r\n");
    dotted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wire(content: &[u8]) -> Vec<u8> {
        Body::new(content, Some(LINE_BYTES_MAX)).wire().to_vec()
    }

    #[test]
    fn dots_and_line_ends() {
        assert_eq!(wire(b"a\n.\n..b\r\nc"), b"a\r\n..\r\n...b\r\nc\r\n");
        assert_eq!(Body::new(b".\n", None).size(), 3);
        assert_eq!(wire(b""), b"");
    }

    proptest! {
        #[test]
        fn no_bare_cr_or_lf_and_no_early_end(content in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'.'), any::<u8>()], 0..3000)) {
            let wire = wire(&content);
            for (i, &byte) in wire.iter().enumerate() {
                if byte == b'\n' { prop_assert_eq!(wire[i - 1], b'\r'); }
                if byte == b'\r' { prop_assert_eq!(wire[i + 1], b'\n'); }
            }
            prop_assert!(!wire.windows(5).any(|w| w == b"\r\n.\r\n"));
            prop_assert!(!wire.starts_with(b".\r\n"));
            prop_assert!(wire.split(|&b| b == b'\n').all(|line| line.len() <= 998 + 2));
        }
    }
}
