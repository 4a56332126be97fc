//! A parameter with its value in force.

use super::parameter::Parameter;
use super::place::Place;

/// A parameter with its value in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The parameter.
    pub parameter: &'static Parameter,
    /// Its value, with all names in it replaced, as `postconf -x` shows it.
    pub value: String,
    /// The value as it is written: in main.cf, or as the default.
    pub raw: String,
    /// Where main.cf sets it; nothing if the default holds.
    pub place: Option<Place>,
}
