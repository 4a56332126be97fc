//! What stands for a table that cannot be asked.

use crate::bytes::Bytes;

/// What a table says in a preview, whatever would be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableAnswer {
    /// Keys and values, a line each, as postmap(1) reads them.
    Text(Bytes),
    /// The same for every key.
    Always(String),
    /// For no key anything.
    Nothing,
    /// It cannot be asked.
    Fails,
}

/// The words with which a policy begins; no domain is called so.
const LEVELS: [&str; 8] = [
    "none",
    "may",
    "encrypt",
    "dane",
    "dane-only",
    "fingerprint",
    "verify",
    "secure",
];

impl TableAnswer {
    /// Reads lines with a key and a value each, as `postmap -s` prints them, or an answer without its key: a policy, as
    /// `postmap -q` prints it, or what a server of `socketmap:` sends (socketmap_table(5)), such as `9:NOTFOUND ,`. That
    /// one holds for every key. The value behind a key may be in the server's form too.
    ///
    /// # Errors
    /// What cannot be read, in a line.
    pub fn read(text: &[u8]) -> Result<TableAnswer, String> {
        let words = String::from_utf8_lossy(text);
        let is_comment = |line: &&str| line.trim().is_empty() || line.starts_with('#');
        let mut lines = words.lines().filter(|line| !is_comment(line));
        let (first, second) = (lines.next(), lines.next());
        if let (Some(line), None) = (first, second) {
            if let Some(sent) = netstring(line.trim()) {
                return answer(sent?);
            }
            let level = line.split_ascii_whitespace().next().unwrap_or_default();
            if LEVELS.contains(&level) {
                return Ok(TableAnswer::Always(line.trim().to_owned()));
            }
        }
        if !words.lines().any(|line| behind_key(line).is_some()) {
            return Ok(TableAnswer::Text(text.into()));
        }
        let mut plain = String::with_capacity(words.len());
        for (number, line) in (1..).zip(words.lines()) {
            let Some((key, sent)) = behind_key(line) else {
                plain.push_str(line);
                plain.push('\n');
                continue;
            };
            let told = |why| format!("line {number}: {why}");
            match answer(sent.map_err(told)?).map_err(told)? {
                TableAnswer::Always(value) => plain.push_str(&format!("{key} {value}\n")),
                TableAnswer::Nothing => {}
                TableAnswer::Text(_) | TableAnswer::Fails => {
                    let why = "an error for one key; expected one for the whole table: `fail`";
                    return Err(told(why.to_owned()));
                }
            }
        }
        Ok(TableAnswer::Text(plain.as_bytes().into()))
    }
}

/// A key, and what a server sent for it.
fn behind_key(line: &str) -> Option<(&str, Result<&str, String>)> {
    let (key, value) = line.split_once(|c: char| c.is_ascii_whitespace())?;
    Some((key, netstring(value.trim())?))
}

/// What is in a netstring, `5:hello,`, if a text begins as one.
fn netstring(text: &str) -> Option<Result<&str, String>> {
    let (length, rest) = text.split_once(':')?;
    let length: usize = length.parse().ok()?;
    let invalid = || {
        let found = rest.len().saturating_sub(1);
        format!(
            "invalid length `{length}` of a netstring; expected `{found}`, and a comma behind it"
        )
    };
    let sent = rest.strip_suffix(',').filter(|sent| sent.len() == length);
    Some(sent.ok_or_else(invalid))
}

/// A reply of a server (socketmap_table(5)).
fn answer(reply: &str) -> Result<TableAnswer, String> {
    let (status, value) = reply.split_once(' ').unwrap_or((reply, ""));
    match status {
        "OK" => Ok(TableAnswer::Always(value.to_owned())),
        "NOTFOUND" => Ok(TableAnswer::Nothing),
        "TEMP" | "TIMEOUT" | "PERM" => Ok(TableAnswer::Fails),
        _ => Err(format!(
            "invalid reply `{status}`; expected one of: OK, NOTFOUND, TEMP, TIMEOUT, PERM"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_they_are_printed() {
        let always = |value: &str| Ok(TableAnswer::Always(value.to_owned()));
        let text = |text: &str| Ok(TableAnswer::Text(text.as_bytes().into()));
        let policy = "secure match=mx.example.org servername=hostname";
        let sent = format!("{}:OK {policy},\n", policy.len() + 3);
        for (given, expected) in [
            (&*format!("{policy}\n"), always(policy)),
            (&sent, always(policy)),
            ("9:NOTFOUND ,", Ok(TableAnswer::Nothing)),
            ("9:TEMP down,", Ok(TableAnswer::Fails)),
            (
                "# none\nexample.org may\n",
                text("# none\nexample.org may\n"),
            ),
            (
                &format!("# one\nexample.org {sent}example.net 9:NOTFOUND ,\n"),
                text(&format!("# one\nexample.org {policy}\n")),
            ),
        ] {
            assert_eq!(TableAnswer::read(given.as_bytes()), expected, "{given}");
        }
    }

    #[test]
    fn what_no_server_sends_is_told() {
        for (given, told) in [
            (
                "8:NOTFOUND ,",
                "invalid length `8` of a netstring; expected `9`, and a comma behind it",
            ),
            (
                "7:NO such,",
                "invalid reply `NO`; expected one of: OK, NOTFOUND, TEMP, TIMEOUT, PERM",
            ),
            (
                "\nexample.org 9:TEMP down,\n",
                "line 2: an error for one key; expected one for the whole table: `fail`",
            ),
        ] {
            assert_eq!(
                TableAnswer::read(given.as_bytes()),
                Err(told.to_owned()),
                "{given}"
            );
        }
    }
}
