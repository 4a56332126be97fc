//! What happens by itself in a run: the world's changes, and the smtp(8) processes that follow from them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use mta_core::Mta;
use mta_core::config::Settings;
use mta_core::policy_table::Tables;
use mta_core::time::{Time, Wall};
use mta_core::tls::Engine;

use crate::world::{Change, SessionsChange, World, WorldError};

/// Everything that is still to change, in order.
#[derive(Default)]
pub(crate) struct Timeline {
    scheduled: VecDeque<Scheduled>,
    engine: Option<Arc<Engine>>,
    /// How far the sender's wall clock is off, in seconds.
    clock_off: i64,
}

struct Scheduled {
    at: Time,
    change: Change,
    process: Option<(Arc<Settings>, Arc<Tables>)>,
}

impl Timeline {
    /// Takes the changes out of the world. `settings` are those of the processes that start then, by the number of the
    /// change; `engine` is that of the first process.
    ///
    /// # Errors
    /// [`WorldError`] if the tables of a later configuration are wrong.
    pub(crate) fn new(
        settings: &BTreeMap<usize, Arc<Settings>>,
        world: &mut World,
        engine: Option<Arc<Engine>>,
    ) -> Result<Timeline, WorldError> {
        let mut timeline = Timeline {
            engine,
            ..Timeline::default()
        };
        let at_start = world.files.clone();
        for change in std::mem::take(&mut world.changes) {
            if let Some(files) = &change.files {
                world.files.clone_from(files);
            }
            let process = match change.number.and_then(|number| settings.get(&number)) {
                Some(settings) => Some((settings.clone(), world.tables(settings)?)),
                None => None,
            };
            timeline.scheduled.push_back(Scheduled {
                at: Time::after_start(change.at),
                change,
                process,
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
        let Some(Scheduled {
            change, process, ..
        }) = self.scheduled.pop_front()
        else {
            return false;
        };
        if let Some(zones) = change.zones {
            world.resolver.replace(zones);
        }
        world.hosts.extend(change.hosts);
        if let Some(files) = change.files {
            world.files = files;
            mta.replace_files(world.all_files());
        }
        if let Some((settings, tables)) = process {
            let material = world.tls_material(&settings.tls);
            let engine = match &self.engine {
                Some(before) => before.succeed(material),
                None => Engine::new(material),
            };
            // What the new process would log of a fault here is not told: the first one's is.
            let engine = engine.ok().map(Arc::new);
            self.engine = engine.clone().or(self.engine.take());
            mta.reconfigure(settings, engine, tables);
        }
        match change.sessions {
            Some(SessionsChange::Damaged) => mta.sessions().spoil(),
            Some(SessionsChange::Gone) => mta.sessions().clear(),
            None => {}
        }
        self.clock_off = self.clock_off.saturating_add(change.clock.0);
        change.crash
    }

    /// What the sender's wall clock showed at the start, going by what it shows now.
    pub(crate) fn sender_start(&self, start: Wall) -> Wall {
        Wall(start.0.saturating_add_signed(self.clock_off))
    }
}
