//! What a plan configures, read and checked: the settings of each service, now and after each change.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::config::{MainCf, Settings, Warning};

use super::main_cf::{edited, mentions};
use super::{Plan, PlanError};
use crate::bytes::Bytes;
use crate::run::{ClientConfig, Installed};
use crate::world::{ChangeSpec, WorldError};

/// The settings of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// What main.cf says.
    pub main_cf: Arc<Settings>,
    /// What holds for the services of master.cf in place of that, by name.
    pub services: BTreeMap<String, Arc<Settings>>,
    /// What looks unintended, each once: in main.cf first, then in what services and changes set.
    pub warnings: Vec<Warning>,
    /// What main.cf says from a change on at which an smtp(8) process starts, by the change's place in
    /// the plan, and whether that is a reload.
    pub(crate) later: BTreeMap<usize, (bool, Installed)>,
    /// What is configured at the start.
    pub(crate) installed: Installed,
}

impl Plan {
    /// Reads and checks what the plan configures.
    ///
    /// # Errors
    /// Every fault in main.cf; else those of the first service, or of the first change, that has any.
    pub fn configuration(&self) -> Result<Configuration, PlanError> {
        let main_cf = MainCf::parse_bytes("main.cf", &self.main_cf);
        let mut warnings = Vec::new();
        let installed = self.installed(&main_cf, &mut warnings)?;
        let later = self.later(&installed, &mut warnings)?;
        let clients = installed.clients.iter();
        Ok(Configuration {
            main_cf: installed.own.settings.clone(),
            services: clients
                .map(|(name, client)| (name.clone(), client.settings.clone()))
                .collect(),
            warnings,
            later,
            installed,
        })
    }

    fn installed(
        &self,
        main_cf: &MainCf,
        warnings: &mut Vec<Warning>,
    ) -> Result<Installed, PlanError> {
        let own = self.read(main_cf, warnings)?;
        let clients = self.services(main_cf, &own, warnings)?;
        Ok(Installed { own, clients })
    }

    fn read(
        &self,
        main_cf: &MainCf,
        warnings: &mut Vec<Warning>,
    ) -> Result<ClientConfig, PlanError> {
        let machine = self.host.machine(&self.world.client);
        let (settings, new) =
            Settings::from_main_cf(main_cf, self.postfix, &machine).map_err(PlanError::Config)?;
        for warning in &new {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
        Ok(ClientConfig {
            settings: Arc::new(settings),
            warnings: new,
        })
    }

    fn services(
        &self,
        main_cf: &MainCf,
        main: &ClientConfig,
        warnings: &mut Vec<Warning>,
    ) -> Result<BTreeMap<String, ClientConfig>, PlanError> {
        let mut all = BTreeMap::from([(RELAY.to_owned(), relay())]);
        for (service, overrides) in &self.services {
            let of_service = all.entry(service.clone()).or_default();
            of_service.extend(overrides.clone());
        }
        let mut services = BTreeMap::new();
        for (service, overrides) in all {
            let own = if differs_by_name(main_cf, &service, &overrides) {
                let mut own = (*main.settings).clone();
                own.names.syslog_name = format!("postfix/{service}");
                ClientConfig {
                    settings: Arc::new(own),
                    warnings: main.warnings.clone(),
                }
            } else {
                self.read(&main_cf.for_service(&service, &overrides), warnings)?
            };
            services.insert(service, own);
        }
        Ok(services)
    }

    /// The settings of the processes that start at changes.
    fn later(
        &self,
        at_start: &Installed,
        warnings: &mut Vec<Warning>,
    ) -> Result<BTreeMap<usize, (bool, Installed)>, PlanError> {
        let mut changes: Vec<(usize, &ChangeSpec)> =
            self.world.changes.iter().enumerate().collect();
        changes.sort_by_key(|(_, change)| change.at);
        let mut installed = at_start.clone();
        let mut main_cf = self.main_cf.clone();
        let mut later = BTreeMap::new();
        for (number, change) in changes {
            if let Some(key) = change.configures() {
                if let Some(new) = &change.main_cf {
                    main_cf = new.clone();
                }
                main_cf = edited(&main_cf, &change.postconf).into();
                installed = self.reconfigured(&main_cf, key, warnings)?;
            }
            if change.is_of_sender() {
                let reloads = change.configures().is_some();
                later.insert(number, (reloads, installed.clone()));
            }
        }
        Ok(later)
    }

    fn reconfigured(
        &self,
        main_cf: &Bytes,
        key: &'static str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Installed, PlanError> {
        let main_cf = MainCf::parse_bytes("main.cf", main_cf);
        self.installed(&main_cf, warnings)
            .map_err(|error| PlanError::World(WorldError::Change(key, error.to_string())))
    }
}

const RELAY: &str = "relay";

/// What every master.cf says of `relay` since Postfix 3.4.
fn relay() -> BTreeMap<String, String> {
    let name = "syslog_name".to_owned();
    BTreeMap::from([(name, "postfix/$service_name".to_owned())])
}

/// Whether a service that is called so in the log, and no more, can differ in nothing else: no value depends on either
/// name. (None of the defaults does.)
fn differs_by_name(main_cf: &MainCf, service: &str, overrides: &BTreeMap<String, String>) -> bool {
    service == RELAY
        && *overrides == relay()
        && !["service_name", "syslog_name"]
            .iter()
            .any(|name| mentions(main_cf, name))
}
