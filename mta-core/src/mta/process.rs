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

/// The service that every master.cf has.
pub(super) const SMTP: &str = "smtp";

/// What a process read when it started, and what it learnt since.
pub(super) struct Process {
    /// The name of its service in master.cf.
    service: Arc<str>,
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
        service: &str,
        settings: Arc<Settings>,
        engine: Option<Arc<Engine>>,
        tables: Arc<Tables>,
    ) -> Self {
        Process {
            service: service.into(),
            settings,
            engine,
            tables,
            memory: DnsMemory::default(),
            terms: TermsKnown::default(),
        }
    }

    /// Does something as this process does it: with its settings, and in its name. `work` sees what is known of DNS.
    pub(super) fn act<T>(
        &mut self,
        shared: &mut Shared,
        now: Now,
        work: impl FnOnce(&mut Surroundings<'_>, &mut DnsMemory) -> T,
    ) -> T {
        shared.out.service = (&*self.service != SMTP).then(|| self.service.clone());
        let mut around = Surroundings {
            now,
            service: &self.service,
            settings: &self.settings,
            engine: self.engine.as_ref(),
            sessions: &*shared.sessions,
            tables: &self.tables,
            idle: &mut shared.idle,
            files: &shared.files,
            terms: &mut self.terms,
            out: &mut shared.out,
        };
        let done = work(&mut around, &mut self.memory);
        shared.out.service = None;
        done
    }
}

impl Shared {
    pub(super) fn sessions(&self) -> &dyn SessionStore {
        &*self.sessions
    }

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
