//! A test that calls itself in another process, and reads what comes out there.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::process::Command;

/// Tells a test that it is in the other process, and with what.
const ARGUMENT: &str = "MTA_SIM_OTHER_PROCESS";
/// Stands before each line: the test runner writes in between.
const MARK: &str = "other process: ";

/// In the other process: what it was given.
pub(crate) fn argument() -> Option<OsString> {
    std::env::var_os(ARGUMENT)
}

/// In the other process: hands a line over.
pub(crate) fn answer(line: &str) {
    writeln!(std::io::stdout().lock(), "\n{MARK}{line}").expect("standard output is open");
}

/// The lines that this test hands over when it runs in another process.
pub(crate) fn answers(test: &str, argument: impl AsRef<OsStr>) -> Vec<String> {
    let this = std::env::current_exe().expect("the path of this test");
    let output = Command::new(this)
        .args(["--exact", test, "--nocapture"])
        .env(ARGUMENT, argument)
        .output()
        .expect("a second process");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| Some(line.split_once(MARK)?.1.to_owned()))
        .collect()
}
