//! The SMTP clients of master.cf, as their processes find them on the simulated machine.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::config::{Settings, Warning};
use mta_core::process::{Service, Services};

use crate::world::{World, WorldError};

/// The service that every master.cf has.
pub(crate) const SMTP: &str = "smtp";

/// What the processes of a service go by, and what was odd about it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientConfig {
    /// What they go by.
    pub settings: Arc<Settings>,
    /// What they may remark on when they start.
    pub warnings: Vec<Warning>,
}

impl ClientConfig {
    /// The same under another name in the log.
    pub(crate) fn named(&self, syslog_name: &str) -> ClientConfig {
        let mut settings = (*self.settings).clone();
        settings.names.syslog_name = syslog_name.into();
        ClientConfig {
            settings: Arc::new(settings),
            warnings: self.warnings.clone(),
        }
    }
}

/// What is configured at one time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Installed {
    /// What main.cf says.
    pub(crate) own: ClientConfig,
    /// The clients that have something of their own.
    pub(crate) clients: BTreeMap<String, ClientConfig>,
}

/// What processes find that a change brings about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Renewal {
    /// main.cf is another one: `postfix reload` lets every process start anew.
    Reload(Installed),
    /// It is the same: smtp(8) processes end, and others start.
    Clients(Installed),
}

/// What is installed on the machine: main.cf's own, and the clients that have something of their own.
///
/// # Errors
/// [`WorldError`] for a table that Postfix could read and the simulator cannot.
pub(crate) fn services(
    Installed { own, clients }: &Installed,
    world: &World,
) -> Result<Services, WorldError> {
    let files = world.all_files();
    let tables = world.tables(&own.settings)?;
    let mut services = Services::new(own.settings.clone(), tables.clone());
    let smtp = (SMTP, own);
    let named = clients.iter().map(|(name, client)| (name.as_str(), client));
    for (name, ClientConfig { settings, warnings }) in [smtp].into_iter().chain(named) {
        // A table may be large: it is read once.
        let tables = if differs_by_name(settings, &own.settings) {
            tables.clone()
        } else {
            world.tables(settings)?
        };
        let material = world.tls_material(&settings.tls);
        let service = Service::new(settings.clone(), tables, files.clone(), Some(material));
        services = services.with(name, service.warned(warnings).into());
    }
    Ok(services)
}

/// Whether settings differ from those of main.cf by the name in the log at most.
fn differs_by_name(settings: &Settings, own: &Settings) -> bool {
    let mut named = settings.clone();
    named.names.syslog_name.clone_from(&own.names.syslog_name);
    named == *own
}
