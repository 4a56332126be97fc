//! What a plan comes to: a world, and a sender before its first event.

use std::sync::Arc;

use mta_core::config::{Settings, Warning};
use mta_core::event::Detail;
use mta_core::queue::Message;
use mta_core::time::Time;
use mta_core::tls::SessionCache;
use mta_core::{Draw, Mta};

use super::{Configuration, Plan, PlanError};
use crate::peer::Observe;
use crate::run::{Timeline, services};
use crate::seed::{Purpose, Stream};
use crate::world::World;

/// A plan that is ready to run: read, checked and built.
pub struct Prepared {
    /// What the plan configures.
    configuration: Configuration,
    pub(crate) world: World,
    pub(crate) mta: Mta,
    /// What changes by itself.
    pub(crate) timeline: Timeline,
    /// The messages, each with its time, in order.
    pub(crate) messages: Vec<(Time, Message)>,
    /// When the run ends, whatever is left to do.
    pub(crate) limit: Time,
}

impl Plan {
    /// Reads, checks and builds everything that the plan asks for. Peers keep the texts of messages if the plan's detail is
    /// [`Detail::Conversation`], which is the default.
    ///
    /// # Errors
    /// [`PlanError`] if the configuration is wrong, now or after a change, or the world makes no sense.
    pub fn prepare(&self) -> Result<Prepared, PlanError> {
        let observe = match self.detail {
            Detail::Outcomes | Detail::Decisions => Observe::Digests,
            Detail::Conversation => Observe::Texts,
        };
        self.prepare_for(observe)
    }

    /// The same; `observe` is what peers note.
    pub(crate) fn prepare_for(&self, observe: Observe) -> Result<Prepared, PlanError> {
        let configuration = self.configuration()?;
        let mut world = World::build(&self.world, &self.peers, self.seed, observe)?;
        let mta = Mta::new(
            services(&configuration.installed, &world)?,
            Arc::new(SessionCache::new()),
            Box::new(Chosen {
                mx_order: self.seed.stream(Purpose::MxOrder, 0),
                nonces: self.seed.stream(Purpose::Nonces, 0),
            }),
            self.detail,
        );
        let timeline = Timeline::new(&configuration.later, &mut world)?;
        Ok(Prepared {
            messages: self.messages(configuration.main_cf()),
            limit: Time::after_start(self.limit),
            world,
            mta,
            timeline,
            configuration,
        })
    }
}

impl Prepared {
    /// What looks unintended in the configuration.
    pub fn warnings(&self) -> &[Warning] {
        self.configuration.warnings()
    }

    /// What main.cf says.
    pub fn settings(&self) -> &Arc<Settings> {
        self.configuration.main_cf()
    }

    /// The world.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The world, and the sender before its first event: for an event loop of one's own, which sends the messages too.
    /// What the plan changes later does not change then.
    pub fn into_parts(self) -> (World, Mta) {
        (self.world, self.mta)
    }
}

/// What the sender leaves to chance: how servers of equal preference are ordered, and what a login needs to be new.
struct Chosen {
    mx_order: Stream,
    nonces: Stream,
}

impl Draw for Chosen {
    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.mx_order.below(u64::from(bound))).unwrap_or_default()
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        self.nonces.fill(bytes);
    }
}
