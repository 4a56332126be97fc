//! The guide for authors of scenarios is true: every example loads, every output shown is real, every key is described.
//!
//! `GUIDE_WRITE=1 cargo test -p mta-sim-cli --test guide` writes the outputs anew; look at the difference.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mta_sim::behaviour::Behaviours;

/// A block of TOML that is longer is no example any more.
const LINES_MAX: usize = 15;

/// The pages of the guide, the first one first.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut pages = vec![root.join("README.md")];
    let mut others: Vec<PathBuf> = fs::read_dir(root.join("guide"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    others.sort();
    pages.extend(others);
    pages
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// A fenced block: what stands behind the fence, and the lines up to the next one.
struct Block<'a> {
    info: &'a str,
    text: String,
    line: usize,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for (number, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                open = Some(Block {
                    info,
                    text: String::new(),
                    line: number + 1,
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// An empty folder that is gone when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("guide-{name}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    /// What a shell prints in this folder.
    fn shell(&self, command: &str) -> String {
        let programs = Path::new(env!("CARGO_BIN_EXE_mta-sim")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let output = Command::new("sh")
            .args(["-c", &format!("{{ {command}\n}} 2>&1")])
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("LC_ALL", "C")
            .current_dir(&self.0)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Puts an example into the folder, and says what is wrong with it.
fn put(scratch: &Scratch, block: &Block<'_>) -> Option<String> {
    let words: Vec<&str> = block.info.split(' ').collect();
    let ["toml", kind, file] = words.as_slice() else {
        return Some("behind the fence stand toml, what the file is, and its name".to_owned());
    };
    if block.text.lines().count() > LINES_MAX {
        return Some(format!("more than {LINES_MAX} lines"));
    }
    let path = scratch.0.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, &block.text).unwrap();
    let mut behaviours = Behaviours::embedded().unwrap();
    match *kind {
        "row" => behaviours
            .add_rows("x", &block.text)
            .err()
            .map(|error| error.to_string()),
        "correction" => behaviours
            .set_corrections(&block.text)
            .err()
            .map(|error| error.to_string()),
        // The output behind it tells.
        "peer-with-faults" => None,
        "peer" | "world" | "scenario" => {
            let checked = scratch.shell(&format!("mta-sim check {file}"));
            let is_fine = checked.starts_with(&format!("ok   {file}: a {kind}, "));
            (!is_fine).then_some(checked)
        }
        other => Some(format!("no kind of file is called {other}")),
    }
}

/// Runs what stands behind each `$`, and says what is printed where that is not what is shown.
fn play(scratch: &Scratch, block: &Block<'_>) -> Option<String> {
    let mut real = String::new();
    for line in block.text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            let printed = scratch.shell(command);
            real.push_str(&format!("{line}\n{printed}"));
        }
    }
    (real != block.text).then_some(real)
}

#[test]
fn every_example_loads_and_every_output_shown_is_real() {
    let mut wrong = Vec::new();
    let (mut files, mut runs) = (0, 0);
    let write = std::env::var_os("GUIDE_WRITE").is_some();
    for (name, text) in pages() {
        let scratch = Scratch::new(&name);
        let mut written = text.clone();
        for block in blocks(&text) {
            let told = match block.info {
                "console" => {
                    runs += 1;
                    play(&scratch, &block).map(|real| {
                        written = written.replace(&fenced(&block.text), &fenced(&real));
                        format!("it prints\n{real}")
                    })
                }
                _ => {
                    files += 1;
                    put(&scratch, &block)
                }
            };
            wrong.extend(told.map(|told| format!("{name}:{}: {told}", block.line)));
        }
        if write && written != text {
            fs::write(path_of(&name), written).unwrap();
        }
    }
    assert!(files > 20 && runs > 10, "{files} files, {runs} runs");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn fenced(text: &str) -> String {
    format!("```console\n{text}```\n")
}

/// Where a page lies.
fn path_of(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let folder = if name == "README.md" { "" } else { "guide" };
    root.join(folder).join(name)
}

#[test]
fn every_page_is_linked() {
    let pages = pages();
    let (_, first) = &pages[0];
    let linked = |name: &str| first.contains(&format!("(guide/{name})"));
    let alone: BTreeSet<&str> = pages[1..]
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !linked(name))
        .collect();
    assert!(alone.is_empty(), "README.md links to no {alone:?}");
}
