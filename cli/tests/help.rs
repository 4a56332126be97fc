//! Every example of every `--help`, and every command that pages give, runs in a folder with the files it names.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::mta_sim;

const PEER: &str =
    "summary = 'Refuses STARTTLS'\n[[on]]\ncommand = 'STARTTLS'\nsend = '454 4.7.0 not now'\n";

const SCENARIO: &str = "summary = 'A mail'\nmain-cf = 'smtp_tls_security_level = may'\n\
    [[domain]]\nname = 'example.test'\n[[message]]\nto = ['user@example.test']\n\
    [[expect.delivery]]\nstatus = 'sent'\n";

/// What the examples name besides `mta-sim`.
const FILES: [(&str, &str); 10] = [
    (
        "sts.cf",
        "smtp_tls_security_level = may\nsmtp_tls_policy_maps = socketmap:inet:127.0.0.1:8461:postfix\n",
    ),
    ("policies.txt", "gmail.com may\n"),
    ("main.cf", "smtp_tls_security_level = may\n"),
    ("new.cf", "smtp_tls_security_level = encrypt\n"),
    ("copied-etc/etc/postfix/main.cf", ""),
    ("my-peer.toml", PEER),
    ("peers/refuses.toml", PEER),
    ("mine.toml", SCENARIO),
    ("my-scenarios/first.toml", SCENARIO),
    ("bin/postconf", "#!/bin/sh\ncat main.cf\n"),
];

/// A folder with all of it.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(path.join(".local/share/bash-completion/completions")).unwrap();
    for (name, text) in FILES {
        let file = path.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let postconf = path.join("bin/postconf");
    fs::set_permissions(postconf, fs::Permissions::from_mode(0o755)).unwrap();
    // A part of the observations: all of them are compared by the tests of mta-sim-conform.
    let observed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/postfix");
    fs::create_dir_all(path.join("tests/postfix")).unwrap();
    for name in [
        "main.cf",
        "pki.json",
        "session-cache.json",
        "handshake-failures.json",
    ] {
        fs::copy(observed.join(name), path.join("tests/postfix").join(name)).unwrap();
    }
    path
}

/// Runs a line as a shell does in this folder; what it printed if it did not end well.
///
/// Exit status 1 is a finding, and only examples without one stand in a help text.
fn failure(folder: &Path, line: &str) -> Option<String> {
    let programs = Path::new(env!("CARGO_BIN_EXE_mta-sim")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{}/bin:{path}", programs.display(), folder.display());
    let output = Command::new("sh")
        .args(["-ec", line])
        .env("PATH", path)
        .env("HOME", folder)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    (!output.status.success()).then(|| format!("{line}: {}\n{said}", output.status))
}

fn help(words: &[&str]) -> String {
    let called = mta_sim(words, "");
    assert_eq!((called.code, called.err.as_str()), (0, ""), "{words:?}");
    called.out
}

/// The names behind `Commands:`.
fn commands(help: &str) -> Vec<&str> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect()
}

/// The lines behind `Examples:`; what explains them stands two blanks behind.
fn examples(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| !line.starts_with("Example"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .map(|line| {
            let line = line.trim();
            line.split_once("  ").map_or(line, |(command, _)| command)
        })
        .map(str::to_owned)
        .collect()
}

/// The commands of a page: lines of `sh` blocks, without what explains them, and what prose names in code marks.
fn commands_of(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for (number, part) in page.split("\n```").enumerate() {
        if number % 2 == 0 {
            let marked = part.split('`').skip(1).step_by(2);
            let is_command = |text: &&str| {
                ["cargo ", "mta-sim "]
                    .iter()
                    .any(|word| text.starts_with(word))
            };
            commands.extend(marked.filter(is_command).map(str::to_owned));
        } else if let Some(block) = part.strip_prefix("sh\n") {
            let lines = block
                .lines()
                .map(|line| line.split_once("  ").map_or(line, |(line, _)| line));
            commands.extend(lines.map(str::to_owned));
        }
    }
    commands
}

/// Those of cargo that are this test, or what takes as long.
const RUN_OTHERWISE: [&str; 2] = ["cargo test", "cargo bench"];

#[test]
fn every_command_of_a_page_runs() {
    let mut commands = Vec::new();
    for page in ["README.md", "docs/in-your-own-tests.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page);
        commands.extend(commands_of(&fs::read_to_string(path).unwrap()));
    }
    commands.retain(|line| !RUN_OTHERWISE.contains(&line.as_str()));
    let has = |word: &str| commands.iter().any(|line| line.contains(word));
    assert!(
        has("cargo run -- preview /etc") && has("mta-sim conform"),
        "{commands:#?}"
    );
    let folder = folder("readme");
    let failures: Vec<String> = commands
        .iter()
        .map(|line| {
            line.replace("cargo run -- ", "mta-sim ")
                .replace("/etc/postfix/", "")
        })
        .filter_map(|line| failure(&folder, &line))
        .collect();
    fs::remove_dir_all(folder).unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_example_of_a_help_text_runs() {
    let whole = help(&["--help"]);
    let mut lines = examples(&whole);
    for command in commands(&whole) {
        let help = help(&[command, "--help"]);
        let found = examples(&help);
        assert!(!found.is_empty(), "mta-sim {command} --help has no example");
        lines.extend(found);
    }
    assert!(lines.len() > 20, "{lines:#?}");
    let folder = folder("help");
    let failures: Vec<String> = lines
        .iter()
        // A site's own configuration is not on every machine.
        .map(|line| line.replace("/etc/postfix/", ""))
        .filter_map(|line| failure(&folder, &line))
        .collect();
    fs::remove_dir_all(folder).unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn an_example_that_fails_is_noticed() {
    let folder = folder("help-fails");
    let said = failure(&folder, "mta-sim run no-such-scenario").unwrap();
    assert!(said.contains("no-such-scenario"), "{said}");
    assert_eq!(failure(&folder, "mta-sim list >list"), None);
    fs::remove_dir_all(folder).unwrap();
}
