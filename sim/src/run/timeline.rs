//! What happens by itself in a run: the world's changes, and the smtp(8) processes that follow from them.

use std::collections::VecDeque;
use std::sync::Arc;

use mta_core::Mta;
use mta_core::config::{MainCf, Release, Settings};
use mta_core::policy_table::Tables;
use mta_core::time::{Time, Wall};
use mta_core::tls::Engine;

use crate::world::{Change, ChangeSpec, ClientSpec, SessionsChange, World, WorldError};

use super::Setup;

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
    /// Takes the changes out of the world. `engine` is that of the first process.
    ///
    /// # Errors
    /// [`WorldError`] if a later configuration is wrong, or its tables are.
    pub(crate) fn new(
        setup: &Setup,
        world: &mut World,
        engine: Option<Arc<Engine>>,
    ) -> Result<Timeline, WorldError> {
        let mut timeline = Timeline {
            engine,
            ..Timeline::default()
        };
        let mut settings = setup.settings.clone();
        let mut main_cf = setup.main_cf.clone();
        let at_start = world.files.clone();
        for change in std::mem::take(&mut world.changes) {
            let spec = change.number.and_then(|n| setup.world.changes.get(n));
            if let Some(files) = &change.files {
                world.files.clone_from(files);
            }
            let process = match spec.filter(|spec| spec.is_of_sender()) {
                Some(spec) => {
                    if let Some(next) = reconfigured(spec, &mut main_cf, &setup.world.client)? {
                        settings = Arc::new(next);
                    }
                    Some((settings.clone(), world.tables(&settings)?))
                }
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

/// The settings after a change, if it has to do with them; `main_cf` keeps up.
fn reconfigured(
    change: &ChangeSpec,
    main_cf: &mut Option<(String, Release)>,
    client: &ClientSpec,
) -> Result<Option<Settings>, WorldError> {
    if change.main_cf.is_none() && change.postconf.is_empty() {
        return Ok(None);
    }
    let key = if change.main_cf.is_some() {
        "main-cf"
    } else {
        "postconf"
    };
    let Some((text, release)) = main_cf else {
        let fault = "the run was not set up with the text of a main.cf".to_owned();
        return Err(WorldError::Change(key, fault));
    };
    if let Some(new) = &change.main_cf {
        text.clone_from(new);
    }
    *text = edited(text, &change.postconf);
    let main_cf = MainCf::parse("main.cf", text);
    match Settings::from_main_cf(&main_cf, *release, &client.machine()) {
        Ok((settings, _)) => Ok(Some(settings)),
        Err(errors) => {
            let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Err(WorldError::Change(key, all.join("\n")))
        }
    }
}

/// main.cf after `postconf -e`: parameters that are set there are replaced, others are added (postconf(1)).
fn edited(text: &str, settings: &[String]) -> String {
    if settings.is_empty() {
        return text.to_owned();
    }
    let name_of = |setting: &str| {
        let name = setting.split_once('=').map_or(setting, |(name, _)| name);
        name.trim().to_owned()
    };
    let names: Vec<String> = settings.iter().map(|setting| name_of(setting)).collect();
    let kept = MainCf::parse("main.cf", text);
    let mut edited = String::new();
    for entry in kept.entries().filter(|entry| !names.contains(&entry.name)) {
        edited.push_str(&format!("{} = {}\n", entry.name, entry.value));
    }
    for setting in settings {
        edited.push_str(setting);
        edited.push('\n');
    }
    edited
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postconf_replaces_what_is_set_and_adds_what_is_not() {
        let text = "a = 1\nb = 2,\n  3\n# a = 4\n";
        let edits = ["b=4".to_owned(), "c = $a".to_owned()];
        assert_eq!(edited(text, &edits), "a = 1\nb=4\nc = $a\n");
        assert_eq!(edited(text, &[]), text);
    }
}
