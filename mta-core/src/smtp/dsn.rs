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
        let word = text.split(' ').next().unwrap_or_default();
        let mut groups = word.split('.');
        let class = match groups.next()? {
            "2" => 2,
            "4" => 4,
            "5" => 5,
            _ => return None,
        };
        let subject = group(groups.next()?)?;
        let detail = group(groups.next()?)?;
        groups.next().is_none().then_some(Dsn {
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

fn group(digits: &str) -> Option<u16> {
    let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
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
