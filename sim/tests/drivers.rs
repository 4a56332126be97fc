//! Every driver moves the same machines: what is said, what comes of it and each byte are the same.

mod every_driver;

use std::time::Duration;

use every_driver::same_under_every_driver;
use mta_core::config::Release;
use mta_sim::plan::{Plan, PlanError};
use mta_sim::run::{Driver, Run};
use mta_sim::seed::Seed;
use mta_sim::view::{Times, conversation};
use mta_sim::world::{MessageSpec, WorldSpec};

const MAY: &str = "smtp_tls_security_level = may\nsmtp_tls_CAfile = /etc/ssl/cert.pem\n\
    smtp_tls_session_cache_database = btree:/var/lib/postfix/smtp_scache\n";
const ENCRYPT: &str = "smtp_tls_security_level = encrypt\nsmtp_tls_CAfile = /etc/ssl/cert.pem\n";

/// A world of one domain, `a.example`, with a message to it now and another after a while.
fn plan(main_cf: &str, world: &str) -> Plan {
    let release: Release = "3.7".parse().expect("a version");
    let mut plan = Plan::from_main_cf(main_cf, release);
    plan.world = toml::from_str::<WorldSpec>(world).expect("a world");
    plan.messages = vec![
        MessageSpec::to("one@a.example"),
        MessageSpec::to("two@a.example").at(Duration::from_secs(90)),
    ];
    plan.seed = Seed(7);
    plan.limit = Duration::from_secs(1800);
    plan
}

/// A domain behind this peer, 5 ms away.
fn peer(words: &str) -> String {
    format!("latency = '5ms'\n[[domain]]\nname = 'a.example'\n[domain.peer]\n{words}\n")
}

/// Runs under every driver, under turmoil twice; the runs, if all is as it should be.
fn same(name: &str, plan: &Plan) -> [Run; 2] {
    let runs = same_under_every_driver(name, plan);
    let again = plan.run(Driver::Turmoil).expect("another one");
    assert_eq!(runs[1].events, again.events, "{name}: the same seed twice");
    assert_eq!(runs[1].wire, again.wire, "{name}: the same seed twice");
    runs
}

/// Each row: what to call it, what must come up in the conversation, and the peer.
const PEERS: &[(&str, &str, &str)] = &[
    ("good", "session resumed", ""),
    (
        "refuses STARTTLS",
        "454",
        "[[domain.peer.on]]\ncommand = 'STARTTLS'\nsend = '454 4.7.0 no'",
    ),
    ("offers none", "250", "ehlo.keywords = ['PIPELINING']"),
    (
        "slices",
        "TLSv1",
        "network = { slice = [1, 7], slice-gap = '3ms' }",
    ),
    ("slices at once", "TLSv1", "network = { slice = 1 }"),
    ("stall", "timed out", "network = { stall-after = 1500 }"),
    // The greeting has 25 bytes: EHLO is lost on its way.
    (
        "stall after the greeting",
        "timed out",
        "network = { stall-after = 25 }",
    ),
    ("cut", "lost connection", "network = { cut-after = 150 }"),
    (
        "reset",
        "lost connection",
        "network = { reset-after = 1500 }",
    ),
    (
        "reset amid a greeting",
        "lost connection",
        "network = { reset-after = 5 }",
    ),
    (
        "refuses the first",
        "Connection refused",
        "[[domain.peer.on]]\nmoment = 'connect'\nconnection = 1\nthen = 'refuse'",
    ),
    (
        "drops the first",
        "timed out",
        "[[domain.peer.on]]\nmoment = 'connect'\nconnection = 1\nthen = 'drop'",
    ),
    (
        "resets at connect",
        "lost connection",
        "[[domain.peer.on]]\nmoment = 'connect'\nthen = 'reset'",
    ),
    (
        "greylists",
        "tried again",
        "[[domain.peer.on]]\ncommand = 'RCPT'\nconnection = 1\nsend = '451 4.7.1 later'",
    ),
    (
        "slow greeting",
        "220",
        "greeting = { delay = '4s', text = '220 {host} ESMTP' }",
    ),
    ("TLS 1.2", "TLSv1.2", "tls.versions = ['1.2']"),
    ("bandwidth", "TLSv1", "network = { bandwidth = '10 KB/s' }"),
    (
        "half close",
        "lost connection",
        "[[domain.peer.on]]\nmoment = 'greeting'\nsend = '220 hi'\nthen = 'half-close'",
    ),
    (
        "one connection a minute",
        "421 4.7.0 Too many",
        "[[domain.peer.on]]\nmoment = 'greeting'\nmore-than = '1 per 2m'\nsend = '421 4.7.0 Too many'\nthen = 'close'",
    ),
    (
        "greylists by triplet",
        "451 4.7.1 <one@a.example> from 198.51.100.25",
        "[[domain.peer.on]]\ncommand = 'RCPT'\ngreylist = '5m'\nsend = '451 4.7.1 <{recipient}> from {client}'",
    ),
    (
        "flapping STARTTLS",
        "250-PIPELINING",
        "[[domain.peer.on]]\ncommand = 'EHLO'\nchance = 0.5\nwithout = ['STARTTLS']",
    ),
    (
        "out of order for a minute",
        "454",
        "[[domain.peer.on]]\ncommand = 'STARTTLS'\nuntil = '1m'\nsend = '454 4.7.0 soon'",
    ),
    (
        "no TLS for clients that ask for a name",
        "TLSv1",
        "[[domain.peer.on]]\nfail = 'alert:unrecognized_name'\nsni = true",
    ),
];

const HANDSHAKES: &[&str] = &[
    "close-before-hello",
    "reset-before-hello",
    "garbage-before-hello",
    "close-on-hello",
    "reset-on-hello",
    "stall-on-hello",
    "garbage-on-hello",
    "plaintext-454-on-hello",
    "close-mid-flight",
    "reset-mid-flight",
    "corrupt-flight",
    "reset-on-client-flight",
    "close-after-handshake",
    "reset-after-handshake",
    "alert:handshake_failure",
    "warn-alert:unrecognized_name",
];

/// Patience that does not make the ticks long.
const SHORT: &str = "smtp_starttls_timeout = 9s\nsmtp_connect_timeout = 8s\nsmtp_mail_timeout = 7s\n\
    smtp_helo_timeout = 6s\nsmtp_data_done_timeout = 6s\nsmtp_rcpt_timeout = 6s\nsmtp_quit_timeout = 6s\n";

#[test]
fn peers_of_every_kind() {
    for (name, word, words) in PEERS {
        let [run, _] = same(name, &plan(&format!("{MAY}{SHORT}"), &peer(words)));
        let text = conversation(&run.events, Times::Hidden);
        assert!(text.contains(word), "{name}: {text}");
    }
}

#[test]
fn handshakes_that_break() {
    for word in HANDSHAKES {
        let world = peer(&format!("[[domain.peer.on]]\nfail = '{word}'\n"));
        for level in [MAY, ENCRYPT] {
            same(word, &plan(&format!("{level}{SHORT}"), &world));
        }
    }
}

const HOSTS: &str = "
latency = '5ms'
[[domain]]
name = 'a.example'
mx = [
  { preference = 10, host = 'down.a.example', down = true, addresses = ['192.0.2.9', '2001:db8::9'] },
  { preference = 20, host = 'mx2.a.example', addresses = ['2001:db8::2', '192.0.2.2'] },
  { preference = 20, host = 'mx3.a.example' },
  { preference = 30, host = 'nobody.a.example' },
]
[[dns]]
name = 'nobody.a.example'
a = ['203.0.113.77']
[[domain]]
name = 'b.example'
[domain.peer.network]
latency = '70ms'
";

#[test]
fn several_servers_and_addresses_of_both_families() {
    let mut plan = plan(&format!("{MAY}{SHORT}inet_protocols = all\n"), HOSTS);
    for at in [0, 0, 200] {
        let message = MessageSpec::to("three@b.example");
        plan.messages.push(message.at(Duration::from_secs(at)));
    }
    let [run, _] = same("several", &plan);
    let text = conversation(&run.events, Times::Hidden);
    assert!(text.contains("2001:db8::"), "{text}");
    assert!(text.contains("Connection refused"), "{text}");
}

#[test]
fn an_address_that_nobody_has() {
    let world = "[[dns]]\nname = 'a.example'\na = ['203.0.113.77']\n";
    let [run, _] = same("nobody", &plan(&format!("{MAY}{SHORT}"), world));
    let text = conversation(&run.events, Times::Hidden);
    assert!(text.contains("timed out"), "{text}");
}

#[test]
fn dns_over_udp_and_tcp() {
    for (name, word, words) in [
        ("truncated", "250", "fault = 'truncated'"),
        ("no TCP", "Timeout", "fault = 'truncated-no-tcp'"),
        ("silent", "Timeout", "fault = 'timeout'"),
        (
            "failing",
            "ServerFailure",
            "delay = '20ms'\nfault = 'servfail'",
        ),
        ("garbled", "Malformed", "delay = '20ms'\nfault = 'garbled'"),
        ("slow", "250", "delay = '4s'"),
        ("slower than an attempt", "250", "delay = '7s'"),
        ("secure", "secure", "dnssec = 'secure'"),
    ] {
        let dns = format!("[[dns]]\nname = 'a.example'\nmx = ['10 mx1.a.example']\n{words}\n");
        let [run, _] = same(name, &plan(MAY, &format!("{}{dns}", peer(""))));
        let text = conversation(&run.events, Times::Hidden);
        assert!(text.contains(word), "{name}: {text}");
    }
}

/// Look-ups that take time, as they do.
const SLOW_DNS: &str = "
[[dns]]
name = 'a.example'
mx = ['10 mx1.a.example']
delay = '1ms'
[[dns]]
name = 'mx1.a.example'
a = ['192.0.2.1']
delay = '15ms'
";

#[test]
fn times_are_the_same_too_where_nothing_takes_no_time() {
    for words in [
        "",
        "[[domain.peer.on]]\ncommand = 'RCPT'\nsend = '451 4.7.1 later'",
    ] {
        let plan = plan(MAY, &format!("{}{SLOW_DNS}", peer(words)));
        let [memory, turmoil] = same("times", &plan);
        assert_eq!(memory.events, turmoil.events);
    }
}

#[test]
fn a_look_up_that_takes_no_time_takes_a_tick() {
    let [memory, turmoil] = same("good", &plan(MAY, &peer("")));
    for (in_memory, ticked) in memory.events.iter().zip(&turmoil.events) {
        // Three look-ups for each message, MX, A and AAAA, one after the other.
        let late = ticked.at.since(in_memory.at);
        let ticks = [0, 1, 2, 3].map(Duration::from_millis);
        assert!(ticks.contains(&late), "{in_memory:?} {ticked:?}");
    }
}

#[test]
fn back_offs_are_not_ticked_through() {
    let world = peer("[[domain.peer.on]]\ncommand = 'RCPT'\nsend = '451 4.7.1 later'");
    let mut plan = plan(MAY, &world);
    plan.limit = Duration::from_secs(6 * 86_400);
    let [run, _] = same("five days", &plan);
    assert!(run.took() > Duration::from_secs(5 * 86_400));
}

#[test]
fn what_is_too_large_is_said() {
    let mut world = String::new();
    for host in 0..13 {
        world.push_str(&format!("[[domain]]\nname = 'd{host}.example'\n"));
    }
    let error = plan(MAY, &world).run(Driver::Turmoil).err();
    let Some(PlanError::Driver(text)) = error else {
        panic!("{error:?}")
    };
    assert!(text.contains("13 addresses"), "{text}");
}
