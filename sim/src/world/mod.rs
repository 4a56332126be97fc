//! Everything around the sender: domains, hosts, DNS, certificates, the clock. As data ([`WorldSpec`]), and ready to
//! run ([`World`]).

mod build;
mod genuine;
mod material;
mod spec;
mod tlsa;

pub use crate::peer::{MxSpec, PeerRef};
pub use build::{Absent, CLIENT_IPV4, CLIENT_IPV6, HostEntry, SYSTEM_BUNDLES, World, WorldError};
pub use material::SYSTEM_DIRECTORIES;
pub use spec::{DomainSpec, MessageSpec, WORLD_START, WorldSpec};
