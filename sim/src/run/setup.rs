//! What a run is asked to do.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mta_core::config::{Host, MainCf, Release, Settings};
use mta_core::event::Detail;
use mta_core::queue::Message;
use mta_core::{Draw, Mta};

use super::Timeline;
use super::services::{SMTP, Service, Services};
use super::texts::Texts;
use crate::peer::PeerSpec;
use crate::seed::{Purpose, Seed, Stream};
use crate::world::{ClientSpec, MessageSpec, World, WorldError, WorldSpec};

/// A run to be made. Everything that is chosen is in it, as data.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The sender's configuration.
    pub settings: Arc<Settings>,
    /// What holds for SMTP clients of its master.cf in place of that: for `relay` and for others that mail is sent to
    /// by name, or for `smtp` itself.
    pub services: BTreeMap<String, Arc<Settings>>,
    /// The text that it was read from, which later changes of the configuration build on.
    pub main_cf: Option<(String, Release)>,
    /// The world around it.
    pub world: WorldSpec,
    /// The peers that the world names.
    pub peers: BTreeMap<String, PeerSpec>,
    /// The messages.
    pub messages: Vec<MessageSpec>,
    /// The seed of all randomness.
    pub seed: Seed,
    /// How much is reported.
    pub detail: Detail,
    /// The run ends at this simulated time, whatever is left to do.
    pub limit: Duration,
}

/// What moves the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Driver {
    /// Discrete events in memory; simulated time jumps.
    Memory,
    /// tokio over turmoil's simulated sockets; simulated time ticks.
    #[cfg(feature = "turmoil")]
    Turmoil,
}

/// Why a run cannot be made.
#[derive(Debug)]
pub enum SetupError {
    /// The configuration is wrong; every fault in it.
    Config(Vec<mta_core::config::ConfigError>),
    /// The world is.
    World(WorldError),
    /// The driver cannot do it.
    Driver(String),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::Config(errors) => {
                for (i, error) in errors.iter().enumerate() {
                    write!(f, "{}{error}", if i == 0 { "" } else { "\n" })?;
                }
                Ok(())
            }
            SetupError::World(error) => write!(f, "{error}"),
            SetupError::Driver(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for SetupError {}

impl From<WorldError> for SetupError {
    fn from(error: WorldError) -> Self {
        SetupError::World(error)
    }
}

/// Simulated time after which a run is cut off: Postfix's queue lifetime and a day.
const LIMIT: Duration = Duration::from_secs(6 * 86_400);

impl Setup {
    /// A run with this configuration in an empty world.
    pub fn new(settings: Settings) -> Self {
        Setup {
            settings: Arc::new(settings),
            services: BTreeMap::new(),
            main_cf: None,
            world: WorldSpec::default(),
            peers: BTreeMap::new(),
            messages: Vec::new(),
            seed: Seed(1),
            detail: Detail::Conversation,
            limit: LIMIT,
        }
    }

    /// A run with the text of a main.cf.
    ///
    /// # Errors
    /// Every fault in the text.
    pub fn with_main_cf(text: &str, release: Release) -> Result<Self, SetupError> {
        let main_cf = MainCf::parse("main.cf", text);
        let setup = Setup::on(&main_cf, release, &machine())?;
        Ok(Setup {
            main_cf: Some((text.to_owned(), release)),
            ..setup
        })
    }

    /// A run with a main.cf, and with the master.cf that comes with Postfix, on this machine.
    ///
    /// # Errors
    /// Every fault in main.cf.
    pub fn on(main_cf: &MainCf, release: Release, host: &Host) -> Result<Self, SetupError> {
        let (settings, _) =
            Settings::from_main_cf(main_cf, release, host).map_err(SetupError::Config)?;
        let mut setup = Setup::new(settings);
        setup.serve(main_cf, &BTreeMap::new(), host)?;
        Ok(setup)
    }

    /// Puts SMTP clients into master.cf, each with its overrides (`-o name=value`). `smtp` and `relay` are there
    /// already, and get further overrides.
    ///
    /// # Errors
    /// The faults of the first service that has any.
    pub fn serve(
        &mut self,
        main_cf: &MainCf,
        services: &BTreeMap<String, BTreeMap<String, String>>,
        host: &Host,
    ) -> Result<(), SetupError> {
        let release = self.settings.release;
        let mut all = BTreeMap::from([("relay".to_owned(), relay())]);
        for (service, overrides) in services {
            all.entry(service.clone())
                .or_default()
                .extend(overrides.clone());
        }
        for (service, overrides) in all {
            let main_cf = main_cf.for_service(&service, &overrides);
            let (settings, _) =
                Settings::from_main_cf(&main_cf, release, host).map_err(SetupError::Config)?;
            self.services.insert(service, Arc::new(settings));
        }
        Ok(())
    }

    /// The plan as messages for the queue, each with its time, in order.
    pub(crate) fn plan(&self) -> Vec<(Duration, Message)> {
        let mut ids = self.seed.stream(Purpose::QueueIds, 0);
        let mut texts = Texts::default();
        let mut plan: Vec<(Duration, Message)> = self
            .messages
            .iter()
            .map(|spec| {
                let message = texts.message(spec, queue_id(&mut ids), &self.settings);
                (spec.at, message)
            })
            .collect();
        plan.sort_by_key(|(at, _)| *at);
        plan
    }

    /// The sender of this run, with what is to change in it, and how its services log.
    ///
    /// # Errors
    /// [`WorldError`] if its tables, or those of a later configuration, are wrong.
    pub(crate) fn sender(&self, world: &mut World) -> Result<Start, WorldError> {
        let sessions = Arc::new(mta_core::tls::SessionCache::new());
        let draw = Box::new(MxOrder(self.seed.stream(Purpose::MxOrder, 0)));
        let tables = world.tables(&self.settings)?;
        let (engine, smtp) = Service::start(&self.settings, &tables, world);
        let mut mta = Mta::new(
            self.settings.clone(),
            engine.clone(),
            sessions,
            draw,
            self.detail,
        )
        .with_files(world.all_files())
        .with_tables(tables.clone());
        let mut services = BTreeMap::new();
        for (name, settings) in &self.services {
            let (service, engine, tables) = if Service::differs_by_name(settings, &self.settings) {
                (smtp.under(settings), engine.clone(), tables.clone())
            } else {
                let tables = world.tables(settings)?;
                let (engine, service) = Service::start(settings, &tables, world);
                (service, engine, tables)
            };
            mta.serve(name, settings.clone(), engine, tables);
            services.insert(name.clone(), service);
        }
        services.entry(SMTP.to_owned()).or_insert(smtp);
        let timeline = Timeline::new(self, world, engine)?;
        Ok(Start {
            mta,
            timeline,
            services: Services(services),
        })
    }
}

/// What every master.cf says of `relay` since Postfix 3.4.
fn relay() -> BTreeMap<String, String> {
    let name = "syslog_name".to_owned();
    BTreeMap::from([(name, "postfix/$service_name".to_owned())])
}

/// The simulated machine: its usual name, at its addresses.
pub fn machine() -> Host {
    ClientSpec::default().machine()
}

/// A sender before its first input.
pub(crate) struct Start {
    pub(crate) mta: Mta,
    pub(crate) timeline: Timeline,
    /// How its services log, and what they say of the start of TLS.
    pub(crate) services: Services,
}

/// A short queue id, as Postfix makes it: ten hexadecimal digits.
fn queue_id(ids: &mut Stream) -> Arc<str> {
    format!("{:010X}", ids.below(1 << 40)).into()
}

/// Orders servers of equal preference.
struct MxOrder(Stream);

impl Draw for MxOrder {
    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.0.below(u64::from(bound))).unwrap_or_default()
    }
}
