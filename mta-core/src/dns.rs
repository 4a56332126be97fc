//! Questions to the resolver and its answers, as plain data.
//!
//! The core asks a [`Question`] and gets an [`Answer`]; how a question travels, and what a message on
//! the wire looks like, is the embedder's business.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// A name as DNS and certificates have it (UTS 46; Postfix src/util/midna_domain.c). One that cannot be converted
/// stays as it is.
pub fn ascii_name(name: &str) -> Arc<str> {
    if name.is_ascii() {
        return name.into();
    }
    idna::domain_to_ascii(name).map_or_else(|_| name.into(), Arc::from)
}

/// What a sending MTA asks the resolver.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// The name asked for, without the trailing dot.
    pub name: Arc<str>,
    /// The record type asked for.
    pub kind: Kind,
}

/// `example.test MX`
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.kind)
    }
}

/// A record type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Mail exchanger, RFC 1035 §3.3.9.
    Mx,
    /// IPv4 address, RFC 1035 §3.4.1.
    A,
    /// IPv6 address, RFC 3596 §2.1.
    Aaaa,
    /// Alias, RFC 1035 §3.3.1.
    Cname,
    /// Certificate association, RFC 6698 §2.
    Tlsa,
    /// Text, RFC 1035 §3.3.14.
    Txt,
    /// Name server, RFC 1035 §3.3.11.
    Ns,
}

impl Kind {
    /// The type's name in zone files: `MX`, `AAAA`, …
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Mx => "MX",
            Kind::A => "A",
            Kind::Aaaa => "AAAA",
            Kind::Cname => "CNAME",
            Kind::Tlsa => "TLSA",
            Kind::Txt => "TXT",
            Kind::Ns => "NS",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the resolver found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The records, or why there are none.
    pub found: Result<Records, LookupFault>,
    /// Whether a validating resolver vouches for the answer (AD bit, RFC 4035 §3.2.3).
    /// Counts for denials too.
    pub secure: bool,
}

impl Answer {
    /// Records that no validating resolver vouches for, held for `ttl` seconds; [`LookupFault::NoData`] if there are
    /// none.
    pub fn unsigned(ttl: u32, data: impl IntoIterator<Item = Data>) -> Answer {
        let data: Arc<[Data]> = data.into_iter().collect();
        let records = Records {
            canonical: None,
            ttl,
            data,
        };
        let found = if records.data.is_empty() {
            Err(LookupFault::NoData)
        } else {
            Ok(records)
        };
        Answer {
            found,
            secure: false,
        }
    }
}

/// The records of a positive answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// Where the name led after CNAMEs, if anywhere else.
    pub canonical: Option<Arc<str>>,
    /// How long the answer holds, in seconds: the least time to live on the way.
    pub ttl: u32,
    /// The records of the kind asked for, in the order of the answer; never empty.
    pub data: Arc<[Data]>,
}

/// The data of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Preference and exchange, RFC 1035 §3.3.9. A null MX (RFC 7505) has the exchange `""`.
    Mx {
        /// Lower is tried first.
        preference: u16,
        /// Host name without the trailing dot.
        exchange: Arc<str>,
    },
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// The name that the alias stands for.
    Cname(Arc<str>),
    /// A certificate association, RFC 6698 §2.1; nothing about it has been checked.
    Tlsa {
        /// Certificate usage.
        usage: u8,
        /// Selector.
        selector: u8,
        /// Matching type.
        matching: u8,
        /// Certificate association data.
        association: Arc<[u8]>,
    },
    /// The strings of a TXT record, joined.
    Txt(Arc<[u8]>),
    /// A name server's name.
    Ns(Arc<str>),
}

/// Why a look-up gave no records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupFault {
    /// The name does not exist (NXDOMAIN, RFC 8020).
    NoSuchName,
    /// The name exists and has no record of this kind (NODATA, RFC 2308 §2.2).
    NoData,
    /// The server failed (SERVFAIL), which is also how a validating resolver reports bogus data.
    ServerFailure,
    /// The server refused, or does not implement the query.
    Refused,
    /// No answer within the resolver's budget.
    Timeout,
    /// An answer that could not be read.
    Malformed,
}

impl LookupFault {
    /// Whether asking again later may help.
    pub const fn is_temporary(self) -> bool {
        match self {
            LookupFault::NoSuchName | LookupFault::NoData => false,
            LookupFault::ServerFailure
            | LookupFault::Refused
            | LookupFault::Timeout
            | LookupFault::Malformed => true,
        }
    }
}
