//! How much is logged of a handshake, which is looked up when it begins (src/smtp/smtp_proto.c `smtp_start_tls`).

use super::dialogue::Dialogue;
use super::env::Env;
use crate::event::What;
use crate::policy_table::log_level;

impl Dialogue {
    /// Looks it up, and tells what is wrong with it: smtp(8) of a table, whoever begins the handshake of a word.
    pub(super) fn look_up_log_level(&mut self, env: &mut Env<'_>) {
        let (settings, maps) = (env.settings, env.tables.log_levels.as_ref());
        let level = log_level(
            &settings.tls.log,
            maps,
            settings.release,
            &self.server.host,
            self.server.address.ip(),
        );
        self.log = level.mask;
        for notice in level.notices {
            self.tell(What::noticed(notice), env);
        }
        if let Some(unknown) = level.unknown {
            self.tls_event(What::noticed(unknown), env);
        }
    }
}
