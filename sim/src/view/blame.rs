//! Who has to change something, in words for programs.

use mta_core::fault::Fault;
use serde::Serialize;

/// A fault in words that do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Blame {
    /// Whose side it is on: `own`, `peer`, `policy` or `network`.
    pub side: &'static str,
    /// Which it is, such as `no-engine`.
    pub kind: &'static str,
}

impl From<&Fault> for Blame {
    fn from(fault: &Fault) -> Self {
        Blame {
            side: fault.side(),
            kind: fault.kind(),
        }
    }
}
