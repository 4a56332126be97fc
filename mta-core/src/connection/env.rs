//! What surrounds a dialogue: the time, the settings of its process, and what it shares with others.

use std::sync::Arc;

use super::Proxy;
use crate::Draw;
use crate::config::{Files, Settings};
use crate::outbox::Outbox;
use crate::policy_table::Tables;
use crate::sasl::Failures;
use crate::time::Now;
use crate::tls::{Engine, SessionStore, TermsKnown};

/// What a dialogue may use while it handles one input.
pub(crate) struct Env<'a> {
    pub(crate) now: Now,
    /// The name of the service in master.cf.
    pub(crate) service: &'a Arc<str>,
    pub(crate) settings: &'a Settings,
    pub(crate) engine: Option<&'a Arc<Engine>>,
    pub(crate) sessions: &'a dyn SessionStore,
    pub(crate) tables: &'a Tables,
    pub(crate) proxy: &'a mut Proxy,
    pub(crate) files: &'a Files,
    pub(crate) terms: &'a mut TermsKnown,
    /// Logins that were refused (`smtp_sasl_auth_cache_name`).
    pub(crate) refused: &'a mut Failures,
    /// Orders servers of equal preference, and makes nonces.
    pub(crate) draw: &'a mut dyn Draw,
    pub(crate) out: &'a mut Outbox,
}
