//! A reply in bytes, an answer in the core's words.

use std::sync::Arc;

use hickory_proto::op::{Header, Message, MessageType, Query};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{DNSClass, Name, RecordData};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};
use mta_core::dns::{Answer, Data, Kind, LookupFault, Question, Records};

use super::walk::CHAIN_MAX;
use super::{name, record};

/// What the reply `message` says to `question`.
///
/// The id is not looked at. A message that cannot be read, answers something else, or is truncated is
/// [`LookupFault::Malformed`]. The AD bit is taken on trust, as Postfix does: the resolver is local.
pub(crate) fn decode(question: &Question, message: &[u8]) -> Answer {
    let read = query_for(question).and_then(|query| {
        peek(&query, message)?;
        Some((query, Message::from_vec(message).ok()?))
    });
    match read {
        Some((query, message)) if !message.metadata.truncation => Answer {
            found: found(question.kind, query.name(), &message),
            secure: message.metadata.authentic_data,
        },
        _ => fault(LookupFault::Malformed),
    }
}

/// An answer that is only a fault.
pub(crate) fn fault(fault: LookupFault) -> Answer {
    Answer {
        found: Err(fault),
        secure: false,
    }
}

/// The question as it stands on the wire, if its name can stand there.
pub(crate) fn query_for(question: &Question) -> Option<Query> {
    let name = name::parse(&question.name).ok()?;
    Some(Query::query(name, record::wire_type(question.kind)))
}

/// What the head of a message says.
pub(crate) struct Peek {
    pub(crate) id: u16,
    pub(crate) truncated: bool,
}

/// The head of `message`, if it is a reply and echoes `query`.
pub(crate) fn peek(query: &Query, message: &[u8]) -> Option<Peek> {
    let mut decoder = BinDecoder::new(message);
    let header = Header::read(&mut decoder).ok()?;
    if header.metadata.message_type != MessageType::Response || header.counts.queries != 1 {
        return None;
    }
    let echo = Query::read(&mut decoder).ok()?;
    let same = echo.name() == query.name()
        && echo.query_type() == query.query_type()
        && echo.query_class() == DNSClass::IN;
    same.then_some(Peek {
        id: header.metadata.id,
        truncated: header.metadata.truncation,
    })
}

fn found(kind: Kind, asked: &Name, message: &Message) -> Result<Records, LookupFault> {
    match u16::from(message.metadata.response_code) {
        NOERROR => {}
        NXDOMAIN => return Err(LookupFault::NoSuchName),
        NOTIMP | REFUSED => return Err(LookupFault::Refused),
        _ => return Err(LookupFault::ServerFailure),
    }
    let mut owner = asked;
    let mut ttl = u32::MAX;
    for _ in 0..=CHAIN_MAX {
        let here = || {
            message
                .answers
                .iter()
                .filter(|record| record.name == *owner)
        };
        let data: Vec<Data> = here().filter_map(|r| record::data(kind, &r.data)).collect();
        ttl = here().map(|record| record.ttl).fold(ttl, u32::min);
        if !data.is_empty() {
            let elsewhere = owner != asked;
            return Ok(Records {
                canonical: elsewhere.then(|| Arc::from(name::text(owner))),
                ttl,
                data: data.into(),
            });
        }
        let alias = here().find_map(|record| CNAME::try_borrow(&record.data));
        match alias {
            Some(target) => owner = &target.0,
            None => return Err(LookupFault::NoData),
        }
    }
    // A chain without end: what a resolver of its own would make of it.
    Err(LookupFault::ServerFailure)
}

// RFC 1035 §4.1.1.
const NOERROR: u16 = 0;
const NXDOMAIN: u16 = 3;
const NOTIMP: u16 = 4;
const REFUSED: u16 = 5;
