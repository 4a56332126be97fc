//! A world that is ready to run: who is where, what DNS says, and what will change.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mta_core::time::Wall;
use rustls::crypto::CryptoProvider;

use super::change::{SessionsChange, Shift};
use super::client::ClientSpec;
use crate::dns::{Resolver, Zones};
use crate::network::NetworkSpec;
use crate::peer::Peer;
use crate::seed::Seed;

/// A world that runs.
pub struct World {
    /// The seed that everything follows from.
    pub seed: Seed,
    /// The wall time at the start.
    pub start: Wall,
    /// The sender's machine in the network.
    pub client: ClientSpec,
    /// DNS.
    pub resolver: Resolver,
    /// Who is at which address.
    pub hosts: BTreeMap<SocketAddr, HostEntry>,
    /// The cryptography of both ends.
    pub provider: Arc<CryptoProvider>,
    /// What becomes of a connection request to an address that nobody has.
    pub absent: Absent,
    /// The files of the sender's machine, by path.
    pub files: BTreeMap<String, Arc<[u8]>>,
    /// What changes later, in order.
    pub changes: Vec<Change>,
}

/// What becomes of a connection request to an address that nobody has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absent {
    /// It is lost, as in most of the Internet: the sender's own patience ends it.
    #[default]
    Silent,
    /// It is answered with a reset, as on a machine's own addresses.
    Refuses,
}

/// A host of the world.
pub struct HostEntry {
    /// Who is there, if anybody is.
    pub peer: Option<Peer>,
    /// What becomes of a connection request if nobody is.
    pub absent: Absent,
    /// The path to it.
    pub network: NetworkSpec,
}

/// Something that changes at a time, ready to happen.
pub struct Change {
    /// When, after the start.
    pub at: Duration,
    /// DNS from then on.
    pub zones: Option<Zones>,
    /// Who is at these addresses from then on.
    pub hosts: Vec<(SocketAddr, HostEntry)>,
    /// All files of the sender's machine from then on.
    pub files: Option<BTreeMap<String, Arc<[u8]>>>,
    /// By how much the sender's clock is set.
    pub clock: Shift,
    /// What becomes of the sender's sessions.
    pub sessions: Option<SessionsChange>,
    /// Whether the sender's processes die.
    pub crash: bool,
    /// Which of the world's changes this is; none, if an attacker comes or goes.
    pub number: Option<usize>,
}

impl World {
    /// The contents of a file of the simulated machine.
    pub fn file(&self, path: &str) -> Option<Arc<[u8]>> {
        self.files.get(path).cloned()
    }
}
