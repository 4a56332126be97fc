//! The run of a cell: a behaviour in its world, at a level.

use std::collections::BTreeMap;
use std::fmt;

use crate::plan::Plan;
use crate::seed::Seed;
use crate::world::MessageSpec;
use mta_core::config::Release;
use mta_core::policy::Level;

use super::Behaviours;
use super::level::{Kept, PINS, main_cf};
use crate::library::{Catalogue, LookupError, World};

/// Where a peer stands in the reference worlds.
const HOST: &str = "mx1.example.test";

/// Why a cell cannot be run.
#[derive(Debug)]
pub enum CellError {
    /// No row has the behaviour's name.
    NoRow(String),
    /// Neither a peer nor a world has the behaviour's name.
    NoFile(String),
    /// The row names a world that is not there.
    World(LookupError),
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CellError::NoRow(id) => write!(f, "no row is called {id:?}"),
            CellError::NoFile(id) => write!(f, "no file peers/{id}.toml or worlds/{id}.toml"),
            CellError::World(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CellError {}

impl From<LookupError> for CellError {
    fn from(error: LookupError) -> Self {
        CellError::World(error)
    }
}

impl Behaviours {
    /// The run of a behaviour at a level: its own world, or the row's reference world with the peer in the place of the
    /// first MX.
    ///
    /// # Errors
    /// What it needs and is not there, or makes no sense.
    ///
    /// ```
    /// use mta_core::policy::Level;
    /// use mta_sim::library::Catalogue;
    /// use mta_sim::behaviour::Behaviours;
    /// use mta_sim::run::Driver;
    /// use mta_sim::seed::Seed;
    ///
    /// let catalogue = Catalogue::embedded()?;
    /// let plan = Behaviours::embedded()?.plan(&catalogue, "starttls-502", Level::May, "3.12".parse()?, Seed(1))?;
    /// let run = plan.run(Driver::Memory)?;
    /// assert_eq!(run.left_in_queue, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn plan(
        &self,
        catalogue: &Catalogue,
        id: &str,
        level: Level,
        release: Release,
        seed: Seed,
    ) -> Result<Plan, CellError> {
        let row = self.rows().get(id);
        let row = row.ok_or_else(|| CellError::NoRow(id.to_owned()))?;
        let mut world = match catalogue.worlds().get(id) {
            Some(world) => world.clone(),
            None if catalogue.peers().contains_key(id) => {
                let mut world = catalogue.world(&row.world)?.clone();
                stand_in(&mut world, id);
                world
            }
            None => return Err(CellError::NoFile(id.to_owned())),
        };
        let main_cf = prepare(&mut world, level, row.world.ends_with("-rtls"));
        if let ([only], true) = (
            world.messages.as_slice(),
            row.then.is_some() || row.session.is_some(),
        ) {
            let second = MessageSpec {
                at: only.at + row.after,
                ..only.clone()
            };
            world.messages.push(second);
        }
        Ok(Plan {
            limit: row.limit,
            ..world.plan(main_cf, release, seed, catalogue)?
        })
    }
}

/// The main.cf of a level in a world, which gets the pins that the level `fingerprint` needs.
pub fn prepare(world: &mut World, level: Level, require_tls: bool) -> String {
    let dane_goes_first = level == Level::Dane && has_dane(world);
    let kept = Kept {
        sts: !world.spec.mta_sts.is_empty() && !dane_goes_first,
        require_tls,
    };
    pin(world);
    main_cf(level, kept)
}

/// RFC 8461 §2: what DANE asks for goes before MTA-STS. Records of the other usages ask for nothing (RFC 7672 §3.1.3).
fn has_dane(world: &World) -> bool {
    let records = world.spec.dns.iter().flat_map(|name| &name.tlsa);
    records
        .into_iter()
        .any(|record| record.starts_with(['2', '3']))
}

/// Puts a peer in the place of the first MX.
fn stand_in(world: &mut World, id: &str) {
    let hosts = world
        .spec
        .domains
        .iter_mut()
        .flat_map(|domain| &mut domain.mx);
    for mx in hosts.filter(|mx| mx.host == HOST) {
        mx.peer = Some(id.into());
    }
}

/// Pins the keys of the hosts that receive a domain's mail, unless the world has pins of its own.
fn pin(world: &mut World) {
    let mut pins = BTreeMap::new();
    for domain in &world.spec.domains {
        let keys = domain
            .mx
            .iter()
            .map(|mx| format!(" match=<key-sha256:{}>", mx.host));
        pins.insert(domain.name.as_str(), keys.collect::<String>());
    }
    // Mail for an address is for the servers of the first domain.
    let first = world
        .spec
        .domains
        .first()
        .and_then(|domain| pins.get(domain.name.as_str()));
    let literals = world.messages.iter().flat_map(|message| &message.to);
    let literals = literals.filter_map(|to| to.rsplit('@').next());
    let literals: Vec<&str> = literals.filter(|domain| domain.starts_with('[')).collect();
    if let Some(keys) = first.cloned() {
        pins.extend(literals.into_iter().map(|literal| (literal, keys.clone())));
    }
    let table: String = pins
        .iter()
        .map(|(name, keys)| format!("{name} fingerprint{keys}\n"))
        .collect();
    world
        .spec
        .files
        .entry(PINS.to_owned())
        .or_insert(table.into());
}
