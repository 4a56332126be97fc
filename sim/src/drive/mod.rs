//! What moves the machines: thin, and of one shape. A decision found here belongs elsewhere.
//!
//! The sender's half ([`sender`]) and the half of those who accept ([`arrival`]) are the same for every driver. What a
//! driver adds is how time passes and how things travel between the two.

mod arrival;
mod sender;

pub mod memory;
#[cfg(feature = "turmoil")]
mod tokio;

use mta_core::time::Time;

use crate::run::{Driver, Run, Services, Setup, SetupError, Start};
use crate::world::{World, WorldError};

use arrival::Arrivals;
use sender::Sender;

#[cfg(feature = "turmoil")]
pub use self::tokio::turmoil;

impl Setup {
    /// Makes the run.
    ///
    /// # Errors
    /// [`SetupError`] if the world makes no sense, or the driver cannot do it.
    pub fn run(&self, driver: Driver) -> Result<Run, SetupError> {
        match driver {
            Driver::Memory => Ok(memory::run(self)?),
            #[cfg(feature = "turmoil")]
            Driver::Turmoil => turmoil::run(self),
        }
    }
}

/// Both halves of a run before its first event, and the world between them.
struct Halves {
    world: World,
    sender: Sender,
    arrivals: Arrivals,
}

impl Halves {
    /// Those of `setup`, and how its services log. Peers observe what they see if `observe` says so.
    fn of(setup: &Setup, observe: bool) -> Result<(Halves, Services), WorldError> {
        let mut world = World::build(&setup.world, &setup.peers, setup.seed, observe)?;
        let Start {
            mta,
            timeline,
            services,
        } = setup.sender(&mut world)?;
        let halves = Halves {
            sender: Sender::new(mta, &world).with_plan(timeline, setup),
            arrivals: Arrivals::new(&world),
            world,
        };
        Ok((halves, services))
    }
}

/// What came out of a run that ended now.
fn outcome(sender: &mut Sender, arrivals: &mut Arrivals, ended: Time, services: Services) -> Run {
    let seen = arrivals.take_seen().into_iter();
    Run {
        events: sender.take_events(),
        wire: sender.take_wire(),
        seen: seen.map(|(number, _, seen)| (number, seen)).collect(),
        ended,
        left_in_queue: sender.queued(),
        services,
    }
}
