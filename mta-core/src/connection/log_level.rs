//! How much is logged of a handshake, which is looked up when it begins (src/smtp/smtp_proto.c `smtp_start_tls`).

use super::context::Context;
use crate::event::What;
use crate::policy_table::log_level;

impl Context<'_, '_> {
    /// Looks it up, and reports what is wrong: smtp(8) reports tables, the process of the handshake unknown words.
    pub(super) fn look_up_log_level(&mut self) {
        let (settings, maps) = (self.env.settings, self.env.tables.log_levels.as_ref());
        let level = log_level(
            &settings.tls.log,
            maps,
            settings.release,
            &self.dialogue.server.host,
            self.dialogue.server.address.ip(),
        );
        self.dialogue.log = level.mask;
        for notice in level.notices {
            self.tell(What::noticed(notice));
        }
        if let Some(unknown) = level.unknown {
            self.tls_event(What::noticed(unknown));
        }
    }
}
