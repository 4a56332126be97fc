//! The authorities every world has: the web's, which a system trusts, and one that nobody does.

use super::{CertSpec, Issuer, PRIVATE_CA, SYSTEM_CA};

/// The roots of the system bundle, in its order.
pub(super) const SYSTEM_ROOTS: [&str; 3] = ["sim-root-r1", "sim-root-r2", "sim-root-r3"];

/// The names of the authorities that every world has.
pub fn authority_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, ..)| *name)
}

/// The authorities that every world has: name, common name, issuer.
const BUILT_IN: [(&str, &str, Option<&str>); 8] = [
    ("sim-root-r1", "Sim Root R1", None),
    ("sim-root-r2", "Sim Root R2", None),
    ("sim-root-r3", "Sim Root R3", None),
    (SYSTEM_CA, "Sim CA E1", Some("sim-root-r1")),
    ("sim-ca-e2", "Sim CA E2", Some("sim-root-r2")),
    ("sim-ca-e3", "Sim CA E3", Some("sim-root-r3")),
    ("private-root", "Private Root", None),
    (PRIVATE_CA, "Private CA", Some("private-root")),
];

/// The authority of this name that every world has.
pub(super) fn built_in(name: &str) -> Option<CertSpec> {
    let (_, common_name, issuer) = BUILT_IN.into_iter().find(|(known, ..)| *known == name)?;
    Some(match issuer {
        None => CertSpec::root(common_name),
        Some(issuer) => CertSpec::intermediate(common_name, Issuer::from(issuer)),
    })
}
