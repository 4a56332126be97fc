//! A host may stand at another port than 25, and only a next hop that names the port finds it.

mod every_driver;

use std::time::Duration;

use every_driver::same_under_every_driver;
use mta_core::config::Release;
use mta_core::event::Status;
use mta_sim::plan::Plan;
use mta_sim::run::Run;
use mta_sim::world::{MessageSpec, WorldSpec};

/// A relay at 587; anybody's mail is to go through it.
const WORLD: &str = "[[domain]]\nname = 'isp.example'\n\
    mx = [{ host = 'relay.isp.example', addresses = ['192.0.2.7'], port = 587 }]\n";

/// Where the mail went, if it was taken, under each driver.
fn relays(next_hop: &str) -> Vec<Option<String>> {
    let main_cf = format!(
        "relayhost = {next_hop}\nsmtp_tls_security_level = encrypt\nsmtp_connect_timeout = 5s\n"
    );
    let mut plan = Plan::from_main_cf(main_cf, Release::V3_12);
    plan.world = toml::from_str::<WorldSpec>(WORLD).expect("a world");
    plan.messages = vec![MessageSpec::to("somebody@elsewhere.example")];
    plan.limit = Duration::from_secs(60);
    let runs = same_under_every_driver(next_hop, &plan);
    let relay = |run: &Run| {
        let sent = run
            .outcomes()
            .find(|(_, outcome)| outcome.status == Status::Sent);
        sent.and_then(|(_, outcome)| outcome.relay.as_ref().map(ToString::to_string))
    };
    runs.iter().map(relay).collect()
}

#[test]
fn a_next_hop_with_the_port_finds_the_host() {
    for next_hop in [
        "[relay.isp.example]:587",
        "[relay.isp.example]:submission",
        "isp.example:587",
        "[192.0.2.7]:587",
    ] {
        for relay in relays(next_hop) {
            let relay = relay.unwrap_or_else(|| panic!("{next_hop}"));
            assert!(relay.ends_with("[192.0.2.7]:587"), "{next_hop}: {relay}");
        }
    }
}

#[test]
fn nobody_is_at_port_25_there() {
    for next_hop in [
        "[relay.isp.example]",
        "isp.example",
        "[relay.isp.example]:465",
    ] {
        assert!(relays(next_hop).iter().all(Option::is_none), "{next_hop}");
    }
}

#[test]
fn a_port_is_a_number_from_1() {
    let error = toml::from_str::<WorldSpec>(&WORLD.replace("587", "0")).unwrap_err();
    assert!(
        error
            .message()
            .contains("invalid port `0`; expected 1 to 65535")
    );
    let world: WorldSpec = toml::from_str(WORLD).expect("a world");
    let written = toml::to_string(&world).expect("TOML");
    assert!(written.contains("port = 587"), "{written}");
    assert_eq!(toml::from_str::<WorldSpec>(&written), Ok(world));
}
