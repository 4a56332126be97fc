//! What changes in a world while time goes by, as data: `[[change]]`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::{self, Deserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::dns::NameSpec;
use crate::peer::{Down, PeerRef};

/// Something that changes at a time. Everything but the time may be left out.
///
/// ```
/// # use mta_sim::world::WorldSpec;
/// let world: WorldSpec = toml::from_str(r#"
///     [[domain]]
///     name = "example.test"
///
///     [[change]]
///     at = "10m"
///     host = "mx1.example.test"
///     down = "silent"
///     dns = [{ name = "example.test", mx = ["10 mx2.example.test"] }]
///
///     [[change]]
///     at = "1h"
///     postconf = ["smtp_tls_security_level = dane"]
///     clock = "-3d"
/// "#)?;
/// assert_eq!(world.changes.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChangeSpec {
    /// When, after the start. It comes before a message of the same time.
    #[schemars(with = "crate::span::Text")]
    #[serde(with = "crate::span")]
    pub at: Duration,
    /// DNS data. Each takes the place of all that was known of the name; the resolver's caches know at once, so a
    /// change that is slow to be noticed is written at the time when it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<NameSpec>,
    /// Names that are no longer in DNS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// The MX host that `peer` and `down` are about. Connections that are open go on as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Who is at the host from now on: a new machine, which counts its connections from 1. Its path stays as long.
    /// TLSA data that are written in this change or later, and name the host's certificate, name that of the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<PeerRef>,
    /// Whether the host is down from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Down>,
    /// The text of main.cf from now on; `postfix reload` follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_cf: Option<Bytes>,
    /// Parameters of main.cf, each `NAME = VALUE`, as `postconf -e` sets them; `postfix reload` follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postconf: Vec<String>,
    /// Files of the sender's machine; a new smtp(8) process reads them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Bytes>,
    /// By how much the sender's wall clock is set forward, or back. Nobody else's is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Shift>,
    /// What becomes of the TLS sessions that the sender keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<SessionsChange>,
    /// The sender's smtp(8) processes die at what they do, and others take over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub crash: bool,
    /// A new smtp(8) process takes over: what is in its memory is forgotten, what tlsmgr(8) keeps is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restart: bool,
}

/// What can become of the TLS sessions that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SessionsChange {
    /// Their octets are damaged, and cannot be read.
    Damaged,
    /// They are gone, as when tlsmgr(8) starts anew.
    Gone,
}

impl ChangeSpec {
    /// The key under which main.cf changes, if it does: a reload follows.
    pub(crate) fn configures(&self) -> Option<&'static str> {
        match (&self.main_cf, self.postconf.is_empty()) {
            (Some(_), _) => Some("main-cf"),
            (None, false) => Some("postconf"),
            (None, true) => None,
        }
    }

    /// Whether smtp(8) processes end and others start, even if main.cf stays as it is.
    pub(crate) fn restarts_clients(&self) -> bool {
        self.restart || !self.files.is_empty()
    }

    /// Says what makes no sense about a change, and under which key of the file.
    ///
    /// # Errors
    /// The key, and the fault in a line.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        match (&self.host, &self.peer, &self.down) {
            (None, Some(_), _) | (None, _, Some(_)) => {
                return Err(("change", "`peer` and `down` belong to a `host`".to_owned()));
            }
            (Some(_), None, None) => {
                let message = "a `host` changes by `peer` or `down`";
                return Err(("change", message.to_owned()));
            }
            (None, None, None) | (Some(_), _, _) => {}
        }
        if let Some(PeerRef::Inline(peer)) = &self.peer {
            peer.check()?;
        }
        for setting in &self.postconf {
            let name = setting.split_once('=').map(|(name, _)| name.trim());
            if name.is_none_or(str::is_empty) || setting.contains('\n') {
                let message = format!("`{setting}` is not of the form `NAME = VALUE`");
                return Err(("postconf", message));
            }
        }
        Ok(())
    }
}

/// A step of a clock, in seconds: in a file `"+8d"` or `"-90s"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift(pub i64);

/// The units, longest first, in seconds.
const UNITS: [(&str, i64); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

/// A hundred years: certificates are not older.
const SHIFT_MAX: i64 = 36_525 * 86_400;

impl std::str::FromStr for Shift {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("invalid clock step `{text}`; expected for example `+8d` or `-90s`");
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            Some(_) | None => return Err(wrong()),
        };
        let (unit, seconds) = UNITS
            .iter()
            .find(|(unit, _)| rest.ends_with(unit))
            .ok_or_else(wrong)?;
        let number: u32 = rest
            .strip_suffix(unit)
            .and_then(|number| number.parse().ok())
            .ok_or_else(wrong)?;
        let seconds = i64::from(number).saturating_mul(*seconds);
        if seconds > SHIFT_MAX {
            return Err(format!("`{text}` is more than a hundred years"));
        }
        Ok(Shift(sign * seconds))
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let whole = |(_, seconds): &&(&str, i64)| self.0 % seconds == 0;
        let (unit, seconds) = UNITS.iter().find(whole).unwrap_or(&("s", 1));
        write!(f, "{sign}{}{unit}", (self.0 / seconds).abs())
    }
}

impl Serialize for Shift {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Shift {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(de::Error::custom)
    }
}

crate::schema::texts! {
    Shift, "Shift", "^[+-][0-9]+[dhms]$", "A step of a clock: `+8d`, `-90s`.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_set_forward_or_back() {
        for (text, seconds) in [("+8d", 691_200), ("-90s", -90), ("+2h", 7200), ("+0d", 0)] {
            let shift: Shift = text.parse().unwrap();
            assert_eq!((shift.0, shift.to_string()), (seconds, text.to_owned()));
        }
        for text in [
            "8d",
            "+",
            "+d",
            "-8 d",
            "+8w",
            "+4000000d",
            "",
            "ü1d",
            "+-1d",
        ] {
            assert!(text.parse::<Shift>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_change_that_says_half_is_refused() {
        for (text, key) in [
            ("down = true", "change"),
            ("host = 'mx1.test'", "change"),
            ("postconf = ['smtp_tls_security_level']", "postconf"),
        ] {
            let change: ChangeSpec = toml::from_str(&format!("at = '1s'\n{text}")).unwrap();
            assert_eq!(change.check().unwrap_err().0, key, "{text}");
        }
    }
}
