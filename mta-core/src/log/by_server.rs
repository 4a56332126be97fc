//! How much is logged of TLS with one server (`smtp_tls_loglevel_maps`, from 3.12 on).

use crate::config::{LogMask, LogSettings, Release};
use crate::event::{Server, What};
use crate::maps::Maps;
use crate::policy_table::log_level;

/// Tables of what is logged of TLS with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByServer {
    maps: Maps,
    settings: LogSettings,
}

impl ByServer {
    pub(super) fn new(maps: &Maps, settings: &LogSettings) -> ByServer {
        ByServer {
            maps: maps.clone(),
            settings: settings.clone(),
        }
    }

    /// What is logged of TLS with `server`.
    pub(super) fn mask_for(&self, server: &Server, release: Release) -> LogMask {
        let (maps, address) = (Some(&self.maps), server.address.ip());
        log_level(&self.settings, maps, release, &server.host, address).mask
    }
}

/// The server that a handshake is with, where an event is about one.
pub(super) fn in_handshake(what: &What) -> Option<&Server> {
    match what.in_either_process() {
        What::HandshakeStarted { server, .. }
        | What::HandshakeWalk { server, .. }
        | What::HandshakeFailed { server, .. }
        | What::TlsBroken { server, .. }
        | What::Session { server, .. }
        | What::Unverified { server, .. }
        | What::CertificateSeen { server, .. }
        | What::TlsEstablished { server, .. }
        | What::TlsReused { server, .. } => Some(server),
        What::Started { .. }
        | What::CannotStart { .. }
        | What::Queued { .. }
        | What::Activated { .. }
        | What::RetryAt { .. }
        | What::Expired { .. }
        | What::Asked(_)
        | What::Answered { .. }
        | What::TlsaRecord { .. }
        | What::Servers(_)
        | What::Policy { .. }
        | What::Connecting(_)
        | What::Connected(_)
        | What::ConnectFailed { .. }
        | What::Command { .. }
        | What::Reply { .. }
        | What::OddReply { .. }
        | What::Decided { .. }
        | What::Proxied(_)
        | What::Proxy { .. }
        | What::Report(_)
        | What::ServerFailed { .. }
        | What::Elsewhere { .. }
        | What::Noticed { .. }
        | What::Recipient(_)
        | What::Closed { .. } => None,
    }
}
