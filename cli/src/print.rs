//! Output. A reader that went away, as `head` does, ends the command quietly.

use std::io::Write as _;

/// Writes text to standard output.
pub(crate) fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    if stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .is_err()
    {
        std::process::exit(0);
    }
}

/// Writes a line to standard output.
pub(crate) fn line(text: &str) {
    out(&format!("{text}\n"));
}

/// Writes a message to standard error. Write errors are ignored.
pub(crate) fn error(text: &str) {
    let _ = writeln!(std::io::stderr(), "mta-sim: {text}");
}

/// Writes something worth knowing to standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "mta-sim: note: {text}");
}

/// Writes a value as JSON.
pub(crate) fn json(value: &impl serde::Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => line(&text),
        Err(failure) => error(&format!("JSON: {failure}")),
    }
}
