//! Handshake messages taken apart and changed (RFC 8446 §4): what the engine said, and what goes out instead.

/// The types of handshake messages that are looked at.
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const NEW_SESSION_TICKET: u8 = 4;
pub(super) const ENCRYPTED_EXTENSIONS: u8 = 8;
pub(super) const SERVER_KEY_EXCHANGE: u8 = 12;
pub(super) const CERTIFICATE_VERIFY: u8 = 15;
pub(super) const FINISHED: u8 = 20;
pub(super) const KEY_UPDATE: u8 = 24;

const ALPN: u16 = 16;
const EXTENDED_MASTER_SECRET: u16 = 23;
const PRE_SHARED_KEY: u16 = 41;
const EARLY_DATA: u16 = 42;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// RFC 8446 §4.1.3: TLS 1.2 though both could do better.
const DOWNGRADE_SENTINEL: &[u8; 8] = b"DOWNGRD\x01";
/// The SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
pub(super) const HELLO_RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// The first message of `bytes`, header included, if it is whole; and the bytes behind it.
pub(super) fn first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [_, high, middle, low, ..] = *bytes else {
        return None;
    };
    let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
    bytes.split_at_checked(4 + length)
}

/// A message of this type.
pub(super) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let [.., high, middle, low] = body.len().to_be_bytes();
    let mut out = vec![kind, high, middle, low];
    out.extend_from_slice(body);
    out
}

/// A ServerHello, taken apart.
pub(super) struct ServerHello {
    random: [u8; 32],
    session_id: Vec<u8>,
    pub(super) suite: u16,
    extensions: Vec<(u16, Vec<u8>)>,
}

impl ServerHello {
    /// Reads a whole message.
    pub(super) fn read(message: &[u8]) -> Option<ServerHello> {
        let (&random, rest) = message.get(6..)?.split_first_chunk()?;
        let (&octets, rest) = rest.split_first()?;
        let (session_id, rest) = rest.split_at_checked(usize::from(octets))?;
        let (&suite, rest) = rest.split_first_chunk()?;
        let extensions = match rest.get(1..)? {
            [] => Vec::new(),
            [_, _, extensions @ ..] => read_extensions(extensions)?,
            _ => return None,
        };
        Some(ServerHello {
            random,
            session_id: session_id.to_vec(),
            suite: u16::from_be_bytes(suite),
            extensions,
        })
    }

    /// Whether it asks for another ClientHello.
    pub(super) fn is_retry(&self) -> bool {
        self.random == HELLO_RETRY_RANDOM
    }

    /// Whether TLS 1.3 was chosen.
    pub(super) fn is_tls13(&self) -> bool {
        self.has(SUPPORTED_VERSIONS)
    }

    fn has(&self, kind: u16) -> bool {
        self.extensions.iter().any(|(known, _)| *known == kind)
    }

    /// Whether a session is resumed by PSK.
    pub(super) fn takes_psk(&self) -> bool {
        self.has(PRE_SHARED_KEY)
    }

    pub(super) fn sentinel(&mut self) {
        if let Some(end) = self.random.last_chunk_mut() {
            *end = *DOWNGRADE_SENTINEL;
        }
    }

    pub(super) fn add_alpn(&mut self) {
        self.extensions.push((ALPN, alpn()));
    }

    pub(super) fn without_extended_master_secret(&mut self) {
        self.extensions
            .retain(|(kind, _)| *kind != EXTENDED_MASTER_SECRET);
    }

    pub(super) fn without_key_share(&mut self) {
        self.extensions.retain(|(kind, _)| *kind != KEY_SHARE);
    }

    /// Takes a PSK that was not offered.
    pub(super) fn bad_psk_index(&mut self, index: u16) {
        for (kind, content) in &mut self.extensions {
            if *kind == PRE_SHARED_KEY {
                *content = index.to_be_bytes().to_vec();
            }
        }
    }

    /// A suite with the other hash than the one chosen.
    pub(super) fn other_hash(&mut self) {
        const SHA256: u16 = 0x1301;
        const SHA384: u16 = 0x1302;
        self.suite = if self.suite == SHA384 { SHA256 } else { SHA384 };
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend_from_slice(&self.random);
        body.extend(u8::try_from(self.session_id.len()));
        body.extend_from_slice(&self.session_id);
        body.extend_from_slice(&self.suite.to_be_bytes());
        // Null compression.
        body.push(0);
        if !self.extensions.is_empty() {
            body.extend(write_extensions(&self.extensions));
        }
        message(SERVER_HELLO, &body)
    }

    /// Asks for a ClientHello with a share for this group (RFC 8446 §4.1.4).
    pub(super) fn retry(session_id: &[u8], suite: u16, group: u16) -> ServerHello {
        ServerHello {
            random: HELLO_RETRY_RANDOM,
            session_id: session_id.to_vec(),
            suite,
            extensions: vec![
                (SUPPORTED_VERSIONS, vec![3, 4]),
                (KEY_SHARE, group.to_be_bytes().to_vec()),
            ],
        }
    }
}

/// EncryptedExtensions with an answer to an ALPN offer that nobody made.
pub(super) fn with_alpn(encrypted_extensions: &[u8]) -> Option<Vec<u8>> {
    let mut extensions = read_extensions(encrypted_extensions.get(6..)?)?;
    extensions.push((ALPN, alpn()));
    Some(message(
        ENCRYPTED_EXTENSIONS,
        &write_extensions(&extensions),
    ))
}

/// A NewSessionTicket that allows so many bytes of early data (RFC 8446 §4.6.1).
pub(super) fn with_early_data(ticket: &[u8], octets: u32) -> Option<Vec<u8>> {
    // Lifetime and age_add, the nonce, the ticket.
    let nonce = usize::from(*ticket.get(12)?);
    let length = ticket.get(13 + nonce..15 + nonce)?;
    let end = 15 + nonce + usize::from(u16::from_be_bytes(length.try_into().ok()?));
    let mut extensions = read_extensions(ticket.get(end + 2..)?)?;
    extensions.push((EARLY_DATA, octets.to_be_bytes().to_vec()));
    let mut body = ticket.get(4..end)?.to_vec();
    body.extend(write_extensions(&extensions));
    Some(message(NEW_SESSION_TICKET, &body))
}

/// The ticket of a NewSessionTicket, and what is added to its age.
pub(super) fn ticket_and_age(message: &[u8]) -> Option<(&[u8], u32)> {
    let added = u32::from_be_bytes(message.get(8..12)?.try_into().ok()?);
    let nonce = usize::from(*message.get(12)?);
    let length = message.get(13 + nonce..15 + nonce)?;
    let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
    Some((message.get(15 + nonce..15 + nonce + length)?, added))
}

/// The protocol name "smtp", which nobody has registered.
fn alpn() -> Vec<u8> {
    b"\0\x05\x04smtp".to_vec()
}

fn read_extensions(mut bytes: &[u8]) -> Option<Vec<(u16, Vec<u8>)>> {
    let mut extensions = Vec::new();
    while let [a, b, c, d, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*c, *d]));
        let (content, rest) = rest.split_at_checked(length)?;
        extensions.push((u16::from_be_bytes([*a, *b]), content.to_vec()));
        bytes = rest;
    }
    bytes.is_empty().then_some(extensions)
}

fn write_extensions(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut content = Vec::new();
    for (kind, inside) in extensions {
        content.extend_from_slice(&kind.to_be_bytes());
        content.extend_from_slice(
            &u16::try_from(inside.len())
                .unwrap_or(u16::MAX)
                .to_be_bytes(),
        );
        content.extend_from_slice(inside);
    }
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], &content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_server_hello_is_written_back_as_it_was_read() {
        let mut hello = ServerHello::retry(&[1, 2, 3], 0x1301, 23);
        let octets = hello.write();
        let read = ServerHello::read(&octets).expect("a ServerHello");
        assert!(read.is_retry() && read.is_tls13());
        assert_eq!(read.write(), octets);
        hello.without_key_share();
        assert_eq!(hello.write().len() + 6, octets.len());
        assert_eq!(first(&octets), Some((&octets[..], &[][..])));
    }

    proptest! {
        #[test]
        fn no_bytes_trip_the_readers(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = first(&octets);
            let _ = with_alpn(&octets);
            let _ = with_early_data(&octets, 1);
            if let Some(hello) = ServerHello::read(&octets) {
                let _ = hello.write();
            }
        }
    }
}
