//! Destinations that there is mail for: how many deliveries go to each at a time, and whether connections are worth
//! keeping (Postfix src/qmgr/qmgr_queue.c, qmgr_entry.c).
//!
//! The window of a destination opens with what goes well. It never closes, and no destination is declared dead: what
//! the queue manager makes of failures is not simulated.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::config::DestinationLimits;
use crate::connection::Reuse;
use crate::time::Time;

/// A destination of a service: its name in the queue manager is the next hop, or `localpart@nexthop` where every
/// recipient has a delivery of its own.
pub(super) type DestinationName = (Arc<str>, Arc<str>);

/// The destinations that there is mail for.
#[derive(Debug, Default)]
pub(super) struct Destinations(BTreeMap<DestinationName, Destination>);

#[derive(Debug)]
struct Destination {
    /// How many deliveries may be under way.
    window: u32,
    busy: u32,
    /// Deliveries that wait for their turn.
    todo: VecDeque<u32>,
    /// When the last delivery was over, in whole seconds.
    last_done: Option<u64>,
    demand: Reuse,
}

impl Destinations {
    /// Adds a delivery behind the others for its destination.
    pub(super) fn add(&mut self, name: DestinationName, delivery: u32, limits: DestinationLimits) {
        let destination = self.0.entry(name).or_insert_with(|| Destination {
            window: limits.initial.get(),
            busy: 0,
            todo: VecDeque::new(),
            last_done: None,
            demand: Reuse::default(),
        });
        destination.todo.push_back(delivery);
    }

    /// Whether it is the turn of a delivery.
    pub(super) fn is_turn(&self, name: &DestinationName) -> bool {
        let destination = self.0.get(name);
        destination.is_some_and(|destination| {
            destination.busy < destination.window && !destination.todo.is_empty()
        })
    }

    /// The next delivery whose turn it is, and what it is asked about connections (`qmgr_entry_select`).
    pub(super) fn select(&mut self, name: &DestinationName, now: Time) -> Option<(u32, Reuse)> {
        let destination = self.0.get_mut(name)?;
        if destination.busy >= destination.window {
            return None;
        }
        let delivery = destination.todo.pop_front()?;
        destination.busy += 1;
        let back_to_back = destination
            .last_done
            .is_some_and(|at| at + 1 >= now.as_secs());
        if !destination.demand.keeps {
            // Deliveries that fit the initial window do not count as back-to-back.
            if back_to_back {
                destination.demand = Reuse {
                    looks: true,
                    keeps: true,
                };
            }
        } else if destination.busy <= 1 && !back_to_back {
            // What is open is used up, and nothing is added.
            destination.demand.keeps = false;
        }
        Some((delivery, destination.demand))
    }

    /// A delivery is over (`qmgr_deliver_update`, `qmgr_queue_unthrottle`).
    pub(super) fn done(
        &mut self,
        name: &DestinationName,
        went_well: bool,
        now: Time,
        limits: DestinationLimits,
    ) {
        let Some(destination) = self.0.get_mut(name) else {
            return;
        };
        let limit = limits.concurrency.map_or(u32::MAX, |limit| limit.get());
        let near = destination.busy.saturating_add(limits.initial.get());
        if went_well && destination.window < limit && destination.window < near {
            destination.window += 1;
        }
        destination.busy = destination.busy.saturating_sub(1);
        destination.last_done = Some(now.as_secs());
        if destination.busy == 0 && destination.todo.is_empty() {
            self.0.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;

    fn name() -> DestinationName {
        ("smtp".into(), "example.test".into())
    }

    fn limits(initial: u32, concurrency: u32) -> DestinationLimits {
        DestinationLimits {
            initial: NonZeroU32::new(initial).unwrap(),
            concurrency: NonZeroU32::new(concurrency),
            recipients: None,
        }
    }

    fn at(seconds: u64) -> Time {
        Time::after_start(Duration::from_secs(seconds))
    }

    fn with(deliveries: u32, limits: DestinationLimits) -> Destinations {
        let mut destinations = Destinations::default();
        (0..deliveries).for_each(|id| destinations.add(name(), id, limits));
        destinations
    }

    /// All whose turn it is.
    fn selected(destinations: &mut Destinations, now: Time) -> Vec<u32> {
        std::iter::from_fn(|| destinations.select(&name(), now).map(|(id, _)| id)).collect()
    }

    #[test]
    fn the_window_opens_with_what_goes_well() {
        let limits = limits(2, 4);
        let mut destinations = with(20, limits);
        assert_eq!(selected(&mut destinations, at(0)), [0, 1]);
        destinations.done(&name(), false, at(0), limits);
        assert_eq!(selected(&mut destinations, at(0)), [2]);
        destinations.done(&name(), true, at(0), limits);
        assert_eq!(selected(&mut destinations, at(0)), [3, 4]);
        destinations.done(&name(), true, at(0), limits);
        assert_eq!(selected(&mut destinations, at(0)), [5, 6]);
        destinations.done(&name(), true, at(0), limits);
        assert_eq!(
            selected(&mut destinations, at(0)),
            [7],
            "four are the limit"
        );
    }

    #[test]
    fn connections_are_kept_once_one_delivery_follows_another() {
        let limits = limits(1, 1);
        let mut destinations = with(4, limits);
        let mut demanded = Vec::new();
        for second in [0, 0, 1, 9] {
            let (_, demand) = destinations.select(&name(), at(second)).unwrap();
            demanded.push((demand.looks, demand.keeps));
            destinations.done(&name(), true, at(second), limits);
        }
        let (none, both, looks) = ((false, false), (true, true), (true, false));
        assert_eq!(demanded, [none, both, both, looks]);
    }

    #[test]
    fn a_destination_without_mail_is_forgotten() {
        let limits = limits(1, 1);
        let mut destinations = with(1, limits);
        assert_eq!(selected(&mut destinations, at(0)), [0]);
        destinations.done(&name(), true, at(0), limits);
        assert!(destinations.0.is_empty());
        destinations.add(name(), 1, limits);
        let (_, demand) = destinations.select(&name(), at(0)).unwrap();
        assert_eq!(demand, Reuse::default());
    }
}
