//! Both halves of a run, before its first event and behind its last one.

use std::sync::Arc;

use mta_core::event::Event;
use mta_core::process::Services;
use mta_core::time::Time;

use super::arrival::Arrivals;
use super::sender::Sender;
use crate::peer::Seen;
use crate::plan::Prepared;
use crate::run::RuleHits;
use crate::tap::Tap;
use crate::world::World;

/// Both halves of a run before its first event, and the world between them.
pub(super) struct Halves {
    pub(super) world: World,
    pub(super) sender: Sender,
    pub(super) arrivals: Arrivals,
}

impl Halves {
    pub(super) fn of(prepared: Prepared) -> Halves {
        let Prepared {
            world,
            mta,
            timeline,
            messages,
            ..
        } = prepared;
        Halves {
            sender: Sender::new(mta, &world).with_plan(timeline, messages),
            arrivals: Arrivals::new(&world),
            world,
        }
    }

    pub(super) fn listen(&mut self, tap: Box<dyn Tap>) {
        self.sender.listen(tap, &mut self.arrivals);
    }
}

/// What came out of both halves in the end.
pub(super) struct Outcome {
    pub(super) events: Vec<Event>,
    pub(super) seen: Vec<(u32, Seen)>,
    pub(super) ended: Time,
    pub(super) left_in_queue: usize,
    pub(super) services: Vec<Arc<Services>>,
    pub(super) rules: Vec<RuleHits>,
}

impl Outcome {
    pub(super) fn of(
        sender: &mut Sender,
        arrivals: &mut Arrivals,
        world: &World,
        ended: Time,
    ) -> Outcome {
        let seen = arrivals.take_seen().into_iter();
        Outcome {
            events: sender.take_events(),
            seen: seen.map(|(number, _, seen)| (number, seen)).collect(),
            ended,
            left_in_queue: sender.queued(),
            services: sender.services().to_vec(),
            rules: sender.rule_hits(world),
        }
    }
}
