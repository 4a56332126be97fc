//! Why there is no preview.

use crate::plan::PlanError;

/// Why there is no preview.
#[derive(Debug)]
pub enum PreviewError {
    /// The configuration is wrong, or the world is.
    Plan(PlanError),
    /// An answer is given for a table that the configuration does not name.
    NoSuchTable {
        /// The table.
        name: String,
        /// One that is probably meant.
        nearest: Option<String>,
        /// Those that there are.
        known: Vec<String>,
    },
}

impl From<PlanError> for PreviewError {
    fn from(error: PlanError) -> Self {
        PreviewError::Plan(error)
    }
}

impl std::fmt::Display for PreviewError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, nearest, known) = match self {
            PreviewError::Plan(error) => return error.fmt(f),
            PreviewError::NoSuchTable {
                name,
                nearest,
                known,
            } => (name, nearest, known),
        };
        write!(f, "invalid table `{name}`; ")?;
        match nearest {
            Some(nearest) => write!(f, "did you mean `{nearest}`?"),
            None if known.is_empty() => f.write_str("this main.cf names none that is asked"),
            None => write!(f, "expected one of: {}", known.join(", ")),
        }
    }
}

impl std::error::Error for PreviewError {}
