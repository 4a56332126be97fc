//! Everything around the sender: domains, hosts, DNS, certificates, the clock. As data ([`WorldSpec`]), and ready to
//! run ([`World`]).

mod attacker;
mod build;
mod change;
mod client;
mod error;
mod genuine;
mod hosts;
mod later;
mod material;
mod names;
mod spec;
mod tlsa;

pub use crate::peer::{MxSpec, PeerRef};
pub use attacker::{AttackerSpec, ResetOn};
pub use build::{Absent, HostEntry, World};
pub use change::{ChangeSpec, SessionsChange, Shift};
pub use client::ClientSpec;
pub use error::WorldError;
pub use later::Change;
pub use spec::{DomainSpec, MessageSpec, TrustSpec, WORLD_START, WorldSpec};
