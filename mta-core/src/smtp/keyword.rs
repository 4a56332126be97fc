//! EHLO keywords that an administrator can name, to have them ignored (src/global/ehlo_mask.c).

/// A keyword, in the order in which Postfix lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are called as their extensions are")]
pub enum Keyword {
    EightBitMime,
    Auth,
    Etrn,
    Pipelining,
    Size,
    Verp,
    Vrfy,
    Xclient,
    Xforward,
    Starttls,
    EnhancedStatusCodes,
    Dsn,
    Smtputf8,
    Chunking,
    RequireTls,
    /// No extension: whether the others are ignored in silence.
    SilentDiscard,
}

const NAMES: [(&str, Keyword); 16] = [
    ("8BITMIME", Keyword::EightBitMime),
    ("AUTH", Keyword::Auth),
    ("ETRN", Keyword::Etrn),
    ("PIPELINING", Keyword::Pipelining),
    ("SIZE", Keyword::Size),
    ("VERP", Keyword::Verp),
    ("VRFY", Keyword::Vrfy),
    ("XCLIENT", Keyword::Xclient),
    ("XFORWARD", Keyword::Xforward),
    ("STARTTLS", Keyword::Starttls),
    ("ENHANCEDSTATUSCODES", Keyword::EnhancedStatusCodes),
    ("DSN", Keyword::Dsn),
    ("SMTPUTF8", Keyword::Smtputf8),
    ("CHUNKING", Keyword::Chunking),
    ("REQUIRETLS", Keyword::RequireTls),
    ("SILENT-DISCARD", Keyword::SilentDiscard),
];

/// A set of keywords.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keywords(u16);

impl Keywords {
    /// Reads words between blanks and commas. Case does not matter, and a word that is not known is passed over, so
    /// that a list serves several releases.
    pub fn parse(text: &str) -> Keywords {
        let mut keywords = Keywords::default();
        for word in text.split([',', ' ', '\t', '\r', '\n']) {
            let known = NAMES
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(word));
            if let Some((_, keyword)) = known {
                keywords.0 |= keyword.bit();
            }
        }
        keywords
    }

    /// Whether a keyword is among them.
    pub const fn contains(self, keyword: Keyword) -> bool {
        self.0 & keyword.bit() != 0
    }

    /// The words that are logged where keywords are ignored; nothing if there are none, or if that happens in silence.
    pub fn told(self) -> Option<String> {
        (self.0 != 0 && !self.contains(Keyword::SilentDiscard)).then(|| self.to_string())
    }
}

impl std::fmt::Display for Keywords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut blank = "";
        for (name, keyword) in NAMES {
            if self.contains(keyword) {
                write!(f, "{blank}{name}")?;
                blank = " ";
            }
        }
        Ok(())
    }
}

impl Keyword {
    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case_and_told_in_postfix_order() {
        let keywords = Keywords::parse("no-such-word, starttls 8bitMime");
        assert_eq!(keywords.told().as_deref(), Some("8BITMIME STARTTLS"));
        assert!(keywords.contains(Keyword::Starttls) && !keywords.contains(Keyword::Dsn));
        assert_eq!(Keywords::parse("dsn silent-discard").told(), None);
        assert_eq!(Keywords::parse("").told(), None);
        assert_eq!(Keywords::parse(&keywords.to_string()), keywords);
    }
}
