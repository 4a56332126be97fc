//! What pages show is what the command prints.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::mta_sim;

/// The pages that show the command.
const PAGES: [&str; 2] = ["README.md", "docs/how-a-message-travels.md"];

fn page(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The fenced blocks behind a line `$ mta-sim …`: the words, and what follows in the block.
fn shown(page: &str) -> Vec<(Vec<String>, String)> {
    page.split("\n```")
        .filter_map(|block| {
            let (first, rest) = block.split_once('\n')?.1.split_once('\n')?;
            let words = first.strip_prefix("$ mta-sim ")?;
            Some((
                words.split(' ').map(str::to_owned).collect(),
                rest.to_owned(),
            ))
        })
        .collect()
}

#[test]
fn every_output_shown_is_real() {
    for name in PAGES {
        let shown = shown(&page(name));
        assert!(!shown.is_empty(), "{name} shows no run");
        outputs_are_real(shown);
    }
}

fn outputs_are_real(shown: Vec<(Vec<String>, String)>) {
    for (words, text) in shown {
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        let shown = words.join(" ");
        if words.first() == Some(&"preview") {
            // Facts grow old; the README does not.
            words.extend(["--today", "2026-11-23"]);
        }
        let called = mta_sim(&words, "");
        assert_eq!((called.code, called.err.as_str()), (0, ""), "{words:?}");
        assert_eq!(called.out.trim_end(), text.trim_end(), "mta-sim {shown}");
    }
}

#[test]
fn the_peer_shown_can_be_loaded() {
    let readme = page("README.md");
    let text = readme
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let peer = mta_sim::peer::load("my-peer.toml", text).unwrap();
    assert_eq!(peer.on.len(), 2);
}
