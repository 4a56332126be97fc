//! How a reply is read from a file, and how large it may be.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::placeholder;
use super::reply::{Reply, Say, Step};
use super::words::Then;

impl<'de> Deserialize<'de> for Reply {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReplyVisitor)
    }
}

struct ReplyVisitor;

impl<'de> Visitor<'de> for ReplyVisitor {
    type Value = Reply;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply: a string, a list of lines, or a table with text, lines, raw or hex")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Reply, E> {
        placeholder::check(text).map_err(E::custom)?;
        Ok(Reply::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Reply, A::Error> {
        let mut reply = Reply::default();
        while let Some(Reply { steps }) = list.next_element()? {
            for step in steps {
                reply.push(step);
            }
        }
        reply.check_size().map_err(de::Error::custom)?;
        Ok(reply)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Reply, A::Error> {
        let step = StepTable::deserialize(MapAccessDeserializer::new(map))?;
        let reply = Reply {
            steps: vec![step.read().map_err(de::Error::custom)?],
        };
        reply.check_size().map_err(de::Error::custom)?;
        Ok(reply)
    }
}

impl Reply {
    /// Adds a step; a line right behind a line joins it, so that both leave together.
    fn push(&mut self, step: Step) {
        if let (
            Some(Step {
                say: Say::Text(text),
                then: None,
                pad: 0,
                times: None,
                ..
            }),
            Say::Text(next),
        ) = (self.steps.last_mut(), &step.say)
            && step.delay.is_zero()
            && (step.pad, step.times) == (0, None)
        {
            if !text.ends_with('\n') {
                text.push_str("\r\n");
            }
            text.push_str(next);
            if let Some(last) = self.steps.last_mut() {
                last.then = step.then;
            }
        } else {
            self.steps.push(step);
        }
    }
}

/// A step of a reply.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct StepTable {
    /// Text with placeholders; CRLF is added unless it ends in a line end of its own.
    text: Option<String>,
    /// The same, line by line.
    lines: Option<Vec<String>>,
    /// Text with placeholders, and nothing added.
    raw: Option<String>,
    /// Octets, as hexadecimal digits.
    hex: Option<String>,
    /// Makes up so many octets with filling; see [`Step::pad`].
    #[serde(default)]
    pad: u32,
    /// Sent so often.
    times: Option<u32>,
    /// How long the peer waits before it sends.
    #[schemars(with = "crate::span::Text")]
    #[serde(default, with = "crate::span")]
    delay: Duration,
    /// What the peer does then; nothing after this step is sent unless it is `go-on`.
    then: Option<Then>,
}

/// A reply sends at most so many octets without a pause. Ours; twenty times what Postfix reads of one line.
pub(crate) const REPLY_BYTES_MAX: u64 = 4 << 20;
/// A step is repeated at most so often. Ours; a reply with more lines than this is endless.
pub(crate) const TIMES_MAX: u32 = 1_000_000;
/// What a placeholder may come to: as long as a command line.
const PLACEHOLDER_BYTES: usize = 2048;

impl Reply {
    /// Bounds what one command makes a peer send.
    fn check_size(&self) -> Result<(), String> {
        let mut bytes: u64 = 0;
        for step in &self.steps {
            let times = match step.times {
                Some(0) => return Err("`times` is at least 1".to_owned()),
                Some(times) if times > TIMES_MAX => {
                    return Err(format!("`times` is at most {TIMES_MAX}"));
                }
                Some(times) if step.delay.is_zero() => times,
                Some(_) | None => 1,
            };
            let text = match &step.say {
                Say::Nothing => 0,
                Say::Text(text) | Say::Raw(text) => {
                    text.len() + 2 + PLACEHOLDER_BYTES * placeholder::count(text)
                }
                Say::Hex(bytes) => bytes.len(),
            };
            let once = u64::try_from(text)
                .unwrap_or(u64::MAX)
                .saturating_add(step.pad.into());
            bytes = bytes.saturating_add(once.saturating_mul(times.into()));
        }
        if bytes > REPLY_BYTES_MAX {
            return Err(format!(
                "a reply of {bytes} octets; without a `delay` it has at most {REPLY_BYTES_MAX}"
            ));
        }
        Ok(())
    }
}

impl StepTable {
    fn read(self) -> Result<Step, String> {
        let says = [
            self.text.map(Say::Text),
            self.lines.map(|lines| Say::Text(lines.join("\r\n"))),
            self.raw.map(Say::Raw),
            self.hex
                .map(|digits| read_hex(&digits).map(Say::Hex))
                .transpose()?,
        ];
        let mut says = says.into_iter().flatten();
        let say = says.next().unwrap_or_default();
        if says.next().is_some() {
            return Err("a reply has one of text, lines, raw and hex, not two".to_owned());
        }
        if let Say::Text(text) | Say::Raw(text) = &say {
            placeholder::check(text)?;
        }
        Ok(Step {
            delay: self.delay,
            say,
            pad: self.pad,
            times: self.times,
            then: self.then,
        })
    }
}

/// Reads hexadecimal digits; blanks may stand between octets.
fn read_hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| {
            c.to_digit(16)
                .ok_or_else(|| format!("`{}` is no hexadecimal digit", c.escape_default()))
        })
        .collect::<Result<_, _>>()?;
    if !digits.len().is_multiple_of(2) {
        return Err("hexadecimal octets have two digits each".to_owned());
    }
    Ok(digits
        .chunks_exact(2)
        .map(|pair| {
            pair.iter().fold(0, |byte, digit| {
                byte << 4 | u8::try_from(*digit).unwrap_or(0)
            })
        })
        .collect())
}
