//! TLSA data that name a host's certificate instead of spelling its digest.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256, Sha512};

use super::genuine::{Genuine, Which, spki};

/// Puts in what `3 1 1 <leaf:HOST>`, `2 0 1 <issuer:HOST>` and `2 0 0 <root:HOST>` stand for: what is truly HOST's, as
/// selector and matching type ask (RFC 6698 §2.1). Other data stay as they are.
///
/// # Errors
/// The text, if it names a host that has no such certificate, or asks for what a certificate does not have; and the
/// host that is most like it.
pub(super) fn resolve(text: &str, genuine: &Genuine) -> Result<String, (String, Option<String>)> {
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
    let wrong = || (text.to_owned(), genuine.nearest(host));
    let which = match which {
        "leaf" => Which::Leaf,
        "issuer" => Which::Issuer,
        "root" => Which::Root,
        _ => return Err(wrong()),
    };
    let certificate = genuine.get(which, host).ok_or_else(wrong)?;
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
