//! Which keys are tried in `smtp_tls_policy_maps`.

use super::entry::{Entry, Invalid, odd_entry};
use crate::config::{Release, is_host_name};
use crate::event::{EntryFault, Notice};
use crate::maps::Maps;

/// What the tables say of a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: what main.cf says holds.
    Nothing,
    /// A policy.
    Entry {
        /// The policy.
        entry: Box<Entry>,
        /// What Postfix remarks on.
        notices: Vec<Notice>,
    },
    /// A policy that is invalid, or no answer: mail to the destination waits.
    Invalid {
        /// What was read of the policy before the fault.
        before: Option<Box<Entry>>,
        /// What Postfix remarks on.
        notices: Vec<Notice>,
    },
}

/// Looks up the policy for `nexthop`, which is written as in the transport table: `example.test`, `[host]:port`. A
/// domain is followed by its parents, each with a dot before it; the first key that is found wins.
pub fn look_up(maps: &Maps, nexthop: &str, release: Release) -> Found {
    let has_parents = is_domain(nexthop);
    let mut key = nexthop;
    loop {
        match maps.find(key) {
            Ok(None) => {}
            Ok(Some(text)) => {
                let parsed = Entry::parse(&text, release, maps.title(), key);
                let notices = parsed.notices;
                return match parsed.entry {
                    Ok(entry) => Found::Entry {
                        entry: Box::new(entry),
                        notices,
                    },
                    Err(Invalid { before }) => Found::Invalid { before, notices },
                };
            }
            Err(fault) => {
                let mut notices: Vec<Notice> =
                    fault.notices.into_iter().map(Notice::from).collect();
                notices.push(odd_entry(maps.title(), key, EntryFault::LookupFailed));
                let before = None;
                return Found::Invalid { before, notices };
            }
        }
        let dot = key.char_indices().skip(1).find(|(_, c)| *c == '.');
        match dot.and_then(|(at, _)| key.get(at..)) {
            Some(parent) if has_parents => key = parent,
            Some(_) | None => return Found::Nothing,
        }
    }
}

/// Whether `text` is a host name; letters outside ASCII are taken for those of an internationalised one
/// (src/util/valid_utf8_hostname.c).
fn is_domain(text: &str) -> bool {
    let ascii: String = text
        .chars()
        .map(|c| match c {
            c if c.is_ascii() => c,
            c if c.is_alphanumeric() => 'x',
            _ => ' ',
        })
        .collect();
    is_host_name(&ascii)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Level;

    fn level(table: &str, nexthop: &str) -> Option<Level> {
        let maps = Maps::load("smtp_tls_policy_maps", table, &mut |_| None).unwrap();
        match look_up(&maps, nexthop, Release::V3_7) {
            Found::Entry { entry, .. } => Some(entry.level),
            Found::Nothing => None,
            Found::Invalid { notices, .. } => panic!("{notices:?}"),
        }
    }

    #[test]
    fn a_domain_is_followed_by_its_parents_nearest_first() {
        let table = "inline:{ .b.test=encrypt, .test=none, b.test=may }";
        assert_eq!(level(table, "a.b.test"), Some(Level::Encrypt));
        assert_eq!(level(table, "B.test"), Some(Level::May));
        assert_eq!(level(table, "c.test"), Some(Level::None));
        assert_eq!(level(table, "test"), None);
        assert_eq!(level("inline:{ .b.test=encrypt }", "b.test"), None);
    }

    #[test]
    fn brackets_and_ports_are_other_keys_without_parents() {
        let table = "inline:{ .test=none, a.test=may, [a.test]=encrypt, [a.test]:25=secure }";
        assert_eq!(level(table, "[a.test]"), Some(Level::Encrypt));
        assert_eq!(level(table, "[a.test]:25"), Some(Level::Secure));
        assert_eq!(level(table, "[a.test]:587"), None);
        assert_eq!(level(table, "a.test:25"), None);
        assert_eq!(level(table, "[b.test]"), None);
    }

    #[test]
    fn an_internationalised_domain_has_parents_too() {
        assert_eq!(
            level("inline:{ .test=encrypt }", "bücher.test"),
            Some(Level::Encrypt)
        );
    }
}
