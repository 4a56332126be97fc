//! `smtp_requiretls_policy`: how far REQUIRETLS is heeded, by destination (src/smtp/smtp_reqtls_policy.c).

use std::net::IpAddr;

use super::braced_words::{BracedWords, inside_braces};
use crate::policy::RequireTls;

/// The parameter, which warnings name.
const NAME: &str = "smtp_requiretls_policy";

/// Actions, and tables that say which action a destination calls for; the first that says anything decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequireTlsPolicy {
    text: String,
    items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    /// An action, known or not.
    Word(String),
    /// `inline:`: actions by the name of a destination, or by a parent with a dot before it.
    Names {
        spec: String,
        actions: Vec<(String, String)>,
    },
    /// `cidr:`: actions by network, for destinations that are addresses.
    Networks {
        spec: String,
        actions: Vec<(Network, String)>,
    },
}

/// The addresses that share so many bits with this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl RequireTlsPolicy {
    /// Reads the parameter's value.
    ///
    /// # Errors
    /// A table of a kind that is not simulated here, as it is written.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let items = BracedWords::of(text).map(Item::parse);
        Ok(RequireTlsPolicy {
            items: items.collect::<Result<_, String>>()?,
            text: text.to_owned(),
        })
    }

    /// The value as written, expanded.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What holds for a destination without brackets and port, and what there is to warn of.
    pub fn of(&self, domain: &str) -> (RequireTls, Option<String>) {
        for item in &self.items {
            let found = match item {
                Item::Word(word) => Some(action(NAME, word)),
                Item::Names { spec, actions } => {
                    by_name(actions, domain).map(|word| result(spec, word))
                }
                Item::Networks { spec, actions } => {
                    by_network(actions, domain).map(|word| result(spec, word))
                }
            };
            if let Some(found) = found {
                return found;
            }
        }
        (RequireTls::Enforced, None)
    }
}

impl Item {
    fn parse(word: &str) -> Result<Item, String> {
        let Some((kind, name)) = word.split_once(':') else {
            return Ok(Item::Word(word.to_owned()));
        };
        let rules = inside_braces(name).map(BracedWords::of);
        let spec = word.to_owned();
        let not_simulated = || format!("table {word}");
        match (kind, rules) {
            ("inline", Some(rules)) => Ok(Item::Names {
                spec,
                actions: rules
                    .map(|rule| pair(inside_braces(rule).unwrap_or(rule), '='))
                    .collect::<Option<_>>()
                    .ok_or_else(not_simulated)?,
            }),
            ("cidr", Some(rules)) => Ok(Item::Networks {
                spec,
                actions: rules
                    .map(|rule| {
                        let (network, word) = pair(inside_braces(rule)?, ' ')?;
                        Some((Network::parse(&network)?, word))
                    })
                    .collect::<Option<_>>()
                    .ok_or_else(not_simulated)?,
            }),
            _ => Err(not_simulated()),
        }
    }
}

fn pair(rule: &str, between: char) -> Option<(String, String)> {
    let (key, value) = rule.trim().split_once(between)?;
    Some((key.trim().to_lowercase(), value.trim().to_owned()))
}

/// A name, or the nearest of its parents that is listed; an address has none.
fn by_name<'a>(actions: &'a [(String, String)], domain: &str) -> Option<&'a str> {
    let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_ascii_lowercase());
    let parents = domain
        .match_indices('.')
        .map(|(at, _)| at)
        .filter(|&at| at > 0);
    let starts = std::iter::once(0).chain(parents);
    let is_address = domain.parse::<IpAddr>().is_ok();
    starts
        .take(if is_address { 1 } else { usize::MAX })
        .filter_map(|at| domain.get(at..))
        .find_map(|name| actions.iter().find(|(key, _)| key == name))
        .map(|(_, word)| word.as_str())
}

fn by_network<'a>(actions: &'a [(Network, String)], domain: &str) -> Option<&'a str> {
    let address = domain.parse().ok()?;
    actions
        .iter()
        .find(|(network, _)| network.holds(address))
        .map(|(_, word)| word.as_str())
}

/// What a table says: one action and nothing else.
fn result(spec: &str, word: &str) -> (RequireTls, Option<String>) {
    let odd = match word {
        word if word.contains(':') => "nested",
        word if word.contains([',', ' ', '\t', '\r', '\n']) => "composite",
        word => return action(spec, word),
    };
    let warning = format!(
        "table {spec}: {odd} lookup result \"{word}\" is not allowed -- ignoring remainder of policy"
    );
    (RequireTls::Misconfigured, Some(warning))
}

fn action(origin: &str, word: &str) -> (RequireTls, Option<String>) {
    let known = match word.to_ascii_lowercase().as_str() {
        "enforce" => RequireTls::Enforced,
        "opportunistic+starttls" => RequireTls::StartTls,
        "opportunistic" => RequireTls::Opportunistic,
        "disable" => RequireTls::Ignored,
        "error" => RequireTls::Misconfigured,
        _ => {
            let warning = format!(
                "{origin}: unknown policy action: '{word}' -- ignoring the remainder of this policy"
            );
            return (RequireTls::Misconfigured, Some(warning));
        }
    };
    (known, None)
}

impl Network {
    fn parse(text: &str) -> Option<Network> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Network { address, bits })
    }

    fn holds(self, address: IpAddr) -> bool {
        let differ = match (self.address, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => u128::from(a.to_bits() ^ b.to_bits()) << 96,
            (IpAddr::V6(a), IpAddr::V6(b)) => a.to_bits() ^ b.to_bits(),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        differ.leading_zeros() >= self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, domain: &str) -> RequireTls {
        RequireTlsPolicy::parse(text).unwrap().of(domain).0
    }

    #[test]
    fn the_default_enforces_it_for_public_destinations() {
        let text = "inline:{{client.test=opportunistic}, {.client.test=opportunistic}, \
             {localhost=opportunistic}}, cidr:{{0.0.0.0/0 opportunistic}, {::/0 opportunistic}}, enforce";
        for (domain, expected) in [
            ("example.test", RequireTls::Enforced),
            ("client.test", RequireTls::Opportunistic),
            ("Mx.A.client.test", RequireTls::Opportunistic),
            ("notclient.test", RequireTls::Enforced),
            ("localhost", RequireTls::Opportunistic),
            ("192.0.2.1", RequireTls::Opportunistic),
            ("2001:db8::1", RequireTls::Opportunistic),
        ] {
            assert_eq!(of(text, domain), expected, "{domain}");
        }
    }

    #[test]
    fn the_nearest_name_and_the_first_item_decide() {
        let text =
            "inline:{ .example.test=disable, {a.example.test = opportunistic+starttls} } error";
        assert_eq!(of(text, "a.example.test"), RequireTls::StartTls);
        assert_eq!(of(text, "b.example.test"), RequireTls::Ignored);
        assert_eq!(of(text, "example.test"), RequireTls::Misconfigured);
        assert_eq!(
            of("cidr:{{192.0.2.0/24 disable}}", "192.0.3.1"),
            RequireTls::Enforced
        );
        assert_eq!(of("", "example.test"), RequireTls::Enforced);
    }

    #[test]
    fn what_makes_no_sense_is_warned_of() {
        for (text, warning) in [
            // v312-rt-bogus-nokeyword
            (
                "bogus",
                "smtp_requiretls_policy: unknown policy action: 'bogus' -- ignoring the remainder of this policy",
            ),
            (
                "inline:{a=hash:x}",
                "table inline:{a=hash:x}: nested lookup result \"hash:x\" is not allowed -- ignoring remainder of policy",
            ),
        ] {
            let policy = RequireTlsPolicy::parse(text).unwrap();
            assert_eq!(
                policy.of("a"),
                (RequireTls::Misconfigured, Some(warning.to_owned()))
            );
        }
        assert!(RequireTlsPolicy::parse("hash:/etc/postfix/x").is_err());
    }
}
