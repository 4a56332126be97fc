//! Enhanced status codes (RFC 3463): `class.subject.detail`.

use std::fmt;

/// An enhanced status code, such as `4.7.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dsn {
    /// 2 success, 4 temporary, 5 permanent.
    pub class: u8,
    /// Subject, 0 to 999.
    pub subject: u16,
    /// Detail, 0 to 999.
    pub detail: u16,
}

impl Dsn {
    /// The code `class.subject.detail`.
    pub const fn new(class: u8, subject: u16, detail: u16) -> Self {
        Dsn {
            class,
            subject,
            detail,
        }
    }

    /// Reads a code at the start of `text`: one digit of 2, 4 or 5, then two groups of one to three
    /// digits, then a blank or the end (RFC 3463 §2; Postfix src/global/dsn_util.c).
    pub fn parse(text: &str) -> Option<Dsn> {
        let (&first, rest) = text.as_bytes().split_first()?;
        let class = matches!(first, b'2' | b'4' | b'5').then(|| first - b'0')?;
        let (subject, rest) = group(rest)?;
        let (detail, rest) = group(rest)?;
        matches!(rest.first(), None | Some(b' ')).then_some(Dsn {
            class,
            subject,
            detail,
        })
    }

    /// The code that stands for a reply without one: `X.0.0` for 2xx, 4xx and 5xx, and Postfix's
    /// protocol error `5.5.0` for everything else (src/smtp/smtp_chat.c).
    pub const fn of_reply(code: u16) -> Dsn {
        match code / 100 {
            2 => Dsn::new(2, 0, 0),
            4 => Dsn::new(4, 0, 0),
            5 => Dsn::new(5, 0, 0),
            _ => Dsn::new(5, 5, 0),
        }
    }

    /// Whether it asks to try again later.
    pub const fn is_temporary(self) -> bool {
        self.class == 4
    }
}

/// The number behind a dot, and what follows it.
fn group(text: &[u8]) -> Option<(u16, &[u8])> {
    let (_, text) = text.split_first().filter(|&(&dot, _)| dot == b'.')?;
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(digits);
    let number = digits
        .iter()
        .take(3)
        .fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
    (1..=3).contains(&digits.len()).then_some((number, rest))
}

impl fmt::Display for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_codes_count() {
        assert_eq!(
            Dsn::parse("4.7.0 TLS not available"),
            Some(Dsn::new(4, 7, 0))
        );
        assert_eq!(Dsn::parse("5.1.10"), Some(Dsn::new(5, 1, 10)));
        for bad in [
            "", "3.1.1", "4.7", "4.7.0.1", "4.7.x", "4..0", "4.7.1234", "14.7.0", "4.7.0TLS",
        ] {
            assert_eq!(Dsn::parse(bad), None, "{bad:?}");
        }
    }
}
