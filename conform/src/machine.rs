//! The sender's machine: its main.cf and master.cf, and what its processes find when they start.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::config::{Host, MainCf, Release, Settings};
use mta_core::process::{Client, FatalConfig, Service, Services};
use mta_sim::world::World;
use serde_json::Value;

use crate::case::Case;
use crate::pki::Certificates;
use crate::placeholder;
use crate::reach::NotYet;

/// The service that every master.cf has.
pub(crate) const SMTP: &str = "smtp";

/// A further SMTP client in master.cf, with the same program; the dataset was observed with it.
pub(crate) const ALT: &str = "alt";

/// The services of a case whose main.cf says this beyond what all of the dataset's do.
///
/// # Errors
/// What the simulator does not have yet.
pub(crate) fn services(
    case: &Case,
    config: &BTreeMap<String, String>,
    world: &World,
    certificates: &Certificates,
    release: Release,
) -> Result<Services, NotYet> {
    let text = main_cf(case, config, certificates)?;
    let main_cf = MainCf::parse("main.cf", &text);
    // Programs that have nothing to do with what is wrong go on as if it were not there.
    let (settings, _) = Settings::from_main_cf(&main_cf, release, &Host::default())
        .unwrap_or_else(|_| (Settings::default_for(release), Vec::new()));
    let settings = Arc::new(settings);
    let tables = tables(&settings, world)?;
    let mut services = Services::new(settings, tables);
    for name in [SMTP, ALT] {
        let main_cf = main_cf.for_service(name, &overrides(case, name));
        services = services.with(name, client(&main_cf, world, release)?);
    }
    Ok(services)
}

fn client(main_cf: &MainCf, world: &World, release: Release) -> Result<Client, NotYet> {
    match Settings::from_main_cf(main_cf, release, &Host::default()) {
        Ok((settings, warnings)) => {
            NotYet::among(&warnings)?;
            let settings = Arc::new(settings);
            let tables = tables(&settings, world)?;
            let material = world.tls_material(&settings.tls);
            let service = Service::new(settings, tables, world.all_files(), Some(material));
            Ok(service.warned(&warnings).into())
        }
        Err(errors) => {
            if let Some(error) = errors.iter().find(|error| error.problem().notice.is_none()) {
                return Err(NotYet::config(error));
            }
            let fatal = FatalConfig::among(&errors);
            let fatal = fatal.ok_or_else(|| NotYet::new("an error without a reason"))?;
            Ok(Client::Fatal(Arc::new(fatal)))
        }
    }
}

fn tables(
    settings: &Settings,
    world: &World,
) -> Result<Arc<mta_core::policy_table::Tables>, NotYet> {
    let tables = world.tables(settings);
    tables.map_err(|error| NotYet::new(error.to_string()))
}

/// The text of the case's main.cf.
///
/// # Errors
/// A placeholder for which there is nothing.
fn main_cf(
    case: &Case,
    config: &BTreeMap<String, String>,
    certificates: &Certificates,
) -> Result<String, NotYet> {
    let base = MainCf::parse("main.cf", &case.base);
    let mut all: BTreeMap<&str, String> = BTreeMap::new();
    for entry in base.entries() {
        all.insert(&entry.name, entry.value.replace("$DIR", placeholder::DIR));
    }
    for (name, value) in config {
        let value = placeholder::resolve(value, certificates).map_err(NotYet::placeholder)?;
        all.insert(name, value.replace('\n', "\n "));
    }
    Ok(all
        .iter()
        .map(|(name, value)| format!("{name} = {value}\n"))
        .collect())
}

/// What master.cf says for a service in place of main.cf (`-o name=value`).
fn overrides(case: &Case, service: &str) -> BTreeMap<String, String> {
    let overrides = case.master.get(service).into_iter().flatten();
    let text = |value: &Value| match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    };
    overrides
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}
