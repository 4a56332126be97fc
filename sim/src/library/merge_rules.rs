//! How the words of a file meet those of the one that it builds on.

use super::FileKind;
use crate::file::MergeRule;

/// What a file says of itself, and the next one does not say after it.
pub(super) const fn own_keys(kind: FileKind) -> &'static [&'static str] {
    match kind {
        FileKind::Peer => &[
            "summary", "breaks", "source", "as-of", "fact", "domains", "relay",
        ],
        FileKind::World => &["summary", "breaks", "source"],
        // Nothing builds on a scenario.
        FileKind::Scenario => &[],
    }
}

/// How values meet those of a file of this kind.
pub(super) const fn rule(kind: FileKind) -> fn(&[String]) -> MergeRule {
    match kind {
        FileKind::Peer => of_peer,
        FileKind::World | FileKind::Scenario => of_world,
    }
}

fn of_peer(path: &[String]) -> MergeRule {
    let mut words = path.iter().map(String::as_str);
    match (words.next(), words.next(), words.next()) {
        // The first rule that applies counts: those of the peer itself.
        (Some("on"), None, _) => MergeRule::Before,
        // A reply is one thing, however it is written.
        (Some("greeting"), None, _) | (Some("replies"), Some(_), None) => MergeRule::Replace,
        _ => MergeRule::Merge,
    }
}

fn of_world(path: &[String]) -> MergeRule {
    match path.last().map(String::as_str) {
        // Tables that stand for one thing, however much the upper leaves unsaid.
        Some("peer") => MergeRule::Replace,
        Some("domain" | "dns") => MergeRule::ByName("name"),
        Some("mx") => MergeRule::ByName("host"),
        _ => MergeRule::Merge,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::lay_over;
    use toml::Table;
    use toml::de::{DeTable, Deserializer};

    fn merged(kind: FileKind, lower: &str, upper: &str) -> Table {
        let mut tree = DeTable::parse(lower).unwrap();
        let upper = DeTable::parse(upper).unwrap().into_inner();
        lay_over(tree.get_mut(), upper, rule(kind));
        serde::Deserialize::deserialize(Deserializer::from(tree)).unwrap()
    }

    #[test]
    fn domains_and_names_of_worlds_merge_by_their_names() {
        let lower = "
            latency = '1ms'
            files = { a = '1', b = '2' }
            message = [{ to = ['a'] }, { to = ['b'] }]
            dns = [{ name = 'mx1.test', a = ['192.0.2.1'], fault.a = 'servfail' }, { name = '.', dnssec = 'secure' }]
            [[domain]]
            name = 'test'
            mx = [{ host = 'mx1.test', preference = 5 }, { host = 'mx2.test' }]
        ";
        let upper = "
            files = { b = '3' }
            message = [{ to = ['c'] }]
            dns = [{ name = 'MX1.test.', a = ['192.0.2.9'], fault.aaaa = 'timeout' }, { name = 'new.test' }]
            [[domain]]
            name = 'test'
            mx = [{ host = 'mx1.test', down = true }, { host = 'mx3.test' }]
        ";
        let expected = "
            latency = '1ms'
            files = { a = '1', b = '3' }
            message = [{ to = ['c'] }]
            [[dns]]
            name = 'MX1.test.'
            a = ['192.0.2.9']
            fault = { a = 'servfail', aaaa = 'timeout' }
            [[dns]]
            name = '.'
            dnssec = 'secure'
            [[dns]]
            name = 'new.test'
            [[domain]]
            name = 'test'
            mx = [{ host = 'mx1.test', preference = 5, down = true }, { host = 'mx2.test' }, { host = 'mx3.test' }]
        ";
        let expected: Table = expected.parse().unwrap();
        assert_eq!(merged(FileKind::World, lower, upper), expected);
    }

    #[test]
    fn a_peer_of_a_world_takes_the_place_of_another() {
        let lower = "domain = [{ name = 'test', peer = { greeting = '220 a', tls.tickets = 1 } }]";
        let upper = "domain = [{ name = 'test', peer = { tls.tickets = 0 } }]";
        let expected: Table = upper.parse().unwrap();
        assert_eq!(merged(FileKind::World, lower, upper), expected);
    }

    #[test]
    fn rules_of_a_peer_come_before_those_it_builds_on() {
        let lower = "greeting.lines = ['220 a']\nreplies.QUIT = { text = '221' }\ntls.tickets = 1\non = [1]";
        let upper =
            "greeting.text = '220 b'\nreplies.QUIT = { lines = [] }\ntls.versions = []\non = [0]";
        let expected = "greeting.text = '220 b'\nreplies.QUIT = { lines = [] }\ntls = { tickets = 1, versions = [] }\non = [0, 1]";
        let expected: Table = expected.parse().unwrap();
        assert_eq!(merged(FileKind::Peer, lower, upper), expected);
    }
}
