//! Where the names of peers lead: to those that a file has itself, else to the catalogue's.

use std::collections::{BTreeMap, BTreeSet};

use super::{Catalogue, LookupError};
use crate::file::FileError;
use crate::peer::{PeerRef, PeerSpec};
use crate::world::WorldSpec;

impl Catalogue {
    /// The peers by whose names a world goes, and those that they name: its `own`, and the rest from here.
    ///
    /// # Errors
    /// [`LookupError`] if nothing has a name, or the file that has it is wrong.
    pub(super) fn peers_of(
        &self,
        world: &WorldSpec,
        own: &BTreeMap<String, PeerSpec>,
    ) -> Result<BTreeMap<String, PeerSpec>, LookupError> {
        let mut named = own.clone();
        let mut ahead: Vec<&PeerRef> = references(world, own).collect();
        while let Some(reference) = ahead.pop() {
            let spec = match reference {
                PeerRef::Inline(spec) => spec,
                PeerRef::Named(name) if named.contains_key(name) => continue,
                PeerRef::Named(name) => {
                    let spec = self.peer(name)?;
                    named.insert(name.clone(), spec.clone());
                    spec
                }
            };
            ahead.extend(spec.others());
        }
        Ok(named)
    }

    /// Follows the names of peers: what is wrong with a file that has one is reported. A name that nobody has shows when the
    /// world is built.
    pub(super) fn check_named(
        &self,
        world: &WorldSpec,
        own: &BTreeMap<String, PeerSpec>,
    ) -> Result<(), FileError> {
        self.check_references(references(world, own), own.keys().collect())
    }

    /// The same of a peer.
    pub(super) fn check_others(&self, peer: &PeerSpec) -> Result<(), FileError> {
        self.check_references(peer.others(), BTreeSet::new())
    }

    fn check_references<'p>(
        &'p self,
        references: impl Iterator<Item = &'p PeerRef>,
        mut seen: BTreeSet<&'p String>,
    ) -> Result<(), FileError> {
        let mut ahead: Vec<&PeerRef> = references.collect();
        while let Some(reference) = ahead.pop() {
            let spec = match reference {
                PeerRef::Inline(spec) => spec,
                PeerRef::Named(name) if !seen.insert(name) => continue,
                PeerRef::Named(name) => match self.peer(name) {
                    Ok(spec) => spec,
                    Err(LookupError::Unknown(_)) => continue,
                    Err(LookupError::Invalid(fault)) => return Err(fault),
                },
            };
            ahead.extend(spec.others());
        }
        Ok(())
    }
}

/// Every peer that a world and its own peers name or write out.
fn references<'p>(
    world: &'p WorldSpec,
    own: &'p BTreeMap<String, PeerSpec>,
) -> impl Iterator<Item = &'p PeerRef> {
    world.peers().chain(own.values().flat_map(PeerSpec::others))
}
