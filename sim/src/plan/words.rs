//! How a plan writes what the core has no words for.

use mta_core::event::Detail;
use serde::{Deserialize, Serialize};

/// How much is reported of a run.
#[derive(Serialize, Deserialize, schemars::JsonSchema)]
#[serde(remote = "Detail", rename_all = "kebab-case")]
#[schemars(rename = "Detail")]
pub(super) enum DetailWords {
    /// What became of each recipient.
    Outcomes,
    /// And every decision.
    Decisions,
    /// And every command and reply.
    Conversation,
}

pub(super) const fn is_all(detail: &Detail) -> bool {
    matches!(detail, Detail::Conversation)
}
