//! What a run tells of its peers: hits of rules, and messages.

use std::sync::Arc;
use std::time::Duration;

use mta_core::config::Release;
use mta_core::event::Detail;
use mta_sim::plan::Plan;
use mta_sim::run::{Driver, Run};
use mta_sim::world::{MessageSpec, WorldSpec};

fn plan(world: &str) -> Plan {
    let mut plan = Plan::from_main_cf("smtp_tls_security_level = may\n", Release::default());
    plan.world = toml::from_str::<WorldSpec>(world).expect("a world");
    plan.messages = vec![
        MessageSpec::to("one@a.example"),
        MessageSpec::to("two@a.example").at(Duration::from_secs(600)),
    ];
    plan
}

fn run(plan: &Plan) -> Run {
    plan.run(Driver::Memory).expect("a run")
}

const REPLACED: &str = "
[[domain]]
name = 'a.example'
[[domain.peer.on]]
command = 'RCPT'
send = '250 2.1.5 first'
[[domain.peer.on]]
command = 'VRFY'
send = '252 never'
[[change]]
at = '5m'
host = 'mx1.a.example'
[[change.peer.on]]
command = 'RCPT'
send = '250 2.1.5 second'
";

#[test]
fn rules_are_counted_at_a_host_whoever_stands_there() {
    let run = run(&plan(REPLACED));
    assert_eq!(
        run.rule_hits("mx1.a.example", 0),
        Some(2),
        "{:?}",
        run.rules
    );
    assert_eq!(run.rule_hits("MX1.a.example", 1), Some(0));
    assert_eq!(run.rule_hits("mx1.a.example", 2), None, "no such rule");
    assert_eq!(run.rule_hits("mx2.a.example", 0), None, "no such host");
    let unused: Vec<String> = run.unused_rules().iter().map(ToString::to_string).collect();
    assert_eq!(unused, ["mx1.a.example: rule 1 never applied"]);
}

const TWO: &str = "
[[domain]]
name = 'a.example'
[[domain]]
name = 'b.example'
";

#[test]
fn a_text_that_two_peers_saw_is_kept_once() {
    let mut plan = plan(TWO);
    plan.messages = ["one@a.example", "two@b.example"]
        .map(|to| MessageSpec {
            text: Some("Subject: disk full\n\n.hidden\n".to_owned()),
            ..MessageSpec::to(to)
        })
        .into();
    let run = run(&plan);
    let texts = ["one@a.example", "two@b.example"].map(|to| {
        let received = run.received_by(to);
        assert_eq!(received.len(), 1);
        received[0].text.clone().expect("kept")
    });
    assert!(
        texts[0].ends_with(b"Subject: disk full\r\n\r\n.hidden\r\n"),
        "{texts:?}"
    );
    assert!(Arc::ptr_eq(&texts[0], &texts[1]));
    assert_eq!(run.seen_at("mx1.b.example").count(), 1);
}

#[test]
fn texts_are_kept_of_what_is_observed_in_full() {
    for (detail, kept) in [(Detail::Conversation, true), (Detail::Outcomes, false)] {
        let mut plan = plan(TWO);
        plan.detail = detail;
        let run = run(&plan);
        let received = run.received_by("one@a.example");
        assert_eq!(received[0].text().is_some(), kept);
    }
}

#[test]
fn a_run_goes_from_thread_to_thread() {
    let plan = plan(TWO);
    let runs = std::thread::spawn(move || run(&plan));
    assert_eq!(runs.join().expect("a run").deliveries().len(), 2);
}
