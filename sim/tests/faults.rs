//! Whoever has to change something is named: our own side is never taken for the server's.

use std::time::Duration;

use mta_core::config::Release;
use mta_sim::plan::Plan;
use mta_sim::run::Driver;
use mta_sim::world::{MessageSpec, WorldSpec};

/// Who is blamed for the first attempt, at a server of this kind.
fn blamed(main_cf: &str, peer: &str) -> Option<String> {
    let mut plan = Plan::from_main_cf(main_cf, Release::V3_7);
    let world = format!("latency = '5ms'\n[[domain]]\nname = 'a.example'\n{peer}");
    plan.world = toml::from_str::<WorldSpec>(&world).expect("a world");
    plan.messages = vec![MessageSpec::to("one@a.example")];
    plan.limit = Duration::from_secs(1800);
    let run = plan.run(Driver::Memory).expect("a run");
    let (_, outcome) = run.outcomes().next().expect("an outcome");
    outcome.fault.as_ref().map(ToString::to_string)
}

#[test]
fn our_own_settings_are_our_own_fault() {
    for (settings, fault) in [
        ("smtp_tls_mandatory_protocols = bogus", "own: protocols"),
        ("smtp_tls_mandatory_ciphers = nosuch", "own: ciphers"),
        (
            "smtp_tls_connection_reuse = yes\ntlsproxy_service_name = nosuch",
            "own: no-proxy",
        ),
        ("smtp_tls_CAfile = /nosuch.pem", "own: no-engine"),
        ("smtp_tls_policy_maps = fail:x", "own: tls-policy"),
        ("smtp_tls_per_site = fail:x", "own: table"),
        ("relayhost = [nosuch.example]", "own: relay"),
        (
            "transport_maps = inline:{ {a.example = error:5.1.1 gone} }",
            "own: routed",
        ),
        (
            "transport_maps = inline:{ {a.example = nosuch:} }",
            "own: no-service",
        ),
        ("transport_maps = fail:x", "own: no-route"),
    ] {
        let main_cf = format!("smtp_tls_security_level = encrypt\n{settings}\n");
        assert_eq!(blamed(&main_cf, "").as_deref(), Some(fault), "{settings}");
    }
}

#[test]
fn the_others_are_theirs_or_nobodys() {
    let refuses = |command: &str| {
        format!(
            "[[domain.mx]]\nhost = 'mx.a.example'\n[[domain.mx.peer.on]]\ncommand = '{command}'\nsend = '550 5.7.1 no'\n"
        )
    };
    for (level, peer, fault) in [
        (
            "encrypt",
            refuses("STARTTLS"),
            Some("policy: starttls-refused"),
        ),
        ("may", refuses("STARTTLS"), None),
        ("may", refuses("MAIL"), Some("peer: refused")),
        ("verify", String::new(), Some("policy: not-verified")),
        ("encrypt", String::new(), None),
    ] {
        let main_cf = format!("smtp_tls_security_level = {level}\n");
        let came = blamed(&main_cf, &peer);
        assert_eq!(came.as_deref(), fault, "{level} {peer}");
    }
}
