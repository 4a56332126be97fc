//! A reply as a file writes it: a string, a list of lines, or a table with a delay and what comes then.

use std::time::Duration;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::words::Then;

/// What a peer sends, in one or more steps. Most replies are one step.
///
/// In a file: `"250 Ok"`, or `["250-one", "250 two"]`, or
/// `{ text = "250 Ok", delay = "6s", then = "close" }`, or a list in which lines and tables are mixed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// What is sent, in order.
    pub steps: Vec<Step>,
}

/// One step of a reply: a wait, octets, and perhaps an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// How long the peer waits before it sends.
    pub delay: Duration,
    /// What it sends.
    pub say: Say,
    /// This many letters more, at the end of the text and before its line end.
    pub pad: u32,
    /// How often it does so, each time after `delay`. Absent: once.
    pub times: Option<u32>,
    /// What it does then; nothing after this step is sent unless it is [`Then::GoOn`].
    pub then: Option<Then>,
}

/// The octets of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Say {
    /// Nothing.
    #[default]
    Nothing,
    /// Text with placeholders; CRLF is added unless it ends in a line end of its own.
    Text(String),
    /// Text with placeholders, and nothing added.
    Raw(String),
    /// Octets, in a file as hexadecimal digits.
    Hex(Vec<u8>),
}

impl Reply {
    /// A reply that says nothing, and `then` happens.
    pub fn silent(then: Then) -> Reply {
        Reply {
            steps: vec![Step {
                then: Some(then),
                ..Step::default()
            }],
        }
    }

    /// The same reply, sent `delay` later.
    #[must_use]
    pub fn late(mut self, delay: Duration) -> Reply {
        if let Some(first) = self.steps.first_mut() {
            first.delay = first.delay.saturating_add(delay);
        }
        self
    }

    /// The same reply, and `then` happens.
    #[must_use]
    pub fn then(mut self, then: Then) -> Reply {
        match self.steps.last_mut() {
            Some(last) => last.then = Some(then),
            None => self = Reply::silent(then),
        }
        self
    }

    /// Octets as they are.
    pub fn bytes(bytes: &[u8]) -> Reply {
        Reply {
            steps: vec![Step {
                say: Say::Hex(bytes.to_vec()),
                ..Step::default()
            }],
        }
    }

    /// Text as it is, with placeholders and without a line end.
    pub fn raw(text: &str) -> Reply {
        Reply {
            steps: vec![Step {
                say: Say::Raw(text.to_owned()),
                ..Step::default()
            }],
        }
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Reply {
            steps: vec![Step {
                say: Say::Text(text.to_owned()),
                ..Step::default()
            }],
        }
    }
}

/// Several lines: the caller writes `250-` and `250 ` where they belong.
impl<const N: usize> From<[&str; N]> for Reply {
    fn from(lines: [&str; N]) -> Self {
        Reply::from(lines.join("\r\n").as_str())
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.steps.as_slice() {
            [only] => only.serialize(serializer),
            steps => {
                let mut list = serializer.serialize_seq(Some(steps.len()))?;
                for step in steps {
                    list.serialize_element(step)?;
                }
                list.end()
            }
        }
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let (Say::Text(text), true, None) = (&self.say, self.delay.is_zero(), self.then)
            && (self.pad, self.times) == (0, None)
        {
            return serializer.serialize_str(text);
        }
        let mut table = serializer.serialize_map(None)?;
        if !self.delay.is_zero() {
            table.serialize_entry("delay", &crate::span::show(self.delay))?;
        }
        match &self.say {
            Say::Nothing => {}
            Say::Text(text) => table.serialize_entry("text", text)?,
            Say::Raw(text) => table.serialize_entry("raw", text)?,
            Say::Hex(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                table.serialize_entry("hex", &digits)?;
            }
        }
        if self.pad > 0 {
            table.serialize_entry("pad", &self.pad)?;
        }
        if let Some(times) = self.times {
            table.serialize_entry("times", &times)?;
        }
        if let Some(then) = self.then {
            table.serialize_entry("then", &then)?;
        }
        table.end()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Holder {
        r: Reply,
    }

    fn read(value: &str) -> Reply {
        toml::from_str::<Holder>(&format!("r = {value}")).unwrap().r
    }

    #[test]
    fn the_three_ways_of_writing_lines_mean_the_same() {
        let two = Reply::from("250-one\r\n250 two");
        assert_eq!(read(r#""250-one\r\n250 two""#), two);
        assert_eq!(read(r#"["250-one", "250 two"]"#), two);
        assert_eq!(read(r#"{ lines = ["250-one", "250 two"] }"#), two);
        assert_eq!(Reply::from(["250-one", "250 two"]), two);
    }

    #[test]
    fn a_list_may_hold_a_pause() {
        let teaser =
            read(r#"["220-mx ESMTP", { delay = "6s", text = "220 mx ESMTP", then = "close" }]"#);
        assert_eq!(teaser.steps.len(), 2);
        assert_eq!(teaser.steps[1].delay, Duration::from_secs(6));
        assert_eq!(teaser.steps[1].then, Some(Then::Close));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for reply in [
            Reply::from("250 Ok {id}"),
            Reply::silent(Then::Reset),
            Reply::bytes(&[0x15, 3, 3]).then(Then::Close),
            Reply::raw("250 o\0k").late(Duration::from_secs(5)),
            read(r#"["220-a", { delay = "6s", text = "220 b" }]"#),
            read(r#"[{ text = "250-X", times = 3 }, { text = "250 y", pad = 100 }]"#),
        ] {
            let text = toml::to_string(&Holder { r: reply.clone() }).unwrap();
            assert_eq!(toml::from_str::<Holder>(&text).unwrap().r, reply, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for value in [
            "5",
            r#"{ text = "a", raw = "b" }"#,
            r#"{ hex = "1" }"#,
            r#"{ hex = "zz" }"#,
            r#"{ txt = "a" }"#,
            r#""250 {hots}""#,
            r#"{ text = "a", times = 0 }"#,
            r#"{ text = "a", times = 1000001, delay = "1s" }"#,
            r#"{ text = "a", times = 1000000, pad = 10 }"#,
            r#"[{ pad = 3000000 }, { pad = 3000000 }]"#,
            r#"{ text = "{sender}", times = 10000 }"#,
            r#"{ pad = 5000000 }"#,
        ] {
            assert!(
                toml::from_str::<Holder>(&format!("r = {value}")).is_err(),
                "{value}"
            );
        }
    }
}
