//! A peer over all its connections: who is served, and what one connection leaves to the next.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use mta_core::time::{Now, Time};

use super::connection::PeerConnection;
use super::ledger::Ledger;
use super::plan::{Asked, CONNECT, Conduct, ID_LEN, Plan, RuleInput, ScriptId, Vars, needs_tls};
use super::seen::Observe;
use super::spec::{Forget, NESTED_MACHINES, PeerSpec, Then, TlsSpec};
use super::tls::{TlsMaterial, TlsSide};
use crate::seed::{Purpose, Seed};

/// A peer that acts out a [`PeerSpec`].
///
/// ```
/// use mta_core::time::Now;
/// use mta_sim::peer::{Accept, Host, Moment, Peer, PeerOutput, PeerSpec, Rule, Then};
/// use mta_sim::seed::Seed;
///
/// let mut spec = PeerSpec {
///     on: vec![Rule::moment(Moment::Greeting).send("421 4.3.2 busy").then(Then::Close)],
///     ..PeerSpec::default()
/// };
/// spec.ehlo.keywords.retain(|keyword| keyword != "STARTTLS"); // which would need a certificate
/// let host = Host { name: "mx1.example.test".to_owned(), address: [192, 0, 2, 1].into() };
/// let mut peer = Peer::new(&spec, &host, None, Seed(1))?;
///
/// let Accept::Serve(mut connection) = peer.accept(Now::default(), ([192, 0, 2, 9], 40_000).into()) else {
///     panic!("refused");
/// };
/// assert_eq!(connection.poll(), Some(PeerOutput::Send(b"421 4.3.2 busy\r\n".to_vec())));
/// assert_eq!(connection.poll(), Some(PeerOutput::Close));
/// assert_eq!(peer.rule_hits(), [1]);
/// # Ok::<(), mta_sim::peer::PeerError>(())
/// ```
pub struct Peer {
    plan: Arc<Plan>,
    /// The machines that share the address with the first, each with a plan that differs in its TLS side alone.
    others: Vec<Arc<Plan>>,
    /// The machines that take connections by a rule, under its number.
    by_rule: BTreeMap<usize, Peer>,
    /// Who serves the connections behind the first; the last of them serves all the rest.
    followed_by: Vec<Arc<Plan>>,
    connections: u64,
    ledger: Ledger,
    /// How many of the latest connections the ledger keeps.
    remembered: u32,
    forget: Forget,
    forgotten: u64,
    shows_id: bool,
    observe: Observe,
}

/// Who a peer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its host name, without the trailing dot: `{host}`.
    pub name: String,
    /// Its address.
    pub address: IpAddr,
}

/// What becomes of a connection request.
pub enum Accept {
    /// It is answered with a reset.
    Refuse,
    /// It is not answered.
    Drop,
    /// It is accepted; there may be outputs at once.
    Serve(Box<PeerConnection>),
}

/// Why a spec cannot be acted out with what was given.
#[derive(Clone, Debug, PartialEq)]
pub enum PeerError {
    /// The spec makes no sense: the key, and the fault in a line.
    Spec(&'static str, String),
    /// The spec asks for TLS, and no [`TlsMaterial`] was given.
    NoTlsMaterial,
    /// rustls refuses the configuration: no version, suite or group is left.
    Tls(rustls::Error),
}

impl fmt::Display for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PeerError::Spec(key, message) => write!(f, "{key}: {message}"),
            PeerError::NoTlsMaterial => f.write_str("the peer speaks TLS and has no certificate"),
            PeerError::Tls(error) => write!(f, "no TLS configuration: {error}"),
        }
    }
}

impl std::error::Error for PeerError {}

impl Peer {
    /// A peer before its first connection. Without `material` it speaks clear text only, and its spec may not ask for more.
    ///
    /// # Errors
    /// If the spec contradicts itself, or asks for TLS that cannot be set up.
    pub fn new(
        spec: &PeerSpec,
        host: &Host,
        material: Option<TlsMaterial>,
        seed: Seed,
    ) -> Result<Peer, PeerError> {
        let conduct = Arc::new(conduct_of(spec)?);
        Peer::with_conduct(conduct, spec, host, material, seed)
    }

    /// The same, of a spec that other hosts have too.
    pub(crate) fn with_conduct(
        conduct: Arc<Conduct>,
        spec: &PeerSpec,
        host: &Host,
        material: Option<TlsMaterial>,
        seed: Seed,
    ) -> Result<Peer, PeerError> {
        let owner = format!("{} {}", host.name, host.address);
        Peer::of(conduct, spec, host, owner, material, seed)
    }

    /// A peer whose random streams bear this name.
    fn of(
        conduct: Arc<Conduct>,
        spec: &PeerSpec,
        host: &Host,
        owner: String,
        material: Option<TlsMaterial>,
        seed: Seed,
    ) -> Result<Peer, PeerError> {
        let plan_with = |tls: &TlsSpec| {
            let side = match &material {
                Some(material) => {
                    let side = TlsSide::new(tls, &owner, material.clone(), seed);
                    Some(side.map_err(PeerError::Tls)?)
                }
                None if needs_tls(spec) => return Err(PeerError::NoTlsMaterial),
                None => None,
            };
            Ok(Plan::new(
                conduct.clone(),
                &host.name,
                side,
                owner.clone(),
                seed,
            ))
        };
        let plan = plan_with(&spec.tls)?;
        let others = (2..=spec.tls.machines).map(|machine| {
            let keys = spec.tls.ticket_keys.as_deref().unwrap_or(&owner);
            plan_with(&TlsSpec {
                ticket_keys: Some(format!("{keys}, machine {machine}")),
                ..spec.tls.clone()
            })
            .map(Arc::new)
        });
        let others = others.collect::<Result<_, _>>()?;
        Ok(Peer {
            shows_id: plan.conduct.shows_id(),
            remembered: plan.conduct.remembered(),
            ledger: Ledger::default(),
            plan: Arc::new(plan),
            others,
            by_rule: BTreeMap::new(),
            followed_by: Vec::new(),
            connections: 0,
            forget: spec.tls.forget_tickets,
            forgotten: 0,
            observe: Observe::Nothing,
        })
    }

    /// What connections accepted from now on note. Nothing by default: it costs.
    pub fn observe(&mut self, observe: Observe) {
        self.observe = observe;
        for machine in self.by_rule.values_mut() {
            machine.observe(observe);
        }
    }

    /// The same peer, with the machine that takes connections by the rule with this number, from 0. Without it the peer
    /// serves them itself.
    ///
    /// # Errors
    /// As for [`Peer::new`], and if other machines take connections of this one.
    pub fn with_machine(
        mut self,
        rule: usize,
        spec: &PeerSpec,
        host: &Host,
        material: Option<TlsMaterial>,
        seed: Seed,
    ) -> Result<Peer, PeerError> {
        if spec.has_machines() {
            return Err(PeerError::Spec("on", NESTED_MACHINES.to_owned()));
        }
        let owner = format!(
            "{} {}, rule {}",
            host.name,
            host.address,
            rule.saturating_add(1)
        );
        let conduct = Arc::new(conduct_of(spec)?);
        let mut machine = Peer::of(conduct, spec, host, owner, material, seed)?;
        machine.observe(self.observe);
        self.by_rule.insert(rule, machine);
        Ok(self)
    }

    /// The same peer, and from the next connection on another: a machine that is put in the place of the first.
    /// Each has a TLS side of its own.
    #[must_use]
    pub fn followed_by(mut self, next: Peer) -> Peer {
        self.shows_id |= next.shows_id;
        self.remembered = self.remembered.max(next.remembered);
        self.followed_by.push(next.plan);
        self.followed_by.extend(next.followed_by);
        self
    }

    /// Who serves the connection with this number, from 1.
    fn plan_of(&self, number: u64) -> &Arc<Plan> {
        let last = self.followed_by.len();
        let place = usize::try_from(number.saturating_sub(1))
            .unwrap_or(last)
            .min(last);
        match place.checked_sub(1) {
            Some(place) => self.followed_by.get(place).unwrap_or(&self.plan),
            None if self.others.is_empty() => &self.plan,
            None => {
                let mut stream = self.plan.stream(Purpose::Machine, number);
                let machines = u64::try_from(self.others.len()).unwrap_or(0) + 1;
                let machine = usize::try_from(stream.below(machines)).unwrap_or(0);
                let other = machine
                    .checked_sub(1)
                    .and_then(|place| self.others.get(place));
                other.unwrap_or(&self.plan)
            }
        }
    }

    /// How often each rule applied so far, in the order of the spec's `on`. A rule with `fail` applies when the handshake
    /// is broken as it says.
    pub fn rule_hits(&self) -> Vec<u64> {
        self.ledger.hits(self.plan.conduct.rules())
    }

    /// The machines that take connections by a rule, and the rule's number.
    pub fn machines(&self) -> impl Iterator<Item = (usize, &Peer)> {
        self.by_rule.iter().map(|(rule, machine)| (*rule, machine))
    }

    /// The name of its host.
    pub fn host(&self) -> &str {
        &self.plan.host
    }

    /// The connections requested so far, those refused or dropped included.
    pub fn connections(&self) -> u64 {
        self.connections
    }

    /// Forgets all tickets and stored sessions, as a restart does.
    pub fn forget_sessions(&self) {
        let plans = std::iter::once(&self.plan).chain(&self.others);
        for plan in plans.chain(&self.followed_by) {
            if let Some(tls) = &plan.tls {
                tls.forget();
            }
        }
        self.by_rule.values().for_each(Peer::forget_sessions);
    }

    /// Answers a connection request from `client`.
    pub fn accept(&mut self, now: Now, client: SocketAddr) -> Accept {
        self.connections = self.connections.saturating_add(1);
        let number = self.connections;
        self.forget_if_due(now);
        self.ledger.arrives(now.time, self.remembered);
        let plan = Arc::clone(self.plan_of(number));
        let settled = plan.settle(number, now.time, &self.ledger);
        let mut vars = Vars {
            host: plan.host.clone(),
            client: client.ip(),
            connection: number,
            id: [b'0'; ID_LEN],
            envelope: Default::default(),
        };
        let input = RuleInput {
            connection: number,
            client: client.ip(),
            time: now.time,
            in_tls: false,
            hello: &Asked::Unknown,
            nth: 1.into(),
            settled: &settled,
            envelope: &vars.envelope,
            ledger: &self.ledger,
        };
        let rule = plan.conduct.rule_for(CONNECT, input);
        if let Some(rule) = rule {
            self.ledger.hit(rule.number);
        }
        let machine = rule.and_then(|rule| self.by_rule.get_mut(&rule.number));
        if let Some(machine) = machine {
            return machine.accept(now, client);
        }
        let then = rule
            .and_then(|rule| rule.script)
            .and_then(|script: ScriptId| plan.conduct.step(script, false, 0)?.then);
        match then {
            Some(Then::Refuse) => return Accept::Refuse,
            Some(Then::Drop) => return Accept::Drop,
            Some(
                Then::Close
                | Then::HalfClose
                | Then::Reset
                | Then::Stall
                | Then::GoOn
                | Then::StartTls,
            )
            | None => {}
        }
        if self.shows_id {
            let mut stream = plan.stream(Purpose::Peer, number);
            for (place, byte) in vars.id.iter_mut().zip(stream.bytes::<ID_LEN>()) {
                *place = ID_LETTERS
                    .get(usize::from(byte & 31))
                    .copied()
                    .unwrap_or(b'0');
            }
        }
        let mut connection = PeerConnection::new(plan, vars, settled, &self.ledger, self.observe);
        connection.open(now, then);
        Accept::Serve(Box::new(connection))
    }

    fn forget_if_due(&mut self, now: Now) {
        let times = match self.forget {
            Forget::Never => return,
            Forget::EveryConnection => self.connections,
            Forget::At(span) => u64::from(now.time >= Time::after_start(span)),
            Forget::Every(span) => {
                let span = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX).max(1);
                now.time.as_nanos() / span
            }
        };
        if times != self.forgotten {
            self.forgotten = times;
            self.forget_sessions();
        }
    }
}

/// A spec, checked and made ready.
///
/// # Errors
/// [`PeerError::Spec`] if it contradicts itself.
pub(crate) fn conduct_of(spec: &PeerSpec) -> Result<Conduct, PeerError> {
    spec.check()
        .map_err(|(key, message)| PeerError::Spec(key, message))?;
    Ok(Conduct::of(spec))
}

/// Thirty-two of them, so that five bits choose one.
const ID_LETTERS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
