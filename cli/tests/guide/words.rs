//! Every key of the schema has a line in a table of the guide, with an example that loads; every word is mentioned.
//!
//! A table of keys stands behind a comment that names the type of the schema, `<!-- keys: TlsSpec -->`. The first
//! column holds keys, the second one an example of them.

use std::collections::{BTreeMap, BTreeSet};

use mta_sim::behaviour::{Behaviours, Correction, Row};
use mta_sim::library::{Catalogue, FileKind, World};
use mta_sim::peer::PeerSpec;
use mta_sim::scenario::Scenario;
use serde_json::Value;

use super::pages;

/// What is around an example of a type's keys, so that it makes a whole file: what it is, and the lines before it. Of
/// these, one that has the key of the example is left out. An example fits one of the places.
const PLACES: &[(&str, What, &[&str])] = &[
    ("peer", What::Peer, &[]),
    ("world", What::World, &["summary = 'x'"]),
    (
        "scenario",
        What::Scenario,
        &["summary = 'x'", "world = 'w0'"],
    ),
    (
        "Escaped",
        What::World,
        &["summary = 'x'", "[files.'/etc/postfix/table']"],
    ),
    ("EhloSpec", What::Peer, &["[ehlo]"]),
    ("AuthSpec", What::Peer, &["[auth]"]),
    ("StepTable", What::Peer, &["[greeting]"]),
    ("StepTable", What::Peer, &["[greeting]", "text = '220 x'"]),
    (
        "Rule",
        What::Peer,
        &["[[on]]", "command = 'RCPT'", "send = '450 4.2.0 later'"],
    ),
    ("Rule", What::Peer, &["[[on]]", "command = 'RCPT'"]),
    (
        "Rule",
        What::Peer,
        &["[[on]]", "command = 'RCPT'", "nth = 2", "until = '1h'"],
    ),
    ("Rule", What::Peer, &["[[on]]", "moment = 'connect'"]),
    ("Rule", What::Peer, &["[[on]]", "command = 'EHLO'"]),
    (
        "Rule",
        What::Peer,
        &["[[on]]", "moment = 'body'", "then = 'close'"],
    ),
    ("Rule", What::Peer, &["[[on]]", "then = 'close'"]),
    ("Rule", What::Peer, &["[[on]]"]),
    ("TlsSpec", What::Peer, &["[tls]"]),
    ("TlsSpec", What::Peer, &["[tls]", "versions = ['1.2']"]),
    ("Certificate", What::Peer, &["[tls.certificate]"]),
    ("NetworkSpec", What::Peer, &["[network]"]),
    (
        "Fact",
        What::Peer,
        &[
            "[[fact]]",
            "about = 'a'",
            "source = 's'",
            "as-of = '2026-11'",
            "kind = 'seen'",
        ],
    ),
    (
        "MxSpec",
        What::Peer,
        &["[[mx]]", "host = 'mx1.example.test'"],
    ),
    (
        "NameSpec",
        What::World,
        &["summary = 'x'", "[[dns]]", "name = 'a.test'"],
    ),
    (
        "DomainSpec",
        What::World,
        &["summary = 'x'", "[[domain]]", "name = 'example.test'"],
    ),
    (
        "MessageSpec",
        What::World,
        &["summary = 'x'", "[[message]]", "to = ['user@example.test']"],
    ),
    (
        "ChangeSpec",
        What::World,
        &["summary = 'x'", "[[change]]", "at = '1h'"],
    ),
    (
        "ChangeSpec",
        What::World,
        &[
            "summary = 'x'",
            "[[change]]",
            "at = '1h'",
            "host = 'mx1.example.test'",
        ],
    ),
    (
        "ChangeSpec",
        What::World,
        &["summary = 'x'", "[[change]]", "at = '1h'", "down = true"],
    ),
    (
        "AttackerSpec",
        What::World,
        &["summary = 'x'", "[[attacker]]", "host = 'mx1.example.test'"],
    ),
    (
        "StsSpec",
        What::World,
        &["summary = 'x'", "[[mta-sts]]", "domain = 'example.test'"],
    ),
    (
        "Cached",
        What::World,
        &[
            "summary = 'x'",
            "[[mta-sts]]",
            "domain = 'example.test'",
            "[mta-sts.cached]",
            "id = '1'",
            "policy = 'version: STSv1'",
            "age = '1d'",
        ],
    ),
    ("ClientSpec", What::World, &["summary = 'x'", "[client]"]),
    (
        "HostSpec",
        What::Scenario,
        &["summary = 'x'", "world = 'w0'", "[host]"],
    ),
    ("TrustSpec", What::World, &["summary = 'x'", "[trust]"]),
    ("StubSpec", What::World, &["summary = 'x'", "[resolver]"]),
    (
        "Expect",
        What::Scenario,
        &["summary = 'x'", "world = 'w0'", "[expect]"],
    ),
    (
        "Delivery",
        What::Scenario,
        &[
            "summary = 'x'",
            "world = 'w0'",
            "[[expect.delivery]]",
            "status = 'sent'",
        ],
    ),
    (
        "Words",
        What::Scenario,
        &["summary = 'x'", "world = 'w0'", "[expect.version.'3.12']"],
    ),
    ("Row", What::Rows, &["[good]", "layer = 'tcp'", "out = 'E'"]),
    (
        "Correction",
        What::Corrections,
        &[
            "[[correction]]",
            "behaviour = 'b'",
            "out = 'E'",
            "source = 's'",
            "why = 'w'",
        ],
    ),
];

#[derive(Clone, Copy, Debug)]
enum What {
    Peer,
    World,
    Scenario,
    Rows,
    Corrections,
}

/// What the loader says to a whole file.
fn load(what: What, text: &str, catalogue: &Catalogue) -> Result<(), String> {
    let mut own = Behaviours::embedded().unwrap();
    match what {
        What::Peer => PeerSpec::load_in("x", text, catalogue).map(drop),
        What::World => World::load("x", text, catalogue).map(drop),
        What::Scenario => Scenario::load_in("x", text, catalogue).map(drop),
        What::Rows => own.add_rows("x", text),
        What::Corrections => own.set_corrections(text),
    }
    .map_err(|error| error.message)
}

/// The keys of every table of the files, by type, and every word that may be a value.
fn schema() -> (BTreeMap<String, BTreeSet<String>>, BTreeSet<String>) {
    let (mut keys, mut words) = (BTreeMap::new(), BTreeSet::new());
    for (kind, name) in [
        (FileKind::Peer, "peer"),
        (FileKind::World, "world"),
        (FileKind::Scenario, "scenario"),
    ] {
        let root = serde_json::to_value(mta_sim::library::schema(Some(kind))).unwrap();
        let mut gather = |name: &str, schema: &Value| {
            let mut found = BTreeSet::new();
            walk(schema, &mut found, &mut words);
            // Within other files a peer is a type of its own.
            if !found.is_empty() && name != "PeerSpec" {
                keys.insert(name.to_owned(), found);
            }
        };
        for (name, schema) in root["$defs"].as_object().unwrap() {
            gather(name, schema);
        }
        let mut top = root.clone();
        top.as_object_mut().unwrap().remove("$defs");
        gather(name, &top);
    }
    let unknown = "[x]\n\"☃\" = 1\n";
    let row = toml::from_str::<BTreeMap<String, Row>>(unknown).unwrap_err();
    let correction = toml::from_str::<BTreeMap<String, Correction>>(unknown).unwrap_err();
    for (name, error) in [("Row", row), ("Correction", correction)] {
        let known = error.message().split('`').skip(3).step_by(2);
        keys.insert(name.to_owned(), known.map(str::to_owned).collect());
    }
    (keys, words)
}

/// The keys of a type, and the words that stand for values in it.
fn walk(schema: &Value, keys: &mut BTreeSet<String>, words: &mut BTreeSet<String>) {
    let Some(table) = schema.as_object() else {
        return;
    };
    let constants = table.get("const").into_iter();
    let listed = table.get("enum").and_then(Value::as_array);
    for word in constants.chain(listed.into_iter().flatten()) {
        words.extend(word.as_str().map(str::to_owned));
    }
    for form in ["anyOf", "oneOf"] {
        let forms = table.get(form).and_then(Value::as_array);
        forms
            .into_iter()
            .flatten()
            .for_each(|form| walk(form, keys, words));
    }
    for inner in ["items", "propertyNames", "additionalProperties"] {
        if let Some(inner) = table.get(inner) {
            walk(inner, &mut BTreeSet::new(), words);
        }
    }
    for (key, property) in table
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        keys.insert(key.clone());
        walk(property, &mut BTreeSet::new(), words);
    }
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// A line of a table: its keys and its example.
struct Line<'a> {
    place: String,
    keys: Vec<&'a str>,
    example: Vec<&'a str>,
}

/// The tables of keys, by type.
fn tables(pages: &[(String, String)]) -> BTreeMap<&str, Vec<Line<'_>>> {
    let mut tables: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
    for (page, text) in pages {
        let mut lines = text.lines().enumerate();
        while let Some((_, line)) = lines.next() {
            let Some(name) = line
                .strip_prefix("<!-- keys: ")
                .and_then(|rest| rest.strip_suffix(" -->"))
            else {
                continue;
            };
            // An empty line, the heads of the columns, and the rule below them.
            let rows = lines
                .by_ref()
                .skip(3)
                .map_while(|(number, line)| Some((number, line.strip_prefix("| ")?)));
            for (number, row) in rows {
                let mut cells = row.split(" | ");
                tables.entry(name).or_default().push(Line {
                    place: format!("{page}:{}", number + 1),
                    keys: quoted(cells.next().unwrap_or_default()),
                    example: quoted(cells.next().unwrap_or_default()),
                });
            }
        }
    }
    tables
}

fn key_of(line: &str) -> &str {
    let end = line.find([' ', '.', '=']).unwrap_or(line.len());
    &line[..end]
}

#[test]
fn every_key_has_a_line_with_an_example_that_loads() {
    let pages = pages();
    let tables = tables(&pages);
    let (keys, _) = schema();
    let catalogue = Catalogue::embedded().unwrap();
    let mut wrong = Vec::new();
    for (name, keys) in &keys {
        let lines = tables.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let told: Vec<&str> = lines.iter().flat_map(|line| line.keys.clone()).collect();
        let set: BTreeSet<&str> = told.iter().copied().collect();
        for key in keys.iter().filter(|key| !set.contains(key.as_str())) {
            wrong.push(format!("`{key}` of {name} has no line in a table"));
        }
        for key in set.iter().filter(|key| !keys.contains(**key)) {
            wrong.push(format!("{name} has no `{key}`, and a table tells of it"));
        }
        if told.len() > set.len() {
            wrong.push(format!("a key of {name} has two lines"));
        }
        for line in lines {
            let examples = line.example.iter().map(|example| key_of(example));
            if let Some(key) = line
                .keys
                .iter()
                .find(|key| !examples.clone().any(|shown| shown == **key))
            {
                wrong.push(format!("{}: no example of `{key}`", line.place));
            }
            for example in &line.example {
                let told = example_loads(name, example, &catalogue);
                wrong.extend(told.map(|told| format!("{}: `{example}`: {told}", line.place)));
            }
        }
    }
    for name in tables.keys().filter(|name| !keys.contains_key(**name)) {
        wrong.push(format!("no type is called {name}"));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is wrong with an example, wherever it is tried.
fn example_loads(name: &str, example: &str, catalogue: &Catalogue) -> Option<String> {
    let mut told = Some("no place is known for it".to_owned());
    for (_, what, before) in PLACES.iter().filter(|(of, ..)| *of == name) {
        let others = before.iter().filter(|line| key_of(line) != key_of(example));
        let mut text: String = others.map(|line| format!("{line}\n")).collect();
        text.push_str(example);
        match load(*what, &text, catalogue) {
            Ok(()) => return None,
            Err(error) => told = Some(error),
        }
    }
    told
}

#[test]
fn every_word_is_mentioned() {
    let pages = pages();
    let mut told = BTreeSet::new();
    for (_, text) in &pages {
        // A fence is three backticks, which would turn inside out what stands between single ones.
        let text: String = text.split("```").step_by(2).collect();
        told.extend(
            quoted(&text)
                .iter()
                .map(|word| word.trim_matches('"').to_owned()),
        );
    }
    let (_, words) = schema();
    let untold: Vec<&String> = words.iter().filter(|word| !told.contains(*word)).collect();
    assert!(words.len() > 150, "{} words", words.len());
    assert!(untold.is_empty(), "not mentioned: {untold:?}");
}
