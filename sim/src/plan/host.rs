//! The machine that Postfix runs on, as it knows itself.

use std::net::IpAddr;

use mta_core::config::Host;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::world::ClientSpec;

/// `[host]`: the sender's machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HostSpec {
    /// Its name, from which `myhostname` follows. Default `mail.client.example`.
    pub name: String,
    /// The addresses of its interfaces, but for those of the loopback. Default: those that the network knows, in
    /// `client`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
}

impl Default for HostSpec {
    fn default() -> Self {
        HostSpec::named(Host::default().hostname)
    }
}

impl HostSpec {
    /// A machine of this name.
    pub fn named(name: impl Into<String>) -> Self {
        HostSpec {
            name: name.into(),
            addresses: Vec::new(),
        }
    }

    /// Whether it is as on most machines.
    pub fn is_usual(&self) -> bool {
        *self == HostSpec::default()
    }

    /// The machine as Postfix knows it.
    pub fn machine(&self, client: &ClientSpec) -> Host {
        let host = Host::named(self.name.clone());
        if self.addresses.is_empty() {
            host.at(client.addresses())
        } else {
            host.at(self.addresses.iter().copied())
        }
    }
}
