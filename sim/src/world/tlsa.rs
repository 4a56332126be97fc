//! TLSA data that name a host's certificate instead of spelling its digest, which would hold for one seed alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256, Sha512};

use crate::pki::Chain;

/// Puts in what `3 1 1 <leaf:HOST>` and `2 0 1 <issuer:HOST>` stand for: the certificate that HOST shows first, or the
/// one behind it, as selector and matching type ask (RFC 6698 §2.1). Other data stay as they are.
///
/// # Errors
/// The text, if it names a host that shows no such certificate, or asks for what a certificate does not have.
pub(super) fn resolve(text: &str, chains: &BTreeMap<String, Chain>) -> Result<String, String> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [usage, selector, matching, data] = words.as_slice() else {
        return Ok(text.to_owned());
    };
    let Some((which, host)) = data
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .and_then(|inside| inside.split_once(':'))
    else {
        return Ok(text.to_owned());
    };
    let wrong = || text.to_owned();
    let place = match which {
        "leaf" => 0,
        "issuer" => 1,
        _ => return Err(wrong()),
    };
    let chain = chains.get(&host.to_ascii_lowercase()).ok_or_else(wrong)?;
    let certificate = chain.certs.get(place).ok_or_else(wrong)?;
    let selected = match *selector {
        "0" => certificate.to_vec(),
        "1" => spki(certificate).ok_or_else(wrong)?,
        _ => return Err(wrong()),
    };
    let octets = match *matching {
        "0" => selected,
        "1" => Sha256::digest(&selected).to_vec(),
        "2" => Sha512::digest(&selected).to_vec(),
        _ => return Err(wrong()),
    };
    let mut hex = String::with_capacity(octets.len() * 2);
    for octet in octets {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{octet:02x}");
    }
    Ok(format!("{usage} {selector} {matching} {hex}"))
}

/// The host whose certificate the data name, in lower case.
pub(super) fn host(text: &str) -> Option<String> {
    let (_, host) = text.trim_end().strip_suffix('>')?.rsplit_once(':')?;
    Some(host.to_ascii_lowercase())
}

fn spki(certificate: &[u8]) -> Option<Vec<u8>> {
    let certificate = mta_core::trust::Certificate::read(certificate).ok()?;
    Some(certificate.spki().to_vec())
}
