//! The JSON Schemas for editors and the loaders know the same keys and words, and every file of the catalogue fits.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod harness;

use std::collections::BTreeSet;
use std::path::Path;

use harness::{catalogue, every_run};
use mta_sim::library::{self, Catalogue, FileKind, World};
use mta_sim::peer::PeerSpec;
use mta_sim::plan::Plan;
use mta_sim::scenario::Scenario;
use regex::Regex;
use serde_json::{Map, Value, json};

/// What there is a schema of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    File(FileKind),
    Plan,
    Any,
}

const KINDS: [(FileKind, &str); 3] = [
    (FileKind::Peer, "peers"),
    (FileKind::World, "worlds"),
    (FileKind::Scenario, "cases"),
];

/// A word that nothing knows, and that nothing is near to.
const UNKNOWN: &str = "☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃";

fn schema(what: What) -> Value {
    let schema = match what {
        What::File(kind) => library::schema(Some(kind)),
        What::Plan => library::plan_schema(),
        What::Any => library::schema(None),
    };
    serde_json::to_value(schema).unwrap()
}

fn load(what: What, text: &str, catalogue: &Catalogue) -> Result<(), String> {
    let loaded = match what {
        What::File(FileKind::Peer) => PeerSpec::load_in("x", text, catalogue).map(drop),
        What::File(FileKind::World) => World::load("x", text, catalogue).map(drop),
        What::File(FileKind::Scenario) => Scenario::load_in("x", text, catalogue).map(drop),
        What::Plan => Plan::load("x", text).map(drop),
        What::Any => panic!("a file is of some kind"),
    };
    loaded.map_err(|error| error.message)
}

#[test]
fn every_file_of_the_catalogue_fits() {
    let any = schema(What::Any);
    for (kind, folder) in KINDS {
        let schema = schema(What::File(kind));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("scenarios")
            .join(folder);
        let mut files = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let value: Value = toml::from_str(&text).unwrap();
            for schema in [&schema, &any] {
                let fits = fits(schema, schema, &value);
                assert_eq!(fits, Ok(()), "{}", path.display());
            }
            files += 1;
        }
        assert!(files > 50, "{files} files of kind {kind}");
    }
}

#[test]
fn a_plan_that_was_written_down_fits_as_a_plan_and_as_a_scenario() {
    let schemas = [What::Plan, What::File(FileKind::Scenario), What::Any].map(schema);
    let catalogue = catalogue();
    let plans = every_run(&catalogue).into_iter().step_by(7);
    let mut fit = 0;
    for (name, scenario, release) in plans {
        let plan = scenario.plan_for(release, scenario.plan.seed, &catalogue);
        let value = toml::Table::try_from(plan.unwrap()).unwrap();
        let value = serde_json::to_value(value).unwrap();
        for schema in &schemas {
            assert_eq!(fits(schema, schema, &value), Ok(()), "{name} {release}");
        }
        fit += 1;
    }
    assert!(fit > 20, "only {fit} plans");
    let several = json!({ "postfix": ["3.7", "3.12"] });
    let [plan, scenario, _] = &schemas;
    assert_eq!(fits(scenario, scenario, &several), Ok(()));
    let problem = fits(plan, plan, &several).unwrap_err();
    assert!(problem.starts_with("/postfix"), "{problem}");
    let expecting = json!({ "expect": {} });
    assert_eq!(
        fits(plan, plan, &expecting).unwrap_err(),
        "/expect: no such key"
    );
}

#[test]
fn what_does_not_fit_is_told() {
    let peer = schema(What::File(FileKind::Peer));
    for (text, told) in [
        ("greting = '220'", "/greting: no such key"),
        ("[[on]]\ncomand = 'QUIT'", "/on/0/comand: no such key"),
        ("[[on]]\ncommand = 'RCTP'", "/on/0/command: no form fits"),
        ("[replies]\nRCTP = '250'", "/replies/RCTP: no such word"),
        ("[tls]\ntickets = 256", "/tls/tickets: out of range"),
        (
            "[tls]\ntickets = '2'",
            "/tls/tickets: not of type \"integer\"",
        ),
        (
            "[network]\nlatency = '2 parsecs'",
            "/network/latency: not as ^",
        ),
        ("mx = [{ preference = 10 }]", "/mx/0: no host"),
    ] {
        let value: Value = toml::from_str(text).unwrap();
        let problem = fits(&peer, &peer, &value).unwrap_err();
        assert!(problem.starts_with(told), "{text}: {problem}");
    }
}

/// Whether a value is valid under a schema, as far as schemas go here: a keyword not known panics.
fn fits(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    for (keyword, rule) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "format" | "writeOnly" => {}
            "$ref" => fits(root, resolve(root, rule), value)?,
            "type" => ensure(is_of(value, rule), || {
                format!(": not of type {rule}, but {value}")
            })?,
            "const" => ensure(value == rule, || format!(": not {rule}"))?,
            "enum" => ensure(rule.as_array().unwrap().contains(value), || {
                ": no such word".to_owned()
            })?,
            "pattern" => {
                let pattern = rule.as_str().unwrap();
                let fit = value
                    .as_str()
                    .is_none_or(|text| Regex::new(pattern).unwrap().is_match(text));
                ensure(fit, || format!(": not as {pattern}"))?;
            }
            "minimum" | "maximum" => {
                let (limit, number) = (rule.as_f64().unwrap(), value.as_f64());
                let fit = number.is_none_or(|number| match keyword.as_str() {
                    "minimum" => number >= limit,
                    _ => number <= limit,
                });
                ensure(fit, || ": out of range".to_owned())?;
            }
            "minItems" | "maxItems" => {
                let limit = usize::try_from(rule.as_u64().unwrap()).unwrap();
                let items = value.as_array().map_or(limit, Vec::len);
                let fit = if keyword == "minItems" {
                    items >= limit
                } else {
                    items <= limit
                };
                ensure(fit, || ": too few, or too many".to_owned())?;
            }
            "anyOf" | "oneOf" => {
                let forms = rule.as_array().unwrap().iter();
                let fit: Vec<_> = forms.map(|form| fits(root, form, value)).collect();
                ensure(fit.iter().any(Result::is_ok), || {
                    format!(": no form fits: {fit:?}")
                })?;
            }
            "required" => {
                for key in rule.as_array().unwrap() {
                    let there = value
                        .as_object()
                        .is_none_or(|table| table.contains_key(key.as_str().unwrap()));
                    ensure(there, || format!(": no {}", key.as_str().unwrap()))?;
                }
            }
            "items" => {
                for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                    fits(root, rule, item).map_err(|problem| format!("/{number}{problem}"))?;
                }
            }
            "propertyNames" => {
                for key in value.as_object().into_iter().flat_map(Map::keys) {
                    fits(root, rule, &json!(key)).map_err(|problem| format!("/{key}{problem}"))?;
                }
            }
            "properties" | "additionalProperties" => {
                for (key, item) in value.as_object().into_iter().flatten() {
                    let known = schema.get("properties").and_then(|known| known.get(key));
                    let rule = match (keyword.as_str(), known) {
                        ("properties", Some(known)) => known,
                        ("additionalProperties", None) => rule,
                        _ => continue,
                    };
                    let fit = if *rule == json!(false) {
                        Err(": no such key".to_owned())
                    } else {
                        fits(root, rule, item)
                    };
                    fit.map_err(|problem| format!("/{key}{problem}"))?;
                }
            }
            unknown => panic!("a schema has the keyword {unknown}: {schema}"),
        }
    }
    Ok(())
}

fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}

fn is_of(value: &Value, word: &Value) -> bool {
    match word.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("a schema has the type {other}"),
    }
}

fn resolve<'a>(root: &'a Value, reference: &Value) -> &'a Value {
    let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
    root.pointer(pointer)
        .unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

#[test]
fn loaders_and_schemas_know_the_same_keys_and_words() {
    let files = KINDS.map(|(kind, _)| What::File(kind));
    for what in files.into_iter().chain([What::Plan]) {
        let root = schema(what);
        let mut walk = Walk {
            what,
            root: &root,
            catalogue: &catalogue(),
            met: BTreeSet::new(),
            tables: 0,
            words: 0,
        };
        walk.visit(&root, &mut vec![]);
        assert!(
            walk.tables >= 9 && walk.words >= 9,
            "{what:?}: {} tables, {} words",
            walk.tables,
            walk.words
        );
    }
}

/// One step from the top of a file to a value.
#[derive(Clone)]
enum Step {
    Key(String),
    Item,
}

/// Visits every schema once, and asks the loader about the place where it was met.
struct Walk<'a> {
    what: What,
    root: &'a Value,
    catalogue: &'a Catalogue,
    met: BTreeSet<String>,
    tables: usize,
    words: usize,
}

impl Walk<'_> {
    fn visit(&mut self, schema: &Value, path: &mut Vec<Step>) {
        if let Some(reference) = schema.get("$ref") {
            if self.met.insert(reference.to_string()) {
                self.visit(&resolve(self.root, reference).clone(), path);
            }
            return;
        }
        let forms = ["anyOf", "oneOf"]
            .iter()
            .filter_map(|word| schema.get(word));
        let forms: Vec<&Value> = forms.flat_map(|forms| forms.as_array().unwrap()).collect();
        let constants: Vec<&Value> = forms.iter().filter_map(|form| form.get("const")).collect();
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            self.ask_for_words(&words.iter().collect::<Vec<_>>(), path);
        } else if constants.len() > 1 {
            self.ask_for_words(&constants, path);
        }
        for form in forms.iter().filter(|form| form.get("const").is_none()) {
            self.visit(form, path);
        }
        if let Some(kind) = schema.get("type") {
            self.ask_for_type(kind.as_str().unwrap(), schema, path);
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            self.ask_for_keys(schema, properties, path);
            for (key, property) in properties {
                path.push(Step::Key(key.clone()));
                self.visit(property, path);
                path.pop();
            }
        } else if let Some(values) = schema
            .get("additionalProperties")
            .filter(|values| values.is_object())
        {
            path.push(Step::Key(self.ask_for_names(schema, path)));
            self.visit(values, path);
            path.pop();
        }
        if let Some(items) = schema.get("items") {
            path.push(Step::Item);
            self.visit(items, path);
            path.pop();
        }
    }

    /// The answer of the loader to a file in which nothing but the path to `value` is.
    fn answer(&self, path: &[Step], value: Value) -> (String, String) {
        let wrapped = path.iter().rev().fold(value, |value, step| match step {
            Step::Key(key) => json!({ key: value }),
            Step::Item => json!([value]),
        });
        let text = toml::to_string(&wrapped).unwrap();
        let answer = load(self.what, &text, self.catalogue)
            .err()
            .unwrap_or_default();
        (answer, text)
    }

    /// An unknown key is answered with all that are known.
    fn ask_for_keys(&mut self, schema: &Value, properties: &Map<String, Value>, path: &[Step]) {
        assert_eq!(
            schema.get("additionalProperties"),
            Some(&json!(false)),
            "{schema}"
        );
        let (answer, text) = self.answer(path, json!({ UNKNOWN: 1 }));
        let mut known = listed(&answer);
        // What a peer builds on is read before the rest.
        if !known.contains("extends") && properties.contains_key("extends") {
            let (answer, text) = self.answer(path, json!({ "extends": UNKNOWN }));
            assert!(answer.contains("no peer is called"), "{answer}\n{text}");
            known.insert("extends".to_owned());
        }
        let ours: BTreeSet<String> = properties.keys().cloned().collect();
        assert_eq!(
            ours, known,
            "the schema's keys, and the loader's: {answer}\n{text}"
        );
        self.tables += 1;
    }

    /// An unknown word is answered with all that are known.
    fn ask_for_words(&mut self, words: &[&Value], path: &[Step]) {
        let (answer, text) = self.answer(path, json!(UNKNOWN));
        assert!(!answer.is_empty(), "any word is taken\n{text}");
        let ours: BTreeSet<String> = words
            .iter()
            .map(|word| word.as_str().unwrap().to_owned())
            .collect();
        let known = listed(&answer);
        assert!(
            known == ours || known.is_empty(),
            "{ours:?}: {answer}\n{text}"
        );
        for word in &ours {
            let (answer, text) = self.answer(path, json!(word));
            assert!(!is_refusal(&answer), "{answer}\n{text}");
        }
        self.words += 1;
    }

    /// A value of the schema's type is not refused for its type.
    fn ask_for_type(&self, kind: &str, schema: &Value, path: &[Step]) {
        let value = match kind {
            "object" => json!({}),
            "array" => json!([]),
            "string" => json!(""),
            "boolean" => json!(true),
            "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            "number" => json!(0.5),
            other => panic!("a schema has the type {other}"),
        };
        let (answer, text) = self.answer(path, value);
        assert!(!answer.starts_with("invalid type"), "{answer}\n{text}");
        if let Some(most) = schema.get("maximum") {
            let (answer, text) = self.answer(path, json!(most));
            assert!(!answer.starts_with("invalid"), "{answer}\n{text}");
        }
    }

    /// The names that a table may have before its values; one of them.
    fn ask_for_names(&self, schema: &Value, path: &[Step]) -> String {
        let Some(names) = schema.get("propertyNames") else {
            return "a.test".to_owned();
        };
        let Some(names) = names.get("enum").and_then(Value::as_array) else {
            return "192.0.2.1".to_owned();
        };
        let (answer, text) = self.answer(path, json!({ UNKNOWN: {} }));
        assert!(!answer.is_empty(), "any name is taken\n{text}");
        for name in names {
            let (answer, text) = self.answer(path, json!({ name.as_str().unwrap(): {} }));
            assert!(!is_refusal(&answer), "{answer}\n{text}");
        }
        names.first().unwrap().as_str().unwrap().to_owned()
    }
}

fn is_refusal(answer: &str) -> bool {
    ["unknown", "no such", "no version"]
        .iter()
        .any(|word| answer.contains(word))
        && !answer.contains("missing")
}

/// The words that an answer lists.
fn listed(answer: &str) -> BTreeSet<String> {
    let (_, words) = answer.split_once("; known are ").unwrap_or_default();
    words
        .split(", ")
        .flat_map(|words| words.split(" and "))
        // `alert:…` is not a word but a form of words.
        .filter(|word| !word.is_empty() && !word.ends_with('…'))
        .map(str::to_owned)
        .collect()
}
