//! A smtp(8) process: what it read when it started, and what it learnt since. What it shares with others lies outside.

use std::sync::{Arc, PoisonError};

use super::{SMTP, Service};
use crate::Draw;
use crate::config::ProcessSettings;
use crate::connection::{Env, Idle, Proxy};
use crate::delivery::DnsMemory;
use crate::event::Detail;
use crate::outbox::Outbox;
use crate::sasl::Failures;
use crate::time::Now;
use crate::tls::{Engine, SessionStore};

/// A process that makes a delivery, or waits for one.
pub(crate) struct Process {
    /// The name of its service in master.cf.
    pub(super) name: Arc<str>,
    pub(super) service: Arc<Service>,
    engine: Option<Arc<Engine>>,
    /// What is known of DNS.
    memory: DnsMemory,
    /// How many deliveries it was given.
    pub(super) uses: u32,
    /// That of the master when it started.
    pub(super) generation: u32,
}

/// What is there for every process.
pub(crate) struct Shared {
    sessions: Arc<dyn SessionStore>,
    pub(crate) idle: Idle,
    pub(crate) proxy: Proxy,
    refused: Failures,
    draw: Box<dyn Draw + Send>,
    pub(crate) out: Outbox,
}

impl Process {
    pub(super) fn new(
        name: Arc<str>,
        service: Arc<Service>,
        engine: Option<Arc<Engine>>,
        generation: u32,
    ) -> Self {
        Process {
            name,
            service,
            engine,
            memory: DnsMemory::default(),
            uses: 0,
            generation,
        }
    }

    /// When it ends.
    pub(super) fn limits(&self) -> ProcessSettings {
        self.service.settings().process
    }

    /// Does something as this process does it: with its settings, and in its name. `work` sees what
    /// is known of DNS, and the connections that stayed open.
    pub(crate) fn act<T>(
        &mut self,
        shared: &mut Shared,
        now: Now,
        work: impl FnOnce(&mut Env<'_>, &mut DnsMemory, &mut Idle) -> T,
    ) -> T {
        shared.out.service = (&*self.name != SMTP).then(|| self.name.clone());
        let mut terms = self
            .service
            .terms
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut env = Env {
            now,
            service: &self.name,
            settings: self.service.settings(),
            engine: self.engine.as_ref(),
            sessions: &*shared.sessions,
            tables: self.service.tables(),
            proxy: &mut shared.proxy,
            files: self.service.files(),
            terms: &mut terms,
            refused: &mut shared.refused,
            draw: &mut *shared.draw,
            out: &mut shared.out,
        };
        let done = work(&mut env, &mut self.memory, &mut shared.idle);
        shared.out.service = None;
        done
    }
}

impl Shared {
    pub(crate) fn new(
        sessions: Arc<dyn SessionStore>,
        draw: Box<dyn Draw + Send>,
        limits: ProcessSettings,
        detail: Detail,
    ) -> Self {
        Shared {
            sessions,
            idle: Idle::default(),
            proxy: Proxy::new(limits),
            refused: Failures::default(),
            draw,
            out: Outbox {
                detail,
                ..Outbox::default()
            },
        }
    }

    pub(crate) fn sessions(&self) -> &dyn SessionStore {
        &*self.sessions
    }
}
