//! Scenarios read from their files, and the runs that they ask for.

use std::sync::Arc;

use mta_core::config::Release;

use super::{Catalogue, FileKind, LookupError, extends};
use crate::file::{FileError, SourceFile};
use crate::peer::PeerSpec;
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::seed::Seed;
use crate::world::MessageSpec;

impl Scenario {
    /// Reads the text of a scenario file that needs no world; `file` is only its name, for the error.
    ///
    /// # Errors
    /// The first thing wrong with it, with a place and the nearest right word.
    pub fn load(file: &str, text: &str) -> Result<Scenario, FileError> {
        Scenario::load_in(file, text, &Catalogue::default())
    }

    /// Reads the text of a scenario file, which may take place in a world of the catalogue.
    ///
    /// # Errors
    /// The first thing wrong with it, with a place and the nearest right word.
    pub fn load_in(file: &str, text: &str, catalogue: &Catalogue) -> Result<Scenario, FileError> {
        Scenario::load_file(&SourceFile::new(file, text), catalogue)
    }

    /// The same of a file that was read already.
    ///
    /// # Errors
    /// The first thing wrong with it or with what it names, with a place and the nearest right word.
    pub fn load_file(file: &Arc<SourceFile>, catalogue: &Catalogue) -> Result<Scenario, FileError> {
        let scenario = Scenario::read(file, catalogue)?;
        catalogue.check_named(&scenario.plan.world, &scenario.plan.peers)?;
        Ok(scenario)
    }

    /// The same, whatever the peers are that it names.
    pub(super) fn read(
        file: &Arc<SourceFile>,
        catalogue: &Catalogue,
    ) -> Result<Scenario, FileError> {
        let (scenario, texts) = extends::read::<Scenario>(file, FileKind::Scenario, catalogue)?;
        scenario
            .check_words()
            .map_err(|(key, message)| texts.fault_at_key(key, &message))?;
        Ok(scenario)
    }

    /// The run that this scenario asks for, following this release of Postfix. Peers that it names and does not have
    /// itself are taken from the catalogue.
    ///
    /// # Errors
    /// [`LookupError`] if the catalogue has no peer of a name, or its file is wrong.
    pub fn plan_for(
        &self,
        release: Release,
        seed: Seed,
        catalogue: &Catalogue,
    ) -> Result<Plan, LookupError> {
        Ok(Plan {
            postfix: release,
            seed,
            peers: catalogue.peers_of(&self.plan.world, &self.plan.peers)?,
            ..self.plan.clone()
        })
    }

    /// What types cannot rule out: the key, and the fault in a line.
    fn check_words(&self) -> Result<(), (&'static str, String)> {
        if self.postfix.is_empty() {
            let message = "a scenario is about at least one release";
            return Err(("postfix", message.to_owned()));
        }
        let Plan {
            world,
            peers,
            messages,
            ..
        } = &self.plan;
        if messages.is_empty() {
            return Err(("message", "a scenario has at least one message".to_owned()));
        }
        messages.iter().try_for_each(MessageSpec::check)?;
        world.check()?;
        peers.values().try_for_each(PeerSpec::check)?;
        self.expect.validate(&self.postfix)
    }
}
