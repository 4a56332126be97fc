//! What stands for a path, a certificate or a digest in the text of a case.

use std::fmt::Write as _;

use crate::pki::Certificates;

/// The directory of a case on the simulated machine.
pub(crate) const DIR: &str = "/case";
/// Where the certificates are on the simulated machine.
pub(crate) const PKI: &str = "/pki";

/// Puts in what placeholders stand for.
///
/// # Errors
/// The placeholder for which there is nothing.
pub(crate) fn resolve(text: &str, certificates: &Certificates) -> Result<String, String> {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let end = from.find('>').map_or(from.len(), |end| end + 1);
        let (word, behind) = from.split_at(end);
        match meaning(word, certificates) {
            Some(Some(meaning)) => out.push_str(&meaning),
            Some(None) => return Err(word.to_owned()),
            None => out.push_str(word),
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(out.replace("$DIR", DIR).replace("$PKI", PKI))
}

/// What a word in angle brackets stands for; `None` if it is no placeholder, `Some(None)` if nothing is known of it.
fn meaning(word: &str, certificates: &Certificates) -> Option<Option<String>> {
    let inside = word.strip_prefix('<')?.strip_suffix('>')?;
    let (kind, argument) = inside.split_once(':')?;
    let known = |text: Option<String>| Some(text);
    match kind {
        "file" => known(Some(format!("{PKI}/{argument}.crt"))),
        "key" => known(Some(format!("{PKI}/{argument}.key"))),
        "pem" => known(certificates.pem(argument)),
        "keypem" => known(certificates.key_pem(argument)),
        "fp" => {
            let mut parts = argument.splitn(3, ':');
            let name = parts.next().unwrap_or_default();
            let what = parts.next().unwrap_or("cert");
            let algorithm = parts.next().unwrap_or("sha256");
            known(certificates.fingerprint(name, what, algorithm))
        }
        "fpraw" => known(raw(argument, certificates)),
        "fplow" => known(raw(argument, certificates).map(|text| text.to_lowercase())),
        _ => None,
    }
}

fn raw(name: &str, certificates: &Certificates) -> Option<String> {
    let text = certificates.fingerprint(name, "cert", "sha256")?;
    Some(text.replace(':', ""))
}

/// A TLSA record in which `<cert:NAME>` stands for a certificate: `3 1 1 <cert:mx1>`.
///
/// # Errors
/// The text, if it names a certificate or a matching type for which there is nothing.
pub(crate) fn tlsa(text: &str, certificates: &Certificates) -> Result<String, String> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [usage, selector, matching, data] = words.as_slice() else {
        return Ok(text.to_owned());
    };
    let Some(name) = data
        .strip_prefix("<cert:")
        .and_then(|rest| rest.strip_suffix('>'))
    else {
        return Ok(text.to_owned());
    };
    let missing = || text.to_owned();
    let minted = certificates.get(name).ok_or_else(missing)?;
    // The dataset was made so: whatever is not the certificate is its key.
    let selected = if *selector == "0" {
        &minted.der
    } else {
        &minted.spki
    };
    use sha2::{Digest as _, Sha256, Sha512};
    let octets = match *matching {
        "0" => selected.to_vec(),
        "1" => Sha256::digest(selected).to_vec(),
        "2" => Sha512::digest(selected).to_vec(),
        _ => return Err(missing()),
    };
    let mut hex = String::with_capacity(octets.len() * 2);
    for octet in octets {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{octet:02x}");
    }
    Ok(format!("{usage} {selector} {matching} {hex}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_placeholder_stays() {
        let none = Certificates::default();
        assert_eq!(
            resolve("$DIR/a <file:x> <b>", &none),
            Ok("/case/a /pki/x.crt <b>".to_owned())
        );
        assert_eq!(resolve("<pem:x>", &none), Err("<pem:x>".to_owned()));
        assert_eq!(tlsa("3 1 1 ab", &none), Ok("3 1 1 ab".to_owned()));
        assert!(tlsa("3 1 1 <cert:x>", &none).is_err());
    }
}
