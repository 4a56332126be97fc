//! Scenarios read from their files, and the runs that they ask for.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::config::Release;

use super::{Catalogue, FileKind, LookupError, World, extends};
use crate::file::{FileError, SourceFile};
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::seed::Seed;
use crate::world::WorldSpec;

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
        catalogue.check_named(&scenario.as_world().spec, &BTreeMap::new())?;
        Ok(scenario)
    }

    /// The same, whatever the peers are that it names.
    pub(super) fn read(
        file: &Arc<SourceFile>,
        catalogue: &Catalogue,
    ) -> Result<Scenario, FileError> {
        let (scenario, texts) = extends::read::<Scenario>(file, FileKind::Scenario, catalogue)?;
        scenario
            .validate()
            .map_err(|(key, message)| texts.fault_at_key(key, &message))?;
        Ok(scenario)
    }

    /// The run that this scenario asks for, following this release of Postfix. Peers that it names are taken from the
    /// catalogue.
    ///
    /// # Errors
    /// [`LookupError`] if the catalogue has no peer of a name, or its file is wrong.
    pub fn plan(
        &self,
        release: Release,
        seed: Seed,
        catalogue: &Catalogue,
    ) -> Result<Plan, LookupError> {
        let main_cf = self.main_cf.clone();
        Ok(Plan {
            services: self.services.clone(),
            ..self.as_world().plan(main_cf, release, seed, catalogue)?
        })
    }

    /// The world that it takes place in.
    pub fn as_world(&self) -> World {
        World {
            summary: self.summary.clone(),
            breaks: None,
            source: None,
            extends: None,
            spec: WorldSpec {
                latency: self.latency,
                domains: self.domains.clone(),
                dns: self.dns.clone(),
                files: self.files.clone(),
                mta_sts: self.mta_sts.clone(),
                attackers: self.attackers.clone(),
                changes: self.changes.clone(),
                trust: self.trust.clone(),
                resolver: self.resolver,
                ..WorldSpec::default()
            },
            messages: self.messages.clone(),
        }
    }

    /// What types cannot rule out: the key, and the fault in a line.
    fn validate(&self) -> Result<(), (&'static str, String)> {
        if self.postfix.is_empty() {
            return Err((
                "postfix",
                "a scenario is about at least one release".to_owned(),
            ));
        }
        if self.messages.is_empty() {
            return Err(("message", "a scenario has at least one message".to_owned()));
        }
        self.as_world().check()?;
        self.expect.validate(&self.postfix)
    }
}
