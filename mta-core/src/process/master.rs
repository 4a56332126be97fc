//! master(8): a process for each delivery, taken from those that wait for work, or started.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::client::{Process, Shared};
use super::{Client, SMTP, Service, Services};
use crate::config::ProcessSettings;
use crate::connection::{Env, Idle};
use crate::event::{Program, What};
use crate::time::{Now, Time};
use crate::tls::Engine;

/// What is installed, and the processes of SMTP clients that wait for work. `default_process_limit` is not simulated:
/// there is a process for every delivery.
pub(crate) struct Master {
    /// What a process finds that starts now.
    services: Arc<Services>,
    /// Everything that was ever installed, this included.
    installed: Vec<Arc<Services>>,
    pools: BTreeMap<Arc<str>, Pool>,
    /// So many processes have work.
    busy: usize,
    /// Processes of an older one end when they have done their work.
    generation: u32,
    /// A tlsmgr(8) process is there; it stays (tlsmgr(8)).
    manager_runs: bool,
}

/// The processes of a service.
#[derive(Default)]
struct Pool {
    /// Those that wait, and since when. The one that has waited longest is the first to get work: they queue for a lock
    /// (src/master/single_server.c).
    waiting: VecDeque<(Time, Process)>,
    /// What the last one started with.
    last: Option<Arc<Service>>,
    /// Its TLS engine, or that of an earlier one.
    engine: Option<Arc<Engine>>,
    /// Nothing is started before.
    throttled_until: Time,
}

impl Master {
    pub(crate) fn new(services: Services) -> Self {
        let services = Arc::new(services);
        Master {
            installed: vec![services.clone()],
            services,
            pools: BTreeMap::new(),
            busy: 0,
            generation: 0,
            manager_runs: false,
        }
    }

    /// What a process finds that starts now.
    pub(crate) fn services(&self) -> &Services {
        &self.services
    }

    /// Everything that was installed so far, the latest last.
    pub(crate) fn installed(&self) -> &[Arc<Services>] {
        &self.installed
    }

    /// The place of what is installed now.
    pub(crate) fn number(&self) -> u32 {
        u32::try_from(self.installed.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// From now on processes find this when they start.
    pub(crate) fn install(&mut self, services: Services) {
        self.services = Arc::new(services);
        self.installed.push(self.services.clone());
    }

    /// Processes that wait end, and those that have work do so when it is done.
    pub(crate) fn end_clients(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        for pool in self.pools.values_mut() {
            pool.waiting.clear();
        }
    }

    /// Every process ends. A service that is throttled stays so (src/master/master_service.c `master_restart_service`).
    pub(crate) fn reload(&mut self) {
        self.end_clients();
        self.manager_runs = false;
    }

    /// Whether some process has work.
    pub(crate) const fn is_busy(&self) -> bool {
        self.busy > 0
    }

    /// A process of a service that takes work; nothing while none can start.
    pub(crate) fn employ(
        &mut self,
        name: &Arc<str>,
        shared: &mut Shared,
        now: Now,
    ) -> Option<Process> {
        let mut process = match self.waiting(name, now.time) {
            Some(process) => process,
            None => self.start(name, shared, now)?,
        };
        process.uses = process.uses.saturating_add(1);
        self.busy += 1;
        Some(process)
    }

    /// A process that waits; those that have done so for too long have ended.
    fn waiting(&mut self, name: &Arc<str>, now: Time) -> Option<Process> {
        let pool = self.pools.get_mut(name)?;
        while let Some((since, process)) = pool.waiting.pop_front() {
            if now.since(since) < process.limits().max_idle {
                return Some(process);
            }
        }
        None
    }

    fn start(&mut self, name: &Arc<str>, shared: &mut Shared, now: Now) -> Option<Process> {
        let number = self.number();
        let pool = self.pools.entry(name.clone()).or_default();
        if now.time < pool.throttled_until {
            return None;
        }
        let out = &mut shared.out;
        let throttled_until = now.time + self.services.settings().process.throttle_time;
        match self.services.client(name) {
            Some(Client::Starts(service)) => {
                if service.settings().tls.needs_engine() && !self.manager_runs {
                    self.manager_runs = true;
                    let program = Program::Tlsmgr;
                    let services = number;
                    out.tell(now.time, None, What::Started { program, services });
                }
                let engine = service.set_up(pool.engine.as_ref()).cloned();
                if engine.is_some() {
                    pool.engine.clone_from(&engine);
                }
                pool.last = Some(service.clone());
                out.service = (**name != *SMTP).then(|| name.clone());
                let program = Program::Smtp;
                let services = number;
                out.tell(now.time, None, What::Started { program, services });
                out.service = None;
                let service = service.clone();
                Some(Process::new(name.clone(), service, engine, self.generation))
            }
            // A service that was there when the mail was routed.
            None => {
                pool.throttled_until = throttled_until;
                None
            }
            Some(Client::Fatal(_)) => {
                pool.throttled_until = throttled_until;
                out.service = (**name != *SMTP).then(|| name.clone());
                let services = number;
                out.tell(now.time, None, What::CannotStart { services });
                out.service = None;
                None
            }
        }
    }

    /// A process has done its work.
    pub(crate) fn done(&mut self, process: Process, now: Time) {
        self.busy = self.busy.saturating_sub(1);
        let ProcessSettings { max_use, .. } = process.limits();
        if process.generation == self.generation
            && process.uses < max_use.get()
            && let Some(pool) = self.pools.get_mut(&process.name)
        {
            pool.waiting.push_back((now, process));
        }
    }

    /// A process died at its work.
    pub(crate) fn died(&mut self, _: Process) {
        self.busy = self.busy.saturating_sub(1);
    }

    /// Until when no process of the service is started.
    pub(crate) fn throttled_until(&self, name: &str) -> Option<Time> {
        Some(self.pools.get(name)?.throttled_until)
    }

    /// Does something with a connection that nobody uses. Which process does it makes no difference.
    pub(crate) fn with_idle(
        &self,
        connection: u32,
        shared: &mut Shared,
        now: Now,
        work: impl FnOnce(&mut Idle, &mut Env<'_>),
    ) {
        let Some(name) = shared.idle.service_of(connection).cloned() else {
            return;
        };
        let Some(pool) = self.pools.get(&name) else {
            return;
        };
        let Some(service) = pool.last.clone() else {
            return;
        };
        let mut process = Process::new(name, service, pool.engine.clone(), self.generation);
        process.act(shared, now, |env, _, idle| work(idle, env));
    }
}
