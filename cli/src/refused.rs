//! What was refused, as JSON.

use mta_sim::view::Told;
use serde::Serialize;

/// Why there is no result: the first fault part by part, and all of them.
#[derive(Serialize)]
pub(crate) struct Refused {
    error: String,
    #[serde(flatten)]
    first: Option<Told>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Told>,
}

impl Refused {
    /// A sentence.
    pub(crate) fn plain(error: &str) -> Refused {
        Refused {
            error: error.to_owned(),
            first: None,
            errors: Vec::new(),
        }
    }

    /// The faults of a configuration.
    pub(crate) fn of(error: &str, errors: Vec<Told>) -> Refused {
        Refused {
            error: error.to_owned(),
            first: errors.first().cloned(),
            errors,
        }
    }
}
