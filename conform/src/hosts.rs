//! `/etc/hosts`: what the sender's system knows of hosts before it asks DNS (hosts(5)).

use std::collections::BTreeMap;
use std::net::IpAddr;

use mta_core::dns::{Kind, Question};

use crate::case::Record;

/// The hosts of the file, by name in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hosts(BTreeMap<String, Vec<IpAddr>>);

impl Hosts {
    /// Reads lines `ADDRESS NAME...`; unparsable lines are skipped, as the C library does.
    pub(crate) fn read(text: &str) -> Hosts {
        let mut hosts = Hosts::default();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_ascii_whitespace();
            let address = words.next().and_then(|word| word.parse().ok());
            let Some(address) = address else { continue };
            for name in words {
                let addresses = hosts.0.entry(name.to_ascii_lowercase()).or_default();
                addresses.push(address);
            }
        }
        hosts
    }

    /// Whether the file answers this question, so that DNS never hears it.
    pub(crate) fn answers(&self, question: &Question) -> bool {
        matches!(question.kind, Kind::A | Kind::Aaaa) && self.know(&question.name)
    }

    fn know(&self, name: &str) -> bool {
        self.0.contains_key(&name.to_ascii_lowercase())
    }

    /// What the system's resolver says: the file where it knows a host, DNS where it does not.
    pub(crate) fn before(&self, records: &[Record]) -> Vec<Record> {
        let of_host = |record: &Record| matches!(record.kind.as_str(), "A" | "AAAA" | "CNAME");
        let mut all = records.to_vec();
        all.retain(|record| !(of_host(record) && self.know(&record.name)));
        for (name, addresses) in &self.0 {
            for address in addresses {
                let kind = if address.is_ipv4() { "A" } else { "AAAA" };
                all.push(Record {
                    name: name.clone(),
                    kind: kind.to_owned(),
                    data: vec![address.to_string()],
                    // A file is nothing that DNSSEC could vouch for.
                    ad: Some(false),
                    rcode: None,
                });
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_before_dns() {
        let hosts = Hosts::read("127.0.1.1 MX1.example.test mx1 # the first\n# 1.2.3.4 no\nwhat\n");
        let question = |name: &str, kind| Question {
            name: name.into(),
            kind,
        };
        assert!(hosts.answers(&question("mx1.example.test", Kind::A)));
        assert!(!hosts.answers(&question("mx1.example.test", Kind::Tlsa)));
        assert!(!hosts.answers(&question("no", Kind::A)));
        let dns = Record {
            name: "mx1".to_owned(),
            kind: "A".to_owned(),
            data: vec!["127.0.1.9".to_owned()],
            ad: None,
            rcode: None,
        };
        let all = hosts.before(&[dns]);
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|record| record.data == ["127.0.1.1"]));
    }
}
