//! What moves the machines: thin, and of one shape. A decision found here belongs elsewhere.

mod arrival;
mod sender;

pub mod memory;
#[cfg(feature = "turmoil")]
pub mod turmoil;

use crate::run::{Driver, Run, Setup, SetupError};

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
