//! Record data between text, wire and the core's words.

use std::sync::Arc;

use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, TLSA, TXT};
use hickory_proto::rr::{RData, RecordType};
use mta_core::dns::{Data, Kind};

use super::error::Trouble;
use super::name;

/// The record type's number on the wire.
pub(crate) const fn wire_type(kind: Kind) -> RecordType {
    match kind {
        Kind::Mx => RecordType::MX,
        Kind::A => RecordType::A,
        Kind::Aaaa => RecordType::AAAA,
        Kind::Cname => RecordType::CNAME,
        Kind::Tlsa => RecordType::TLSA,
        Kind::Txt => RecordType::TXT,
        Kind::Ns => RecordType::NS,
    }
}

/// The core's kind for a type on the wire, if it has one.
pub(crate) fn kind_of(wire: RecordType) -> Option<Kind> {
    KINDS.into_iter().find(|kind| wire_type(*kind) == wire)
}

/// Every kind of record.
pub(crate) const KINDS: [Kind; 7] = [
    Kind::Mx,
    Kind::A,
    Kind::Aaaa,
    Kind::Cname,
    Kind::Tlsa,
    Kind::Txt,
    Kind::Ns,
];

/// The record of `kind` that `text` spells.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn parse(kind: Kind, text: &str) -> Result<RData, Trouble> {
    Ok(match kind {
        Kind::Mx => RData::MX(parse_mx(text)?),
        Kind::A => RData::A(A(text.parse().map_err(|_| Trouble::Ipv4)?)),
        Kind::Aaaa => RData::AAAA(AAAA(text.parse().map_err(|_| Trouble::Ipv6)?)),
        Kind::Cname => RData::CNAME(CNAME(name::parse(text)?)),
        Kind::Tlsa => RData::TLSA(parse_tlsa(text)?),
        Kind::Txt => RData::TXT(strings(text.as_bytes())),
        Kind::Ns => RData::NS(NS(name::parse(text)?)),
    })
}

fn parse_mx(text: &str) -> Result<MX, Trouble> {
    let mut words = text.split_ascii_whitespace();
    let (Some(preference), Some(exchange), None) = (words.next(), words.next(), words.next())
    else {
        return Err(Trouble::MxWords);
    };
    let preference = preference.parse().map_err(|_| Trouble::MxPreference)?;
    Ok(MX::new(preference, name::parse(exchange)?))
}

fn parse_tlsa(text: &str) -> Result<TLSA, Trouble> {
    let mut words = text.split_ascii_whitespace();
    let mut number = || -> Result<u8, Trouble> {
        let word = words.next().ok_or(Trouble::TlsaNumbers)?;
        word.parse().map_err(|_| Trouble::TlsaNumbers)
    };
    let (usage, selector, matching) = (number()?, number()?, number()?);
    let digits: Vec<u8> = words.flat_map(str::bytes).collect();
    let association = unhex(&digits).ok_or(Trouble::TlsaHex)?;
    Ok(TLSA::new(
        usage.into(),
        selector.into(),
        matching.into(),
        association,
    ))
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, odd) = digits.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    let digit = |octet: u8| char::from(octet).to_digit(16);
    let octet = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok();
    pairs.iter().map(octet).collect()
}

/// RFC 1035 §3.3: a character-string has at most 255 bytes, so a longer text becomes several; and a
/// TXT record has at least one (§3.3.14).
fn strings(text: &[u8]) -> TXT {
    if text.is_empty() {
        return TXT::from_bytes(vec![&[]]);
    }
    TXT::from_bytes(text.chunks(255).collect())
}

/// The core's word for `data`, if it is of `kind`.
pub(crate) fn data(kind: Kind, data: &RData) -> Option<Data> {
    Some(match (kind, data) {
        (Kind::Mx, RData::MX(mx)) => Data::Mx {
            preference: mx.preference,
            exchange: name::text(&mx.exchange).into(),
        },
        (Kind::A, RData::A(address)) => Data::A(address.0),
        (Kind::Aaaa, RData::AAAA(address)) => Data::Aaaa(address.0),
        (Kind::Cname, RData::CNAME(target)) => Data::Cname(name::text(&target.0).into()),
        (Kind::Tlsa, RData::TLSA(tlsa)) => Data::Tlsa {
            usage: tlsa.cert_usage.into(),
            selector: tlsa.selector.into(),
            matching: tlsa.matching.into(),
            association: Arc::from(tlsa.cert_data.as_slice()),
        },
        (Kind::Txt, RData::TXT(txt)) => Data::Txt(txt.txt_data.concat().into()),
        (Kind::Ns, RData::NS(server)) => Data::Ns(name::text(&server.0).into()),
        _ => return None,
    })
}
