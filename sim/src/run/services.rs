//! The SMTP clients of master.cf, and how each logs.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::config::Settings;
use mta_core::event::Event;
use mta_core::log::{LogLine, LogStyle, opening_lines, session_database_lines};
use mta_core::policy_table::Tables;
use mta_core::tls::{Engine, EngineFault};
use mta_core::trust::OddDigest;

use crate::world::World;

/// The service that every master.cf has.
pub(crate) const SMTP: &str = "smtp";

/// How the services of a run log, by their names.
#[derive(Debug, Default)]
pub struct Services(pub(crate) BTreeMap<String, Service>);

/// How a service logs.
#[derive(Clone, Debug)]
pub struct Service {
    /// What stands before the name of its program (`syslog_name`).
    pub syslog_name: String,
    /// Whose words, and how many of them.
    pub style: LogStyle,
    /// What it logs of its tables when it opens them.
    pub opening: Vec<LogLine>,
    /// What tlsmgr(8) logs if it is the first that needs it.
    pub session_database: Vec<LogLine>,
    /// What was odd when its TLS engine was set up, or why there is none: Postfix would have logged it.
    pub engine: Result<Vec<OddDigest>, EngineFault>,
}

impl Service {
    /// Sets up the engine of a service, and opens its tables, as its first process does.
    pub(crate) fn start(
        settings: &Settings,
        tables: &Tables,
        world: &World,
    ) -> (Option<Arc<Engine>>, Service) {
        let (engine, start) = match Engine::new(world.tls_material(&settings.tls)) {
            Ok(engine) => {
                let odd = engine.odd_digests().to_vec();
                (Some(Arc::new(engine)), Ok(odd))
            }
            Err(fault) => (None, Err(fault)),
        };
        let style = LogStyle::of(settings, tables);
        let service = Service {
            syslog_name: settings.names.syslog_name.clone(),
            opening: opening_lines(tables, &style),
            style,
            session_database: if settings.tls.needs_engine() {
                session_database_lines(settings)
            } else {
                Vec::new()
            },
            engine: start,
        };
        (engine, service)
    }

    /// Whether a service differs from the one of these settings by its name in the log alone.
    pub(crate) fn differs_by_name(settings: &Settings, own: &Settings) -> bool {
        let mut named = settings.clone();
        named.names.syslog_name.clone_from(&own.names.syslog_name);
        named == *own
    }

    /// The same service under another name in the log.
    pub(crate) fn under(&self, settings: &Settings) -> Service {
        Service {
            syslog_name: settings.names.syslog_name.clone(),
            ..self.clone()
        }
    }
}

impl Services {
    /// The service in which something happened.
    pub fn of(&self, event: &Event) -> Option<(&str, &Service)> {
        let name = event.service.as_deref().unwrap_or(SMTP);
        let (name, service) = self.0.get_key_value(name)?;
        Some((name, service))
    }

    /// The service `smtp`.
    pub fn smtp(&self) -> Option<&Service> {
        self.0.get(SMTP)
    }
}
