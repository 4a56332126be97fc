//! Replies as a case writes them: a string, a list of lines, or a table.

use std::time::Duration;

use mta_sim::peer::{Reply, Say, Step, Then};
use serde_json::Value;

/// Reads a reply; several for a `seq`, one after another.
///
/// # Errors
/// What is not understood.
pub(crate) fn read(value: &Value, eol: &str) -> Result<Vec<Reply>, String> {
    match value {
        Value::String(line) => Ok(vec![lines(&[line.as_str()], eol)]),
        Value::Array(list) => Ok(vec![lines(&texts(list)?, eol)]),
        Value::Object(table) => match table.get("seq") {
            Some(Value::Array(list)) => list
                .iter()
                .map(|turn| Ok(read(turn, eol)?.into_iter().next().unwrap_or_default()))
                .collect(),
            Some(_) => Err("invalid `seq`; expected a list".to_owned()),
            None => Ok(vec![step(table, eol)?]),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => Err(format!("a reply that is {value}")),
    }
}

/// A reply of these lines.
pub(crate) fn lines(lines: &[&str], eol: &str) -> Reply {
    let text: String = lines.iter().map(|line| format!("{line}{eol}")).collect();
    Reply::bytes(text.as_bytes())
}

fn texts(list: &[Value]) -> Result<Vec<&str>, String> {
    list.iter()
        .map(|line| {
            line.as_str()
                .ok_or_else(|| format!("a line that is {line}"))
        })
        .collect()
}

fn step(table: &serde_json::Map<String, Value>, eol: &str) -> Result<Reply, String> {
    let mut octets = Vec::new();
    for (key, value) in table {
        let said = match (key.as_str(), value) {
            ("raw", Value::String(raw)) => raw.clone().into_bytes(),
            ("text", Value::String(line)) => format!("{line}{eol}").into_bytes(),
            ("lines", Value::Array(list)) => texts(list)?
                .iter()
                .flat_map(|line| format!("{line}{eol}").into_bytes())
                .collect(),
            ("delay" | "then", _) => continue,
            _ => return Err(format!("a reply with \"{key}\"")),
        };
        octets = said;
    }
    let then = match table
        .get("then")
        .map(|word| word.as_str().unwrap_or_default())
    {
        None => None,
        Some("close") => Some(Then::Close),
        Some("rst") => Some(Then::Reset),
        Some("stall") => Some(Then::Stall),
        Some(word) => return Err(format!("a reply with then \"{word}\"")),
    };
    let delay = table
        .get("delay")
        .and_then(Value::as_f64)
        .unwrap_or_default();
    Ok(Reply {
        steps: vec![Step {
            delay: Duration::try_from_secs_f64(delay).map_err(|error| error.to_string())?,
            say: Say::Hex(octets),
            then,
            ..Step::default()
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(json: &str) -> Result<Vec<Reply>, String> {
        read(&serde_json::from_str(json).unwrap(), "\r\n")
    }

    #[test]
    fn every_form_of_a_reply_is_read() {
        assert_eq!(read_one("\"250 a\"").unwrap(), [Reply::bytes(b"250 a\r\n")]);
        assert_eq!(
            read_one("[\"250-a\", \"250 b\"]").unwrap(),
            [Reply::bytes(b"250-a\r\n250 b\r\n")]
        );
        let closing = read_one("{\"raw\": \"2\", \"delay\": 1.5, \"then\": \"close\"}").unwrap();
        assert_eq!(
            closing,
            [Reply::bytes(b"2")
                .late(Duration::from_millis(1500))
                .then(Then::Close)]
        );
        assert_eq!(
            read_one("{\"seq\": [\"450 a\", \"250 b\"]}").unwrap().len(),
            2
        );
        assert!(read_one("{\"then\": \"explode\"}").is_err());
        assert!(read_one("7").is_err());
    }
}
