//! Runs the command as its user does.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What came of a call.
pub(crate) struct Called {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Calls `mta-sim` with these words, in the repository's root, with this on standard input.
pub(crate) fn mta_sim(words: &[&str], input: &str) -> Called {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mta-sim"))
        .args(words)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Called {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
