//! How a handshake goes wrong, in one word: `reset-mid-flight`, `alert:handshake_failure`.
//!
//! Each word is a moment and an act upon the server's bytes at that moment; no TLS engine is asked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::words::Moment;

/// One way for a handshake to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fail {
    /// When.
    pub moment: Moment,
    /// What happens then.
    pub act: Act,
}

/// What a failing peer does to a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Closes the connection, without a close_notify if TLS is not up.
    Close,
    /// Resets the connection.
    Reset,
    /// Falls silent.
    Stall,
    /// Sends octets that are no TLS record. Before the ClientHello it then goes on, after it, it closes.
    Garbage,
    /// Answers in clear text: 454, and closes.
    Plaintext454,
    /// Sets the last octets of its flight to zero, and goes on.
    Corrupt,
    /// Sends a fatal alert and closes.
    FatalAlert(Alert),
    /// Sends a warning alert and goes on.
    WarningAlert(Alert),
    /// Asks for another ClientHello, and after it once more (RFC 8446 §4.1.4 allows it once).
    HelloRetryTwice,
    /// Asks for a ClientHello with a share that the first one had.
    HelloRetrySameGroup,
    /// Sends a record that says it is longer than records are (RFC 8446 §5.2).
    RecordOverflow,
    /// Sends a hundred thousand empty records, and goes on.
    EmptyRecords,
    /// Asks ten thousand times for new keys (RFC 8446 §4.6.3), and goes on. At TLS 1.2 there is no such thing.
    KeyUpdates,
    /// Changes what its engine says within the handshake.
    Forge(Forgery),
}

/// A change to a handshake that makes it one that no engine makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// At TLS 1.2: says that it could do better (RFC 8446 §4.1.3).
    DowngradeSentinel,
    /// Answers to an ALPN offer that was not made (RFC 8446 §4.2).
    UnsolicitedAlpn,
    /// Finished is wrong in its last octet. At TLS 1.2, where it is sealed otherwise, the record is bad.
    Finished,
    /// The signature that proves the key (CertificateVerify, ServerKeyExchange) is wrong.
    CertificateVerify,
    /// Resumes with a suite whose hash is not the session's (RFC 8446 §4.2.11).
    OtherHash,
    /// Resumes a session that was not among those offered (RFC 8446 §4.2.11).
    PskIndex,
    /// Resumes without new keys, psk_ke, which was not offered (RFC 8446 §4.2.9).
    PskWithoutKeyShare,
    /// At TLS 1.2: resumes without extended_master_secret, which the session had (RFC 7627 §5.3).
    WithoutEms,
    /// Says an alert of this level behind its ServerHello.
    Alert(u8, Alert),
}

/// An alert, RFC 8446 §6, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert(pub u8);

/// Every word without an argument. `sslv2-only` understands no ClientHello and hangs up.
const FAILS: [(&str, Moment, Act); 31] = [
    ("close-before-hello", Moment::BeforeHello, Act::Close),
    ("reset-before-hello", Moment::BeforeHello, Act::Reset),
    ("garbage-before-hello", Moment::BeforeHello, Act::Garbage),
    ("close-on-hello", Moment::ClientHello, Act::Close),
    ("reset-on-hello", Moment::ClientHello, Act::Reset),
    ("stall-on-hello", Moment::ClientHello, Act::Stall),
    ("garbage-on-hello", Moment::ClientHello, Act::Garbage),
    (
        "plaintext-454-on-hello",
        Moment::ClientHello,
        Act::Plaintext454,
    ),
    ("close-mid-flight", Moment::MidFlight, Act::Close),
    ("reset-mid-flight", Moment::MidFlight, Act::Reset),
    ("stall-mid-flight", Moment::MidFlight, Act::Stall),
    ("corrupt-flight", Moment::MidFlight, Act::Corrupt),
    ("close-on-client-flight", Moment::ClientFlight, Act::Close),
    ("reset-on-client-flight", Moment::ClientFlight, Act::Reset),
    ("close-after-handshake", Moment::AfterHandshake, Act::Close),
    ("reset-after-handshake", Moment::AfterHandshake, Act::Reset),
    ("stall-after-handshake", Moment::AfterHandshake, Act::Stall),
    (
        "hello-retry-twice",
        Moment::ClientHello,
        Act::HelloRetryTwice,
    ),
    (
        "hello-retry-same-group",
        Moment::ClientHello,
        Act::HelloRetrySameGroup,
    ),
    ("record-overflow", Moment::ClientHello, Act::RecordOverflow),
    ("empty-records", Moment::ClientHello, Act::EmptyRecords),
    ("key-updates", Moment::AfterHandshake, Act::KeyUpdates),
    (
        "downgrade-sentinel",
        Moment::MidFlight,
        Act::Forge(Forgery::DowngradeSentinel),
    ),
    (
        "unsolicited-alpn",
        Moment::MidFlight,
        Act::Forge(Forgery::UnsolicitedAlpn),
    ),
    (
        "corrupt-finished",
        Moment::MidFlight,
        Act::Forge(Forgery::Finished),
    ),
    (
        "corrupt-certificate-verify",
        Moment::MidFlight,
        Act::Forge(Forgery::CertificateVerify),
    ),
    (
        "resume-with-other-hash",
        Moment::MidFlight,
        Act::Forge(Forgery::OtherHash),
    ),
    (
        "resume-with-bad-index",
        Moment::MidFlight,
        Act::Forge(Forgery::PskIndex),
    ),
    (
        "resume-without-key-share",
        Moment::MidFlight,
        Act::Forge(Forgery::PskWithoutKeyShare),
    ),
    (
        "resume-without-ems",
        Moment::MidFlight,
        Act::Forge(Forgery::WithoutEms),
    ),
    // Last, so that its like is written `close-on-hello`.
    ("sslv2-only", Moment::ClientHello, Act::Close),
];

/// The words before the colon of an alert, and when it is said.
const ALERT_MOMENTS: [(&str, Moment); 5] = [
    ("alert", Moment::ClientHello),
    ("alert-before-hello", Moment::BeforeHello),
    ("alert-mid-flight", Moment::MidFlight),
    ("alert-on-client-flight", Moment::ClientFlight),
    ("alert-after-handshake", Moment::AfterHandshake),
];

/// The names of RFC 8446 §6 and RFC 5246 §7.2.
const ALERTS: [(&str, u8); 28] = [
    ("close_notify", 0),
    ("unexpected_message", 10),
    ("bad_record_mac", 20),
    ("decryption_failed", 21),
    ("record_overflow", 22),
    ("handshake_failure", 40),
    ("bad_certificate", 42),
    ("unsupported_certificate", 43),
    ("certificate_revoked", 44),
    ("certificate_expired", 45),
    ("certificate_unknown", 46),
    ("illegal_parameter", 47),
    ("unknown_ca", 48),
    ("access_denied", 49),
    ("decode_error", 50),
    ("decrypt_error", 51),
    ("protocol_version", 70),
    ("insufficient_security", 71),
    ("internal_error", 80),
    ("inappropriate_fallback", 86),
    ("user_canceled", 90),
    ("no_renegotiation", 100),
    ("missing_extension", 109),
    ("unsupported_extension", 110),
    ("unrecognized_name", 112),
    ("unknown_psk_identity", 115),
    ("certificate_required", 116),
    ("no_application_protocol", 120),
];

impl FromStr for Fail {
    type Err = String;

    /// Reads a word; the error lists those that would have been understood.
    fn from_str(word: &str) -> Result<Self, String> {
        if let Some((level, name)) = word.split_once(':') {
            let (warns, when) = match level.strip_prefix("warn-") {
                Some(when) => (true, when),
                None => (false, level),
            };
            let known = ALERT_MOMENTS.iter().find(|(known, _)| *known == when);
            let (_, moment) = known.ok_or_else(|| unknown(level))?;
            let alert = Alert::named(name)?;
            return Ok(Fail {
                moment: *moment,
                act: if warns {
                    Act::WarningAlert(alert)
                } else {
                    Act::FatalAlert(alert)
                },
            });
        }
        FAILS
            .iter()
            .find(|(name, ..)| *name == word)
            .map(|(_, moment, act)| Fail {
                moment: *moment,
                act: *act,
            })
            .ok_or_else(|| unknown(word))
    }
}

impl Fail {
    /// Every word without an argument.
    pub(crate) fn words() -> impl Iterator<Item = &'static str> {
        FAILS.iter().map(|(name, ..)| *name)
    }

    /// What the words with an alert as their argument look like, as a regular expression.
    pub(crate) fn alert_pattern() -> String {
        let moments: Vec<&str> = ALERT_MOMENTS.iter().map(|(name, _)| *name).collect();
        let alerts: Vec<&str> = ALERTS.iter().map(|(name, _)| *name).collect();
        format!("^(warn-)?({}):({})$", moments.join("|"), alerts.join("|"))
    }
}

fn unknown(word: &str) -> String {
    if ALERTS.iter().any(|(name, _)| *name == word) {
        return format!("unknown word `{word}`; did you mean `alert:{word}`?");
    }
    let alerts = ALERT_MOMENTS.iter().flat_map(|(when, _)| {
        let warns = format!("`warn-{when}:…`");
        [format!("`{when}:…`"), warns]
    });
    let known = FAILS.iter().map(|(name, ..)| format!("`{name}`"));
    let known: Vec<String> = known.chain(alerts).collect();
    format!(
        "unknown variant `{word}`, expected one of {}",
        known.join(", ")
    )
}

impl Alert {
    /// The alert of this name, as RFC 8446 §6 spells it.
    ///
    /// # Errors
    /// A line that lists the names, if it is none of them.
    pub fn named(name: &str) -> Result<Alert, String> {
        match ALERTS.iter().find(|(known, _)| *known == name) {
            Some((_, number)) => Ok(Alert(*number)),
            None => {
                let known: Vec<String> = ALERTS
                    .iter()
                    .map(|(known, _)| format!("`{known}`"))
                    .collect();
                Err(format!(
                    "unknown alert `{name}`, expected one of {}",
                    known.join(", ")
                ))
            }
        }
    }
}

/// The name, or the number if it has none.
impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ALERTS.iter().find(|(_, number)| *number == self.0) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = || {
            let mut known = ALERT_MOMENTS.iter();
            let known = known.find(|(_, moment)| *moment == self.moment);
            known.map_or("alert", |(when, _)| when)
        };
        match self.act {
            Act::FatalAlert(alert) => write!(f, "{}:{alert}", when()),
            Act::WarningAlert(alert) => write!(f, "warn-{}:{alert}", when()),
            Act::Close
            | Act::Reset
            | Act::Stall
            | Act::Garbage
            | Act::Plaintext454
            | Act::HelloRetryTwice
            | Act::HelloRetrySameGroup
            | Act::RecordOverflow
            | Act::EmptyRecords
            | Act::KeyUpdates
            | Act::Forge(_)
            | Act::Corrupt => {
                let word = FAILS
                    .iter()
                    .find(|(_, moment, act)| *moment == self.moment && *act == self.act);
                f.write_str(word.map_or("", |(name, ..)| name))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Fail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Serialize for Fail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_written_back_as_it_was_read() {
        for (word, ..) in FAILS.iter().filter(|(word, ..)| *word != "sslv2-only") {
            assert_eq!(word.parse::<Fail>().unwrap().to_string(), *word);
        }
        for ((name, _), (when, _)) in ALERTS.iter().zip(ALERT_MOMENTS.iter().cycle()) {
            for word in [format!("{when}:{name}"), format!("warn-{when}:{name}")] {
                assert_eq!(word.parse::<Fail>().unwrap().to_string(), word);
            }
        }
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones() {
        let error = "alert:handshake_failur".parse::<Fail>().unwrap_err();
        assert!(
            error.starts_with("unknown alert `handshake_failur`, expected one of"),
            "{error}"
        );
        let error = "handshake_failure".parse::<Fail>().unwrap_err();
        assert!(
            error.ends_with("did you mean `alert:handshake_failure`?"),
            "{error}"
        );
        let error = "rst-on-hello".parse::<Fail>().unwrap_err();
        assert!(error.contains("`reset-on-hello`"), "{error}");
    }
}
