//! trivial-rewrite(8): it goes by the main.cf and the tables that it found when it started.

use std::sync::Arc;

use super::Services;
use crate::config::Settings;
use crate::policy_table::Tables;
use crate::time::Time;

/// The process that routes recipients, if one runs.
#[derive(Default)]
pub(crate) struct Rewrite(Option<Running>);

struct Running {
    settings: Arc<Settings>,
    tables: Arc<Tables>,
    last_use: Time,
}

impl Rewrite {
    /// What it goes by now. One that had nothing to do for long has ended, and another one starts. Its clients keep
    /// their connections to it, so that `max_use` is not reached (src/master/multi_server.c).
    pub(crate) fn ask(&mut self, services: &Services, now: Time) -> (&Settings, &Tables) {
        let is_idle =
            |running: &Running| now.since(running.last_use) >= running.settings.process.max_idle;
        if self.0.as_ref().is_some_and(is_idle) {
            self.end();
        }
        let running = self.0.get_or_insert_with(|| Running {
            settings: services.settings().clone(),
            tables: services.tables().clone(),
            last_use: now,
        });
        running.last_use = now;
        (&running.settings, &running.tables)
    }

    /// It ends: at a reload, or because a table has changed (src/trivial-rewrite/trivial-rewrite.c `pre_accept`).
    pub(crate) fn end(&mut self) {
        self.0 = None;
    }
}
