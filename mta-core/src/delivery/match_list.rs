//! Turns the words of match lists and of SNI into names.

use std::sync::Arc;

use super::destination::Destination;
use crate::config::is_host_name;
use crate::dns::ascii_name;
use crate::event::Server;
use crate::policy::{Matching, Name, Tlsa};

/// It is not a host name.
pub(super) struct NoHostName;

/// What SNI says: nothing, the host's name, the destination's, or this very name.
pub(super) fn server_name(
    word: &str,
    destination: &Destination,
    server: &Server,
) -> Result<Option<Arc<str>>, NoHostName> {
    let name = match word {
        "" => return Ok(None),
        "hostname" => server.host.clone(),
        "nexthop" => destination.domain.clone(),
        name if is_host_name(name) => name.into(),
        _ => return Err(NoHostName),
    };
    Ok(Some(ascii_name(&name)))
}

/// The words of a match list in main.cf.
pub(super) fn listed(list: &str) -> impl Iterator<Item = &str> {
    list.split([' ', '\t', '\r', '\n', ',', ':'])
        .filter(|word| !word.is_empty())
}

/// A match list, with its words put into names (src/tls/tls_client.c).
pub(super) fn names<'a>(
    list: impl Iterator<Item = &'a str>,
    anchors: Option<Arc<[Tlsa]>>,
    destination: &Destination,
    server: &Server,
) -> Matching {
    let (mut wanted, mut ignored) = (Vec::new(), Vec::new());
    for word in list {
        match (word, word.strip_prefix('.')) {
            ("hostname", _) => wanted.push(Name::Host(ascii_name(&server.host))),
            ("nexthop", _) => wanted.push(Name::Host(ascii_name(&destination.domain))),
            ("dot-nexthop", _) => wanted.push(Name::Below(ascii_name(&destination.domain))),
            (_, Some("")) => ignored.push(word.into()),
            (_, Some(domain)) => wanted.push(Name::Below(ascii_name(domain))),
            (name, None) => wanted.push(Name::Host(ascii_name(name))),
        }
    }
    Matching::Names {
        wanted: wanted.into(),
        ignored: ignored.into(),
        anchors,
    }
}
