//! The records that OpenSSL's DANE can use, in its order (ssl/ssl_lib.c `dane_tlsa_add`), and how one matches a
//! certificate (crypto/x509/x509_vfy.c `dane_match`).

use super::certificate::Key;
use super::{Algorithm, Certificate, Digests};
use crate::policy::Tlsa;

/// Records that can match something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    records: Vec<Usable>,
}

/// A record, and what its data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Usable {
    pub(super) tlsa: Tlsa,
    strength: usize,
    data: Data,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Data {
    Digest(Algorithm),
    Certificate(Box<Certificate>),
    Key(Key),
}

impl Records {
    /// Takes the records in the order in which they stand; also gives those that nothing can be made of.
    pub fn of(records: &[Tlsa], digests: &Digests) -> (Records, Vec<Tlsa>) {
        let (mut usable, mut unusable) = (Vec::new(), Vec::new());
        // Postfix keeps its list the other way round, and OpenSSL puts the later before the earlier of its kind.
        for tlsa in records.iter().rev() {
            let Some(data) = data_of(tlsa, digests) else {
                unusable.push(tlsa.clone());
                continue;
            };
            let tlsa = tlsa.clone();
            let strength = digests.strength(tlsa.matching);
            usable.push(Usable {
                tlsa,
                strength,
                data,
            });
        }
        usable.reverse();
        usable.sort_by_key(|usable: &Usable| {
            let Usable { tlsa, strength, .. } = usable;
            std::cmp::Reverse((tlsa.usage, tlsa.selector, *strength))
        });
        (Records { records: usable }, unusable)
    }

    /// Whether nothing can match.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether an authority may match.
    pub(super) fn have_anchors(&self) -> bool {
        self.anchors().next().is_some()
    }

    fn anchors(&self) -> impl Iterator<Item = &Usable> {
        let is_anchor = |usable: &&Usable| usable.tlsa.usage == Tlsa::TRUST_ANCHOR;
        self.records.iter().filter(is_anchor)
    }

    /// The certificates of authorities that stand in DNS whole, so that a server need not send them.
    pub(super) fn whole_anchors(&self) -> impl Iterator<Item = &Certificate> {
        self.anchors().filter_map(|usable| match &usable.data {
            Data::Certificate(certificate) => Some(&**certificate),
            Data::Digest(_) | Data::Key(_) => None,
        })
    }

    /// The keys of authorities that stand in DNS whole.
    pub(super) fn bare_keys(&self) -> impl Iterator<Item = (&Key, &Tlsa)> {
        self.anchors().filter_map(|usable| match &usable.data {
            Data::Key(key) => Some((key, &usable.tlsa)),
            Data::Digest(_) | Data::Certificate(_) => None,
        })
    }

    /// The record of this usage that means a certificate.
    pub(super) fn matching(&self, certificate: &Certificate, usage: u8) -> Option<&Tlsa> {
        let mut strongest: Option<(u8, usize)> = None;
        for usable in &self.records {
            let Usable { tlsa, strength, .. } = usable;
            if tlsa.usage != usage {
                continue;
            }
            match strongest {
                // RFC 7671 §9: beside a stronger digest a weaker one does not count.
                Some((selector, most)) if selector == tlsa.selector => {
                    if tlsa.matching != Tlsa::FULL && *strength < most {
                        continue;
                    }
                }
                _ => strongest = Some((tlsa.selector, *strength)),
            }
            if usable.means(certificate) {
                return Some(tlsa);
            }
        }
        None
    }
}

impl Usable {
    fn means(&self, certificate: &Certificate) -> bool {
        let selected = if self.tlsa.selector == Tlsa::KEY {
            certificate.spki()
        } else {
            &*certificate.der
        };
        match self.data {
            Data::Digest(algorithm) => algorithm.digest(selected) == *self.tlsa.data,
            Data::Certificate(_) | Data::Key(_) => *selected == *self.tlsa.data,
        }
    }
}

/// What a record's data is; nothing if the record cannot be used.
fn data_of(tlsa: &Tlsa, digests: &Digests) -> Option<Data> {
    let usage_is_known = matches!(tlsa.usage, Tlsa::TRUST_ANCHOR | Tlsa::END_ENTITY);
    if !usage_is_known || tlsa.selector > Tlsa::KEY || tlsa.data.is_empty() {
        return None;
    }
    if tlsa.matching != Tlsa::FULL {
        let algorithm = digests.algorithm(tlsa.matching)?;
        return (tlsa.data.len() == algorithm.digest_len()).then_some(Data::Digest(algorithm));
    }
    if tlsa.selector == Tlsa::KEY {
        Key::read(&tlsa.data).ok().map(Data::Key)
    } else {
        let certificate = Certificate::read(&tlsa.data).ok()?;
        Some(Data::Certificate(Box::new(certificate)))
    }
}
