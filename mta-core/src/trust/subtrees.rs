//! Which names an authority may give to those below it (RFC 5280 §4.2.1.10), as far as they are DNS names.

use x509_cert::Certificate as X509;
use x509_cert::ext::pkix::NameConstraints;
use x509_cert::ext::pkix::constraints::name::GeneralSubtrees;
use x509_cert::ext::pkix::name::GeneralName;

use crate::fault::ChainFault;

/// The DNS names of an authority's nameConstraints; empty lists without the extension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Subtrees {
    permitted: Vec<Box<str>>,
    excluded: Vec<Box<str>>,
}

impl Subtrees {
    pub(super) fn of(x509: &X509) -> Self {
        let extension = x509.tbs_certificate().get_extension::<NameConstraints>();
        let Ok(Some((_, constraints))) = extension else {
            return Subtrees::default();
        };
        Subtrees {
            permitted: dns_bases(constraints.permitted_subtrees),
            excluded: dns_bases(constraints.excluded_subtrees),
        }
    }

    /// What is wrong with a name below this authority (crypto/x509/v3_ncons.c `nc_match`).
    pub(super) fn fault(&self, name: &str) -> Option<ChainFault> {
        let is_in = |bases: &[Box<str>]| bases.iter().any(|base| is_within(name, base));
        if !self.permitted.is_empty() && !is_in(&self.permitted) {
            Some(ChainFault::NotPermitted)
        } else if is_in(&self.excluded) {
            Some(ChainFault::Excluded)
        } else {
            None
        }
    }
}

fn dns_bases(subtrees: Option<GeneralSubtrees>) -> Vec<Box<str>> {
    let bases = subtrees.into_iter().flatten().map(|subtree| subtree.base);
    bases
        .filter_map(|base| match base {
            GeneralName::DnsName(name) => Some(name.as_str().into()),
            GeneralName::OtherName(_)
            | GeneralName::Rfc822Name(_)
            | GeneralName::DirectoryName(_)
            | GeneralName::EdiPartyName(_)
            | GeneralName::UniformResourceIdentifier(_)
            | GeneralName::IpAddress(_)
            | GeneralName::RegisteredId(_) => None,
        })
        .collect()
}

/// An empty base holds every name; a base is itself, and what is below it (`nc_dns`).
fn is_within(name: &str, base: &str) -> bool {
    let Some(before) = name.len().checked_sub(base.len()) else {
        return false;
    };
    let (labels, end) = name.as_bytes().split_at(before);
    let is_whole =
        before == 0 || base.is_empty() || base.starts_with('.') || labels.ends_with(b".");
    is_whole && end.eq_ignore_ascii_case(base.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_holds_itself_and_what_is_below_it() {
        for (name, base, is_in) in [
            ("mx1.example.test", "example.test", true),
            ("MX1.Example.test", "example.TEST", true),
            ("example.test", "example.test", true),
            ("anexample.test", "example.test", false),
            ("mx1.example.test", ".example.test", true),
            ("example.test", ".example.test", false),
            ("mx1.example.test", "", true),
            ("test", "example.test", false),
        ] {
            assert_eq!(is_within(name, base), is_in, "{name} in {base:?}");
        }
    }

    #[test]
    fn what_is_excluded_is_so_within_what_is_permitted_too() {
        let subtrees = Subtrees {
            permitted: vec!["example.test".into()],
            excluded: vec!["mx2.example.test".into()],
        };
        for (name, fault) in [
            ("mx1.example.test", None),
            ("mx2.example.test", Some(ChainFault::Excluded)),
            ("other.test", Some(ChainFault::NotPermitted)),
        ] {
            assert_eq!(subtrees.fault(name), fault, "{name}");
        }
        assert_eq!(Subtrees::default().fault("other.test"), None);
    }
}
