//! What a plan comes to: a world, and a sender before its first event.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::config::{Settings, Warning};
use mta_core::queue::Message;
use mta_core::time::Time;
use mta_core::tls::SessionCache;
use mta_core::{Draw, Mta};

use super::{Configuration, Plan, PlanError};
use crate::run::{SMTP, Service, Services, Timeline};
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
    /// How the sender's services log.
    pub(crate) services: Services,
    /// The messages, each with its time, in order.
    pub(crate) messages: Vec<(Time, Message)>,
    /// When the run ends, whatever is left to do.
    pub(crate) limit: Time,
}

impl Plan {
    /// Reads, checks and builds everything that the plan asks for.
    ///
    /// # Errors
    /// [`PlanError`] if the configuration is wrong, now or after a change, or the world makes no sense.
    pub fn prepare(&self) -> Result<Prepared, PlanError> {
        self.prepare_for(true)
    }

    /// The same; peers note what they see if it is to be `observed`.
    pub(crate) fn prepare_for(&self, observed: bool) -> Result<Prepared, PlanError> {
        let configuration = self.configuration()?;
        let settings = &configuration.main_cf;
        let mut world = World::build(&self.world, &self.peers, self.seed, observed)?;
        let tables = world.tables(settings)?;
        let (engine, smtp) = Service::start(settings, &tables, &world);
        let mut mta = Mta::new(
            settings.clone(),
            engine.clone(),
            Arc::new(SessionCache::new()),
            Box::new(MxOrder(self.seed.stream(Purpose::MxOrder, 0))),
            self.detail,
        )
        .with_files(world.all_files())
        .with_tables(tables.clone());
        let mut services = BTreeMap::new();
        for (name, own) in &configuration.services {
            let (service, engine, tables) = if Service::differs_by_name(own, settings) {
                (smtp.under(own), engine.clone(), tables.clone())
            } else {
                let tables = world.tables(own)?;
                let (engine, service) = Service::start(own, &tables, &world);
                (service, engine, tables)
            };
            mta.serve(name, own.clone(), engine, tables);
            services.insert(name.clone(), service);
        }
        services.entry(SMTP.to_owned()).or_insert(smtp);
        let timeline = Timeline::new(&configuration.later, &mut world, engine)?;
        Ok(Prepared {
            messages: self.messages(settings),
            limit: Time::after_start(self.limit),
            world,
            mta,
            timeline,
            services: Services(services),
            configuration,
        })
    }
}

impl Prepared {
    /// What looks unintended in the configuration.
    pub fn warnings(&self) -> &[Warning] {
        &self.configuration.warnings
    }

    /// What main.cf says.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.configuration.main_cf
    }

    /// The world.
    pub const fn world(&self) -> &World {
        &self.world
    }
}

/// Orders servers of equal preference.
struct MxOrder(Stream);

impl Draw for MxOrder {
    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.0.below(u64::from(bound))).unwrap_or_default()
    }
}
