//! `mta-sim list`

use std::fmt::Write as _;

use mta_sim::library::Catalogue;
use serde::Serialize;

use super::providers;
use crate::args::ListArgs;
use crate::print;
use crate::verdict::{Usage, Verdict};

/// What there is.
#[derive(Serialize)]
struct List {
    #[serde(skip_serializing_if = "Option::is_none")]
    scenarios: Option<Vec<Entry>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worlds: Option<Vec<Entry>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peers: Option<Vec<Entry>>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    summary: String,
    /// The domains that a peer is known for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    domains: Vec<String>,
    /// The date of what is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
}

pub(crate) fn list(args: &ListArgs) -> Result<Verdict, Usage> {
    let catalogue = Catalogue::shared();
    if args.providers {
        return Ok(providers::list(catalogue, args));
    }
    let worlds = catalogue.worlds().iter().map(|(name, world)| Entry {
        name: name.clone(),
        summary: world.summary.clone(),
        domains: Vec::new(),
        as_of: None,
    });
    let scenarios = catalogue.scenarios().iter().map(|(name, scenario)| Entry {
        name: name.clone(),
        summary: scenario.summary.clone(),
        domains: Vec::new(),
        as_of: None,
    });
    let peers = catalogue.peers().iter().map(|(name, peer)| Entry {
        name: name.clone(),
        summary: peer.summary.clone(),
        domains: peer.domains.clone(),
        as_of: peer.as_of.clone(),
    });
    let all = !(args.scenarios || args.worlds || args.peers);
    let list = List {
        scenarios: (all || args.scenarios).then(|| scenarios.collect()),
        worlds: (all || args.worlds).then(|| worlds.collect()),
        peers: (all || args.peers).then(|| peers.collect()),
    };
    if args.json {
        print::json(&list);
    } else {
        print::out(&list.text());
    }
    Ok(Verdict::Fine)
}

impl List {
    fn text(&self) -> String {
        let mut text = String::new();
        for (heading, entries) in [
            ("Scenarios (mta-sim run NAME)", &self.scenarios),
            ("Worlds", &self.worlds),
            ("Peers", &self.peers),
        ] {
            let Some(entries) = entries else { continue };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{heading}:");
            for entry in entries {
                let _ = write!(text, "  {:<36} {}", entry.name, entry.summary);
                if !entry.domains.is_empty() {
                    let _ = write!(text, " [{}]", entry.domains.join(", "));
                }
                if let Some(date) = &entry.as_of {
                    let _ = write!(text, " (as of {date})");
                }
                text.push('\n');
            }
        }
        text
    }
}
