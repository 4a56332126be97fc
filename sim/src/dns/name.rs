//! Domain names between text and wire. Text is what libresolv shows: any byte that is not a plain
//! printable character is escaped, so no byte is lost or changed (RFC 1035 §5.1, RFC 4343 §2.1).

use std::fmt::Write as _;

use hickory_proto::rr::Name;

use super::error::Trouble;

/// The name that `text` spells, with or without trailing dot; `""` and `.` are the root. Bytes beyond
/// ASCII stand for themselves: there is no IDNA here, as there is none in libresolv.
///
/// # Errors
/// [`Trouble::Label`], [`Trouble::NameTooLong`], [`Trouble::Escape`].
pub(crate) fn parse(text: &str) -> Result<Name, Trouble> {
    let mut labels: Vec<Vec<u8>> = Vec::new();
    let mut label: Vec<u8> = Vec::new();
    // Whether a dot has closed the last label, so that nothing need follow.
    let mut closed = text.is_empty() || text == ".";
    let mut rest = if text == "." { &[] } else { text.as_bytes() };
    while let Some((&octet, behind)) = rest.split_first() {
        closed = false;
        rest = behind;
        match octet {
            b'.' => {
                push(&mut labels, std::mem::take(&mut label))?;
                closed = true;
            }
            b'\\' => {
                let (escaped, behind) = unescape(rest)?;
                label.push(escaped);
                rest = behind;
            }
            plain => label.push(plain),
        }
    }
    if !closed {
        push(&mut labels, label)?;
    }
    let octets: usize = labels.iter().map(|label| label.len() + 1).sum();
    if octets + 1 > Name::MAX_LENGTH {
        return Err(Trouble::NameTooLong);
    }
    Name::from_labels(labels.iter().map(Vec::as_slice)).map_err(|_| Trouble::NameTooLong)
}

/// RFC 1035 §2.3.4.
const LABEL_BYTES_MAX: usize = 63;

fn push(labels: &mut Vec<Vec<u8>>, label: Vec<u8>) -> Result<(), Trouble> {
    if label.is_empty() || label.len() > LABEL_BYTES_MAX {
        return Err(Trouble::Label);
    }
    labels.push(label);
    Ok(())
}

/// The byte that the text behind a backslash stands for, and what follows it.
fn unescape(behind: &[u8]) -> Result<(u8, &[u8]), Trouble> {
    match *behind {
        [a, b, c, ref rest @ ..] if [a, b, c].iter().all(u8::is_ascii_digit) => {
            let value = [a, b, c]
                .iter()
                .fold(0u16, |value, digit| value * 10 + u16::from(digit - b'0'));
            let octet = u8::try_from(value).map_err(|_| Trouble::Escape)?;
            Ok((octet, rest))
        }
        [octet, ref rest @ ..] if !octet.is_ascii_digit() => Ok((octet, rest)),
        _ => Err(Trouble::Escape),
    }
}

/// The text of `name` without the trailing dot; the root is `""`.
pub(crate) fn text(name: &Name) -> String {
    let mut text = String::with_capacity(name.len());
    for label in name {
        if !text.is_empty() {
            text.push('.');
        }
        for &octet in label {
            match octet {
                b'"' | b'.' | b';' | b'\\' | b'(' | b')' | b'@' | b'$' => {
                    text.push('\\');
                    text.push(char::from(octet));
                }
                b'!'..=b'~' => text.push(char::from(octet)),
                // Writing to a string cannot fail.
                _ => drop(write!(text, "\\{octet:03}")),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_the_way_to_the_wire_and_back() {
        for (given, back) in [
            ("example.test", "example.test"),
            ("example.test.", "example.test"),
            (".", ""),
            ("", ""),
            ("_25._tcp.MX1.example.test", "_25._tcp.MX1.example.test"),
            (r"a\.b.test", r"a\.b.test"),
            (r"a\000\255.test", r"a\000\255.test"),
            ("müller.test", r"m\195\188ller.test"),
            ("192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(parse(given).map(|name| text(&name)), Ok(back.into()));
        }
    }

    #[test]
    fn bad_names_are_told_apart() {
        let long = ["a".repeat(63).as_str(); 4].join(".");
        for (given, trouble) in [
            ("..", Trouble::Label),
            ("a..b", Trouble::Label),
            (".test", Trouble::Label),
            (&"a".repeat(64), Trouble::Label),
            (&long, Trouble::NameTooLong),
            (r"a\", Trouble::Escape),
            (r"a\25", Trouble::Escape),
            (r"a\256", Trouble::Escape),
        ] {
            assert_eq!(parse(given), Err(trouble), "{given}");
        }
    }
}
