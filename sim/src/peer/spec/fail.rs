//! How a handshake goes wrong, in one word: `reset-mid-flight`, `alert:handshake_failure`.
//!
//! Each word is a moment and an act upon the server's octets at that moment; no TLS engine is asked.

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
}

/// An alert, RFC 8446 §6, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert(pub u8);

/// Every word without an argument. `sslv2-only` understands no ClientHello and hangs up.
const FAILS: [(&str, Moment, Act); 18] = [
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
    ("sslv2-only", Moment::ClientHello, Act::Close),
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
            let act = match level {
                "alert" => Act::FatalAlert(Alert::named(name)?),
                "warn-alert" => Act::WarningAlert(Alert::named(name)?),
                _ => return Err(unknown(word)),
            };
            return Ok(Fail {
                moment: Moment::ClientHello,
                act,
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

fn unknown(word: &str) -> String {
    let known: Vec<String> = FAILS.iter().map(|(name, ..)| format!("`{name}`")).collect();
    format!(
        "unknown variant `{word}`, expected one of {}, `alert:…`, `warn-alert:…`",
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
        match self.act {
            Act::FatalAlert(alert) => write!(f, "alert:{alert}"),
            Act::WarningAlert(alert) => write!(f, "warn-alert:{alert}"),
            Act::Close
            | Act::Reset
            | Act::Stall
            | Act::Garbage
            | Act::Plaintext454
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
        for (name, _) in ALERTS {
            let word = format!("warn-alert:{name}");
            assert_eq!(word.parse::<Fail>().unwrap().to_string(), word);
        }
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones() {
        let error = "alert:handshake_failur".parse::<Fail>().unwrap_err();
        assert!(
            error.starts_with("unknown alert `handshake_failur`, expected one of"),
            "{error}"
        );
        let error = "rst-on-hello".parse::<Fail>().unwrap_err();
        assert!(error.contains("`reset-on-hello`"), "{error}");
    }
}
