//! What a plan configures, read and checked: the settings of each service, now and after each change.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::config::{MainCf, Settings, Warning};

use super::main_cf::{edited, mentions};
use super::{Plan, PlanError};
use crate::bytes::Bytes;
use crate::run::{ClientConfig, Installed, Renewal};
use crate::world::{ChangeSpec, WorldError};

/// The settings of a plan, now and later.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// What the first processes find.
    pub(crate) installed: Installed,
    /// What the processes find that a change brings about, by its place in the plan.
    pub(crate) later: BTreeMap<usize, Renewal>,
    warnings: Vec<Warning>,
}

impl Configuration {
    /// What main.cf says at the start.
    pub const fn main_cf(&self) -> &Arc<Settings> {
        &self.installed.own.settings
    }

    /// What holds at the start for the services of master.cf in place of that, by name.
    pub fn services(&self) -> impl Iterator<Item = (&str, &Arc<Settings>)> {
        let clients = self.installed.clients.iter();
        clients.map(|(name, client)| (name.as_str(), &client.settings))
    }

    /// What looks unintended, each once: in main.cf first, then in what services and changes set.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
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
        Ok(Configuration {
            installed,
            later,
            warnings,
        })
    }

    fn installed(
        &self,
        main_cf: &MainCf,
        warnings: &mut Vec<Warning>,
    ) -> Result<Installed, PlanError> {
        let own = self.read(main_cf, warnings)?;
        let clients = self.clients(main_cf, &own, warnings)?;
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

    fn clients(
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
        let mut clients = BTreeMap::new();
        for (service, overrides) in all {
            // Reading takes long where worlds are many, and hardly any has anything to say of `relay`.
            let client = if is_main_by_another_name(main_cf, &service, &overrides) {
                main.named(&format!("postfix/{service}"))
            } else {
                self.read(&main_cf.for_service(&service, &overrides), warnings)?
            };
            clients.insert(service, client);
        }
        Ok(clients)
    }

    /// What the processes find that start at changes: one change goes on from what the one before it left.
    fn later(
        &self,
        at_start: &Installed,
        warnings: &mut Vec<Warning>,
    ) -> Result<BTreeMap<usize, Renewal>, PlanError> {
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
                later.insert(number, Renewal::Reload(installed.clone()));
            } else if change.restarts_clients() {
                later.insert(number, Renewal::Clients(installed.clone()));
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

/// Whether all that sets a service apart is what it is called in the log: neither name is in any value that counts. (None of
/// the defaults has one.)
fn is_main_by_another_name(
    main_cf: &MainCf,
    service: &str,
    overrides: &BTreeMap<String, String>,
) -> bool {
    service == RELAY
        && *overrides == relay()
        && !["service_name", "syslog_name"]
            .iter()
            .any(|name| mentions(main_cf, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the processes of `relay` find, and whether that took no reading of its own.
    fn relay_of(main_cf: &str, overrides: &[(&str, &str)]) -> (ClientConfig, bool) {
        let mut plan = Plan::from_main_cf(main_cf, Default::default());
        let overrides = overrides.iter();
        let overrides: BTreeMap<String, String> = overrides
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        plan.services.insert(RELAY.to_owned(), overrides.clone());
        let mut all = relay();
        all.extend(overrides);
        let file = MainCf::parse("main.cf", main_cf);
        let is_main = is_main_by_another_name(&file, RELAY, &all);
        let installed = plan.configuration().expect("good").installed;
        (installed.clients[RELAY].clone(), is_main)
    }

    #[test]
    fn relay_is_read_where_more_than_its_name_in_the_log_may_differ() {
        for (main_cf, overrides, is_main) in [
            ("smtp_tls_security_level = may\nmisspelt = 1", &[][..], true),
            ("smtp_helo_name = $service_name.test", &[], false),
            ("syslog_name = mail", &[], false),
            ("", &[("smtp_tls_security_level", "encrypt")], false),
            ("", &[("syslog_name", "other")], false),
        ] {
            let (found, was_main) = relay_of(main_cf, overrides);
            assert_eq!(was_main, is_main, "{main_cf} {overrides:?}");
            // Read in any case, it is the same.
            let file = MainCf::parse("main.cf", main_cf);
            let mut all = relay();
            let own = overrides.iter();
            all.extend(own.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            let plan = Plan::from_main_cf(main_cf, Default::default());
            let read = plan.read(&file.for_service(RELAY, &all), &mut Vec::new());
            assert_eq!(found, read.expect("good"), "{main_cf} {overrides:?}");
        }
    }
}
