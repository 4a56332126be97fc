//! A destination as written: `example.test`, `[relay.test]:587`, `[192.0.2.1]`.

use std::net::IpAddr;
use std::sync::Arc;

/// The port of SMTP relay (RFC 5321 §4.5.4.2).
const SMTP_PORT: u16 = 25;

/// Where a message goes next (Postfix's `nexthop`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// As written; the key of policies and TLS sessions.
    pub text: Arc<str>,
    /// Without brackets and port.
    pub domain: Arc<str>,
    /// The port.
    pub port: u16,
    /// How its servers are found.
    pub lookup: Lookup,
}

/// How servers are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    /// By MX records, or the domain's own address.
    Mx,
    /// By the host's address: it was written in brackets.
    Address,
    /// Not at all: it is an address.
    Literal(IpAddr),
}

impl Destination {
    /// Reads a destination; nothing if it has no host or no port that is known (Postfix src/smtp/smtp_connect.c `smtp_parse_destination`).
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((inside, rest)) => (inside, rest.strip_prefix(':')),
            None => match text.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let port = match port {
            Some(port) => service(port)?,
            None => SMTP_PORT,
        };
        let bare = host.strip_prefix("ipv6:").unwrap_or(host);
        let address = bare.parse::<IpAddr>().ok();
        // An address stands for its own host name, without the prefix (src/util/valid_hostname.c).
        let host = if address.is_some() { bare } else { host };
        let lookup = match address {
            // Brackets or not: an address is no host name, so no MX record is asked for (src/dns/dns_lookup.c), and in
            // place of a host's name it is taken as it is (src/smtp/smtp_addr.c `smtp_addr_one`).
            Some(address) => Lookup::Literal(address),
            None if text.starts_with('[') => Lookup::Address,
            None => Lookup::Mx,
        };
        (!host.is_empty()).then(|| Destination {
            text: text.into(),
            domain: host.into(),
            port,
            lookup,
        })
    }
}

/// A port by number or by the names that Postfix' documentation uses (services(5)).
fn service(port: &str) -> Option<u16> {
    match port {
        "smtp" => Some(SMTP_PORT),
        "submission" => Some(587),
        "smtps" | "submissions" => Some(465),
        number => number.parse().ok().filter(|&port| port > 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_turn_mx_lookups_off() {
        let relay = Destination::parse("[relay.test]:587").unwrap();
        assert_eq!(
            (&*relay.domain, relay.port, relay.lookup),
            ("relay.test", 587, Lookup::Address)
        );
        let plain = Destination::parse("example.test").unwrap();
        assert_eq!(
            (&*plain.domain, plain.port, plain.lookup),
            ("example.test", 25, Lookup::Mx)
        );
        let literal = Destination::parse("[192.0.2.1]").unwrap();
        assert_eq!(
            literal.lookup,
            Lookup::Literal("192.0.2.1".parse().unwrap())
        );
        let literal = Destination::parse("[ipv6:2001:db8::1]:465").unwrap();
        assert_eq!((&*literal.domain, literal.port), ("2001:db8::1", 465));
        assert_eq!(
            literal.lookup,
            Lookup::Literal("2001:db8::1".parse().unwrap())
        );
        let bare = Destination::parse("127.0.0.1:1025").unwrap();
        assert_eq!(
            (&*bare.text, &*bare.domain, bare.port),
            ("127.0.0.1:1025", "127.0.0.1", 1025)
        );
        assert_eq!(bare.lookup, Lookup::Literal("127.0.0.1".parse().unwrap()));
        assert_eq!(
            Destination::parse("example.test:submission").unwrap().port,
            587
        );
        assert_eq!(Destination::parse("example.test:nowhere"), None);
        assert_eq!(Destination::parse(""), None);
    }
}
