//! Reads a peer file; what is wrong with it is said in one line, with a place and the nearest right word.

use std::fmt;

use super::PeerSpec;

/// A peer file may have so many octets. Ours; the longest file of the catalogue has a hundredth of it.
pub const SPEC_OCTETS_MAX: usize = 256 * 1024;

/// How different a word may be and still be meant, in edits per three letters.
const NEAR: usize = 3;

/// Reads the text of a peer file; `file` is only its name, for the error.
///
/// # Errors
/// The first thing wrong with it.
pub fn load(file: &str, text: &str) -> Result<PeerSpec, SpecError> {
    let fault = |offset: usize, message: String| {
        let (line, column) = place(text, offset);
        SpecError {
            file: file.to_owned(),
            line,
            column,
            message,
        }
    };
    if text.len() > SPEC_OCTETS_MAX {
        return Err(fault(
            0,
            format!("a peer file has at most {SPEC_OCTETS_MAX} octets"),
        ));
    }
    let spec: PeerSpec = toml::from_str(text).map_err(|error| {
        fault(
            error.span().map_or(0, |span| span.start),
            explain(error.message()),
        )
    })?;
    spec.check()
        .map_err(|(key, message)| fault(find_key(text, key), message))?;
    Ok(spec)
}

/// What is wrong with a peer file. Shown as `FILE:LINE:COLUMN: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// The file's name, as it was given to [`load`].
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and the nearest word that would be right.
    pub message: String,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}

impl std::error::Error for SpecError {}

impl PeerSpec {
    /// Says what makes no sense about a peer, and under which key of the file: what types cannot rule out.
    ///
    /// # Errors
    /// The key, and the fault in a line.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if self.tls.versions.is_empty() {
            return Err((
                "versions",
                "a peer speaks at least one version of TLS".to_owned(),
            ));
        }
        if self.tls.ciphers.as_ref().is_some_and(Vec::is_empty) {
            return Err((
                "ciphers",
                "a peer speaks at least one cipher suite".to_owned(),
            ));
        }
        if self.tls.groups.as_ref().is_some_and(Vec::is_empty) {
            return Err(("groups", "a peer speaks at least one group".to_owned()));
        }
        if self.tls.tickets > super::TICKETS_MAX {
            return Err((
                "tickets",
                format!("a peer sends at most {} tickets", super::TICKETS_MAX),
            ));
        }
        if self
            .tls
            .tickets_on_resume
            .is_some_and(|tickets| tickets > super::TICKETS_MAX)
        {
            return Err((
                "tickets-on-resume",
                format!("a peer sends at most {} tickets", super::TICKETS_MAX),
            ));
        }
        for keyword in self
            .ehlo
            .keywords
            .iter()
            .chain(self.ehlo.after_tls.iter().flatten())
        {
            super::placeholder::check(keyword).map_err(|message| ("keywords", message))?;
        }
        super::placeholder::check(&self.ehlo.text).map_err(|message| ("text", message))?;
        self.on
            .iter()
            .try_for_each(|rule| rule.check().map_err(|message| ("on", message)))
    }
}

/// Turns the reader's message into one line; of a list of expected words, only the nearest is kept.
fn explain(message: &str) -> String {
    let message = message.lines().next().unwrap_or("not TOML");
    let Some((what, expected)) = message
        .split_once(", expected one of ")
        .or_else(|| message.split_once(", expected `"))
    else {
        return message.to_owned();
    };
    let Some(wrong) = what.split('`').nth(1) else {
        return message.to_owned();
    };
    let words: Vec<&str> = expected
        .split(", ")
        .map(|word| word.trim_matches(|c: char| c == '`' || c.is_whitespace()))
        .collect();
    match nearest(wrong, &words) {
        Some(word) => format!("{}; did you mean `{word}`?", rename(what)),
        None => format!("{}; known are {}", rename(what), words.join(", ")),
    }
}

/// The reader says "field" and "variant"; a file has keys and words.
fn rename(what: &str) -> String {
    what.replacen("unknown field", "unknown key", 1)
        .replacen("unknown variant", "unknown word", 1)
}

fn nearest<'a>(wrong: &str, words: &[&'a str]) -> Option<&'a str> {
    let lower = wrong.to_lowercase();
    words
        .iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&lower, &word.to_lowercase()),
                *word,
            )
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, word)| {
            *distance <= 1 + wrong.chars().count().max(word.chars().count()) / NEAR
        })
        .map(|(_, word)| word)
}

/// Line and column of an octet, both from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (
        line,
        before.get(line_start..).unwrap_or_default().chars().count() + 1,
    )
}

/// Where a key is first set; 0 if it is nowhere.
fn find_key(text: &str, key: &str) -> usize {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start().trim_start_matches('[');
        if rest
            .strip_prefix(key)
            .is_some_and(|after| after.trim_start().starts_with(['=', ']']))
        {
            return offset + (line.len() - line.trim_start().len());
        }
        offset += line.len();
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        load("p.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn an_error_is_one_line_with_a_place_and_the_nearest_word() {
        assert_eq!(
            error("summary = 'x'\n greting = '220'"),
            "p.toml:2:2: unknown key `greting`; did you mean `greeting`?"
        );
        assert_eq!(
            error("[tls]\ncertificate = 'expird'"),
            "p.toml:2:15: unknown word `expird`; did you mean `expired`?"
        );
        assert_eq!(
            error("[tls]\nfail = 'rst-on-hello'"),
            "p.toml:2:8: unknown word `rst-on-hello`; did you mean `reset-on-hello`?"
        );
        assert_eq!(
            error("[[on]]\ncommand = 'QUIT'\nthen = 'clos'"),
            "p.toml:3:8: unknown word `clos`; did you mean `close`?"
        );
        assert_eq!(
            error("[replies]\nMAIL = '250 {hots}'"),
            "p.toml:2:8: unknown placeholder `hots`; did you mean `host`?"
        );
        assert_eq!(
            error("[tls]\nfail = 'alert:handshake_failur'"),
            "p.toml:2:8: unknown alert `handshake_failur`; did you mean `handshake_failure`?"
        );
        assert_eq!(
            error("[tls]\n\n  versions = []"),
            "p.toml:3:3: a peer speaks at least one version of TLS"
        );
        assert_eq!(
            error("[network]\nlatency = '20 parsecs'"),
            "p.toml:2:11: ` parsecs` is no unit of time; use d, h, m, s, ms, us or ns"
        );
    }

    #[test]
    fn an_error_in_a_rule_is_placed_at_the_rule() {
        let fault = load("p.toml", "summary = 'x'\n\n[[on]]\nthen = 'close'").unwrap_err();
        assert_eq!(
            (fault.line, fault.message.as_str()),
            (3, "a rule has one of command, moment and fail")
        );
    }

    #[test]
    fn an_empty_file_is_a_good_peer_and_any_peer_is_written_back() {
        assert_eq!(load("p.toml", ""), Ok(PeerSpec::default()));
        let text = r#"
            greeting = ["220-a", { text = "220 b", delay = "6s" }]
            [replies]
            DOT = "250 2.0.0 OK {epoch} {id} - gsmtp"
            [tls]
            tickets-on-resume = 1
            forget-tickets = "1h"
            fail = "alert:handshake_failure"
            [network]
            slice = [1, 7]
            [[on]]
            command = "RCPT"
            from-nth = 101
            send = "452 4.5.3 Too many recipients"
            [[on]]
            moment = "body"
            after-octets = 1024
            send = "554 5.7.1 Rejected"
            then = "close"
            [[on]]
            fail = "close-on-hello"
            connection = 1
        "#;
        let spec = load("p.toml", text).unwrap();
        assert_eq!(load("p.toml", &toml::to_string(&spec).unwrap()), Ok(spec));
    }
}
