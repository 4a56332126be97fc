//! The sender's addresses, the clock and the source of randomness come from the world.

mod every_driver;

use every_driver::{DRIVERS, same_under_every_driver};
use mta_core::config::Release;
use mta_sim::plan::Plan;
use mta_sim::run::Run;
use mta_sim::view::{Times, conversation};
use mta_sim::world::{MessageSpec, WorldSpec};

fn plan(words: &str) -> Plan {
    let main_cf = "smtp_tls_security_level = secure\nsmtp_tls_CAfile = /etc/ssl/cert.pem\n";
    let mut plan = Plan::from_main_cf(main_cf, Release::V3_12);
    let domain =
        "[[domain]]\nname = 'a.example'\n[domain.peer]\ngreeting = '220 {client} at {epoch}'\n";
    let world = toml::from_str::<WorldSpec>(&format!("{words}\n{domain}"));
    plan.world = world.expect("a world");
    plan.messages = vec![MessageSpec::to("one@a.example")];
    plan
}

fn said(run: &Run) -> String {
    conversation(&run.events, Times::Hidden)
}

#[test]
fn a_world_says_where_the_sender_is_and_when_it_starts() {
    let usual = "220 198.51.100.25 at 1780272000\n";
    let words = "start = '2027-03-01T12:00:00Z'\n[client]\nipv4 = '203.0.113.9'\nresolver = '203.0.113.53:53'\nport = 50000";
    let other = "220 203.0.113.9 at 1803902400\n";
    for (words, greeting) in [("", usual), (words, other)] {
        for run in same_under_every_driver(words, &plan(words)) {
            // Certificates are as good as ever: they are of this time.
            assert!(said(&run).contains(greeting), "{}", said(&run));
            assert!(said(&run).contains("Verified"), "{}", said(&run));
        }
    }
}

#[test]
fn only_what_follows_from_the_seed_is_the_same_twice() {
    for (words, same) in [("", true), ("crypto = 'system'", false)] {
        for driver in DRIVERS {
            let [one, other] = [(), ()].map(|()| plan(words).run(driver).expect("a run"));
            assert_eq!(said(&one), said(&other));
            assert_eq!(one.wire == other.wire, same, "{words}");
        }
    }
}

#[test]
fn what_is_as_usual_is_not_written() {
    let text = toml::to_string(&WorldSpec::default()).expect("TOML");
    for word in ["client", "start", "crypto"] {
        assert!(!text.contains(word), "{text}");
    }
    let words = "start = '2027-03-01T12:00:00Z'\n[client]\nport = 50000";
    let world = plan(words).world;
    let written = toml::to_string(&world).expect("TOML");
    assert_eq!(toml::from_str::<WorldSpec>(&written), Ok(world));
}
