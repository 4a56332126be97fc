//! What a peer knows of the message under way: the sender, the recipients, the size.

/// The envelope of the message under way, and of the last one until another begins. Kept only if the peer's rules or
/// replies ask for it.
#[derive(Default)]
pub(crate) struct Envelope {
    /// What the client calls itself: the argument of EHLO or HELO.
    pub(crate) helo: String,
    /// The address of MAIL; empty for the null sender.
    pub(crate) sender: Option<String>,
    /// The address of the latest RCPT.
    pub(crate) recipient: Option<String>,
    /// Those that were accepted.
    pub(crate) recipients: Vec<String>,
    /// The bytes that MAIL announces (RFC 1870).
    pub(crate) announced: u64,
    /// The bytes of the text that have come, on the wire.
    pub(crate) bytes: u64,
}

impl Envelope {
    /// Nothing is under way; the client keeps its name.
    pub(crate) fn clear(&mut self) {
        *self = Envelope {
            helo: std::mem::take(&mut self.helo),
            ..Envelope::default()
        };
    }

    /// EHLO or HELO.
    pub(crate) fn helo(&mut self, line: &[u8]) {
        let line = text(line);
        let (_, name) = line.split_once(' ').unwrap_or_default();
        self.helo = name.trim().to_owned();
    }

    /// MAIL begins another message.
    pub(crate) fn mail(&mut self, line: &[u8]) {
        self.clear();
        let line = text(line);
        self.sender = Some(address(&line).to_owned());
        self.announced = parameters(&line)
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.eq_ignore_ascii_case("SIZE"))
            .and_then(|(_, bytes)| bytes.parse().ok())
            .unwrap_or(0);
    }

    /// RCPT names a recipient.
    pub(crate) fn rcpt(&mut self, line: &[u8]) {
        self.recipient = Some(address(&text(line)).to_owned());
    }

    /// The latest recipient is accepted.
    pub(crate) fn accept_recipient(&mut self) {
        self.recipients.extend(self.recipient.clone());
    }

    /// The bytes of the message, as far as they are known.
    pub(crate) fn size(&self) -> u64 {
        self.bytes.max(self.announced)
    }
}

/// A line as text; what is no text or would end a reply's line is left out.
fn text(line: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(line).into_owned();
    text.retain(|c| !c.is_control());
    text
}

/// The address in angle brackets; without them, the first word behind the colon.
fn address(line: &str) -> &str {
    let (_, argument) = line.split_once(':').unwrap_or_default();
    let argument = argument.trim_start();
    match argument.strip_prefix('<') {
        Some(path) => path.split('>').next().unwrap_or_default(),
        None => argument.split(' ').next().unwrap_or_default(),
    }
}

fn parameters(line: &str) -> impl Iterator<Item = &str> {
    let (_, behind) = line.rsplit_once('>').unwrap_or_default();
    behind.split_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_sizes_are_read_as_clients_write_them() {
        let mut envelope = Envelope::default();
        envelope.mail(b"MAIL FROM:<a@c.test> SIZE=1234 BODY=8BITMIME");
        assert_eq!(envelope.sender.as_deref(), Some("a@c.test"));
        assert_eq!(envelope.size(), 1234);
        envelope.rcpt(b"rcpt to: b@d.test NOTIFY=NEVER");
        assert_eq!(envelope.recipient.as_deref(), Some("b@d.test"));
        envelope.mail(b"MAIL FROM:<>");
        assert_eq!(envelope.sender.as_deref(), Some(""));
        assert_eq!((envelope.size(), &envelope.recipient), (0, &None));
        envelope.mail(b"MAIL \xff\r");
        assert_eq!(envelope.sender.as_deref(), Some(""));
        envelope.helo(b"EHLO c\0.test ");
        assert_eq!(envelope.helo, "c.test");
    }
}
