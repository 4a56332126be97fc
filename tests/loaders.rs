//! Whatever stands in a file: it is refused with a place in it, or it loads, and what loads can be run.
//!
//! `PROPTEST_CASES=20000 cargo test --release --test loaders` goes on for longer.

mod harness;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use harness::change::{Change, apply};
use harness::{behaviours, catalogue};
use mta_core::config::Release;
use mta_sim::library::check::check;
use mta_sim::library::{Catalogue, World};
use mta_sim::peer::PeerSpec;
use mta_sim::plan::Plan;
use mta_sim::run::Driver;
use mta_sim::scenario::Scenario;
use mta_sim::seed::Seed;
use proptest::prelude::*;
use proptest::sample::Index;
use toml::{Table, Value};

/// Two attempts, and what is slow within them.
const LIMIT: Duration = Duration::from_secs(600);

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(catalogue);

/// Every file of the catalogue and every example of the guide: its folder, and what it holds.
static FILES: LazyLock<Vec<(String, Table)>> = LazyLock::new(|| {
    let mut files = Vec::new();
    for folder in ["peers", "worlds", "cases", "rows"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("scenarios")
            .join(folder);
        let mut paths: Vec<_> = fs::read_dir(path)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "toml")
            })
            .collect();
        paths.sort();
        for path in paths {
            let text = fs::read_to_string(path).expect("a file");
            files.push((folder.to_owned(), text.parse().expect("TOML")));
        }
    }
    files.extend(examples());
    files
});

/// The examples of the guide, which use words that no file of the catalogue needs.
fn examples() -> Vec<(String, Table)> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/guide");
    let mut pages: Vec<_> = fs::read_dir(guide)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    pages.sort();
    let mut found = Vec::new();
    for page in pages {
        let text = fs::read_to_string(page).expect("a page");
        for block in text.split("\n```toml ").skip(1) {
            let (about, rest) = block.split_once('\n').expect("a line");
            let (example, _) = rest.split_once("```").expect("an end");
            let folder = match about.split(' ').next() {
                Some("peer") => "peers",
                Some("world") => "worlds",
                Some("scenario") => "cases",
                _ => continue,
            };
            found.push((folder.to_owned(), example.parse().expect("TOML")));
        }
    }
    assert!(found.len() > 20, "only {} examples", found.len());
    found
}

/// Every key and every word that a file of the catalogue holds.
static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut words = Vec::new();
    for (_, table) in FILES.iter() {
        collect(&Value::Table(table.clone()), &mut words);
    }
    words.sort();
    words.dedup();
    words
});

fn collect(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                words.push(key.clone());
                collect(value, words);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, words)),
        Value::String(text) => words.push(text.clone()),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

/// Puts the text before everything that reads files, and runs what can be read.
fn offer(folder: &str, text: &str) -> Result<(), TestCaseError> {
    let file = format!("{folder}/mine.toml");
    for problem in check(&file, text, &CATALOGUE).problems {
        prop_assert!(problem.line >= 1 && problem.column >= 1, "{problem}");
        prop_assert!(!problem.message.is_empty() && problem.message.chars().count() < 2100);
        prop_assert!(!problem.message.contains('\n'), "{problem}");
    }
    match folder {
        "peers" => {
            if let Ok(peer) = PeerSpec::load_in(&file, text, &CATALOGUE) {
                let world = CATALOGUE.world("w0").expect("the reference").clone();
                let world = world.with_peer("mx1.example.test", peer).expect("its host");
                run(world
                    .plan(LEVEL_MAY, Release::V3_12, Seed(1), &CATALOGUE)
                    .ok());
            }
        }
        "worlds" => {
            if let Ok(world) = World::load(&file, text, &CATALOGUE) {
                run(world
                    .plan(LEVEL_MAY, Release::V3_7, Seed(1), &CATALOGUE)
                    .ok());
            }
        }
        "cases" => {
            if let Ok(scenario) = Scenario::load_in(&file, text, &CATALOGUE) {
                run(scenario.plan_for(Release::V3_12, Seed(1), &CATALOGUE).ok());
            }
        }
        _ => {
            let mut behaviours = behaviours();
            let _ = behaviours.add_rows("mine", text);
            let _ = behaviours.set_corrections(text);
        }
    }
    Ok(())
}

const LEVEL_MAY: &str = "smtp_tls_security_level = may\n\
    smtp_tls_session_cache_database = btree:$data_directory/smtp_scache\n";

fn run(plan: Option<Plan>) {
    if let Some(mut plan) = plan {
        plan.limit = plan.limit.min(LIMIT);
        // What cannot be built is reported; what can be comes to an end.
        let _ = plan.run(Driver::Memory);
    }
}

fn word() -> impl Strategy<Value = String> {
    any::<Index>().prop_map(|index| index.get(&WORDS).clone())
}

/// A value that nobody expects where it stands.
fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            i64::MIN,
            -1,
            0,
            1,
            2,
            7,
            255,
            65_536,
            u32::MAX.into(),
            i64::MAX
        ])
        .prop_map(Value::Integer),
        prop::sample::select(vec![f64::NAN, f64::INFINITY, -0.0, 0.5, 1.5, 1e300])
            .prop_map(Value::Float),
        any::<bool>().prop_map(Value::Boolean),
        word().prop_map(Value::String),
        "\\PC{0,12}".prop_map(Value::String),
        prop::sample::select(vec![
            "",
            "0s",
            "1ms",
            "100y",
            "99999999999999999999d",
            "-5s",
            "{",
            "}",
            "{sender",
            "{{}}",
            "\0",
            "\r\n",
            ".",
            "..",
            "a..b",
            "xn--",
            "é.test",
            "[192.0.2.1]",
            "[IPv6:::1]",
            "::",
            "0.0.0.0",
            "255.255.255.255",
            "D:9.9.9",
            "P@2",
            "<leaf:",
            "<leaf:x>",
            "3 1 1 <leaf:mx1.example.test>",
            "256 0 0 00",
            "1-0",
            "4294967295",
            "*",
        ])
        .prop_map(|text| Value::String(text.to_owned())),
        Just(Value::String("1979-05-27T07:32:00Z".to_owned())),
        Just(Value::Datetime(
            "1979-05-27T07:32:00Z".parse().expect("a time")
        )),
    ];
    let nested = leaf.clone().prop_recursive(6, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((word(), inner), 0..4)
                .prop_map(|pairs| Value::Table(pairs.into_iter().collect())),
        ]
    });
    let deep = |depth| (0..depth).fold(Value::Integer(1), |value, _| Value::Array(vec![value]));
    prop_oneof![
        12 => nested,
        1 => leaf.prop_map(|value| Value::Array(vec![value; 300])),
        1 => Just(Value::String("x".repeat(100_000))),
        1 => (0..200).prop_map(deep),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        3 => (at(), odd()).prop_map(|(place, value)| Change::Replace(place, value)),
        2 => (at(), word()).prop_map(|(place, key)| Change::Rename(place, key)),
        1 => at().prop_map(Change::Remove),
        2 => (at(), at()).prop_map(|(one, other)| Change::Swap(one, other)),
        1 => (at(), any::<u8>()).prop_map(|(place, times)| Change::Repeat(place, times)),
        2 => (at(), word(), odd()).prop_map(|(place, key, value)| Change::Add(place, key, value)),
        6 => (at(), at(), at()).prop_map(|(place, file, from)| Change::Graft(place, file, from)),
    ]
}

/// Lines as a person types them: keys, headers and values that the catalogue knows, and slips.
fn typed() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        odd().prop_map(|value| value.to_string()),
        word().prop_map(|word| format!("'{word}'")),
        "[ -~]{0,20}".prop_map(|text| text),
    ];
    let line = prop_oneof![
        (word(), value).prop_map(|(key, value)| format!("{key} = {value}")),
        word().prop_map(|word| format!("[{word}]")),
        word().prop_map(|word| format!("[[{word}]]")),
        "\\PC{0,30}".prop_map(|text| text),
    ];
    prop::collection::vec(line, 0..8).prop_map(|lines| {
        lines.iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        })
    })
}

fn folder() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["peers", "worlds", "cases", "rows"])
}

/// As many as `PROPTEST_CASES` says, or so many.
fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(usual),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn arbitrary_text_is_refused_or_runs(
        folder in folder(),
        text in prop_oneof!["\\PC{0,200}", "(?s).{0,200}", "[\\[\\]{}=\"'#.a-z0-9\n]{0,120}", typed()],
    ) {
        offer(folder, &text)?;
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn files_of_the_right_shape_are_refused_or_run(
        file in any::<Index>(),
        changes in prop::collection::vec(change(), 1..5),
    ) {
        let (folder, table) = file.get(&FILES);
        let mut root = Value::Table(table.clone());
        changes.iter().for_each(|change| apply(&mut root, change, &FILES));
        if let Ok(text) = toml::to_string(&root) {
            offer(folder, &text)?;
        }
    }
}

#[test]
fn changed_files_are_sometimes_still_good() {
    // Otherwise nothing would run above.
    let (folder, table) = FILES.first().expect("a file");
    let text = toml::to_string(table).expect("TOML");
    assert_eq!(folder, "peers");
    assert!(PeerSpec::load_in("peers/mine.toml", &text, &CATALOGUE).is_ok());
}
