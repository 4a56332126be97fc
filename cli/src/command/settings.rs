//! `mta-sim settings`

use std::fmt::Write as _;

use mta_core::config::{InForce, MainCf, Settings};
use mta_sim::plan::{HostSpec, PlanError};
use mta_sim::view::{self, Told};
use mta_sim::world::ClientSpec;
use serde::Serialize;

use super::main_cf;
use crate::args::{PostconfForm, SettingsArgs};
use crate::print;
use crate::verdict::{Usage, Verdict};

/// What is in force.
#[derive(Serialize)]
struct Listing {
    postfix: String,
    warnings: Vec<Told>,
    settings: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    value: String,
    /// The value as it is written, where that is not the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    /// The file that sets it; the default holds without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    meaning: &'static str,
}

pub(crate) fn settings(args: &SettingsArgs) -> Result<Verdict, Usage> {
    let (file, text) = match &args.main_cf {
        Some(path) => main_cf::read(path)?,
        None => ("main.cf".to_owned(), "".into()),
    };
    let main_cf = MainCf::parse_bytes(&file, &text);
    let host = HostSpec::named(&args.hostname).machine(&ClientSpec::default());
    let told = |errors| main_cf::refused(&file, &text, &PlanError::Config(errors));
    let (_, warnings) = Settings::from_main_cf(&main_cf, args.for_postfix, &host).map_err(told)?;
    let mut in_force = Settings::in_force(&main_cf, args.for_postfix, &host).map_err(told)?;
    let only_set = args.set || args.postconf == Some(PostconfForm::N);
    in_force.retain(|one| !only_set || one.place.is_some());
    let warnings = view::told(&warnings);
    if args.json {
        print::json(&Listing {
            postfix: args.for_postfix.to_string(),
            warnings,
            settings: in_force.into_iter().map(Row::from).collect(),
        });
        return Ok(Verdict::Fine);
    }
    for warning in &warnings {
        print::error(&format!("warning: {warning}"));
    }
    print::out(&match args.postconf {
        Some(form) => as_postconf(in_force, form),
        None => text_of(&in_force),
    });
    Ok(Verdict::Fine)
}

impl From<InForce> for Row {
    fn from(one: InForce) -> Self {
        Row {
            name: one.parameter.name,
            file: one.place.as_ref().map(|place| place.file().to_owned()),
            line: one.place.as_ref().and_then(|place| place.line()),
            raw: Some(one.raw).filter(|raw| *raw != one.value),
            value: one.value,
            meaning: one.parameter.meaning,
        }
    }
}

/// As postconf(1) prints it.
fn as_postconf(mut in_force: Vec<InForce>, form: PostconfForm) -> String {
    in_force.sort_by_key(|one| one.parameter.name);
    let mut text = String::new();
    for one in &in_force {
        // Writing to a String cannot fail.
        let value = match form {
            PostconfForm::N => &one.raw,
            PostconfForm::X => &one.value,
        };
        let words: Vec<&str> = value.split_whitespace().collect();
        let _ = writeln!(text, "{} = {}", one.parameter.name, words.join(" "));
    }
    text
}

/// Each with the line that sets it, what is set before the defaults.
fn text_of(in_force: &[InForce]) -> String {
    let (set, defaults): (Vec<&InForce>, Vec<&InForce>) =
        in_force.iter().partition(|one| one.place.is_some());
    let mut text = String::new();
    for (heading, rows) in [("Set in main.cf", set), ("Defaults", defaults)] {
        if rows.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{heading}:");
        for one in rows {
            let line = assignment(one.parameter.name, &one.value);
            let _ = match &one.place {
                Some(place) => writeln!(text, "  {line:<60} {place}"),
                None => writeln!(text, "  {line}"),
            };
        }
    }
    text
}

fn assignment(name: &str, value: &str) -> String {
    format!("{name} = {value}").trim_end().to_owned()
}
