//! A query in bytes, a reply in bytes: the resolver's side of the wire.

use std::time::Duration;

use hickory_proto::op::{
    Edns, Header, Message, MessageType, Metadata, OpCode, Query, ResponseCode,
};
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{DNSClass, Name, RData, Record};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::spec::Dnssec;
use super::walk::{Denial, End, LEAST_DELAY, Truncated, Walk, walk};
use super::zones::{NEGATIVE_TTL, Zones};

/// The longest datagram that stub and resolver say they take, in bytes: DNS Flag Day 2020.
pub(crate) const EDNS_BYTES: u16 = 1232;

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One datagram.
    Udp,
    /// A stream. Messages here are without the two bytes of length in front (RFC 1035 §4.2.2), which
    /// the driver adds and takes off.
    Tcp,
}

/// What the resolver does with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The reply; `None` if there is none, ever.
    pub message: Option<Vec<u8>>,
    /// How long it takes.
    pub delay: Duration,
    /// Whether the same query may get another reply the next time.
    pub passing: bool,
}

impl Zones {
    /// What comes back for the bytes of `query`, as a validating, caching resolver with these zones
    /// would reply.
    ///
    /// What has no header, or is itself a reply, gets no reply; what cannot be read gets FORMERR, what
    /// is no standard query NOTIMP, a class other than IN REFUSED. A reply that is too long for a
    /// datagram, by the query's OPT record or 512 bytes (RFC 6891 §6.2.3), has TC set and no records.
    pub fn answer(&self, query: &[u8], transport: Transport) -> Reply {
        let header = Header::read(&mut BinDecoder::new(query));
        let Some(Header { metadata, counts }) = header.ok() else {
            return silence(Duration::ZERO);
        };
        if metadata.message_type == MessageType::Response {
            return silence(Duration::ZERO);
        }
        if metadata.op_code != OpCode::Query {
            return refuse(&metadata, ResponseCode::NotImp);
        }
        // RFC 9619: a query has one question. Checked before the decoder makes room for 65,535.
        if counts.queries != 1 {
            return refuse(&metadata, ResponseCode::FormErr);
        }
        match Message::from_vec(query) {
            Ok(mut message) => match message.queries.pop() {
                Some(question) => self.reply(&message, question, transport),
                None => refuse(&metadata, ResponseCode::FormErr),
            },
            Err(_) => refuse(&metadata, ResponseCode::FormErr),
        }
    }

    fn reply(&self, query: &Message, question: Query, transport: Transport) -> Reply {
        let mut reply = reply_to(&query.metadata);
        reply.edns = query.edns.as_ref().map(edns_for);
        // RFC 6891 §6.1.3.
        if query.edns.as_ref().is_some_and(|edns| edns.version() > 0) {
            reply.metadata.response_code = ResponseCode::BADVERS;
            reply.queries.push(question);
            return whole(&reply, Duration::ZERO);
        }
        if question.query_class() != DNSClass::IN {
            reply.metadata.response_code = ResponseCode::Refused;
            reply.queries.push(question);
            return whole(&reply, Duration::ZERO);
        }

        let found = walk(self, question.name(), question.query_type());
        reply.queries.push(question);
        Reply {
            passing: found.passing,
            ..tell(found, query, reply, transport)
        }
    }
}

/// Says what was found, in a reply that has the question already.
fn tell(found: Walk, query: &Message, mut reply: Message, transport: Transport) -> Reply {
    let delay = found.delay.max(LEAST_DELAY);
    if found.truncated == Some(Truncated::TcpSilent) && transport == Transport::Tcp {
        return silence(delay);
    }
    // RFC 6840 §5.8: the AD bit is for those who show that they know it.
    let wants_ad = query.metadata.authentic_data
        || query
            .edns
            .as_ref()
            .is_some_and(|edns| edns.flags().dnssec_ok);
    let bogus = found.dnssec == Dnssec::Bogus && !query.metadata.checking_disabled;
    match found.end {
        End::Silence => return silence(delay),
        End::Garbled => return garbled(&reply, delay),
        End::Failed(code) => reply.metadata.response_code = code,
        End::Records(_) | End::Denied(..) if bogus => {
            reply.metadata.response_code = ResponseCode::ServFail;
        }
        End::Records(records) => {
            reply.metadata.authentic_data = wants_ad && found.dnssec == Dnssec::Secure;
            reply.answers = found.aliases;
            reply.answers.extend(records);
        }
        End::Denied(denial, apex) => {
            reply.metadata.authentic_data = wants_ad && found.dnssec == Dnssec::Secure;
            reply.answers = found.aliases;
            reply.authorities.push(soa(apex));
            if let Denial::NoName = denial {
                reply.metadata.response_code = ResponseCode::NXDomain;
            }
        }
    }
    let octets_max = match transport {
        Transport::Udp => usize::from(query.max_payload()),
        Transport::Tcp => usize::from(u16::MAX),
    };
    let cut = found.truncated.is_some() && transport == Transport::Udp;
    let reply_whole = whole(&reply, delay);
    let octets = reply_whole.message.as_ref().map_or(0, Vec::len);
    if cut || octets > octets_max {
        return whole(&reply.truncate(), delay);
    }
    reply_whole
}

/// An empty reply to a query with that header: RD and CD copied, RA set.
fn reply_to(query: &Metadata) -> Message {
    let mut reply = Message::new(query.id, MessageType::Response, query.op_code);
    reply.metadata = Metadata::response_from_request(query);
    reply.metadata.recursion_available = true;
    reply
}

/// RFC 6891 §6.1.1: a query with an OPT record gets one back; RFC 3225 §3: DO is copied.
fn edns_for(query: &Edns) -> Edns {
    let mut edns = Edns::new();
    edns.set_max_payload(EDNS_BYTES);
    edns.set_dnssec_ok(query.flags().dnssec_ok);
    edns
}

/// RFC 2308 §3: a denial comes with the SOA of its zone.
fn soa(apex: Name) -> Record {
    // No look-up leads to the names of server and mailbox; `invalid` says so (RFC 6761 §6.4).
    let invalid = Name::from_labels([b"invalid".as_slice()]).unwrap_or_else(|_| Name::root());
    let (refresh, retry, expire) = (7200, 900, 1_209_600);
    let soa = SOA::new(
        invalid.clone(),
        invalid,
        1,
        refresh,
        retry,
        expire,
        NEGATIVE_TTL,
    );
    Record::from_rdata(apex, NEGATIVE_TTL, RData::SOA(soa))
}

fn silence(delay: Duration) -> Reply {
    Reply {
        message: None,
        delay,
        passing: false,
    }
}

fn refuse(query: &Metadata, code: ResponseCode) -> Reply {
    let mut reply = reply_to(query);
    reply.metadata.response_code = code;
    whole(&reply, Duration::ZERO)
}

fn whole(reply: &Message, delay: Duration) -> Reply {
    Reply {
        message: reply.to_vec().ok(),
        delay,
        passing: false,
    }
}

/// Header and question as they should be, and behind them a record that ends within its name.
fn garbled(reply: &Message, delay: Duration) -> Reply {
    let mut bare = reply.clone();
    bare.edns = None;
    let mut garbled = whole(&bare, delay);
    if let Some(message) = &mut garbled.message {
        // The low byte of ANCOUNT, RFC 1035 §4.1.1.
        if let Some(ancount) = message.get_mut(7) {
            *ancount = 1;
        }
        message.extend_from_slice(&[63, b'?']);
    }
    garbled
}
