//! A case as its file has it. What is not known here is passed over.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::config::Release;
use serde::Deserialize;
use serde_json::Value;

use crate::observation::{Connection, Delivery, Observation, StepSeen};

/// One case.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) family: String,
    /// The main.cf that its own settings are laid over.
    #[serde(skip)]
    pub(crate) base: Arc<str>,
    /// The lists of suites that observations of the family name.
    #[serde(skip)]
    pub(crate) cipher_lists: Arc<BTreeMap<String, String>>,
    #[serde(default)]
    pub(crate) config: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) master: BTreeMap<String, BTreeMap<String, Value>>,
    #[serde(default)]
    pub(crate) capath: Vec<String>,
    #[serde(default)]
    pub(crate) dns: Vec<Record>,
    #[serde(default)]
    pub(crate) dns_secure: bool,
    #[serde(default = "yes")]
    pub(crate) dns_probe_secure: bool,
    #[serde(default)]
    pub(crate) hosts_extra: Option<String>,
    #[serde(default)]
    pub(crate) peers: Vec<PeerRow>,
    #[serde(default = "one_send")]
    pub(crate) steps: Vec<Step>,
    #[serde(default)]
    pub(crate) nondeterministic: Option<String>,
    #[serde(default)]
    observed: Option<Observed>,
    #[serde(default)]
    v312: Option<V312>,
}

/// Records of one name and type.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) data: Vec<String>,
    #[serde(default)]
    pub(crate) ad: Option<bool>,
    #[serde(default)]
    pub(crate) rcode: Option<String>,
}

/// A peer: who serves which connection.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PeerRow {
    pub(crate) addr: std::net::IpAddr,
    pub(crate) port: u16,
    #[serde(default)]
    pub(crate) host: String,
    #[serde(default)]
    pub(crate) conns: Vec<Behaviour>,
    #[serde(default)]
    pub(crate) down: bool,
}

/// How a peer behaves on one connection.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Behaviour {
    pub(crate) host: Option<String>,
    pub(crate) ehlo_name: Option<String>,
    pub(crate) accept: Option<String>,
    pub(crate) greeting: Option<Value>,
    pub(crate) ehlo: Option<Value>,
    pub(crate) ehlo_tls: Option<Value>,
    pub(crate) starttls: Option<Value>,
    pub(crate) replies: BTreeMap<String, Value>,
    pub(crate) replies_tls: BTreeMap<String, Value>,
    pub(crate) greeting_after_tls: Option<Value>,
    pub(crate) implicit_tls: bool,
    pub(crate) eol: Option<String>,
    pub(crate) tls: Option<Tls>,
}

/// The TLS side of a behaviour.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Tls {
    pub(crate) chain: Vec<String>,
    pub(crate) min: Option<String>,
    pub(crate) max: Option<String>,
    pub(crate) ciphers: Option<String>,
    pub(crate) tickets: Option<Value>,
    pub(crate) ctx_key: Option<String>,
    pub(crate) client_cert: Option<String>,
    pub(crate) sni_chains: BTreeMap<String, Vec<String>>,
    pub(crate) sni_unknown: Option<String>,
    pub(crate) fail: Option<String>,
}

/// One thing that was done.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Step {
    pub(crate) op: String,
    pub(crate) rcpt: Vec<String>,
    pub(crate) from: Option<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Option<String>,
    pub(crate) probe: bool,
    pub(crate) args: Vec<String>,
    pub(crate) count: Option<u32>,
    pub(crate) settle: bool,
    pub(crate) seconds: Option<f64>,
    pub(crate) set: BTreeMap<String, String>,
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) records: Vec<Record>,
    pub(crate) addr: Option<std::net::IpAddr>,
    pub(crate) peer: Option<PeerRow>,
}

#[derive(Clone, Debug, Deserialize)]
struct Observed {
    steps: Vec<ObservedStep>,
    #[serde(default)]
    connections: Vec<Connection>,
}

#[derive(Clone, Debug, Deserialize)]
struct ObservedStep {
    #[serde(default)]
    log: Vec<String>,
    #[serde(default)]
    deliveries: Vec<Delivery>,
    #[serde(default)]
    connections: Vec<usize>,
    #[serde(default)]
    dns_queries: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct V312 {
    #[serde(default)]
    same: bool,
    #[serde(default)]
    tls_status: Vec<Vec<Option<String>>>,
    #[serde(default)]
    steps: Vec<ObservedStep>,
    #[serde(default)]
    connections: Vec<Connection>,
}

impl Observed {
    fn gather(&self) -> Observation {
        gather(&self.steps, &self.connections)
    }
}

impl Case {
    /// What was observed with this release; nothing if it was not run.
    pub(crate) fn observed(&self, release: Release) -> Option<Observation> {
        // Observations are filed under the name of a release.
        match release.to_string().as_str() {
            "3.7" => self.observed.as_ref().map(Observed::gather),
            "3.12" => {
                let newer = self.v312.as_ref()?;
                if !newer.same {
                    return Some(gather(&newer.steps, &newer.connections));
                }
                let mut seen = self.observed.as_ref()?.gather();
                in_words_of_3_12(&mut seen, &newer.tls_status);
                Some(seen)
            }
            _ => None,
        }
    }
}

fn gather(steps: &[ObservedStep], connections: &[Connection]) -> Observation {
    let steps = steps.iter().map(|step| StepSeen {
        log: step.log.clone(),
        deliveries: step.deliveries.clone(),
        connections: step
            .connections
            .iter()
            .filter_map(|number| connections.get(*number).cloned())
            .collect(),
        dns: step
            .dns_queries
            .iter()
            .filter(|question| !is_of_the_machine(question))
            .cloned()
            .collect(),
    });
    Observation {
        steps: steps.collect(),
    }
}

/// The only names without a dot are the machine's: Cyrus SASL asks the C library for it before a login (lib/common.c
/// `get_fqhostname`).
fn is_of_the_machine(question: &str) -> bool {
    let name = question.split(' ').next().unwrap_or_default();
    !name.contains('.') && !name.is_empty()
}

/// What the dataset's README says of `"same": true`: the `tls=` attribute, and the spelling of the key exchange.
fn in_words_of_3_12(seen: &mut Observation, status: &[Vec<Option<String>>]) {
    for (step, status) in seen.steps.iter_mut().zip(status) {
        let mut status = status.iter();
        for line in &mut step.log {
            *line = line.replace("key-exchange X25519", "key-exchange x25519");
            if !line.contains("delays=<D>, dsn=") {
                continue;
            }
            if let Some(Some(word)) = status.next() {
                *line = line.replacen(
                    "delays=<D>, dsn=",
                    &format!("delays=<D>, tls={word}, dsn="),
                    1,
                );
            }
        }
    }
}

const fn yes() -> bool {
    true
}

fn one_send() -> Vec<Step> {
    vec![Step {
        op: "send".to_owned(),
        ..Step::default()
    }]
}
