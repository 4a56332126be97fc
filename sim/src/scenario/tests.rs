//! What authors of scenarios read about their faults.

use crate::peer::Down;
use crate::run::Driver;
use crate::seed::Seed;
use crate::world::{DomainSpec, MessageSpec};
use mta_core::config::{Host, Release};

use super::*;
use crate::library::Catalogue;

const START: &str = "summary = 'x'\n[[message]]\nto = ['user@example.test']\n";

fn error(rest: &str) -> String {
    Scenario::load("c.toml", &format!("{START}{rest}"))
        .unwrap_err()
        .to_string()
}

#[test]
fn what_is_wrong_is_one_line_with_a_place_and_the_nearest_word() {
    for (rest, expected) in [
        (
            "[[expect.delivry]]",
            "c.toml:4:10: unknown key `delivry`; did you mean `delivery`?",
        ),
        (
            "[[expect.delivery]]\nstatus = 'send'",
            "c.toml:5:10: unknown word `send`; did you mean `sent`?",
        ),
        (
            "[expect]\ndecided = ['starttls-refussed']",
            "c.toml:5:1: unknown rule `starttls-refussed`; did you mean `starttls-refused`?",
        ),
        (
            "[expect.version.'3.8']\nlog = []",
            "c.toml:4:9: unsupported Postfix release `3.8`; expected 3.7 or 3.12",
        ),
        (
            "[[domain]]\nname = 'example.test'\npeer = { tls = { certificate = 'expird' } }",
            "c.toml:6:32: unknown word `expird`; did you mean `expired`?",
        ),
        (
            "[[domain]]\nname = 'example.test'\npeer = { tls = { versions = [] } }",
            "c.toml:6:18: a peer speaks at least one version of TLS",
        ),
    ] {
        assert_eq!(error(rest), expected);
    }
    let fault = Scenario::load("c.toml", "summary = 'x'\nmessage = []").unwrap_err();
    assert_eq!(
        fault.to_string(),
        "c.toml:2:1: a scenario has at least one message"
    );
}

#[test]
fn a_wrong_configuration_and_an_unknown_peer_are_named() {
    let catalogue = Catalogue::embedded().unwrap();
    let text = START.replace(
        "[[message]]",
        "main-cf = 'smtp_tls_security_level = mya'\n[[message]]",
    );
    let scenario = Scenario::load("c.toml", &text).unwrap();
    let plan = scenario.plan_for(Release::V3_7, Seed(1), &catalogue);
    let error = plan.unwrap().run(Driver::Memory).unwrap_err().to_string();
    assert!(error.contains("mya") && error.contains("may"), "{error}");

    let text = format!("{START}[[domain]]\nname = 'example.test'\npeer = 'gmial'");
    let scenario = Scenario::load("c.toml", &text).unwrap();
    let unknown = scenario.plan_for(Release::V3_7, Seed(1), &catalogue);
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "no peer is called \"gmial\"; did you mean \"gmail\"?"
    );
}

#[test]
fn a_case_is_laid_over_its_world() {
    let catalogue = Catalogue::embedded().unwrap();
    let text = "
        summary = 'x'
        world = 'w2'
        [[domain]]
        name = 'example.test'
        [[domain.mx]]
        host = 'mx1.example.test'
        down = true
    ";
    let scenario = Scenario::load_in("c.toml", text, &catalogue).unwrap();
    let world = catalogue.world("w2").unwrap();
    assert_eq!(
        (&scenario.plan.world.dns, &scenario.plan.messages),
        (&world.spec.dns, &world.messages)
    );
    let hosts = scenario.plan.world.domains[0].mx.iter();
    let up: Vec<_> = hosts.map(|mx| (&*mx.host, mx.down == Down::Up)).collect();
    assert_eq!(
        up,
        [("mx1.example.test", false), ("mx2.example.test", true)]
    );
    let unknown = Scenario::load_in("c.toml", &text.replace("w2", "w3"), &catalogue);
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "c.toml:3:17: no world is called \"w3\"; did you mean \"w0\"?"
    );
}

#[test]
fn a_case_may_have_peers_of_its_own() {
    let catalogue = Catalogue::embedded().unwrap();
    let text = format!(
        "{START}[[domain]]\nname = 'example.test'\npeer = 'gmail'\n\
         [peers.gmail]\nextends = 'gmail'\nnetwork.latency = '2s'\n\
         [[peers.gmail.on]]\nmoment = 'connect'\nnth = 9\npeer = 'plain-only'"
    );
    let scenario = Scenario::load_in("c.toml", &text, &catalogue).unwrap();
    let plan = scenario.plan_for(Release::V3_7, Seed(1), &catalogue);
    let peers = plan.unwrap().peers;
    let names: Vec<&str> = peers.keys().map(String::as_str).collect();
    assert_eq!(names, ["gmail", "plain-only"]);
    let (own, known) = (&peers["gmail"], catalogue.peer("gmail").unwrap());
    assert_eq!(own.network.latency.as_secs(), 2);
    assert_eq!(own.mx, known.mx);
    assert_ne!(own, known);
    for (words, told) in [
        (
            "[peers.slow]\nextends = 'gmial'",
            "c.toml:5:11: no peer is called \"gmial\"; did you mean \"gmail\"?",
        ),
        (
            "[peers.slow.tls]\nversions = []",
            "c.toml:5:1: a peer speaks at least one version of TLS",
        ),
    ] {
        let text = format!("{START}{words}");
        let error = Scenario::load_in("c.toml", &text, &catalogue).unwrap_err();
        assert_eq!(error.to_string(), told);
    }
}

#[test]
fn the_machine_is_at_the_addresses_of_the_client() {
    let machine = |words: &str| {
        let scenario = Scenario::load("c.toml", &format!("{START}{words}")).unwrap();
        scenario.plan.host.machine(&scenario.plan.world.client)
    };
    let client = "[client]\nipv4 = '198.51.100.7'\nipv6 = '2001:db8::7'";
    let of_client = Host::named("mail.client.example").at([
        "198.51.100.7".parse().unwrap(),
        "2001:db8::7".parse().unwrap(),
    ]);
    assert_eq!(machine(client), of_client);
    let own = machine(&format!("{client}\n[host]\naddresses = ['10.0.0.1']"));
    assert_eq!(
        own,
        Host::named("mail.client.example").at(["10.0.0.1".parse().unwrap()])
    );
}

#[test]
fn every_case_is_written_back_as_it_was_read() {
    for (name, scenario) in Catalogue::embedded().unwrap().scenarios() {
        let written = toml::to_string(scenario).unwrap();
        assert_eq!(
            Scenario::load(name, &written).as_ref(),
            Ok(scenario),
            "{written}"
        );
    }
}

#[test]
fn a_plan_that_was_written_expects_nothing() {
    let mut plan = Plan::from_main_cf("smtp_tls_security_level = may", Release::V3_12);
    plan.world.domains = vec![DomainSpec::new("example.test")];
    plan.messages = vec![MessageSpec::to("user@example.test")];
    let run = plan.run(Driver::Memory).unwrap();
    let written = toml::to_string(&plan).unwrap();
    let mut scenario = Scenario::load("p.toml", &written).unwrap();
    assert_eq!(scenario.check(Release::V3_12, &run), []);
    scenario.expect.connections = Some(1);
    let failures = scenario.check(Release::V3_12, &run);
    assert_eq!(
        failures[0].to_string(),
        "deliveries: expected 0 of them, came 1"
    );
}

/// One expectation of each kind, all wrong.
#[test]
fn an_expectation_that_fails_says_what_was_expected_and_what_came() {
    let scenario = Scenario::load(
        "c.toml",
        r#"
        summary = "Nothing of this comes true"
        main-cf = "smtp_tls_security_level = may"
        postfix = ["3.7"]
        [[domain]]
        name = "example.test"
        peer = "plain-only"
        [[message]]
        to = ["user@example.test"]
        [[expect.delivery]]
        to = "other@example.test"
        status = "deferred"
        dsn = "4.0.0"
        relay = "none"
        channel = "tls"
        trust = "Trusted"
        protocol = "TLSv1.3"
        resumed = false
        text = "451"
        at = "5s"
        [expect]
        decided = ["null-mx"]
        not-decided = ["starttls-not-offered"]
        connections = 2
        returned = 1
        log = ["TLS connection"]
        log-is = ["smtp: *deferred*"]
        never = ["status=sent"]
        [expect.version."3.7"]
        log = ["x25519"]
        never = ["dsn=2*relay=", "dsn=2"]
        "#,
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let catalogue = Catalogue::embedded().unwrap();
    let plan = scenario
        .plan_for(Release::V3_7, Seed(1), &catalogue)
        .unwrap();
    let run = plan.run(Driver::Memory).unwrap();
    let failures = scenario.check(Release::V3_7, &run);
    let about: Vec<&str> = failures.iter().map(|f| f.about.as_str()).collect();
    assert_eq!(
        about,
        [
            "delivery 1, status",
            "delivery 1, to",
            "delivery 1, dsn",
            "delivery 1, relay",
            "delivery 1, channel",
            "delivery 1, trust",
            "delivery 1, protocol",
            "delivery 1, resumed",
            "delivery 1, text",
            "delivery 1, at, in seconds",
            "decided",
            "not-decided",
            "connections",
            "returned",
            "log",
            "never",
            "log of 3.7",
            "never",
            "log-is, line 1",
        ]
    );
    assert_eq!(
        failures[0].to_string(),
        "delivery 1, status: expected deferred, came sent (250 2.0.0 Ok: queued)"
    );
    let report = scenario.report(&run, &failures);
    assert!(report.contains("  delivery 1, trust: expected Trusted, came none\n"));
    assert!(report.contains("EHLO") && report.contains("status=sent"));
}
