//! Mail that would come back: a domain whose best server is this machine (src/smtp/smtp_addr.c).

use std::sync::Arc;

use super::servers::Candidate;
use super::why::Why;
use crate::config::HostSettings;
use crate::event::Reason;
use crate::fault::{Fault, PolicyFault};
use crate::smtp::Dsn;

/// Only servers at this port are held against the own addresses.
const LOOP_DETECT_PORT: u16 = 25;

/// Takes away this machine, and every server that is not better than it: RFC 5321 §5.1.
///
/// # Errors
/// The reason, if no server is left. A better one whose addresses cannot be had may come back.
pub(super) fn take_away(
    mut found: Vec<Candidate>,
    best_preference: u16,
    domain: &Arc<str>,
    hosts: &HostSettings,
) -> Result<Vec<Candidate>, Why> {
    let own = found
        .iter()
        .filter(|candidate| {
            let address = candidate.server.address;
            address.port() == LOOP_DETECT_PORT && hosts.own_addresses.contains(&address.ip())
        })
        .map(|candidate| candidate.preference)
        .min();
    let Some(own) = own else {
        return Ok(found);
    };
    let best_found = found.iter().map(|candidate| candidate.preference).min();
    found.retain(|candidate| candidate.preference < own);
    if !found.is_empty() {
        return Ok(found);
    }
    Err(if best_found == Some(best_preference) {
        Why {
            dsn: Dsn::new(5, 4, 6),
            reason: Reason::LoopsBack {
                destination: domain.clone(),
            },
            fault: Fault::Policy(PolicyFault::LoopsBack),
        }
    } else {
        Why {
            dsn: Dsn::new(4, 4, 4),
            reason: Reason::NoPrimaryRelay {
                domain: domain.clone(),
            },
            fault: Fault::Policy(PolicyFault::LoopsBack),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::servers::HostFacts;
    use super::*;
    use crate::config::{Release, Settings};

    fn left(list: &[(u16, &str)], best: u16) -> Result<Vec<String>, String> {
        let hosts = Settings::default_for(Release::V3_7).hosts;
        let host = "mx".into();
        let found = list
            .iter()
            .map(|(preference, address)| {
                let facts = HostFacts::literal(&host);
                Candidate::new(*preference, &host, facts, address.parse().unwrap(), 25)
            })
            .collect();
        take_away(found, best, &"example.test".into(), &hosts)
            .map(|left| {
                let addresses = left
                    .iter()
                    .map(|found| found.server.address.ip().to_string());
                addresses.collect()
            })
            .map_err(|why| format!("{} {}", why.dsn, crate::log::reason(&why.reason)))
    }

    #[test]
    fn only_better_servers_than_this_machine_are_tried() {
        assert_eq!(
            left(
                &[
                    (10, "192.0.2.1"),
                    (20, "127.0.0.1"),
                    (20, "192.0.2.2"),
                    (30, "192.0.2.3")
                ],
                10
            ),
            Ok(vec!["192.0.2.1".to_owned()])
        );
        assert_eq!(
            left(&[(10, "127.0.1.1")], 10),
            Ok(vec!["127.0.1.1".to_owned()])
        );
    }

    #[test]
    fn where_this_machine_is_the_best_mail_goes_back() {
        assert_eq!(
            left(&[(10, "::1"), (20, "192.0.2.2")], 10),
            Err("5.4.6 mail for example.test loops back to myself".to_owned())
        );
    }

    #[test]
    fn where_the_best_cannot_be_found_mail_waits() {
        assert_eq!(
            left(&[(20, "127.0.0.1")], 10),
            Err("4.4.4 unable to find primary relay for example.test".to_owned())
        );
    }
}
