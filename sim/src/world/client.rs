//! The sender's machine as a world sees it: its addresses, its port, and whom it asks for names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[client]`: the sender's machine in the network. All defaults are addresses for documentation (RFC 5737, RFC 3849).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClientSpec {
    /// Its IPv4 address. Default 198.51.100.25.
    pub ipv4: Ipv4Addr,
    /// Its IPv6 address. Default 2001:db8:ffff::25.
    pub ipv6: Ipv6Addr,
    /// The port that its connections come from. Default 40000.
    pub port: u16,
    /// Where its resolver is. Default 198.51.100.53:53.
    pub resolver: SocketAddr,
}

impl Default for ClientSpec {
    fn default() -> Self {
        ClientSpec {
            ipv4: Ipv4Addr::new(198, 51, 100, 25),
            ipv6: Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 0x25),
            port: 40_000,
            resolver: SocketAddr::new(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 53)), 53),
        }
    }
}

impl ClientSpec {
    /// Whether it is as in most worlds.
    pub fn is_usual(&self) -> bool {
        *self == ClientSpec::default()
    }

    /// Its addresses, IPv4 first.
    pub const fn addresses(&self) -> [IpAddr; 2] {
        [IpAddr::V4(self.ipv4), IpAddr::V6(self.ipv6)]
    }

    /// What a peer at this address sees it come from.
    pub const fn seen_from(&self, peer: SocketAddr) -> SocketAddr {
        let [ipv4, ipv6] = self.addresses();
        SocketAddr::new(if peer.is_ipv4() { ipv4 } else { ipv6 }, self.port)
    }
}
