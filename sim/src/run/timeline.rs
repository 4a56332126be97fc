//! What happens by itself in a run: the world's changes, and the smtp(8) processes that follow from them.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use mta_core::Mta;
use mta_core::process::Services;
use mta_core::time::{Time, Wall};

use super::services::{Renewal, services};
use crate::world::{Change, HostEntry, SessionsChange, World, WorldError};

/// Everything that is still to change, in order.
#[derive(Default)]
pub(crate) struct Timeline {
    scheduled: VecDeque<Scheduled>,
    /// How far the sender's wall clock is off, in seconds.
    clock_off: i64,
    /// Who was at these addresses before, in the order in which they left.
    replaced: Vec<(SocketAddr, HostEntry)>,
}

struct Scheduled {
    at: Time,
    change: Change,
    sender: Option<AtSender>,
}

/// What happens to the sender's processes.
enum AtSender {
    /// main.cf is another one, and is read.
    Reload(Services),
    /// Files are others, and are read.
    Files(Services),
    /// smtp(8) processes end.
    Restart,
}

impl Timeline {
    /// Takes the changes out of the world. `later` is what processes find that start at a change, by its number.
    ///
    /// # Errors
    /// [`WorldError`] if the tables of a later configuration are wrong.
    pub(crate) fn new(
        later: &BTreeMap<usize, Renewal>,
        world: &mut World,
    ) -> Result<Timeline, WorldError> {
        let mut timeline = Timeline::default();
        let at_start = world.files.clone();
        for change in std::mem::take(&mut world.changes) {
            if let Some(files) = &change.files {
                world.files.clone_from(files);
            }
            let sender = match change.number.and_then(|number| later.get(&number)) {
                Some(Renewal::Reload(installed)) => {
                    Some(AtSender::Reload(services(installed, world)?))
                }
                Some(Renewal::Clients(installed)) if change.files.is_some() => {
                    Some(AtSender::Files(services(installed, world)?))
                }
                Some(Renewal::Clients(_)) => Some(AtSender::Restart),
                None => None,
            };
            timeline.scheduled.push_back(Scheduled {
                at: Time::after_start(change.at),
                change,
                sender,
            });
        }
        world.files = at_start;
        Ok(timeline)
    }

    /// When the next change is due.
    pub(crate) fn next(&self) -> Option<Time> {
        self.scheduled.front().map(|scheduled| scheduled.at)
    }

    /// Lets the next change happen; whether the sender's processes die by it.
    pub(crate) fn apply_next(&mut self, world: &mut World, mta: &mut Mta) -> bool {
        let Some(Scheduled { change, sender, .. }) = self.scheduled.pop_front() else {
            return false;
        };
        if let Some(zones) = change.zones {
            world.resolver.replace(zones);
        }
        for (address, host) in change.hosts {
            if let Some(before) = world.hosts.insert(address, host) {
                self.replaced.push((address, before));
            }
        }
        if let Some(files) = change.files {
            world.files = files;
        }
        match sender {
            Some(AtSender::Reload(services)) => {
                mta.install(services);
                mta.reload();
            }
            Some(AtSender::Files(services)) => {
                mta.install(services);
                mta.restart_clients();
            }
            Some(AtSender::Restart) => mta.restart_clients(),
            None => {}
        }
        match change.sessions {
            Some(SessionsChange::Damaged) => mta.sessions().spoil(),
            Some(SessionsChange::Gone) => mta.sessions().clear(),
            None => {}
        }
        self.clock_off = self.clock_off.saturating_add(change.clock.0);
        change.crash
    }

    /// Who was at these addresses until others came.
    pub(crate) fn replaced(&self) -> impl Iterator<Item = (&SocketAddr, &HostEntry)> {
        self.replaced.iter().map(|(address, host)| (address, host))
    }

    /// What the sender's wall clock showed at the start, going by what it shows now.
    pub(crate) fn sender_start(&self, start: Wall) -> Wall {
        Wall(start.0.saturating_add_signed(self.clock_off))
    }
}
