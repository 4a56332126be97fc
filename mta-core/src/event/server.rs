//! A server as log lines name it.

use std::borrow::Cow;
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
    /// The same with the host in lower case, as Postfix names it where TLS is concerned (observed:
    /// ver-match-hostname-case).
    pub fn folded(&self) -> Cow<'_, Server> {
        if self.host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(Server {
                host: self.host.to_ascii_lowercase().into(),
                address: self.address,
            })
        } else {
            Cow::Borrowed(self)
        }
    }

    /// `[addr]:port`, without the host.
    pub fn endpoint(&self) -> impl fmt::Display {
        Endpoint(self.address)
    }

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

struct Endpoint(SocketAddr);

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]:{}", self.0.ip(), self.0.port())
    }
}

struct WithoutPort<'a>(&'a Server);

impl fmt::Display for WithoutPort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.0.host, self.0.address.ip())
    }
}
