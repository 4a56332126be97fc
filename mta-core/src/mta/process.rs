//! A smtp(8) process, and what processes share.

use std::sync::Arc;

use crate::config::{Files, Settings};
use crate::connection::{Idle, Surroundings};
use crate::delivery::DnsMemory;
use crate::event::Detail;
use crate::outbox::Outbox;
use crate::policy_table::Tables;
use crate::time::Now;
use crate::tls::{Engine, SessionStore, TermsKnown};

/// What a process read when it started, and what it learnt since.
pub(super) struct Process {
    pub(super) settings: Arc<Settings>,
    engine: Option<Arc<Engine>>,
    pub(super) tables: Arc<Tables>,
    /// What is known of DNS.
    memory: DnsMemory,
    terms: TermsKnown,
}

/// What is there for every process.
pub(super) struct Shared {
    sessions: Arc<dyn SessionStore>,
    pub(super) files: Arc<Files>,
    pub(super) idle: Idle,
    pub(super) out: Outbox,
}

impl Process {
    pub(super) fn new(
        settings: Arc<Settings>,
        engine: Option<Arc<Engine>>,
        tables: Arc<Tables>,
    ) -> Self {
        Process {
            settings,
            engine,
            tables,
            memory: DnsMemory::default(),
            terms: TermsKnown::default(),
        }
    }

    /// What a dialogue may use now, and what is known of DNS.
    pub(super) fn around<'a>(
        &'a mut self,
        shared: &'a mut Shared,
        now: Now,
    ) -> (Surroundings<'a>, &'a mut DnsMemory) {
        let around = Surroundings {
            now,
            settings: &self.settings,
            engine: self.engine.as_ref(),
            sessions: &*shared.sessions,
            tables: &self.tables,
            idle: &mut shared.idle,
            files: &shared.files,
            terms: &mut self.terms,
            out: &mut shared.out,
        };
        (around, &mut self.memory)
    }
}

impl Shared {
    pub(super) fn new(sessions: Arc<dyn SessionStore>, detail: Detail) -> Self {
        Shared {
            sessions,
            files: Arc::default(),
            idle: Idle::default(),
            out: Outbox {
                detail,
                ..Outbox::default()
            },
        }
    }
}
