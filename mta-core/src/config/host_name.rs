//! Host names: which are valid, and what the machine's own gives when main.cf is silent.

use std::net::IpAddr;

use crate::event::HostNameFault;

/// Longest host name, in bytes (src/util/valid_hostname.h).
const MAX_NAME: usize = 255;
/// Longest label, in bytes (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;
/// The domain of a machine whose name has none (`DEF_MYDOMAIN`).
const NO_DOMAIN: &str = "localdomain";

/// What the machine itself knows; the embedder says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The machine's name, such as `mail.client.example`: the default of `myhostname`.
    pub hostname: String,
    /// The addresses of its interfaces, but for those of the loopback, which every machine has.
    pub addresses: Vec<IpAddr>,
}

impl Host {
    /// A machine of this name.
    pub fn named(hostname: impl Into<String>) -> Self {
        Host {
            hostname: hostname.into(),
            addresses: Vec::new(),
        }
    }

    /// The same machine with these addresses.
    #[must_use]
    pub fn at(mut self, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        self.addresses.extend(addresses);
        self
    }

    /// The default of `myhostname`, given `mydomain` if main.cf has it (src/global/mail_params.c).
    pub(super) fn default_hostname(&self, mydomain: Option<&str>) -> String {
        if self.hostname.contains('.') {
            return self.hostname.clone();
        }
        format!("{}.{}", self.hostname, mydomain.unwrap_or(NO_DOMAIN))
    }
}

/// The machine that a simulation speaks for when it has no other name.
impl Default for Host {
    fn default() -> Self {
        Host::named("mail.client.example")
    }
}

/// The default of `mydomain`: what follows the first dot of `myhostname`.
pub(super) fn default_domain(myhostname: &str) -> &str {
    myhostname
        .split_once('.')
        .map_or(NO_DOMAIN, |(_, domain)| domain)
}

/// Whether `name` can be the name of a host.
pub fn is_host_name(name: &str) -> bool {
    fault_of(name).is_none()
}

/// Why `name` is not a host name (src/util/valid_hostname.c); `None` if it is one.
pub(crate) fn fault_of(name: &str) -> Option<HostNameFault> {
    if name.is_empty() {
        return Some(HostNameFault::Empty);
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Some(HostNameFault::Delimiter);
        }
        let is_odd = |byte: &u8| !byte.is_ascii_alphanumeric() && !b"_-".contains(byte);
        if let Some(odd) = label.bytes().find(is_odd) {
            return Some(HostNameFault::Character(odd));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Some(HostNameFault::Hyphen);
        }
        if label.len() > MAX_LABEL {
            return Some(HostNameFault::LongLabel);
        }
    }
    if name
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return Some(HostNameFault::Numeric);
    }
    (name.len() > MAX_NAME).then_some(HostNameFault::Length(name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_checked_as_postfix_checks_them() {
        let long_label = "x".repeat(64);
        let long_name = "abcdefgh.".repeat(30) + "test";
        for (name, fault) in [
            ("mail.client.example", None),
            ("host_1", None),
            ("1.2.3.x", None),
            ("", Some(HostNameFault::Empty)),
            ("1.2.3.4", Some(HostNameFault::Numeric)),
            ("mail.", Some(HostNameFault::Delimiter)),
            ("a..b", Some(HostNameFault::Delimiter)),
            ("-a.b", Some(HostNameFault::Hyphen)),
            ("a-.b", Some(HostNameFault::Hyphen)),
            ("a b", Some(HostNameFault::Character(b' '))),
            ("ü.test", Some(HostNameFault::Character(0xc3))),
            (long_label.as_str(), Some(HostNameFault::LongLabel)),
            (long_name.as_str(), Some(HostNameFault::Length(274))),
        ] {
            assert_eq!(fault_of(name), fault, "{name:?}");
        }
    }

    #[test]
    fn names_follow_from_each_other() {
        assert_eq!(
            Host::named("mail.a.test").default_hostname(Some("b.test")),
            "mail.a.test"
        );
        assert_eq!(
            Host::named("mail").default_hostname(Some("b.test")),
            "mail.b.test"
        );
        assert_eq!(
            Host::named("mail").default_hostname(None),
            "mail.localdomain"
        );
        assert_eq!(default_domain("mail.a.test"), "a.test");
        assert_eq!(default_domain("mail"), "localdomain");
    }
}
