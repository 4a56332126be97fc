//! Postfix is the judge: deliveries that a real Postfix made are made again in the simulator, and compared.
//!
//! A case says what the world was and what was done; [`judge`] builds that world, does the same, and compares what
//! came out in three parts: outcome, dialogue and log. Nothing here decides what a sender does.
//!
//! ```no_run
//! use mta_sim_conform::{Dataset, Options, judge};
//! use mta_core::config::Release;
//!
//! let dataset = Dataset::load(&["tests/postfix"])?;
//! let report = judge(&dataset, &Options::for_postfix(Release::V3_7));
//! print!("{}", report.table());
//! # Ok::<(), mta_sim_conform::LoadError>(())
//! ```

mod case;
mod dataset;

mod observation;

mod pki;
mod placeholder;

mod peer;
mod reply;
mod zones;

mod reach;
mod world;

mod machine;
mod play;

mod normal;
mod openssl;

mod compare;

mod hello;
mod hosts;
mod judge;
mod report;

pub use compare::{Part, Parts};
pub use dataset::{Dataset, LoadError};
pub use judge::{Options, judge};
pub use reach::NotApplicable;
pub use report::{Counts, Judged, Report, Verdict};
