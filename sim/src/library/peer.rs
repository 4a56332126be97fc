//! Peers read from their files, which may build on others.

use std::sync::Arc;

use super::{Catalogue, FileKind, extends};
use crate::file::{FileError, SourceFile};
use crate::peer::PeerSpec;

impl PeerSpec {
    /// Reads the text of a peer file, which may build on a peer of the catalogue; `file` is only its name, for errors.
    ///
    /// ```
    /// use mta_sim::library::Catalogue;
    /// use mta_sim::peer::PeerSpec;
    ///
    /// let mut catalogue = Catalogue::default();
    /// catalogue.add_peer("slow", "network = { latency = '2s', slice = 7 }")?;
    /// let peer = PeerSpec::load_in("mine.toml", "extends = 'slow'\nnetwork.slice = 1", &catalogue)?;
    /// assert_eq!(peer.network.latency.as_secs(), 2);
    /// # Ok::<(), mta_sim::file::FileError>(())
    /// ```
    ///
    /// # Errors
    /// The first thing wrong with it or with what it builds on, where it stands, with the nearest right word.
    pub fn load_in(file: &str, text: &str, catalogue: &Catalogue) -> Result<PeerSpec, FileError> {
        PeerSpec::load_file(&SourceFile::new(file, text), catalogue)
    }

    /// The same of a file that was read already.
    ///
    /// # Errors
    /// The first thing wrong with it or with what it names, where it stands, with the nearest right word.
    pub fn load_file(file: &Arc<SourceFile>, catalogue: &Catalogue) -> Result<PeerSpec, FileError> {
        let peer = PeerSpec::read(file, catalogue)?;
        catalogue.check_others(&peer)?;
        Ok(peer)
    }

    /// The same, whatever the peers are that it names.
    pub(super) fn read(
        file: &Arc<SourceFile>,
        catalogue: &Catalogue,
    ) -> Result<PeerSpec, FileError> {
        let (spec, texts) = extends::read::<PeerSpec>(file, FileKind::Peer, catalogue)?;
        spec.check()
            .map_err(|(key, message)| texts.fault_at_key(key, &message))?;
        Ok(spec)
    }
}
