//! What changes for mail from one main.cf to another.

use std::fmt::Write as _;

use mta_sim::preview::{Destination, Preview, Row, Variant};
use serde::Serialize;
use serde_json::Value;

use crate::print;
use crate::verdict::Verdict;

/// Two previews, and what is different.
#[derive(Serialize)]
struct Comparison<'a> {
    before: &'a Preview,
    after: &'a Preview,
    changes: Vec<Change>,
    /// Destinations whose mail arrived before and does not any more.
    lost: Vec<&'a str>,
}

/// Something that is different.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Change {
    /// The destination; nothing if it is about the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    /// What it is about.
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// Prints what changes; a finding, if mail is lost that arrived before.
pub(super) fn compare(before: &Preview, after: &Preview, json: bool) -> Verdict {
    let comparison = Comparison::of(before, after);
    if json {
        print::json(&comparison);
    } else {
        print::out(&comparison.text());
    }
    match comparison.lost.is_empty() {
        true => Verdict::Fine,
        false => Verdict::Finding,
    }
}

impl<'a> Comparison<'a> {
    fn of(before: &'a Preview, after: &'a Preview) -> Comparison<'a> {
        let mut changes = Vec::new();
        let mut lost = Vec::new();
        for now in &after.destinations {
            let Some(then) = before
                .destinations
                .iter()
                .find(|then| stands_for(then, now))
            else {
                continue;
            };
            changes.extend(of_destination(then, now));
            if arrives(then) && !arrives(now) {
                lost.push(&*now.domain);
            }
        }
        changes.extend(lines("own domain", &before.own_domains, &after.own_domains));
        changes.extend(lines("finding", &before.findings, &after.findings));
        changes.extend(lines("warning", &before.warnings, &after.warnings));
        changes.extend(lines("not known here", &before.not_known, &after.not_known));
        Comparison {
            before,
            after,
            changes,
            lost,
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for domain in &self.lost {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "lost: mail for {domain} arrived before, and does not after"
            );
        }
        for change in &self.changes {
            let domain = change.domain.as_ref();
            let about = domain.map_or_else(String::new, |domain| format!("{domain}, "));
            let _ = match (&change.before, &change.after) {
                (Some(before), Some(after)) => writeln!(
                    text,
                    "{about}{}:\n  before  {before}\n  after   {after}",
                    change.what
                ),
                (Some(before), None) => writeln!(text, "gone: {about}{}: {before}", change.what),
                (None, Some(after)) => writeln!(text, "new: {about}{}: {after}", change.what),
                (None, None) => Ok(()),
            };
        }
        if self.changes.is_empty() {
            text.push_str("Nothing changes.\n");
        }
        text
    }
}

/// Whether what happens at one destination is what happened for the other's mail: a relay for all stands for every domain.
fn stands_for(then: &Destination, now: &Destination) -> bool {
    then.domain == now.domain || then.is_for_all || now.is_for_all
}

fn of_destination(then: &Destination, now: &Destination) -> Vec<Change> {
    let way = |destination: &Destination| {
        let next_hop = destination.next_hop.as_ref();
        next_hop.map_or_else(|| "the domain's own servers".to_owned(), Clone::clone)
    };
    let mut changes = vec![("way".to_owned(), Some(way(then)), Some(way(now)))];
    for (variant, what) in [
        (Variant::Now, "a mail"),
        (Variant::SecondMail, "the second mail there"),
        (Variant::StartTlsRefused, "if STARTTLS is refused"),
        (Variant::TlsBroken, "if every handshake breaks"),
    ] {
        let told = |destination| row(destination, variant).map(|row| row.story.to_string());
        changes.push((what.to_owned(), told(then), told(now)));
    }
    let login = |destination: &Destination| destination.login.as_ref().map(ToString::to_string);
    changes.push(("login".to_owned(), login(then), login(now)));
    let different = changes
        .into_iter()
        .filter(|(_, before, after)| before != after);
    different
        .map(|(what, before, after)| Change {
            domain: Some(now.domain.clone()),
            what,
            before,
            after,
        })
        .collect()
}

fn row(destination: &Destination, variant: Variant) -> Option<&Row> {
    destination.rows.iter().find(|row| row.variant == variant)
}

fn arrives(destination: &Destination) -> bool {
    row(destination, Variant::Now).is_some_and(|row| row.story.is_sent())
}

/// What is told of one file alone. Where it stands in the file does not count.
fn lines<T: ToString + Serialize>(what: &str, before: &[T], after: &[T]) -> Vec<Change> {
    let missing = |from: &[T], other: &[T]| {
        let known: Vec<Value> = other.iter().map(without_place).collect();
        let missing = from
            .iter()
            .filter(|told| !known.contains(&without_place(told)));
        missing.map(ToString::to_string).collect::<Vec<_>>()
    };
    let gone = missing(before, after).into_iter();
    let new = missing(after, before).into_iter();
    let gone = gone.map(|text| (Some(text), None));
    gone.chain(new.map(|text| (None, Some(text))))
        .map(|(before, after)| Change {
            domain: None,
            what: what.to_owned(),
            before,
            after,
        })
        .collect()
}

fn without_place(told: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(told).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|field, _| field != "file" && field != "line");
    }
    value
}
