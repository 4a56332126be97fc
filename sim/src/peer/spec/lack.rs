//! What old servers do not know of TLS 1.2.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An extension of TLS 1.2 that a server may be too old for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Lack {
    /// extended_master_secret (RFC 7627).
    ExtendedMasterSecret,
    /// renegotiation_info (RFC 5746).
    RenegotiationInfo,
}
