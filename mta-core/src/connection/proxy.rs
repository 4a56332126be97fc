//! tlsproxy(8): TLS connections that stay open are in its hands (`smtp_tls_connection_reuse`).

use crate::config::ProcessSettings;
use crate::event::{Program, What};
use crate::outbox::Outbox;
use crate::time::Time;

/// The process, if one runs.
#[derive(Debug)]
pub(crate) struct Proxy {
    limits: ProcessSettings,
    /// Which services it finds when it starts, by their number.
    services: u32,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    /// So many connections it was given.
    uses: u32,
    open: u32,
    /// When the last one was closed.
    idle_since: Time,
}

impl Proxy {
    /// None runs; one that starts has these limits.
    pub(crate) const fn new(limits: ProcessSettings) -> Self {
        Proxy {
            limits,
            services: 0,
            running: None,
        }
    }

    /// What one finds that starts from now on.
    pub(crate) const fn install(&mut self, limits: ProcessSettings, services: u32) {
        self.limits = limits;
        self.services = services;
    }

    /// A connection is given to it. It starts if it does not run; one that had nothing to do for long, or enough, has
    /// ended (src/master/event_server.c).
    pub(crate) fn connected(&mut self, now: Time, out: &mut Outbox) {
        let Proxy {
            limits, services, ..
        } = *self;
        let has_ended = |running: &Running| {
            let is_idle = now.since(running.idle_since) >= limits.max_idle;
            running.open == 0 && (is_idle || running.uses >= limits.max_use.get())
        };
        if self.running.as_ref().is_some_and(has_ended) {
            self.running = None;
        }
        if self.running.is_none() {
            let program = Program::Tlsproxy;
            out.tell(now, None, What::Started { program, services });
        }
        let running = self.running.get_or_insert(Running {
            uses: 0,
            open: 0,
            idle_since: now,
        });
        running.uses = running.uses.saturating_add(1);
        running.open = running.open.saturating_add(1);
    }

    /// A connection is over.
    pub(crate) fn disconnected(&mut self, now: Time) {
        if let Some(running) = &mut self.running {
            running.open = running.open.saturating_sub(1);
            running.idle_since = now;
        }
    }

    /// The next connection is another process's: behind a reload.
    pub(crate) fn end(&mut self) {
        self.running = None;
    }
}
