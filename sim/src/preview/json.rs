//! A preview as JSON: each finding, each warning and whatever else is told has a kind, a place and a text.

use serde::{Serialize, Serializer};

use super::answer::{Destination, Preview};
use super::finding::Finding;
use super::not_known::NotKnown;
use super::note::Note;
use super::own_domain::OwnDomain;
use crate::view::Told;

#[derive(Serialize)]
struct View<'a> {
    postfix: &'a str,
    seed: u64,
    crypto: &'a str,
    warnings: &'a [Told],
    destinations: &'a [Destination],
    #[serde(skip_serializing_if = "<[OwnDomain]>::is_empty")]
    own_domains: &'a [OwnDomain],
    findings: Vec<Found<'a>>,
    not_known: Vec<WithText<&'a NotKnown>>,
    notes: Vec<WithText<&'a Note>>,
}

#[derive(Serialize)]
struct Found<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
    text: String,
}

#[derive(Serialize)]
struct WithText<T> {
    #[serde(flatten)]
    told: T,
    text: String,
}

impl Serialize for Preview {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Preview {
            postfix,
            seed,
            crypto,
            warnings,
            destinations,
            own_domains,
            findings,
            not_known,
            notes,
            places,
        } = self;
        let view = View {
            postfix,
            seed: *seed,
            crypto,
            warnings,
            destinations,
            own_domains,
            findings: findings
                .iter()
                .map(|finding| {
                    let (parameter, line) = places.find(finding);
                    Found {
                        finding,
                        file: &places.file,
                        line,
                        parameter,
                        text: finding.to_string(),
                    }
                })
                .collect(),
            not_known: not_known
                .iter()
                .map(|told| WithText {
                    text: told.to_string(),
                    told,
                })
                .collect(),
            notes: notes
                .iter()
                .map(|told| WithText {
                    text: told.to_string(),
                    told,
                })
                .collect(),
        };
        view.serialize(serializer)
    }
}
