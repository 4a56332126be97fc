//! `smtp_tls_loglevel`: which kinds of TLS lines are logged (src/tls/tls_misc.c).

use std::fmt;
use std::ops::BitOr;

use super::feature::Feature;
use super::inet::words;
use super::release::Release;

/// A set of kinds of TLS log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogMask(u16);

/// A word that `smtp_tls_loglevel` does not know; Postfix warns and logs nothing optional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLogWord(pub String);

impl LogMask {
    /// Nothing optional.
    pub const NONE: LogMask = LogMask(0);
    /// The summary of each handshake.
    pub const SUMMARY: LogMask = LogMask(1 << 0);
    /// Why a certificate is not trusted.
    pub const UNTRUSTED: LogMask = LogMask(1 << 1);
    /// The peer certificate's names and fingerprints.
    pub const PEERCERT: LogMask = LogMask(1 << 2);
    /// What in the certificate matched.
    pub const CERTMATCH: LogMask = LogMask(1 << 3);
    /// The steps of the TLS library.
    pub const VERBOSE: LogMask = LogMask(1 << 4);
    /// The session cache.
    pub const CACHE: LogMask = LogMask(1 << 5);
    /// TLSA records.
    pub const DANE: LogMask = LogMask(1 << 6);
    /// OpenSSL's states.
    pub const SSL_DEBUG: LogMask = LogMask(1 << 7);
    /// Hex dump of the handshake.
    pub const HANDSHAKE_DUMP: LogMask = LogMask(1 << 8);
    /// Hex dump of everything after it.
    pub const SESSION_DUMP: LogMask = LogMask(1 << 9);
    /// A protocol trace in a file (3.12).
    pub const TRACE: LogMask = LogMask(1 << 10);

    /// The words of `smtp_tls_loglevel`, in any case; the numbers up to 9 mean `4`. `trace` is 3.12's.
    pub const WORDS: &'static [&'static str] = &[
        "0",
        "1",
        "2",
        "3",
        "4",
        "none",
        "routine",
        "debug",
        "ssl-expert",
        "ssl-developer",
        "summary",
        "untrusted",
        "peercert",
        "certmatch",
        "verbose",
        "cache",
        "dane",
        "ssl-debug",
        "ssl-handshake-packet-dump",
        "ssl-session-packet-dump",
        "trace",
    ];

    /// Reads a list of words; together they mean all that any of them means.
    ///
    /// # Errors
    /// [`UnknownLogWord`] with the first word that `release` does not know.
    pub fn parse(text: &str, release: Release) -> Result<Self, UnknownLogWord> {
        words(text).try_fold(LogMask::NONE, |mask, word| {
            let known = LogMask::of_word(&word.to_ascii_lowercase(), release);
            known
                .map(|more| mask | more)
                .ok_or_else(|| UnknownLogWord(word.to_owned()))
        })
    }

    /// Whether all of `kinds` is in this set.
    pub const fn contains(self, kinds: LogMask) -> bool {
        self.0 & kinds.0 == kinds.0
    }

    /// Whether any of `kinds` is in this set.
    pub const fn intersects(self, kinds: LogMask) -> bool {
        self.0 & kinds.0 != 0
    }

    /// Whether nothing optional is logged.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn of_word(word: &str, release: Release) -> Option<LogMask> {
        let debug = LogMask::SUMMARY | LogMask::VERBOSE | LogMask::CACHE | LogMask::SSL_DEBUG;
        let expert = debug | LogMask::HANDSHAKE_DUMP;
        Some(match word {
            "0" | "none" => LogMask::NONE,
            "1" | "routine" => LogMask::SUMMARY,
            "2" | "debug" => debug,
            "3" | "ssl-expert" => expert,
            "4" | "5" | "6" | "7" | "8" | "9" | "ssl-developer" => expert | LogMask::SESSION_DUMP,
            "ssl-session-packet-dump" => LogMask::HANDSHAKE_DUMP | LogMask::SESSION_DUMP,
            "trace" if !release.has(Feature::ProtocolTraces) => return None,
            _ => {
                return SINGLE
                    .iter()
                    .find(|(name, _)| *name == word)
                    .map(|(_, kind)| *kind);
            }
        })
    }
}

const SINGLE: [(&str, LogMask); 10] = [
    ("summary", LogMask::SUMMARY),
    ("untrusted", LogMask::UNTRUSTED),
    ("peercert", LogMask::PEERCERT),
    ("certmatch", LogMask::CERTMATCH),
    ("verbose", LogMask::VERBOSE),
    ("cache", LogMask::CACHE),
    ("dane", LogMask::DANE),
    ("ssl-debug", LogMask::SSL_DEBUG),
    ("ssl-handshake-packet-dump", LogMask::HANDSHAKE_DUMP),
    ("trace", LogMask::TRACE),
];

impl BitOr for LogMask {
    type Output = LogMask;

    fn bitor(self, other: LogMask) -> LogMask {
        LogMask(self.0 | other.0)
    }
}

/// Words that [`LogMask::parse`] reads back as the same set.
impl fmt::Display for LogMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        let single = SINGLE
            .iter()
            .filter(|(_, kind)| self.contains(*kind))
            .map(|(name, _)| *name);
        let dump = self
            .contains(LogMask::SESSION_DUMP)
            .then_some("ssl-session-packet-dump");
        let words: Vec<&str> = single.chain(dump).collect();
        f.write_str(&words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<LogMask, UnknownLogWord> {
        LogMask::parse(text, Release::V3_7)
    }

    #[test]
    fn words_and_numbers() {
        for (text, expected) in [
            ("", "none"),
            ("0", "none"),
            ("none", "none"),
            ("1", "summary"),
            ("ROUTINE", "summary"),
            ("2", "summary, verbose, cache, ssl-debug"),
            ("debug", "summary, verbose, cache, ssl-debug"),
            (
                "3",
                "summary, verbose, cache, ssl-debug, ssl-handshake-packet-dump",
            ),
            ("1 untrusted", "summary, untrusted"),
            (
                "summary,peercert, certmatch",
                "summary, peercert, certmatch",
            ),
            ("cache dane", "cache, dane"),
            (
                "ssl-session-packet-dump",
                "ssl-handshake-packet-dump, ssl-session-packet-dump",
            ),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), expected, "{text:?}");
        }
        assert_eq!(parse("ssl-expert"), parse("3"));
        assert_eq!(parse("4"), parse("ssl-developer"));
        assert_eq!(parse("9"), parse("4"));
        assert!(
            !parse("4").unwrap().contains(LogMask::UNTRUSTED),
            "no number says untrusted"
        );
    }

    #[test]
    fn one_unknown_word_spoils_the_list() {
        assert_eq!(parse("1 chatty"), Err(UnknownLogWord("chatty".to_owned())));
        assert_eq!(parse("10"), Err(UnknownLogWord("10".to_owned())));
        assert_eq!(parse("trace"), Err(UnknownLogWord("trace".to_owned())));
        assert_eq!(LogMask::parse("trace", Release::V3_12), Ok(LogMask::TRACE));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(words in proptest::sample::subsequence(LogMask::WORDS, 0..=21)) {
            let mask = LogMask::parse(&words.join(" "), Release::V3_12).unwrap();
            prop_assert_eq!(LogMask::parse(&mask.to_string(), Release::V3_12), Ok(mask));
        }
    }
}
