//! What a test needs, with no name that two things have: `use mta_sim::prelude::*`.

pub use std::time::Duration;

pub use mta_core::config::Release;
pub use mta_core::event::{Event, PeerStatus, Protocol, Status};
pub use mta_core::policy::Level;

pub use crate::lab::{Lab, LabError};
pub use crate::library::Catalogue;
pub use crate::peer::{Command, Moment, PeerSpec, Rule, Then};
pub use crate::plan::Plan;
pub use crate::run::{Delivery, Driver, Run};
pub use crate::scenario::Scenario;
pub use crate::world::{DomainSpec, MessageSpec};
