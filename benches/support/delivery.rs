//! Deliveries through sender and peer in memory, one after the other, with nobody looking.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use mta_core::config::Release;
use mta_core::event::{Channel, Detail, Purpose, Status};
use mta_core::queue::Message;
use mta_core::smtp::Body;
use mta_core::time::Time;
use mta_sim::drive::memory::Memory;
use mta_sim::peer::{PeerSpec, TlsVersion};
use mta_sim::plan::Plan;
use mta_sim::world::{DomainSpec, MessageSpec};

use super::{Mode, Tls};

/// The domain that mail goes to; its MX host is `mx1.` and this.
pub(crate) const DOMAIN: &str = "example.test";
/// Bytes of the message: about what a short mail has.
pub(crate) const MESSAGE_BYTES: u32 = 2048;
/// Simulated time between two deliveries. Small, so that no session grows too old over many of them.
pub(crate) const SPACING: Duration = Duration::from_millis(1);

/// Simulated time for one delivery; one in which nothing goes wrong takes a few round trips.
const ENOUGH: Duration = Duration::from_secs(60);
const YEARS_500: Duration = Duration::from_secs(500 * 365 * 86_400);
/// No pause is longer.
const PAUSE_MAX: Duration = Duration::from_secs(365 * 86_400);

/// A sender and a world in which it delivers.
pub(crate) struct Deliveries {
    memory: Memory,
    message: Message,
    channel: Channel,
    at: Time,
}

impl Deliveries {
    /// The world of `mode`, after the one full handshake that resumed ones rest on.
    pub(crate) fn new(mode: Mode) -> Self {
        Deliveries::with(&plan(mode), mode)
    }

    /// The world of `plan`, in which deliveries are of `mode`.
    pub(crate) fn with(plan: &Plan, mode: Mode) -> Self {
        let memory = Memory::unobserved(plan).expect("the world can be built");
        let mut deliveries = Deliveries {
            memory,
            message: message(plan),
            channel: match mode {
                Mode::Plaintext => Channel::Cleartext,
                Mode::Tls(_) => Channel::Tls,
            },
            at: Time::START,
        };
        deliveries.next();
        deliveries
    }

    /// Delivers one message and waits for the end.
    pub(crate) fn next(&mut self) {
        self.next_after(SPACING);
    }

    /// Whether this world has come near the end of simulated time, 584 years, and a new one is needed.
    pub(crate) fn is_old(&self) -> bool {
        self.at.since_start() > YEARS_500
    }

    /// Delivers one message, so long after the one before began, or when that is over.
    pub(crate) fn next_after(&mut self, pause: Duration) {
        self.at = (self.at + pause).max(self.memory.now());
        assert!(
            self.at.since_start() < YEARS_500 + PAUSE_MAX,
            "time is running out"
        );
        self.memory.submit_at(self.at, self.message.clone());
        let left = self.memory.run_until(self.at + ENOUGH);
        let events = self.memory.take_events();
        let outcome = events.iter().find_map(|event| event.outcome());
        let outcome = outcome.expect("every delivery has an outcome");
        assert!(!left && outcome.status == Status::Sent, "{outcome:?}");
        assert_eq!(outcome.channel, self.channel, "{outcome:?}");
    }
}

/// A run in the world of `mode`, without a message.
pub(crate) fn plan(mode: Mode) -> Plan {
    let main_cf = match mode {
        Mode::Plaintext => "smtp_tls_security_level = may\n".to_owned(),
        Mode::Tls(tls) => tls_main_cf(tls),
    };
    let mut plan = Plan::from_main_cf(main_cf, Release::V3_12);
    let mut peer = PeerSpec::default();
    match mode {
        Mode::Plaintext => peer.ehlo.keywords.retain(|keyword| keyword != "STARTTLS"),
        Mode::Tls(tls) => peer.tls.versions = vec![tls.version],
    }
    plan.world.domains = vec![DomainSpec::new(DOMAIN).peer(peer)];
    plan.detail = Detail::Outcomes;
    plan
}

/// The client offers what it offers by default, or one version alone.
fn tls_main_cf(tls: Tls) -> String {
    let mut main_cf = String::from(
        "smtp_tls_security_level = encrypt\nsmtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\n",
    );
    if tls.resumed {
        main_cf += "smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n";
    }
    if tls.only {
        let version = match tls.version {
            TlsVersion::Ssl3 | TlsVersion::Tls10 | TlsVersion::Tls11 | TlsVersion::Tls12 => {
                "TLSv1.2"
            }
            TlsVersion::Tls13 => "TLSv1.3",
        };
        main_cf += &format!("smtp_tls_mandatory_protocols = {version}\n");
    }
    main_cf
}

/// How long a line of a message may be under a plan.
pub(crate) fn line_length_limit(plan: &Plan) -> Option<NonZeroU32> {
    let configuration = plan.configuration().expect("the configuration is good");
    configuration.main_cf().dialogue.line_length_limit
}

/// The message of every delivery.
pub(crate) fn message_spec() -> MessageSpec {
    MessageSpec {
        octets: MESSAGE_BYTES,
        ..MessageSpec::to(format!("postmaster@{DOMAIN}"))
    }
}

fn message(plan: &Plan) -> Message {
    let spec = message_spec();
    Message {
        queue_id: "4XbenchQid".into(),
        sender: spec.from.as_str().into(),
        recipients: spec.to.iter().map(|to| Arc::from(to.as_str())).collect(),
        body: Body::new(&spec.content(), line_length_limit(plan)),
        age: spec.age,
        asks: mta_core::policy::Asks::default(),
        purpose: Purpose::Delivery,
    }
}
