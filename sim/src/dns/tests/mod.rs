//! Tests over the whole module.

mod arbitrary;
mod attacks;
mod data;
mod lookups;
mod replies;
mod stub;

use std::sync::Arc;

use mta_core::dns::{Answer, Kind, Question};

use super::{Exchange, NameSpec, Resolver, Zones};

#[derive(serde::Deserialize, serde::Serialize)]
struct World {
    dns: Vec<NameSpec>,
}

fn specs(toml: &str) -> Vec<NameSpec> {
    toml::from_str::<World>(toml).expect("test data").dns
}

fn zones(toml: &str) -> Zones {
    Zones::new(&specs(toml)).expect("test data")
}

fn question(name: &str, kind: Kind) -> Question {
    Question {
        name: name.into(),
        kind,
    }
}

fn lookup(zones: &Zones, name: &str, kind: Kind) -> Arc<Exchange> {
    Resolver::new(zones.clone()).lookup(&question(name, kind))
}

fn answer(zones: &Zones, name: &str, kind: Kind) -> Answer {
    lookup(zones, name, kind).answer.clone()
}

/// A world that has a bit of everything.
const WORLD: &str = r#"
    [[dns]]
    name = "example.test"
    mx = ["10 mx1.example.test", "20 MX2.example.test."]
    txt = ["v=spf1 -all", ""]
    ns = ["ns1.example.test"]
    dnssec = "secure"

    [[dns]]
    name = "mx1.example.test"
    a = ["192.0.2.1", "192.0.2.2"]
    aaaa = ["2001:db8::1"]
    ttl = 300

    [[dns]]
    name = "_25._tcp.mx1.example.test"
    tlsa = ["3 1 1 00ff 10", "255 7 9 ab", "2 0 0 "]

    [[dns]]
    name = "alias.example.test"
    cname = "hop.example.test"

    [[dns]]
    name = "hop.example.test"
    cname = "mx1.example.test"

    [[dns]]
    name = "out.example.test"
    cname = "host.plain.test"

    [[dns]]
    name = "host.plain.test"
    a = ["198.51.100.1"]

    [[dns]]
    name = "dangling.example.test"
    cname = "gone.example.test"

    [[dns]]
    name = "loop1.example.test"
    cname = "loop2.example.test"

    [[dns]]
    name = "loop2.example.test"
    cname = "loop1.example.test"

    [[dns]]
    name = "*.wild.example.test"
    mx = ["5 mx1.example.test"]

    [[dns]]
    name = "listed.wild.example.test"
    a = ["192.0.2.9"]

    [[dns]]
    name = "null.example.test"
    mx = ["0 ."]

    [[dns]]
    name = "bogus.example.test"
    mx = ["10 mx1.example.test"]
    dnssec = "bogus"

    [[dns]]
    name = "unsigned.example.test"
    a = ["192.0.2.8"]
    dnssec = "insecure"

    [[dns]]
    name = "slow.example.test"
    a = ["192.0.2.7"]
    delay = "200ms"
"#;
