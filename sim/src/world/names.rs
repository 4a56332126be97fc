//! The DNS data that a world's domains imply, found by name.

use std::collections::BTreeMap;

use crate::dns::NameSpec;

/// Names in the order in which they came, none of them twice as it is spelt.
#[derive(Debug, Default)]
pub(super) struct Names {
    all: Vec<NameSpec>,
    /// Where the spellings of a name are, the first one first; by the name as DNS compares it.
    places: BTreeMap<String, Vec<usize>>,
}

impl Names {
    /// The data of a name that is spelt so, which may be a domain, a host, or both.
    pub(super) fn spelt(&mut self, name: &str) -> &mut NameSpec {
        let places = self.places.entry(bare(name)).or_default();
        let known = places
            .iter()
            .find(|place| self.all.get(**place).is_some_and(|it| it.name == name));
        let place = known.copied().unwrap_or(self.all.len());
        if place == self.all.len() {
            places.push(place);
            self.all.push(NameSpec {
                name: name.to_owned(),
                ..NameSpec::default()
            });
        }
        &mut self.all[place]
    }

    /// Adds data that come with a peer: beside what its hosts imply, or with it where the name is the same.
    pub(super) fn add(&mut self, name: &NameSpec) {
        let places = self.places.entry(bare(&name.name)).or_default();
        match places.first().and_then(|place| self.all.get_mut(*place)) {
            Some(known) => {
                let implied = std::mem::replace(known, name.clone());
                if known.mx.is_empty() {
                    known.mx = implied.mx;
                }
                if known.a.is_empty() && known.aaaa.is_empty() {
                    (known.a, known.aaaa) = (implied.a, implied.aaaa);
                }
                known.dnssec = known.dnssec.take().or(implied.dnssec);
            }
            None => {
                places.push(self.all.len());
                self.all.push(name.clone());
            }
        }
    }

    /// All of them.
    pub(super) fn into_all(self) -> Vec<NameSpec> {
        self.all
    }
}

/// A name as DNS compares it: without the dot of the root, letters alike in either case.
pub(super) fn bare(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peers_data_join_the_first_spelling_and_a_host_its_own() {
        let mut names = Names::default();
        names.spelt("mx.test").a = vec!["192.0.2.1".to_owned()];
        names.spelt("MX.test").a = vec!["192.0.2.2".to_owned()];
        let said = NameSpec {
            name: "Mx.Test.".to_owned(),
            mx: vec!["10 mx.test".to_owned()],
            ..NameSpec::default()
        };
        names.add(&said);
        assert_eq!(names.spelt("MX.test").a, ["192.0.2.2"]);
        // The first spelling has become that of the peer's data.
        assert!(names.spelt("mx.test").a.is_empty());
        let spellings: Vec<String> = names.into_all().into_iter().map(|name| name.name).collect();
        assert_eq!(spellings, ["Mx.Test.", "MX.test", "mx.test"]);
    }
}
