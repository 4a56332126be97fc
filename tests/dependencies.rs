//! What is depended on is what `deny.toml` allows: licences, bans, sources.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, ParseMode};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn deny() -> toml::Table {
    let text = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    text.parse().unwrap()
}

/// Every package that is built with any feature, this workspace's own among them.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version=1"])
        .arg("--all-features")
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    metadata["packages"].as_array().unwrap().clone()
}

fn words(list: &toml::Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter().map(|word| word.as_str().unwrap()).collect()
}

/// Whether a licence expression can be met by the allowed licences alone.
fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let expression = Expression::parse_mode(expression, ParseMode::LAX).unwrap();
    expression.evaluate(|requirement| {
        let licence = requirement.license.id();
        licence.is_some_and(|licence| allowed.contains(&licence.name))
    })
}

#[test]
fn every_licence_is_allowed() {
    let deny = deny();
    let allowed = words(&deny["licenses"]["allow"]);
    let packages = packages();
    assert!(packages.len() > 100, "cargo metadata lists {packages:?}");
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default();
        let name = &package["name"];
        assert!(is_met(licence, &allowed), "{name} is under {licence:?}");
    }
}

#[test]
fn a_licence_is_met_by_one_way_of_several() {
    let allowed = ["MIT", "ISC"];
    assert!(is_met("MIT/Apache-2.0", &allowed));
    assert!(is_met("ISC AND (Apache-2.0 OR MIT)", &allowed));
    assert!(!is_met("ISC AND Apache-2.0", &allowed));
    assert!(!is_met("GPL-3.0-only", &allowed));
}

#[test]
fn nothing_banned_is_built_and_all_comes_from_the_registry() {
    let deny = deny();
    let banned = deny["bans"]["deny"].as_array().unwrap();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let is_banned = banned.iter().any(|ban| ban["name"].as_str() == Some(name));
        assert!(!is_banned, "{name} is banned");
        let source = package["source"].as_str().unwrap_or("this workspace");
        let known = source == "this workspace" || source.starts_with("registry+");
        assert!(known, "{name} comes from {source}");
    }
}
