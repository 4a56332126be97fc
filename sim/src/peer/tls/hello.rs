//! What a ClientHello offers, read from its bytes without the TLS engine (RFC 8446 §4.1.2).

/// The parts of a ClientHello that a peer acts on or reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello<'a> {
    /// The legacy session id.
    pub(crate) session_id: &'a [u8],
    /// The cipher suites, two bytes each.
    suites: &'a [u8],
    /// The key exchange groups that it knows.
    pub(crate) groups: Vec<u16>,
    /// Those that it sends a share for.
    pub(crate) shares: Vec<u16>,
    /// The host name of server_name (RFC 6066 §3).
    pub(crate) sni: Option<&'a [u8]>,
    /// The versions of supported_versions; empty if it is absent.
    pub(crate) versions: Vec<u16>,
    /// What session_ticket says (RFC 5077 §3.2).
    pub(crate) ticket: TicketOffer,
    /// The first identity of pre_shared_key (RFC 8446 §4.2.11): a TLS 1.3 ticket.
    pub(crate) psk_identity: Option<&'a [u8]>,
    /// The age that it says of that ticket, obfuscated (RFC 8446 §4.2.11.1).
    pub(crate) psk_age: Option<u32>,
}

/// What a client says about TLS 1.2 tickets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TicketOffer {
    /// Nothing: it does not want one.
    #[default]
    Absent,
    /// It would take one.
    Empty,
    /// It offers one, to resume.
    Offered,
}

const HANDSHAKE_RECORD: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const SESSION_TICKET: u16 = 35;
const PRE_SHARED_KEY: u16 = 41;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

impl<'a> Hello<'a> {
    /// Reads the ClientHello in one record; none if the record holds anything else, or only a part of one.
    pub(crate) fn read(record: &'a [u8]) -> Option<Hello<'a>> {
        let mut record = Reader(record);
        if record.u8()? != HANDSHAKE_RECORD {
            return None;
        }
        record.skip(4)?;
        if record.u8()? != CLIENT_HELLO {
            return None;
        }
        let length = usize::from(record.u8()?) << 16 | usize::from(record.u16()?);
        let mut body = Reader(record.take(length)?);
        body.skip(2 + 32)?;
        let session_id = body.vector8()?;
        let suites = body.vector16()?;
        body.vector8()?;
        let mut hello = Hello {
            session_id,
            suites,
            groups: Vec::new(),
            shares: Vec::new(),
            sni: None,
            versions: Vec::new(),
            ticket: TicketOffer::Absent,
            psk_identity: None,
            psk_age: None,
        };
        // A TLS 1.2 hello may end without extensions.
        let mut extensions = Reader(body.vector16().unwrap_or_default());
        while let Some(kind) = extensions.u16() {
            let mut content = Reader(extensions.vector16()?);
            match kind {
                SERVER_NAME => {
                    let mut names = Reader(content.vector16()?);
                    // 0 is host_name, the only kind of name there is.
                    hello.sni = if names.u8()? == 0 {
                        names.vector16()
                    } else {
                        None
                    };
                }
                SESSION_TICKET if content.0.is_empty() => hello.ticket = TicketOffer::Empty,
                SESSION_TICKET => hello.ticket = TicketOffer::Offered,
                SUPPORTED_VERSIONS => {
                    let mut versions = Reader(content.vector8()?);
                    hello.versions = std::iter::from_fn(|| versions.u16()).collect();
                }
                SUPPORTED_GROUPS => {
                    let mut groups = Reader(content.vector16()?);
                    hello.groups = std::iter::from_fn(|| groups.u16()).collect();
                }
                KEY_SHARE => {
                    let mut shares = Reader(content.vector16()?);
                    hello.shares = std::iter::from_fn(|| {
                        let group = shares.u16()?;
                        shares.vector16().map(|_| group)
                    })
                    .collect();
                }
                PRE_SHARED_KEY => {
                    let mut identities = Reader(content.vector16()?);
                    hello.psk_identity = identities.vector16();
                    hello.psk_age = identities.u32();
                }
                _ => {}
            }
        }
        Some(hello)
    }

    /// The cipher suites that it offers.
    pub(crate) fn suites(&self) -> impl Iterator<Item = u16> + use<'a> {
        let pairs = self.suites.chunks_exact(2);
        pairs.filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)))
    }

    /// Whether it offers to resume a session by a ticket.
    pub(crate) fn resumes(&self) -> bool {
        self.psk_identity.is_some() || self.ticket == TicketOffer::Offered
    }
}

/// Reads numbers and vectors of the TLS presentation language (RFC 8446 §3).
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(drop)
    }

    fn u8(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn u16(&mut self) -> Option<u16> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*number))
    }

    fn u32(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn vector8(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    fn vector16(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_trip_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Hello::read(&bytes);
            let mut near = vec![22, 3, 1, 0, 0, 1, 0, 0, 250];
            near.extend_from_slice(&bytes);
            let _ = Hello::read(&near);
        }
    }
}
