//! Replies, read as Postfix reads them: bounded, censored, garbage lines skipped (src/smtp/smtp_chat.c).

use super::Dsn;

/// How much of one reply line, and how much of the lines before the last, is kept by default: Postfix's
/// `line_length_limit`. The rest is read and dropped.
pub const LINE_KEPT_MAX: usize = 2048;

/// What is set aside at first for a line, and for a reply: few need more.
const USUAL_LINE: usize = 80;
const USUAL_REPLY: usize = 240;

/// A complete reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The three digits of the last line.
    pub code: u16,
    /// The enhanced code of the last line if it fits the reply's class, else a stand-in.
    pub dsn: Dsn,
    /// All lines kept, joined by newlines, unprintable bytes shown as `?`.
    pub text: String,
}

impl Reply {
    /// The first digit of the code.
    pub const fn class(&self) -> u16 {
        self.code / 100
    }

    /// The reply in one line, as log lines quote it.
    pub fn one_line(&self) -> String {
        self.text.replace('\n', " ")
    }
}

/// Something odd in a reply that did not end it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyNote {
    /// A line that does not start with three digits; it was skipped.
    Garbage(String),
    /// A line over [`LINE_KEPT_MAX`]; its rest was dropped. The first 30 characters.
    LongLine(String),
    /// A line so long that nothing behind it is read.
    TooLong,
    /// A reply over [`LINE_KEPT_MAX`]; its further lines were dropped. The first 30 characters.
    LongReply(String),
}

/// Reads replies from bytes as they come. Holds at most one line and one reply's kept text.
#[derive(Clone, Debug)]
pub struct ReplyReader {
    kept_max: usize,
    /// How many bytes of a line are skipped behind those that are kept; none if any number.
    skipped_max: Option<usize>,
    skipped: usize,
    disabled: bool,
    line: Vec<u8>,
    line_cut: bool,
    text: String,
    text_cut: bool,
    notes: Vec<ReplyNote>,
}

impl Default for ReplyReader {
    fn default() -> Self {
        ReplyReader::keeping(LINE_KEPT_MAX)
    }
}

impl ReplyReader {
    /// A reader that keeps `kept_max` bytes of a line, and of a reply before its last line.
    pub const fn keeping(kept_max: usize) -> Self {
        ReplyReader {
            kept_max,
            skipped_max: None,
            skipped: 0,
            disabled: false,
            line: Vec::new(),
            line_cut: false,
            text: String::new(),
            text_cut: false,
            notes: Vec::new(),
        }
    }

    /// The same, and reads no further than as many bytes behind those that it keeps of a line (3.12,
    /// src/global/smtp_stream.c `smtp_get_noexcept`).
    #[must_use]
    pub const fn with_patience(mut self) -> Self {
        self.skipped_max = Some(self.kept_max);
        self
    }

    /// Whether a line was so long that nothing more is read.
    pub const fn is_disabled(&self) -> bool {
        self.disabled
    }

    /// Takes bytes off the front of `bytes` until a reply is complete or nothing is left.
    pub fn read(&mut self, bytes: &mut &[u8]) -> Option<Reply> {
        if self.disabled {
            *bytes = &[];
            return None;
        }
        while let Some(newline) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(newline);
            *bytes = &rest[1..];
            self.keep(line);
            let reply = self.end_line();
            if self.disabled {
                *bytes = &[];
            }
            if reply.is_some() || self.disabled {
                return reply;
            }
        }
        self.keep(bytes);
        *bytes = &[];
        if self.disabled {
            return self.end_line();
        }
        None
    }

    /// What was odd since the last call.
    pub fn take_notes(&mut self) -> Vec<ReplyNote> {
        std::mem::take(&mut self.notes)
    }

    /// Whether there is anything odd to report.
    pub fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    /// Gives a spent reply's buffer back.
    pub fn recycle(&mut self, reply: Reply) {
        if self.text.capacity() == 0 {
            self.text = reply.text;
            self.text.clear();
        }
    }

    fn keep(&mut self, part: &[u8]) {
        if self.line.capacity() == 0 {
            self.line.reserve(USUAL_LINE);
        }
        let room = self.kept_max.saturating_sub(self.line.len());
        let take = room.min(part.len());
        self.line.extend_from_slice(&part[..take]);
        self.line_cut |= take < part.len();
        self.skipped += part.len() - take;
        if self.skipped_max.is_some_and(|max| self.skipped >= max) && !self.disabled {
            self.disabled = true;
            self.notes.push(ReplyNote::TooLong);
        }
    }

    fn end_line(&mut self) -> Option<Reply> {
        while self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        // Every byte is written, so that the compiler can take many at once.
        for byte in &mut self.line {
            *byte = if byte.wrapping_sub(b' ') <= b'~' - b' ' {
                *byte
            } else {
                b'?'
            };
        }
        let line = std::mem::take(&mut self.line);
        let reply = self.take_line(std::str::from_utf8(&line).unwrap_or_default());
        self.line = line;
        self.line.clear();
        self.line_cut = false;
        self.skipped = 0;
        reply
    }

    fn take_line(&mut self, line: &str) -> Option<Reply> {
        if self.line_cut {
            self.notes.push(ReplyNote::LongLine(head(line)));
        }
        if self.text.capacity() == 0 {
            self.text.reserve(USUAL_REPLY);
        }
        if self.text.len() < self.kept_max {
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            self.text.push_str(line);
        } else if !self.text_cut {
            self.text_cut = true;
            self.notes.push(ReplyNote::LongReply(head(&self.text)));
        }
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        match (digits, line.as_bytes().get(3)) {
            (3, Some(b'-')) => None,
            (3, None | Some(b' ')) => Some(self.finish(line)),
            _ => {
                // Bounded by the drain after every input: one note per line received.
                self.notes
                    .push(ReplyNote::Garbage(line.chars().take(100).collect()));
                None
            }
        }
    }

    fn finish(&mut self, last: &str) -> Reply {
        let code = last
            .get(..3)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or_default();
        let stand_in = Dsn::of_reply(code);
        let dsn = last
            .get(3..)
            .and_then(|rest| Dsn::parse(rest.trim_start_matches(' ')))
            .filter(|dsn| u16::from(dsn.class) == code / 100)
            .unwrap_or(stand_in);
        self.text_cut = false;
        Reply {
            code,
            dsn,
            text: std::mem::take(&mut self.text),
        }
    }
}

fn head(text: &str) -> String {
    text.chars()
        .take(30)
        .map(|c| if c == '\n' { '?' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_all(reader: &mut ReplyReader, mut bytes: &[u8]) -> Vec<Reply> {
        let mut replies = Vec::new();
        while let Some(reply) = reader.read(&mut bytes) {
            replies.push(reply);
        }
        replies
    }

    fn one(text: &str) -> Reply {
        let mut replies = read_all(&mut ReplyReader::default(), text.as_bytes());
        assert_eq!(replies.len(), 1, "{text:?}");
        replies.remove(0)
    }

    #[test]
    fn a_reply_ends_with_its_last_line() {
        let reply = one("250-mx1.example.test\r\n250-STARTTLS\r\n250 2.0.0 Ok\r\n");
        assert_eq!((reply.code, reply.dsn), (250, Dsn::new(2, 0, 0)));
        assert_eq!(
            reply.text,
            "250-mx1.example.test\n250-STARTTLS\n250 2.0.0 Ok"
        );
        assert_eq!(one("354\n").code, 354);
    }

    #[test]
    fn an_enhanced_code_of_another_class_does_not_count() {
        assert_eq!(one("550 4.7.1 odd\r\n").dsn, Dsn::new(5, 0, 0));
        assert_eq!(one("354 2.0.0 go\r\n").dsn, Dsn::new(5, 5, 0));
        assert_eq!(one("454 4.7.0 later\r\n").dsn, Dsn::new(4, 7, 0));
    }

    #[test]
    fn garbage_is_skipped_and_noted() {
        let mut reader = ReplyReader::default();
        assert_eq!(
            read_all(&mut reader, b"SSH-2.0-OpenSSH\r\n2500 no\r\n").len(),
            0
        );
        assert_eq!(reader.take_notes().len(), 2);
        assert_eq!(read_all(&mut reader, b"220 mx\r\n")[0].code, 220);
    }

    #[test]
    fn a_line_without_end_is_given_up_where_patience_is_limited() {
        let long = format!("250-{}\r\n250 ok\r\n", "k".repeat(5000));
        let mut patient = ReplyReader::default();
        assert_eq!(read_all(&mut patient, long.as_bytes()).len(), 1);
        let mut reader = ReplyReader::default().with_patience();
        assert_eq!(read_all(&mut reader, long.as_bytes()).len(), 0);
        assert!(reader.is_disabled());
        let notes = reader.take_notes();
        assert_eq!(notes.first(), Some(&ReplyNote::TooLong));
        assert!(matches!(notes.get(1), Some(ReplyNote::LongLine(_))));
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn memory_stays_bounded_whatever_comes() {
        let mut reader = ReplyReader::default();
        for _ in 0..200 {
            assert!(reader.read(&mut &[b'x'; 1000][..]).is_none());
        }
        assert!(reader.line.len() <= LINE_KEPT_MAX);
        assert!(reader.read(&mut &b"\n"[..]).is_none());
        for _ in 0..1000 {
            assert!(
                reader
                    .read(&mut &b"250-KEYWORD and some more text\r\n"[..])
                    .is_none()
            );
        }
        assert!(reader.text.len() <= 2 * LINE_KEPT_MAX);
        let notes = reader.take_notes();
        assert_eq!(
            notes
                .iter()
                .filter(|n| matches!(n, ReplyNote::LongReply(_)))
                .count(),
            1
        );
    }

    proptest! {
        #[test]
        fn slices_do_not_matter(text in "([2-5][0-9]{2}[- ][ -~]{0,20}\r?\n){0,6}", cut in 1usize..9) {
            let whole = read_all(&mut ReplyReader::default(), text.as_bytes());
            let mut reader = ReplyReader::default();
            let sliced: Vec<Reply> = text.as_bytes().chunks(cut).flat_map(|c| read_all(&mut reader, c)).collect();
            prop_assert_eq!(whole, sliced);
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4096)) {
            read_all(&mut ReplyReader::default(), &bytes);
        }
    }
}
