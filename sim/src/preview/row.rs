//! One line of a preview: a mail under certain circumstances.

use serde::Serialize;

use super::story::Story;
use super::variant::Variant;

/// A mail under certain circumstances, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The circumstances.
    pub variant: Variant,
    /// Which mail of the run it is, from 1; one every five minutes.
    pub mail: usize,
    /// What becomes of it.
    pub story: Story,
}
