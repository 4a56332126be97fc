//! A server as log lines name it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// One address of one host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Server {
    /// The host's name, as the MX record gives it.
    pub host: Arc<str>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// `host[addr]`, without the port.
    pub fn without_port(&self) -> impl fmt::Display {
        WithoutPort(self)
    }
}

/// `host[addr]:port`
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}[{}]:{}",
            self.host,
            self.address.ip(),
            self.address.port()
        )
    }
}

struct WithoutPort<'a>(&'a Server);

impl fmt::Display for WithoutPort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.0.host, self.0.address.ip())
    }
}
