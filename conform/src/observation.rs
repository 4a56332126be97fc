//! What was seen of a case, by an observer of Postfix or by the simulator: one shape for both.

use serde::{Deserialize, Deserializer};

/// Everything that is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observation {
    pub(crate) steps: Vec<StepSeen>,
}

/// What one step led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepSeen {
    /// `DAEMON: TEXT`, in log order.
    pub(crate) log: Vec<String>,
    pub(crate) deliveries: Vec<Delivery>,
    /// In the order in which they were opened.
    pub(crate) connections: Vec<Connection>,
    /// `NAME TYPE`, in order.
    pub(crate) dns: Vec<String>,
}

/// What became of a recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Delivery {
    #[serde(deserialize_with = "or_empty")]
    pub(crate) rcpt: String,
    #[serde(deserialize_with = "or_empty")]
    pub(crate) relay: String,
    #[serde(deserialize_with = "or_empty")]
    pub(crate) dsn: String,
    #[serde(deserialize_with = "or_empty")]
    pub(crate) status: String,
    #[serde(deserialize_with = "or_empty")]
    pub(crate) text: String,
}

/// What a peer saw of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Connection {
    pub(crate) peer: String,
    pub(crate) plain: Vec<String>,
    pub(crate) tls: Option<TlsSeen>,
    pub(crate) in_tls: Vec<String>,
}

/// What a peer saw of a handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct TlsSeen {
    pub(crate) hello: Option<HelloSeen>,
    pub(crate) version: Option<String>,
    pub(crate) cipher: Option<String>,
    pub(crate) resumed: Option<bool>,
}

/// What is compared of a ClientHello.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct HelloSeen {
    pub(crate) sni: Option<String>,
    /// Whether a TLS 1.3 session was offered.
    pub(crate) psk: bool,
    /// The versions of supported_versions, where the observer noted them. Not compared, as the suites are not.
    pub(crate) versions: Option<Vec<String>>,
    /// The name of the list of suites that were offered, in the family's file.
    pub(crate) suites: Option<String>,
}

fn or_empty<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
