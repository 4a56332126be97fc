//! ARCHITECTURE.md and the code say the same: who may import whom, and what the core does without.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "architecture/circles.rs"]
mod circles;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the table under a heading: the first cell, and the last one as a list.
fn table(heading: &str) -> BTreeMap<String, BTreeSet<String>> {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let section = page
        .split(heading)
        .nth(1)
        .unwrap_or_else(|| panic!("no heading {heading:?}"));
    let rows = section
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    rows.skip(2)
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            let list = cells
                .last()
                .unwrap()
                .split(", ")
                .filter(|word| *word != "-");
            (cells[0].to_owned(), list.map(str::to_owned).collect())
        })
        .collect()
}

/// The source files of a module, tests left out.
fn files(path: &Path, found: &mut Vec<PathBuf>) {
    let name = path.file_name().unwrap().to_str().unwrap();
    if path.is_dir() && name != "tests" && name != "snapshots" {
        for entry in std::fs::read_dir(path).unwrap() {
            files(&entry.unwrap().path(), found);
        }
    } else if name.ends_with(".rs") && name != "tests.rs" && name != "moves.rs" {
        found.push(path.to_owned());
    }
}

/// A source without its test modules, which stand at its end, and without what is declared for tests alone.
fn without_tests(source: &str) -> String {
    const FOR_TESTS: &str = "#[cfg(test)]\n";
    let is_module = |code: &&str| {
        let line = code.lines().next().unwrap_or_default();
        line.starts_with("mod ") && line.ends_with('{')
    };
    let mut pieces = source.split(FOR_TESTS);
    let first = pieces.next().unwrap().to_owned();
    let code = pieces.take_while(|code| !is_module(code));
    // A declaration ends on its line; what is longer is looked at like the rest.
    let code = code.map(|code| match code.split_once('\n') {
        Some((line, rest)) if line.ends_with(';') => rest,
        _ => code,
    });
    first + &code.collect::<String>()
}

/// The code of a file: no comments, and no tests.
fn code(source: &Path) -> String {
    let text = std::fs::read_to_string(source).unwrap();
    // Where they stand in a file of their own, code follows.
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    lines.fold(String::new(), |code, line| code + line + "\n")
}

/// The names behind `crate::` in a module's code, test modules left out.
fn imports(crate_src: &Path, module: &str) -> BTreeSet<String> {
    let mut sources = Vec::new();
    for path in [
        crate_src.join(module),
        crate_src.join(format!("{module}.rs")),
    ] {
        if path.exists() {
            files(&path, &mut sources);
        }
    }
    assert!(
        !sources.is_empty(),
        "the module {module} of the table has no file"
    );
    let mut names = BTreeSet::new();
    for source in sources {
        for line in code(&source).lines() {
            for rest in line.split("crate::").skip(1) {
                let name: String = rest
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                // Types of the crate's root (`crate::Draw`) belong to no module.
                if name.starts_with(char::is_lowercase) && name != module {
                    names.insert(name);
                }
            }
        }
    }
    names
}

#[test]
fn modules_import_only_what_the_page_allows() {
    for (heading, crate_src) in [
        ("### Inside mta-core", "mta-core/src"),
        ("### Inside sim", "sim/src"),
    ] {
        let table = table(heading);
        let src = root().join(crate_src);
        for (module, allowed) in &table {
            let beyond: Vec<String> = imports(&src, module).difference(allowed).cloned().collect();
            assert!(
                beyond.is_empty(),
                "{crate_src}/{module} imports {beyond:?}, which ARCHITECTURE.md does not allow"
            );
        }
        for entry in std::fs::read_dir(&src).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let module = name.trim_end_matches(".rs");
            assert!(
                module == "lib" || table.contains_key(module),
                "{crate_src}/{name} stands in no table"
            );
        }
    }
}

/// Rooms each of which may import the next one, and the last one the first; none, if there is no such circle.
fn circle(table: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<&str>> {
    fn walk<'t>(
        table: &'t BTreeMap<String, BTreeSet<String>>,
        path: &mut Vec<&'t str>,
        left: &mut BTreeSet<&'t str>,
    ) -> Option<Vec<&'t str>> {
        let module = *path.last().unwrap();
        for next in table.get(module).into_iter().flatten() {
            if let Some(place) = path.iter().position(|other| *other == next) {
                return Some(path[place..].to_vec());
            }
            if left.remove(next.as_str()) {
                path.push(next);
                let found = walk(table, path, left);
                if found.is_some() {
                    return found;
                }
                path.pop();
            }
        }
        None
    }
    let mut left: BTreeSet<&str> = table.keys().map(String::as_str).collect();
    while let Some(module) = left.pop_first() {
        let found = walk(table, &mut vec![module], &mut left);
        if found.is_some() {
            return found;
        }
    }
    None
}

#[test]
fn modules_import_one_another_in_no_circle() {
    let of = |rows: &[(&str, &str)]| -> BTreeMap<String, BTreeSet<String>> {
        let allowed = |words: &str| words.split(' ').map(str::to_owned).collect();
        let rows = rows.iter();
        rows.map(|(module, words)| ((*module).to_owned(), allowed(words)))
            .collect()
    };
    let round = of(&[("a", "b c"), ("b", "c"), ("c", "d"), ("d", "b")]);
    assert_eq!(circle(&round), Some(vec!["b", "c", "d"]));
    let straight = of(&[("a", "b c"), ("b", "c d"), ("c", "d"), ("d", "")]);
    assert_eq!(circle(&straight), None);
    for heading in ["### Inside mta-core", "### Inside sim", "## Crates"] {
        assert_eq!(circle(&table(heading)), None, "{heading}");
    }
}

/// The states of a dialogue lead to one another, as in RFC 3207 the reply to STARTTLS leads back to EHLO; the machine
/// holds them all.
const STATES_OF_A_DIALOGUE: [&str; 8] = [
    "greeting",
    "handshake",
    "hello",
    "login",
    "machine",
    "reuse",
    "starttls",
    "transaction",
];

/// A peer may write out other peers: at the hosts of its MX records, and as machines that take connections by a rule.
const PEERS_WITHIN_PEERS: [&str; 3] = ["peer/spec", "peer/spec/mx", "peer/spec/rule"];

#[test]
fn files_do_not_need_each_other() {
    let states = STATES_OF_A_DIALOGUE.map(|state| format!("connection/{state}"));
    let found = circles::circles(&root().join("mta-core/src"));
    assert_eq!(found, [states.to_vec()]);
    let found = circles::circles(&root().join("sim/src"));
    assert_eq!(found, [PEERS_WITHIN_PEERS]);
    for name in ["scenarios", "conform", "cli"] {
        let found = circles::circles(&root().join(name).join("src"));
        assert_eq!(found, [[""; 0]; 0], "{name}");
    }
}

#[test]
fn crates_import_only_what_the_page_allows() {
    let crates: BTreeSet<String> = table("## Crates").into_keys().collect();
    for (name, allowed) in table("## Crates") {
        let folder = match name.as_str() {
            "mta-sim" => "sim",
            name => name.trim_start_matches("mta-sim-"),
        };
        let manifest = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let dependencies = manifest
            .split("[dependencies]")
            .nth(1)
            .unwrap_or_default()
            .split("\n[")
            .next()
            .unwrap();
        for other in &crates {
            let used = dependencies.lines().any(|line| {
                line.strip_prefix(other.as_str())
                    .is_some_and(|rest| rest.starts_with([' ', '.', '=']))
            });
            assert!(!used || allowed.contains(other), "{name} uses {other}");
        }
    }
}

/// The string literals of a source, comments and test modules left out.
fn literals(source: &str) -> Vec<String> {
    let code = without_tests(source);
    let code = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut chars = code.flat_map(|line| line.chars().chain(['\n']));
    let mut found = Vec::new();
    while let Some(c) = chars.next() {
        if c == '\'' {
            // A character, which may be a quote; of a lifetime nothing is lost.
            if chars.next() == Some('\\') {
                chars.next();
            }
            continue;
        }
        if c != '"' {
            continue;
        }
        let mut literal = String::new();
        while let Some(c) = chars.next().filter(|c| *c != '"') {
            literal.push(c);
            if c == '\\' {
                literal.extend(chars.next());
            }
        }
        found.push(literal);
    }
    found
}

/// What only stands in a sentence of Postfix's log; what ends in a colon, at its start.
const OF_THE_LOG: [&str; 19] = [
    "warning: ",
    "error: ",
    "fatal: ",
    "panic: ",
    "TLS library problem",
    "disabling TLS support",
    "backwards-compatible default setting",
    "table lookup error",
    "is unavailable.",
    "skipping this rule",
    "TLSRPT support",
    "Cannot start TLS",
    "TLS is required, but",
    "Sender requested REQUIRETLS",
    "lost connection with",
    "configuration problem",
    "loops back to myself",
    "mail transport",
    "SASL authentication fail",
];

#[test]
fn the_sentences_of_the_log_are_built_in_one_module() {
    let src = root().join("mta-core/src");
    let mut sources = Vec::new();
    files(&src, &mut sources);
    let (log, others): (Vec<PathBuf>, Vec<PathBuf>) = sources
        .into_iter()
        .partition(|path| path.starts_with(src.join("log")));
    let says = |text: &String, words: &str| match words.ends_with(": ") {
        true => text.starts_with(words),
        false => text.contains(words),
    };
    let of_the_log = |path: &PathBuf| -> Vec<String> {
        let mut literals = literals(&std::fs::read_to_string(path).unwrap());
        literals.retain(|text| OF_THE_LOG.iter().any(|words| says(text, words)));
        literals
    };
    // What is looked for is there to be found.
    for words in OF_THE_LOG {
        let is_said = |path| of_the_log(path).iter().any(|text| says(text, words));
        assert!(log.iter().any(is_said), "nobody says {words:?}");
    }
    for path in others {
        let found = of_the_log(&path);
        assert!(found.is_empty(), "{} says {found:?}", path.display());
    }
}

/// What looks like a decision by the number of a release.
fn comparisons(code: &str) -> Vec<String> {
    let ways = [
        r"(^|[^a-zA-Z0-9_])release(\(\))?[ \n]*(<|>|==|!=)",
        r"(<|[^=-]>|==|!=)=?[ \n]*[*&]?([a-zA-Z0-9_.]+\.)?release(\(\))?($|[^a-zA-Z0-9_:])",
        r"match [*&]?([a-z_.]+\.)?release(\(\))? \{",
        r"match \(([^(){]*[^a-z])?release[ ,)]",
        r"release(\(\))?[ \n]*\.[ \n]*(cmp|partial_cmp|max|min|lt|le|gt|ge|eq|ne)\(",
        r"V3_[0-9]",
    ];
    ways.iter()
        .flat_map(|way| {
            let way = regex::Regex::new(way).unwrap();
            let found: Vec<String> = way.find_iter(code).map(|m| m.as_str().to_owned()).collect();
            found
        })
        .collect()
}

#[test]
fn releases_are_compared_in_one_file() {
    let by_number = [
        "if self.release < oldest {",
        "let old = reader.release()\n    != *other;",
        "level.filter(|_| newest >= env.settings.release)",
        "match settings.release {",
        "match (release, group) {",
        "newest.max(release.min(other))",
        "is(Release::V3_12)",
    ];
    for code in by_number {
        assert_ne!(comparisons(code), [""; 0], "{code}");
    }
    let mut sources = Vec::new();
    for name in ["mta-core", "sim", "scenarios", "conform", "cli"] {
        files(&root().join(name).join("src"), &mut sources);
    }
    let config = root().join("mta-core/src/config");
    let exempt = [config.join("feature.rs"), config.join("release.rs")];
    sources.retain(|source| !exempt.contains(source));
    assert!(sources.len() > 100, "only {sources:?}");
    for source in sources {
        let code = code(&source);
        if !code.contains("elease") {
            continue;
        }
        let found = comparisons(&code);
        assert_eq!(found, [""; 0], "{source:?}: ask for a feature instead");
    }
}

#[test]
fn nothing_that_does_io_is_in_the_closure_of_the_core() {
    let tree = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "-p",
            "mta-core",
            "-e",
            "normal",
            "--prefix",
            "none",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("rustls "), "cargo tree said: {tree}");
    for banned in [
        "tokio",
        "mio",
        "turmoil",
        "rand",
        "getrandom",
        "ring",
        "aws-lc-rs",
        "socket2",
        "mta-sim",
    ] {
        let found = tree
            .lines()
            .find(|line| line.split(' ').next() == Some(banned));
        assert_eq!(found, None, "mta-core depends on {banned}");
    }
}
