//! From what changes later, as data, to changes that only have to happen.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::WorldError;
use super::builder::Builder;
use super::change::{ChangeSpec, Shift};
use super::ready::{Change, HostEntry};
use crate::dns::Zones;

/// What makes a change.
enum Cause<'a> {
    Spec(usize, &'a ChangeSpec),
    /// An attacker before this host comes or goes.
    Attacker(&'a str),
}

impl<'a> Builder<'a> {
    /// All changes, in order; `files` is what the sender's machine has at the start.
    pub(super) fn changes(
        &mut self,
        files: &BTreeMap<String, Arc<[u8]>>,
    ) -> Result<Vec<Change>, WorldError> {
        let mut causes: Vec<(Duration, Cause<'a>)> = Vec::new();
        for attacker in &self.spec.attackers {
            let comes = Some(attacker.since).filter(|since| !since.is_zero());
            let times = comes.into_iter().chain(attacker.until);
            causes.extend(times.map(|at| (at, Cause::Attacker(&attacker.host))));
        }
        for (number, change) in self.spec.changes.iter().enumerate() {
            change
                .check()
                .map_err(|(key, fault)| WorldError::Change(key, fault))?;
            causes.push((change.at, Cause::Spec(number, change)));
        }
        causes.sort_by_key(|(at, _)| *at);
        let mut files = files.clone();
        let ready = causes.into_iter().map(|(at, cause)| match cause {
            Cause::Spec(number, change) => self.change(number, change, &mut files),
            Cause::Attacker(host) => Ok(Change {
                at,
                zones: None,
                hosts: self.stand_again(host, at)?,
                files: None,
                clock: Shift::default(),
                sessions: None,
                crash: false,
                number: None,
            }),
        });
        ready.collect()
    }

    fn change(
        &mut self,
        number: usize,
        change: &'a ChangeSpec,
        files: &mut BTreeMap<String, Arc<[u8]>>,
    ) -> Result<Change, WorldError> {
        let hosts = match &change.host {
            Some(host) => {
                self.move_in(host, change)?;
                self.stand_again(host, change.at)?
            }
            None => Vec::new(),
        };
        // Behind the hosts: data of this change name what the new ones show.
        self.add_files(files, &change.files)?;
        Ok(Change {
            at: change.at,
            zones: self.published_anew(change)?,
            hosts,
            files: (!change.files.is_empty()).then(|| files.clone()),
            clock: change.clock.unwrap_or_default(),
            sessions: change.sessions,
            crash: change.crash,
            number: Some(number),
        })
    }

    fn move_in(&mut self, host: &str, change: &'a ChangeSpec) -> Result<(), WorldError> {
        let key = self.known_host(host)?;
        let peer = match &change.peer {
            Some(reference) => Some(self.find(reference)?),
            None => None,
        };
        if let Some(stand) = self.stands.get_mut(&key) {
            if let Some((name, peer)) = peer {
                stand.peer_name = name;
                stand.peer = peer;
            }
            if let Some(down) = &change.down {
                stand.down = down.clone();
            }
        }
        Ok(())
    }

    fn stand_again(
        &mut self,
        host: &str,
        at: Duration,
    ) -> Result<Vec<(SocketAddr, HostEntry)>, WorldError> {
        let key = self.known_host(host)?;
        match self.stands.get(&key).cloned() {
            Some(stand) => self.entries(&stand, at),
            None => Ok(Vec::new()),
        }
    }

    fn published_anew(&mut self, change: &ChangeSpec) -> Result<Option<Zones>, WorldError> {
        if change.dns.is_empty() && change.gone.is_empty() {
            return Ok(None);
        }
        let replaced = |name: &str| {
            let names = change.dns.iter().map(|dns| &dns.name);
            let mut names = names.chain(&change.gone);
            names.any(|other| same_name(other, name))
        };
        self.published.retain(|name| !replaced(&name.name));
        let kept = self.published.len();
        for name in &change.dns {
            let name = self.in_its_domain(name);
            self.published.push(name);
        }
        self.put_certificates(kept..self.published.len())?;
        Ok(Some(Zones::new(&self.published)?))
    }
}

/// Names of the DNS, with or without the dot of the root.
fn same_name(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    bare(one) == bare(other)
}
