//! Every peer of the catalogue is met, and says the same whatever moves it.

mod harness;

use std::time::Duration;

use harness::catalogue;
use harness::every_driver::{outcomes, same_under_every_driver};
use mta_core::config::Release;
use mta_sim::run::Run;
use mta_sim::seed::Seed;
use mta_sim::view::{Times, conversation};

/// Levels that see different sides of a peer, and patience that does not make the ticks long.
const LEVELS: [&str; 2] = ["may", "encrypt"];
const PATIENCE: &str = "smtp_starttls_timeout = 9s\nsmtp_connect_timeout = 8s\nsmtp_mail_timeout = 7s\n\
    smtp_helo_timeout = 6s\nsmtp_data_init_timeout = 6s\nsmtp_data_xfer_timeout = 6s\nsmtp_data_done_timeout = 6s\n\
    smtp_rcpt_timeout = 6s\nsmtp_rset_timeout = 6s\nsmtp_quit_timeout = 6s\n";
/// Long enough for a second attempt.
const LIMIT: Duration = Duration::from_secs(900);

#[test]
fn every_peer_says_the_same_under_every_driver() {
    let catalogue = catalogue();
    let world = catalogue.world("w0").expect("the reference");
    let release: Release = "3.7".parse().expect("a release");
    for name in catalogue.peers().keys() {
        let world = world
            .clone()
            .with_peer("mx1.example.test", name.as_str())
            .expect("its host");
        for level in LEVELS {
            let main_cf = format!("smtp_tls_security_level = {level}\n{PATIENCE}");
            let mut plan = world
                .plan(&main_cf, release, Seed(1), &catalogue)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            plan.limit = LIMIT;
            let called = format!("{name}, {level}");
            let [memory, turmoil] = same_under_every_driver(&called, &plan);
            assert!(
                !memory.seen.is_empty() || outcomes(&memory).len() > 1,
                "{name} is not met"
            );
            assert_eq!(told(&memory), told(&turmoil), "{called}");
        }
    }
}

fn told(run: &Run) -> String {
    conversation(&run.events, Times::Hidden)
}
