//! Every file that a page links to or names is there.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages that people read: those of the root and of docs/, and those beside data.
fn pages() -> Vec<PathBuf> {
    let folders =
        ["", "docs", "scenarios", "tests/postfix", "benches"].map(|name| root().join(name));
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = files.map(|file| file.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect()
}

/// A page without its blocks of code.
fn prose(text: &str) -> String {
    let parts = text.split("\n```").step_by(2);
    parts.collect::<Vec<_>>().join("\n")
}

/// What stands between two marks, again and again.
fn between<'t>(text: &'t str, open: &str, close: char) -> Vec<&'t str> {
    let parts = text.split(open).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(close)?.0))
        .collect()
}

/// The relative targets of links, without their anchors.
fn links(text: &str) -> Vec<&str> {
    let targets = between(text, "](", ')').into_iter();
    targets
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .map(|target| target.split('#').next().unwrap())
        .collect()
}

/// The files and folders of this repository that are named in code marks, from its root.
fn named(text: &str) -> Vec<&str> {
    const TOPS: [&str; 9] = [
        "mta-core/",
        "sim/",
        "scenarios/",
        "conform/",
        "cli/",
        "tests/",
        "benches/",
        "docs/",
        ".ci/",
    ];
    let words = text.split('`').skip(1).step_by(2);
    words
        .filter(|word| TOPS.iter().any(|top| word.starts_with(top)))
        .filter(|word| !word.contains(['*', ' ', '<', '{']))
        .collect()
}

#[test]
fn what_pages_link_to_and_name_is_there() {
    let (mut missing, mut seen) = (Vec::new(), 0);
    for page in pages() {
        let text = prose(&fs::read_to_string(&page).unwrap());
        let here = page.parent().unwrap();
        let links = links(&text).into_iter().map(|link| (here.join(link), link));
        let named = named(&text)
            .into_iter()
            .map(|name| (root().join(name), name));
        for (path, name) in links.chain(named) {
            seen += 1;
            if !path.exists() {
                missing.push(format!(
                    "{}: {name}",
                    page.strip_prefix(root()).unwrap().display()
                ));
            }
        }
    }
    assert!(seen > 100, "{seen} links and names are few");
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
}
