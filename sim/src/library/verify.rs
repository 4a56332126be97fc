//! A scenario run and checked in one call, for a test.

use std::fmt;

use super::{Catalogue, LookupError};
use crate::plan::PlanError;
use crate::run::Driver;
use crate::scenario::Scenario;

/// Why a scenario does not hold.
#[derive(Debug)]
pub enum VerifyError {
    /// The catalogue has no peer of a name, or its file is wrong.
    Peer(LookupError),
    /// The plan cannot be run.
    Plan(PlanError),
    /// Something else came of it than was expected: what, with the conversation and the log.
    Unmet(String),
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerifyError::Peer(error) => error.fmt(f),
            VerifyError::Plan(error) => error.fmt(f),
            VerifyError::Unmet(report) => f.write_str(report),
        }
    }
}

impl std::error::Error for VerifyError {}

impl Scenario {
    /// Runs the scenario in memory, under each release that it is about, and checks what comes of it. Peers that it
    /// names and does not have itself are taken from the catalogue.
    ///
    /// # Errors
    /// [`VerifyError`] of the first release under which it does not hold.
    pub fn verify(&self, catalogue: &Catalogue) -> Result<(), VerifyError> {
        for release in self.postfix.iter().copied() {
            let plan = self.plan_for(release, self.plan.seed, catalogue);
            let plan = plan.map_err(VerifyError::Peer)?;
            let run = plan.run(Driver::Memory).map_err(VerifyError::Plan)?;
            let failures = self.check(release, &run);
            if !failures.is_empty() {
                let report = self.report(&run, &failures);
                return Err(VerifyError::Unmet(format!("Postfix {release}: {report}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "main-cf = ''\n[[domain]]\nname = 'a.test'\n\
        [[message]]\nto = ['u@a.test']\n[[expect.delivery]]\nstatus = ";

    fn verified(status: &str) -> Result<(), VerifyError> {
        let text = format!("summary = 'A mail'\n{MAIL}'{status}'");
        let scenario = Scenario::load("mine.toml", &text).unwrap();
        scenario.verify(Catalogue::shared())
    }

    #[test]
    fn what_was_not_expected_is_reported() {
        verified("sent").unwrap();
        let error = verified("bounced").unwrap_err().to_string();
        assert!(error.starts_with("Postfix 3.7: A mail\n"), "{error}");
        assert!(error.contains("expected bounced, came sent"), "{error}");
        assert!(error.contains("250 2.0.0 Ok"), "{error}");
    }
}
