//! Networks and what is found for the addresses in them (cidr_table(5); src/util/dict_cidr.c, cidr_match.c).

use std::net::IpAddr;

use super::lines::Line;
use super::rules::Rules;
use super::syntax::is_space;
use crate::event::{CidrFault, TableNotice};

/// A table of networks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cidr(Rules<Network, String>);

/// The addresses that begin like `address`, or all others of its family.
#[derive(Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u32,
    within: bool,
}

impl Cidr {
    /// Reads a table; what is skipped goes to `log`.
    pub(super) fn read(name: &str, lines: &[Line], log: &mut Vec<TableNotice>) -> Cidr {
        let odd = |line, fault| TableNotice::Network {
            name: name.into(),
            line,
            fault,
        };
        let mut rules = Rules::new();
        for line in lines {
            if let Err(fault) = read_rule(line, &mut rules) {
                log.push(odd(line.number, fault));
            }
        }
        for line in rules.unended() {
            log.push(odd(line, CidrFault::IfWithoutEndif));
        }
        Cidr(rules)
    }

    /// What is found for an address; other keys are in no network.
    pub(super) fn find(&self, key: &str) -> Option<&str> {
        let address = key.parse().ok()?;
        let (_, value) = self.0.first(|network| network.matches(address))?;
        Some(value)
    }
}

impl Network {
    fn matches(&self, address: IpAddr) -> bool {
        let same = match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let beyond = u32::from(network) ^ u32::from(address);
                self.prefix == 0 || beyond >> (32 - self.prefix) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let beyond = u128::from(network) ^ u128::from(address);
                self.prefix == 0 || beyond >> (128 - self.prefix) == 0
            }
            // A negated network is silent about the other family too.
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        same == self.within
    }

    fn read(pattern: &str, within: bool) -> Result<Network, CidrFault> {
        let (address, prefix) = parts(pattern)?;
        // The family is known by its colons, before the address is understood.
        let bits = if address.contains(':') { 128 } else { 32 };
        let parsed = address.parse::<IpAddr>().ok();
        let Some(mask) = prefix else {
            return match parsed {
                Some(address) => Ok(Network {
                    address,
                    prefix: bits,
                    within,
                }),
                None => Err(CidrFault::BadAddress(address.into())),
            };
        };
        let whole = || format!("{address}/{mask}").into();
        if mask.is_empty() || !mask.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CidrFault::BadMask(whole()));
        }
        let Some(prefix) = mask.parse().ok().filter(|prefix| *prefix <= bits) else {
            return Err(CidrFault::LongMask(whole()));
        };
        let Some(parsed) = parsed else {
            return Err(CidrFault::BadNetwork(whole()));
        };
        let network = first_address(parsed, prefix);
        if network != parsed {
            return Err(CidrFault::HostBits {
                pattern: whole(),
                network,
                prefix,
            });
        }
        Ok(Network {
            address: network,
            prefix,
            within,
        })
    }
}

fn first_address(address: IpAddr, prefix: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            IpAddr::V4((u32::from(address) & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            IpAddr::V6((u128::from(address) & mask).into())
        }
    }
}

/// Address and mask of `address`, `address/mask`, `[address]/mask` or `[address/mask]`.
fn parts(pattern: &str) -> Result<(&str, Option<&str>), CidrFault> {
    let split = |text| match str::split_once(text, '/') {
        Some((address, mask)) => (address, Some(mask)),
        None => (text, None),
    };
    let Some(inner) = pattern.strip_prefix('[') else {
        return Ok(split(pattern));
    };
    match inner.split_once(']') {
        None => Err(CidrFault::OpenBracket(inner.into())),
        Some((inner, "")) => Ok(split(inner)),
        Some((inner, rest)) => match rest.strip_prefix('/') {
            Some(mask) => Ok((inner, Some(mask))),
            None => Err(CidrFault::TextBehindBracket(inner.into())),
        },
    }
}

fn read_rule(line: &Line, rules: &mut Rules<Network, String>) -> Result<(), CidrFault> {
    let text = line.text.as_str();
    if let Some(rest) = keyword(text, "if") {
        let (pattern, within) = negated(rest);
        let pattern = pattern.trim_end_matches(is_space);
        if pattern.is_empty() {
            return Err(CidrFault::NoPattern);
        }
        rules.start_if(Network::read(pattern, within)?, line.number);
        return Ok(());
    }
    if let Some(rest) = keyword(text, "endif") {
        if !rest.trim_matches(is_space).is_empty() {
            return Err(CidrFault::TextBehindEndif);
        }
        if !rules.is_in_if() {
            return Err(CidrFault::EndifWithoutIf);
        }
        rules.end_if();
        return Ok(());
    }
    let (rule, within) = negated(text);
    let end = rule.find(is_space).unwrap_or(rule.len());
    let (pattern, value) = rule.split_at(end);
    if pattern.is_empty() {
        return Err(CidrFault::NoPattern);
    }
    let network = Network::read(pattern, within)?;
    let value = value.trim_matches(is_space);
    if value.is_empty() {
        return Err(CidrFault::NoResult);
    }
    rules.rule(network, value.to_owned());
    Ok(())
}

/// What follows `word` at the start of a rule, in any case.
pub(super) fn keyword<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    (start.eq_ignore_ascii_case(word) && !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        .then_some(rest)
}

/// A pattern without the `!` and blanks before it, and whether it is meant as it stands.
pub(super) fn negated(text: &str) -> (&str, bool) {
    let pattern = text.trim_start_matches(|c| c == '!' || is_space(c));
    let before = text.len() - pattern.len();
    let marks = text.get(..before).unwrap_or_default().matches('!').count();
    (pattern, marks.is_multiple_of(2))
}

#[cfg(test)]
mod tests {
    use super::super::lines::logical_lines;
    use super::*;

    fn table(text: &str) -> (Cidr, Vec<String>) {
        let mut log = Vec::new();
        let lines = logical_lines("f", text.as_bytes(), &mut log);
        let table = Cidr::read("f", &lines, &mut log);
        (table, crate::log::said(&log))
    }

    #[test]
    fn the_first_network_that_holds_an_address_counts() {
        let (table, log) = table(
            "192.0.2.1 one\n192.0.2.0/24 net\n[2001:db8::]/32 six\n0.0.0.0/0 any  four \n[::1] self\n",
        );
        assert!(log.is_empty(), "{log:?}");
        for (key, value) in [
            ("192.0.2.1", Some("one")),
            ("192.0.2.2", Some("net")),
            ("198.51.100.7", Some("any  four")),
            ("2001:DB8::7", Some("six")),
            ("::1", Some("self")),
            ("2001:db9::1", None),
            ("example.test", None),
            ("[192.0.2.1]", None),
        ] {
            assert_eq!(table.find(key), value, "{key}");
        }
    }

    #[test]
    fn negation_and_blocks_are_kept_apart_by_family() {
        let (table, log) = table(
            "IF !192.0.2.0/24\n! 198.51.100.0/24 neither\nendif\n!!192.0.2.0/25 low\n!2001:db8::/32 other\n",
        );
        assert!(log.is_empty(), "{log:?}");
        assert_eq!(table.find("203.0.113.1"), Some("neither"));
        assert_eq!(table.find("198.51.100.1"), None);
        assert_eq!(table.find("192.0.2.1"), Some("low"));
        assert_eq!(table.find("192.0.2.200"), None);
        assert_eq!(table.find("2001:db9::1"), Some("other"));
    }

    #[test]
    fn rules_that_make_no_sense_are_skipped_with_postfix_words() {
        let (_, log) = table(
            "192.0.2.1/24 x\n192.0.2.0/33 x\n192.0.2.0/x x\n192.0.2/24 x\n192.0.2 x\n[::1 x\n[::1]x x\n192.0.2.1\n!\nendif\nif\nif ::1\nendif x\n",
        );
        let faults: Vec<_> = log
            .iter()
            .map(|line| line.strip_prefix("warning: cidr map f, line ").unwrap())
            .collect();
        assert_eq!(
            faults,
            [
                "1: non-null host address bits in \"192.0.2.1/24\", perhaps you should use \"192.0.2.0/24\" instead: skipping this rule",
                "2: bad mask length in \"192.0.2.0/33\": skipping this rule",
                "3: bad mask value in \"192.0.2.0/x\": skipping this rule",
                "4: bad network value in \"192.0.2/24\": skipping this rule",
                "5: bad address pattern: \"192.0.2\": skipping this rule",
                "6: missing ']' character after \"[::1\": skipping this rule",
                "7: garbage after \"[::1]\": skipping this rule",
                "8: no lookup result: skipping this rule",
                "9: no address pattern: skipping this rule",
                "10: ENDIF without IF: skipping this rule",
                "11: no address pattern: skipping this rule",
                "13: garbage after ENDIF: skipping this rule",
                "12: IF has no matching ENDIF",
            ]
        );
    }
}
