//! What a run is asked to do.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mta_core::config::{Host, MainCf, PostfixVersion, Settings};
use mta_core::event::Detail;
use mta_core::log::LogStyle;
use mta_core::policy::Asks;
use mta_core::queue::{HeaderAsks, Message};
use mta_core::smtp::Body;
use mta_core::tls::{Engine, EngineFault};
use mta_core::trust::OddDigest;
use mta_core::{Draw, Mta};

use super::Course;
use crate::peer::PeerSpec;
use crate::seed::{Purpose, Seed, Stream};
use crate::world::{CLIENT_IPV4, CLIENT_IPV6, MessageSpec, World, WorldError, WorldSpec};

/// A run to be made. Everything that is chosen is in it, as data.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The sender's configuration.
    pub settings: Arc<Settings>,
    /// The text that it was read from, which later changes of the configuration build on.
    pub main_cf: Option<(String, PostfixVersion)>,
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
    pub fn with_main_cf(text: &str, version: PostfixVersion) -> Result<Self, SetupError> {
        let main_cf = MainCf::parse("main.cf", text);
        let (settings, _) =
            Settings::from_main_cf(&main_cf, version, &machine()).map_err(SetupError::Config)?;
        Ok(Setup {
            main_cf: Some((text.to_owned(), version)),
            ..Setup::new(settings)
        })
    }

    /// The plan as messages for the queue, each with its time, in order.
    pub(crate) fn plan(&self) -> Vec<(Duration, Message)> {
        let mut ids = self.seed.stream(Purpose::QueueIds, 0);
        let mut plan: Vec<(Duration, Message)> = self
            .messages
            .iter()
            .map(|spec| {
                let content = spec.content();
                let asks = &self.settings.tls.asks;
                let message = Message {
                    queue_id: queue_id(&mut ids),
                    sender: spec.from.as_str().into(),
                    recipients: spec.to.iter().map(|to| to.as_str().into()).collect(),
                    body: Body::new(&content, self.settings.dialogue.line_length_limit),
                    age: spec.age,
                    asks: HeaderAsks::read(&content, Asks::default(), asks).asks,
                    probe: false,
                };
                (spec.at, message)
            })
            .collect();
        plan.sort_by_key(|(at, _)| *at);
        plan
    }

    /// The sender of this run, with what is to change in it, and what its log says about the start of TLS.
    ///
    /// # Errors
    /// [`WorldError`] if its tables, or those of a later configuration, are wrong.
    pub(crate) fn sender(&self, world: &mut World) -> Result<Start, WorldError> {
        let material = world.tls_material(&self.settings.tls);
        let (engine, start) = match Engine::new(material) {
            Ok(engine) => {
                let odd = engine.odd_digests().to_vec();
                (Some(Arc::new(engine)), Ok(odd))
            }
            Err(fault) => (None, Err(fault)),
        };
        let sessions = Arc::new(mta_core::tls::SessionCache::new());
        let draw = Box::new(MxOrder(self.seed.stream(Purpose::MxOrder, 0)));
        let settings = self.settings.clone();
        let mta = Mta::new(settings, engine.clone(), sessions, draw, self.detail)
            .with_files(world.all_files())
            .with_tables(world.tables(&self.settings)?);
        let course = Course::new(self, world, engine)?;
        Ok(Start {
            mta,
            course,
            engine: start,
        })
    }

    /// How this run's log is printed.
    pub(crate) fn style(&self) -> LogStyle {
        LogStyle::of(&self.settings)
    }
}

/// The simulated machine: its usual name, at its addresses.
pub(super) fn machine() -> Host {
    Host::default().at([CLIENT_IPV4, CLIENT_IPV6])
}

/// A sender before its first input.
pub(crate) struct Start {
    pub(crate) mta: Mta,
    pub(crate) course: Course,
    /// What was odd about its TLS engine, or why there is none.
    pub(crate) engine: Result<Vec<OddDigest>, EngineFault>,
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
