//! OpenSSL's cipher suites before TLS 1.3, and the words by which a cipher list chooses among them (ciphers(1)).

use std::sync::LazyLock;

/// A suite, and everything that it is called.
#[derive(Debug)]
pub(super) struct Suite {
    /// OpenSSL's name.
    pub(super) name: String,
    /// The words that choose it, its name among them.
    words: Vec<&'static str>,
    /// The length of its key.
    pub(super) bits: u16,
}

impl Suite {
    /// Whether a word chooses it.
    pub(super) fn is(&self, word: &str) -> bool {
        self.name == word || self.words.contains(&word)
    }
}

/// How a key is agreed on and who signs: the start of the name, and words.
const EXCHANGES: [(&str, &[&str]); 6] = [
    (
        "ECDHE-ECDSA-",
        &["ECDHE", "EECDH", "kEECDH", "kECDHE", "aECDSA", "ECDSA"],
    ),
    (
        "ECDHE-RSA-",
        &["ECDHE", "EECDH", "kEECDH", "kECDHE", "aRSA"],
    ),
    ("DHE-RSA-", &["DHE", "EDH", "kEDH", "kDHE", "aRSA"]),
    ("AECDH-", &["kEECDH", "kECDHE", "aNULL", "AECDH"]),
    ("ADH-", &["kEDH", "kDHE", "aNULL", "ADH"]),
    ("", &["kRSA", "aRSA", "RSA"]),
];

/// How data is sealed: the end of the name, words, the length of the key, and whether it came with TLS 1.2.
const SEALS: [(&str, &[&str], u16, bool); 14] = [
    (
        "AES256-GCM-SHA384",
        &["AES", "AES256", "AESGCM", "HIGH", "FIPS"],
        256,
        true,
    ),
    ("CHACHA20-POLY1305", &["CHACHA20", "HIGH"], 256, true),
    (
        "AES128-GCM-SHA256",
        &["AES", "AES128", "AESGCM", "HIGH", "FIPS"],
        128,
        true,
    ),
    (
        "AES256-CCM8",
        &["AES", "AES256", "AESCCM", "AESCCM8", "HIGH"],
        256,
        true,
    ),
    (
        "AES256-CCM",
        &["AES", "AES256", "AESCCM", "HIGH"],
        256,
        true,
    ),
    (
        "AES128-CCM8",
        &["AES", "AES128", "AESCCM", "AESCCM8", "HIGH"],
        128,
        true,
    ),
    (
        "AES128-CCM",
        &["AES", "AES128", "AESCCM", "HIGH"],
        128,
        true,
    ),
    (
        "AES256-SHA384",
        &["AES", "AES256", "SHA384", "HIGH", "FIPS"],
        256,
        true,
    ),
    (
        "AES128-SHA256",
        &["AES", "AES128", "SHA256", "HIGH", "FIPS"],
        128,
        true,
    ),
    (
        "AES256-SHA",
        &["AES", "AES256", "SHA", "SHA1", "HIGH", "FIPS"],
        256,
        false,
    ),
    (
        "AES128-SHA",
        &["AES", "AES128", "SHA", "SHA1", "HIGH", "FIPS"],
        128,
        false,
    ),
    (
        "CAMELLIA256-SHA",
        &["CAMELLIA", "CAMELLIA256", "SHA", "SHA1", "HIGH"],
        256,
        false,
    ),
    (
        "CAMELLIA128-SHA",
        &["CAMELLIA", "CAMELLIA128", "SHA", "SHA1", "HIGH"],
        128,
        false,
    ),
    ("NULL-SHA", &["eNULL", "NULL", "SHA", "SHA1"], 0, false),
];

/// All of them, in OpenSSL's order of preference. The list is OpenSSL 3.0's but for suites with pre-shared keys, with
/// SRP, and rare ciphers: none of them is chosen by a list that chooses nothing here.
pub(super) fn all() -> &'static [Suite] {
    static ALL: LazyLock<Vec<Suite>> = LazyLock::new(|| {
        let mut all = Vec::with_capacity(EXCHANGES.len() * SEALS.len());
        for (end, seal_words, bits, with_1_2) in SEALS {
            for (start, exchange_words) in EXCHANGES {
                let mut words: Vec<&'static str> = [exchange_words, seal_words].concat();
                words.push(if with_1_2 { "TLSv1.2" } else { "SSLv3" });
                if bits > 0 {
                    words.push("ALL");
                }
                all.push(Suite {
                    name: format!("{start}{end}"),
                    words,
                    bits,
                });
            }
        }
        all
    });
    &ALL
}
