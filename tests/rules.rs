//! The rule book and the code say the same: no id without a row, no row without a use.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mta_core::event::Rule;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the table under a heading of the rule book, cell by cell.
fn table(heading: &str) -> Vec<Vec<String>> {
    let page = std::fs::read_to_string(root().join("docs/rules.md")).unwrap();
    let section = page.split(heading).nth(1).unwrap();
    let rows = section
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    rows.skip(2)
        .map(|row| {
            let cells = row.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// Every source file and page of the project, the rule book left out.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files(&path, found);
        } else if [".rs", ".toml", ".md", ".snap", ".txt"]
            .iter()
            .any(|end| name.ends_with(end))
            && name != "rules.md"
            && name != "rules.rs"
        {
            found.push(path);
        }
    }
}

/// The ids (`R-STLS-04`) that a text names.
fn ids(text: &str) -> BTreeSet<String> {
    let starts = text.match_indices("R-").map(|(at, _)| at);
    let whole = |at: &usize| {
        let before = text
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || c == '-')
    };
    let id = |at: usize| -> Option<String> {
        let (family, number) = text.get(at + 2..)?.split_once('-')?;
        let number: String = number.chars().take_while(char::is_ascii_digit).collect();
        let named = !family.is_empty() && family.chars().all(|c| c.is_ascii_uppercase());
        (named && number.len() == 2).then(|| format!("R-{family}-{number}"))
    };
    starts.filter(whole).filter_map(id).collect()
}

/// The ids that are used, each with the files that name it.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = Vec::new();
    files(root(), &mut all);
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in all {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root()).unwrap().to_string_lossy();
        for id in ids(&text) {
            uses.entry(id)
                .or_default()
                .insert(name.clone().into_owned());
        }
    }
    uses
}

#[test]
fn ids_are_read_from_text() {
    let text = "(R-STLS-04; R-DEC-02), no OTHER-R-STLS-05, no R-nothing, R-PFX-1 nor R-";
    let expected = ["R-DEC-02", "R-STLS-04"].map(str::to_owned);
    assert_eq!(ids(text), BTreeSet::from(expected));
}

#[test]
fn every_id_has_a_row_and_every_row_a_use() {
    let uses = uses();
    let rows = table("## Rules");
    let book: BTreeSet<String> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(book.len(), rows.len(), "an id has two rows");
    let used: BTreeSet<String> = uses.keys().cloned().collect();
    let unwritten: Vec<_> = used.difference(&book).map(|id| (id, &uses[id])).collect();
    assert!(unwritten.is_empty(), "without a row: {unwritten:?}");
    let unused: Vec<_> = book.difference(&used).collect();
    assert!(unused.is_empty(), "without a use: {unused:?}");
    for row in rows {
        let [id, rule, source, _, file] = row.as_slice() else {
            panic!("{row:?}");
        };
        assert!(rule.ends_with('.') && !source.is_empty(), "{id}");
        let file = file.trim_matches('`');
        assert!(uses[id].contains(file), "{id} is not in {file}");
    }
}

#[test]
fn observed_cases_are_in_the_dataset() {
    let mut cases = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("tests/postfix")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let text = std::fs::read_to_string(path).unwrap();
            let file: serde_json::Value = serde_json::from_str(&text).unwrap();
            let of_file = file["cases"].as_array().into_iter().flatten();
            cases.extend(of_file.map(|case| case["id"].as_str().unwrap().to_owned()));
        }
    }
    for row in table("## Rules") {
        for case in row[3].split(", ").filter(|case| *case != "-") {
            assert!(cases.contains(case), "{}: no case {case}", row[0]);
        }
    }
}

#[test]
fn decisions_are_those_of_the_core() {
    let said = table("## Decisions");
    let rules = Rule::ALL.map(|rule| {
        let name = format!("`{}`", rule.name());
        [&name, rule.says(), rule.source()]
            .map(str::to_owned)
            .to_vec()
    });
    assert_eq!(said, rules);
}
