//! `mta-sim list --providers`: what is known of whom, where from, and of when.

use std::fmt::Write as _;

use mta_sim::date::Date;
use mta_sim::library::Catalogue;
use mta_sim::peer::{Fact, Knowledge, PeerSpec};
use serde::Serialize;

use super::today;
use crate::args::ListArgs;
use crate::print;
use crate::verdict::Verdict;

/// A peer that stands for a provider or a product.
#[derive(Serialize)]
struct Provider<'a> {
    name: &'a str,
    summary: &'a str,
    domains: &'a [String],
    relay: &'a [String],
    facts: Vec<Known<'a>>,
}

/// A fact, and whether it is old today.
#[derive(Serialize)]
struct Known<'a> {
    #[serde(flatten)]
    fact: &'a Fact,
    old: bool,
}

pub(super) fn list(catalogue: &Catalogue, args: &ListArgs) -> Verdict {
    let today = args.today.unwrap_or_else(today);
    let providers: Vec<Provider<'_>> = catalogue
        .peers()
        .iter()
        .filter(|(_, peer)| !peer.facts.is_empty())
        .map(|(name, peer)| Provider::of(name, peer, today))
        .collect();
    if args.json {
        print::json(&providers);
    } else {
        print::out(&text(&providers, today));
    }
    if providers
        .iter()
        .flat_map(|provider| &provider.facts)
        .any(|known| known.old)
    {
        Verdict::Finding
    } else {
        Verdict::Fine
    }
}

impl<'a> Provider<'a> {
    fn of(name: &'a str, peer: &'a PeerSpec, today: Date) -> Self {
        let known = |fact: &'a Fact| Known {
            fact,
            old: fact.is_old(today),
        };
        Provider {
            name,
            summary: &peer.summary,
            domains: &peer.domains,
            relay: &peer.relay,
            facts: peer.facts.iter().map(known).collect(),
        }
    }
}

fn text(providers: &[Provider<'_>], today: Date) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    for provider in providers {
        let _ = writeln!(text, "{:<20} {}", provider.name, provider.summary);
        if !provider.domains.is_empty() {
            let _ = writeln!(text, "  --to {}", provider.domains.join(", "));
        }
        if !provider.relay.is_empty() {
            let _ = writeln!(text, "  relay {}", provider.relay.join(", "));
        }
        for Known { fact, old } in &provider.facts {
            let kind = match fact.kind {
                Knowledge::Seen => "seen",
                Knowledge::Approximate => "approximate",
            };
            let _ = writeln!(
                text,
                "  {:<11} {kind:<12} {}: {}",
                fact.as_of.to_string(),
                fact.about,
                fact.source
            );
            if *old {
                let _ = writeln!(
                    text,
                    "  {:<11} OLD: more than {} months ago on {today}",
                    "", fact.months
                );
            }
        }
        text.push('\n');
    }
    let facts = || providers.iter().flat_map(|provider| &provider.facts);
    let _ = writeln!(
        text,
        "{} profiles, {} facts, {} of them approximate, {} old on {today}",
        providers.len(),
        facts().count(),
        facts()
            .filter(|known| known.fact.kind == Knowledge::Approximate)
            .count(),
        facts().filter(|known| known.old).count()
    );
    text
}
