//! What README.md shows is what the command prints.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::mta_sim;

/// The fenced blocks behind a line `$ mta-sim …`: the words, and what follows in the block.
fn shown() -> Vec<(Vec<String>, String)> {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    readme
        .split("\n```")
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
    let shown = shown();
    assert!(!shown.is_empty(), "README.md shows no run");
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
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
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
