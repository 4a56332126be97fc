//! Message text on the wire: line ends, long lines, dots.

use std::sync::Arc;

/// Longest line sent, in octets without the line end: Postfix's `smtp_line_length_limit`
/// (RFC 5321 §4.5.3.1.6 allows 1000 with it).
pub const LINE_OCTETS_MAX: usize = 998;

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
    /// for a line end (R-SMTP-07). Lines over [`LINE_OCTETS_MAX`] are folded with a blank, as Postfix does.
    pub fn new(content: &[u8]) -> Self {
        let mut wire = Vec::with_capacity(content.len() + content.len() / 16 + 8);
        let mut doubled = 0;
        let mut rest = content;
        while !rest.is_empty() {
            let end = rest.iter().position(|&b| b == b'\n');
            let (line, next) = match end {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None => (rest, &rest[rest.len()..]),
            };
            doubled += u64::from(write_line(line, &mut wire));
            rest = next;
        }
        let octets = u64::try_from(wire.len()).unwrap_or(u64::MAX);
        Body {
            size: octets - doubled,
            eight_bit: wire.iter().any(|b| !b.is_ascii()),
            wire: wire.into(),
        }
    }

    /// The octets between the reply to DATA and the final dot.
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// Octets of the message, doubled dots not counted (RFC 1870 §5).
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Whether an octet has its high bit set.
    pub const fn is_eight_bit(&self) -> bool {
        self.eight_bit
    }
}

/// Appends one line; whether a dot was doubled.
fn write_line(line: &[u8], wire: &mut Vec<u8>) -> bool {
    let mut octets = line.iter().copied().filter(|&b| b != b'\r').peekable();
    let dotted = octets.peek() == Some(&b'.');
    if dotted {
        wire.push(b'.');
    }
    let mut room = LINE_OCTETS_MAX;
    for octet in octets {
        if room == 0 {
            wire.extend_from_slice(b"\r\n ");
            room = LINE_OCTETS_MAX - 1;
        }
        wire.push(octet);
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
        Body::new(content).wire().to_vec()
    }

    #[test]
    fn dots_and_line_ends() {
        assert_eq!(wire(b"a\n.\n..b\r\nc"), b"a\r\n..\r\n...b\r\nc\r\n");
        assert_eq!(Body::new(b".\n").size(), 3);
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
            prop_assert!(wire.split(|&b| b == b'\n').all(|line| line.len() <= LINE_OCTETS_MAX + 2));
        }
    }
}
