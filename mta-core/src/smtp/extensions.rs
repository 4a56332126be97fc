//! What a server offers in its reply to EHLO, read as Postfix reads it (src/smtp/smtp_proto.c `smtp_helo`).

use super::keyword::{Keyword, Keywords};

/// The extensions of one EHLO reply. A reply to HELO offers none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// The name with which the server presents itself, as written.
    pub server_name: Option<String>,
    /// STARTTLS, RFC 3207.
    pub starttls: bool,
    /// PIPELINING, RFC 2920.
    pub pipelining: bool,
    /// 8BITMIME, RFC 6152.
    pub eight_bit_mime: bool,
    /// SIZE, RFC 1870: offered, with its limit in bytes if it gave a number. 0 is no limit (RFC 1870 §4).
    pub size: Option<Option<u64>>,
    /// What stands behind SIZE, if it is not a number.
    pub odd_size: Option<String>,
    /// DSN, RFC 3461.
    pub dsn: bool,
    /// SMTPUTF8, RFC 6531.
    pub smtputf8: bool,
    /// REQUIRETLS, RFC 8689. It counts only inside TLS.
    pub require_tls: bool,
    /// AUTH, RFC 4954: what stands behind each of them.
    pub auth: Vec<String>,
}

impl Extensions {
    /// Reads the kept text of a reply, lines joined by newlines.
    ///
    /// The first line that has a word names the server and offers nothing, whatever it says
    /// (RFC 5321 §4.1.1.1; R-SMTP-04).
    pub fn parse(text: &str) -> Self {
        let mut extensions = Extensions::default();
        for line in text.lines() {
            let Some((keyword, parameters)) = keyword(line) else {
                continue;
            };
            if extensions.server_name.is_none() {
                extensions.server_name = Some(keyword.to_owned());
            } else {
                extensions.add(keyword, parameters);
            }
        }
        extensions
    }

    /// Forgets what is not to be used.
    pub fn discard(&mut self, keywords: Keywords) {
        let kept = |keyword| !keywords.contains(keyword);
        self.starttls &= kept(Keyword::Starttls);
        self.pipelining &= kept(Keyword::Pipelining);
        self.eight_bit_mime &= kept(Keyword::EightBitMime);
        self.size = self.size.filter(|_| kept(Keyword::Size));
        self.odd_size = self.odd_size.take().filter(|_| kept(Keyword::Size));
        self.dsn &= kept(Keyword::Dsn);
        self.smtputf8 &= kept(Keyword::Smtputf8);
        self.require_tls &= kept(Keyword::RequireTls);
        if !kept(Keyword::Auth) {
            self.auth.clear();
        }
    }

    fn add(&mut self, keyword: &str, parameters: &str) {
        let is = |word: &str| keyword.eq_ignore_ascii_case(word);
        if is("STARTTLS") {
            self.starttls = true;
        } else if is("PIPELINING") {
            self.pipelining = true;
        } else if is("8BITMIME") {
            self.eight_bit_mime = true;
        } else if is("DSN") {
            self.dsn = true;
        } else if is("SMTPUTF8") {
            self.smtputf8 = true;
        } else if is("REQUIRETLS") {
            self.require_tls = true;
        } else if is("AUTH") {
            let mechanisms = parameters.strip_prefix([' ', '\t']);
            self.auth.push(mechanisms.unwrap_or(parameters).to_owned());
        } else if is("SIZE") {
            let limit = parameters.split([' ', '\t']).find(|word| !word.is_empty());
            self.odd_size = limit
                .filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()))
                .map(str::to_owned);
            // A number that is too large is as good as no limit (src/global/off_cvt.c).
            self.size = Some(
                limit
                    .filter(|_| self.odd_size.is_none())
                    .map(|word| word.parse().unwrap_or_default()),
            );
        }
    }
}

/// The keyword of a line and what follows it. `=` ends a keyword, as in `AUTH=LOGIN`.
fn keyword(line: &str) -> Option<(&str, &str)> {
    let rest = behind_separators(line);
    let (_, rest) = rest.split_at(rest.bytes().position(is_separator)?);
    let rest = behind_separators(rest);
    let end = rest
        .bytes()
        .position(|byte| matches!(byte, b' ' | b'\t' | b'='));
    let (word, parameters) = rest.split_at(end.unwrap_or(rest.len()));
    let parameters = parameters.strip_prefix('=').unwrap_or(parameters);
    (!word.is_empty()).then_some((word, parameters))
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b' ')
}

fn behind_separators(text: &str) -> &str {
    let start = text.bytes().take_while(|&byte| is_separator(byte)).count();
    text.split_at(start).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_come_from_the_lines_behind_the_first() {
        let extensions =
            Extensions::parse("250-mx STARTTLS\n250-starttls now\n250-SIZE 0\n250 PIPELINING");
        assert_eq!(extensions.server_name.as_deref(), Some("mx"));
        assert!(extensions.starttls && extensions.pipelining && !extensions.eight_bit_mime);
        assert_eq!(extensions.size, Some(Some(0)));
        assert!(!Extensions::parse("250 mx STARTTLS").starttls);
    }

    #[test]
    fn similar_keywords_are_other_keywords() {
        let extensions =
            Extensions::parse("250-mx\n250-XSTARTTLS\n250-STARTTLSX\n250-\n250 SIZE=100");
        assert!(!extensions.starttls);
        assert_eq!(extensions.size, Some(Some(100)));
    }

    #[test]
    fn auth_is_kept_as_written_each_time_that_it_comes() {
        let extensions =
            Extensions::parse("250-mx\n250-AUTH PLAIN LOGIN\n250-AUTH=PLAIN LOGIN\n250 auth");
        assert_eq!(extensions.auth, ["PLAIN LOGIN", "PLAIN LOGIN", ""]);
        let mut extensions = extensions;
        extensions.discard(Keywords::parse("auth"));
        assert_eq!(extensions.auth, [""; 0]);
    }

    #[test]
    fn a_size_that_is_no_number_is_no_limit() {
        for (line, size, odd) in [
            ("SIZE", Some(None), None),
            ("SIZE 10 MB", Some(Some(10)), None),
            ("SIZE 10MB", Some(None), Some("10MB")),
            ("SIZE +10", Some(None), Some("+10")),
            ("SIZE 99999999999999999999", Some(Some(0)), None),
        ] {
            let extensions = Extensions::parse(&format!("250-mx\n250 {line}"));
            assert_eq!(extensions.size, size, "{line}");
            assert_eq!(extensions.odd_size.as_deref(), odd, "{line}");
        }
    }
}
