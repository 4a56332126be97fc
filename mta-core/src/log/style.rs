//! Whose words are logged, and how many of them.

use std::sync::Arc;

use super::by_server::ByServer;
use crate::config::{LogMask, Release, Settings};
use crate::event::Server;
use crate::policy_table::Tables;

/// Whose words, and how many of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogStyle {
    /// The release.
    pub release: Release,
    /// `smtp_tls_loglevel`.
    pub mask: LogMask,
    /// `smtp_tls_loglevel_maps`, which may say otherwise for a server.
    pub by_server: Option<Arc<ByServer>>,
    /// `smtp_log_tls_feature_status = no`: delivery lines do not tell how the message travelled.
    pub omits_tls: bool,
}

impl LogStyle {
    /// The style that is configured, with the tables that the settings name.
    pub fn of(settings: &Settings, tables: &Tables) -> LogStyle {
        let maps = tables.log_levels.as_ref();
        let by_server = maps.map(|maps| Arc::new(ByServer::new(maps, &settings.tls.log)));
        LogStyle {
            release: settings.release,
            mask: settings.tls.log.mask,
            by_server,
            omits_tls: !settings.tls.log_feature_status,
        }
    }

    /// What is logged of TLS with `server`. That a look-up failed was logged when the handshake began.
    pub(super) fn mask_for(&self, server: &Server) -> LogMask {
        match &self.by_server {
            Some(tables) => tables.mask_for(server, self.release),
            None => self.mask,
        }
    }
}
