//! Everything around the sender: domains, hosts, DNS, certificates, the clock. As data ([`WorldSpec`]), and ready to
//! run ([`World`]).

mod attacker;
mod build;
mod builder;
mod change;
mod client;
mod error;
mod genuine;
mod hosts;
mod later;
mod material;
mod names;
mod ready;
mod spec;
mod tlsa;

pub use crate::peer::{MxSpec, PeerRef};
pub use attacker::{AttackerSpec, ResetOn};
pub use change::{ChangeSpec, SessionsChange, Shift};
pub use client::ClientSpec;
pub use error::WorldError;
pub(crate) use material::SYSTEM_DIRECTORIES;
pub use ready::{Absent, Change, HostEntry, World};
pub use spec::{DomainSpec, MessageSpec, TrustSpec, WORLD_START, WorldSpec};
