//! Log lines in the form in which they compare: what differs from run to run is taken out.

use mta_core::log::LogLine;

use crate::observation::Observation;
use crate::openssl;
use crate::placeholder::{DIR, PKI};

/// Daemons whose every line is compared; of others only warnings and worse are.
const KEPT: [&str; 6] = ["smtp", "alt", "tlsproxy", "error", "retry", "verify"];

/// `DAEMON: TEXT`
pub(crate) fn line_of(line: &LogLine) -> String {
    format!("{}: {}", line.daemon, line.text)
}

/// A queue id of this harness, recognised by [`queue_ids`].
pub(crate) fn queue_id(number: u64) -> String {
    format!("QUEUE{number:010}ID")
}

/// Replaces queue ids by `<QID1>`, `<QID2>` in the order of their first appearance.
pub(crate) fn queue_ids(seen: &mut Observation) {
    let mut known: Vec<String> = Vec::new();
    for line in seen.steps.iter_mut().flat_map(|step| &mut step.log) {
        let mut out = String::with_capacity(line.len());
        let mut rest = line.as_str();
        while let Some(at) = rest.find("QUEUE") {
            let (before, from) = rest.split_at(at);
            let Some(id) = from.get(..17).filter(|id| id.ends_with("ID")) else {
                break;
            };
            let place = known
                .iter()
                .position(|known| known == id)
                .unwrap_or_else(|| {
                    known.push(id.to_owned());
                    known.len() - 1
                });
            out.push_str(before);
            out.push_str(&format!("<QID{}>", place + 1));
            rest = from.strip_prefix(id).unwrap_or_default();
        }
        out.push_str(rest);
        *line = out;
    }
}

/// A line of the simulator's in the dataset's form.
pub(crate) fn ours(line: &str) -> String {
    let line = delays(line).replace(DIR, "$DIR").replace(PKI, "$PKI");
    both(&digest(&line))
}

/// A line of the dataset, or of the simulator in the dataset's form, as it is compared.
pub(crate) fn both(line: &str) -> String {
    message_size(&openssl::class_of(line))
}

/// Whether a line is compared at all. Packet dumps show bytes, which differ from run to run; there are none here.
pub(crate) fn counts(line: &str) -> bool {
    let (daemon, text) = line.split_once(": ").unwrap_or(("", line));
    let is_dump = |verb| {
        text.strip_prefix(verb)
            .is_some_and(|rest| rest.contains(" chars: "))
    };
    if text == "<PACKET DUMP LINES>" || is_dump("Write ") || is_dump("Read ") {
        return false;
    }
    KEPT.contains(&daemon)
        || ["warning:", "error:", "fatal:", "panic:"]
            .iter()
            .any(|word| text.starts_with(word))
}

/// `delay=…, delays=…` → `<D>`.
fn delays(line: &str) -> String {
    let mut line = line.to_owned();
    for name in [", delay=", ", delays="] {
        let Some(at) = line.find(name) else { continue };
        let start = at + name.len();
        let end = line
            .get(start..)
            .and_then(|rest| rest.find(','))
            .map_or(line.len(), |end| start + end);
        line.replace_range(start..end, "<D>");
    }
    line
}

/// The digest in a session cache key → `<DIGEST>`.
fn digest(line: &str) -> String {
    const LENGTH: usize = 64;
    let Some(at) = line.rfind('&') else {
        return line.to_owned();
    };
    let (before, rest) = line.split_at(at + 1);
    match rest.split_at_checked(LENGTH) {
        Some((hex, behind)) if hex.bytes().all(|octet| octet.is_ascii_hexdigit()) => {
            format!("{before}<DIGEST>{behind}")
        }
        _ => line.to_owned(),
    }
}

/// A message is as large as the Received field that Postfix puts in front of it makes it; no case says its text.
fn message_size(line: &str) -> String {
    const BEFORE: &str = "message size ";
    const BEHIND: &str = " exceeds size limit";
    let (Some(start), Some(end)) = (line.find(BEFORE), line.find(BEHIND)) else {
        return line.to_owned();
    };
    let start = start + BEFORE.len();
    match line.get(start..end) {
        Some(number) if number.bytes().all(|octet| octet.is_ascii_digit()) => {
            let mut line = line.to_owned();
            line.replace_range(start..end, "<SIZE>");
            line
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::StepSeen;

    #[test]
    fn what_differs_from_run_to_run_is_taken_out() {
        assert_eq!(
            ours(
                "smtp: X: to=<a>, relay=none, delay=0.1, delays=0/0/0.1/0, dsn=4.4.1, status=deferred (x)"
            ),
            "smtp: X: to=<a>, relay=none, delay=<D>, delays=<D>, dsn=4.4.1, status=deferred (x)"
        );
        let key = format!(
            "smtp: looking for session smtp&d&h&a&&{} in smtp cache",
            "0A".repeat(32)
        );
        assert_eq!(
            ours(&key),
            "smtp: looking for session smtp&d&h&a&&<DIGEST> in smtp cache"
        );
        assert_eq!(
            ours("smtp: message size 12 exceeds size limit 10 of /case/x"),
            "smtp: message size <SIZE> exceeds size limit 10 of $DIR/x"
        );
    }

    #[test]
    fn queue_ids_are_numbered_as_they_appear() {
        let line = |number| format!("smtp: {}: to=<a>", queue_id(number));
        let mut seen = Observation {
            steps: vec![StepSeen {
                log: vec![line(7), line(3), line(7)],
                ..StepSeen::default()
            }],
        };
        queue_ids(&mut seen);
        let expected = [1, 2, 1].map(|number| format!("smtp: <QID{number}>: to=<a>"));
        assert_eq!(seen.steps[0].log, expected);
    }

    #[test]
    fn of_other_daemons_only_warnings_count() {
        assert!(counts("smtp: anything"));
        assert!(counts("master: warning: process"));
        assert!(!counts("qmgr: X: from=<a>, status=expired"));
        assert!(!counts("smtp: <PACKET DUMP LINES>"));
        assert!(!counts("smtp: Write 23 chars: EHLO mail.client.test??"));
    }
}
