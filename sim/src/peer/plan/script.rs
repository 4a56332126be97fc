//! A reply ready to be sent: steps of wait, bytes and end.

use std::time::Duration;

use super::template::Template;
use crate::peer::spec::{Command, Reply, Say, Then};

/// A reply, ready to be sent.
pub(crate) struct Script {
    pub(super) steps: Vec<PlannedStep>,
    pub(super) class: Class,
}

/// One step of it.
pub(crate) struct PlannedStep {
    pub(crate) delay: Duration,
    pub(crate) template: Template,
    /// How often it is sent.
    pub(crate) times: u32,
    pub(crate) then: Option<Then>,
}

/// What a reply means for the peer's own state: the first digit of its last line (RFC 5321 §4.2.1). What is
/// said behind that line is another reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// 2yz.
    Done,
    /// 3yz.
    GoAhead,
    /// Anything else, or nothing.
    Other,
}

impl Script {
    pub(super) fn of(reply: &Reply) -> Script {
        let steps: Vec<PlannedStep> = reply
            .steps
            .iter()
            .map(|step| PlannedStep {
                delay: step.delay,
                template: template(&step.say, step.pad),
                times: step.times.unwrap_or(1),
                then: step.then,
            })
            .collect();
        let lines: Vec<(u8, bool)> = steps
            .iter()
            .flat_map(|step| step.template.lines())
            .collect();
        let last = lines.iter().find(|(_, goes_on)| !goes_on).or(lines.last());
        let class = last.map(|(digit, _)| *digit);
        Script {
            steps,
            class: class.map_or(Class::Other, Class::of_digit),
        }
    }

    pub(super) fn shows_id(&self) -> bool {
        self.steps.iter().any(|step| step.template.shows_id())
    }

    pub(super) fn shows_envelope(&self) -> bool {
        self.steps.iter().any(|step| step.template.shows_envelope())
    }
}

fn template(say: &Say, pad: u32) -> Template {
    let (text, end) = match say {
        Say::Nothing => ("", ""),
        Say::Text(text) => match text.strip_suffix('\n') {
            Some(line) => match line.strip_suffix('\r') {
                Some(line) => (line, "\r\n"),
                None => (line, "\n"),
            },
            None => (text.as_str(), "\r\n"),
        },
        Say::Raw(text) => (text.as_str(), ""),
        Say::Hex(bytes) => return Template::of_bytes(bytes).padded(pad),
    };
    if pad == 0 {
        return Template::of_text(&format!("{text}{end}"));
    }
    Template::of_text(text).padded(pad).followed_by(end)
}

impl Class {
    /// The class by which the peer goes, if a rule says whether it acts on `command`.
    pub(crate) fn or_as_told(self, acts: Option<bool>, command: Command) -> Class {
        match acts {
            None => self,
            Some(false) => Class::Other,
            Some(true) if command == Command::Data => Class::GoAhead,
            Some(true) => Class::Done,
        }
    }

    fn of_digit(digit: u8) -> Class {
        match digit {
            b'2' => Class::Done,
            b'3' => Class::GoAhead,
            _ => Class::Other,
        }
    }
}
