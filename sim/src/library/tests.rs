//! What is found in the library, what builds on what, and where faults are reported.

use super::*;
use crate::file::{FileError, SourceFile};
use crate::peer::{PeerSpec, load};
use crate::scenario::Scenario;
use crate::world::PeerRef;

const PEERS: [(&str, &str); 6] = [
    (
        "base",
        "summary = 'the base'
         source = 'seen'
         domains = ['base.test']
         greeting = { text = '220 base', delay = '1s' }
         ehlo.keywords = ['SIZE 1', 'STARTTLS']
         replies.MAIL = { lines = ['250 base'] }
         replies.QUIT = '221 base'
         [tls]
         versions = ['1.2']
         tickets = 1
         [[on]]
         command = 'RCPT'
         send = '450 base'
         [[mx]]
         host = 'mx.base.test'",
    ),
    (
        "middle",
        "extends = 'base'\nsummary = 'the middle'\ntls.tickets = 0",
    ),
    ("ring", "extends = 'rung'"),
    ("rung", "extends = 'ring'"),
    ("broken", "summary = 'x'\n  tls.tickets = 'many'"),
    ("unclosed", "summary = 'x'\n["),
];

/// A library of these files and no others.
fn library(files: &[(&str, &str)]) -> Catalogue {
    let mut local = LocalFiles::default();
    for (name, text) in files {
        local.add(SourceFile::new(format!("{name}.toml"), *text));
    }
    local.over(&std::sync::Arc::new(Catalogue::default()))
}

fn peer(text: &str) -> Result<PeerSpec, String> {
    let told = |error: FileError| error.to_string();
    PeerSpec::load_in("p.toml", text, &library(&PEERS)).map_err(told)
}

#[test]
fn a_peer_says_only_what_is_different() {
    let child = "
            extends = 'middle'
            summary = 'the child'
            greeting.lines = ['220 child']
            replies.MAIL = { text = '250 child' }
            ehlo.keywords = ['STARTTLS']
            [[on]]
            command = 'RCPT'
            nth = 1
            send = '451 child'";
    let whole = "
            summary = 'the child'
            greeting.lines = ['220 child']
            replies.MAIL = { text = '250 child' }
            replies.QUIT = '221 base'
            ehlo.keywords = ['STARTTLS']
            [tls]
            versions = ['1.2']
            tickets = 0
            [[on]]
            command = 'RCPT'
            nth = 1
            send = '451 child'
            [[on]]
            command = 'RCPT'
            send = '450 base'
            [[mx]]
            host = 'mx.base.test'";
    let whole = load("p.toml", whole).unwrap();
    assert_eq!(peer(child), Ok(whole));
}

#[test]
fn a_peer_that_is_written_out_builds_on_another_too() {
    let text = "summary = 'x'\n[[domain]]\nname = 'a.test'\npeer = { extends = 'middle', greeting = '220 inline' }";
    let world = World::load("w.toml", text, &library(&PEERS)).unwrap();
    let alone = peer("extends = 'middle'\ngreeting = '220 inline'").unwrap();
    assert_eq!(
        world.spec.domains[0].peer,
        Some(PeerRef::from(alone.clone()))
    );
    assert_eq!(alone.tls.tickets, 0);
}

#[test]
fn what_is_wrong_is_told_where_it_stands() {
    let many = "invalid type: string \"many\", expected a whole number from 0 to 255";
    for (text, expected) in [
        (
            "extends = 'bsae'",
            "p.toml:1:11: no peer is called \"bsae\"; did you mean \"base\"?",
        ),
        (
            "extends = 5",
            "p.toml:1:11: `extends` takes the name of a peer file, without .toml",
        ),
        (
            "extends = 'base'\n[tls]\ntikets = 1",
            "p.toml:3:1: unknown key `tikets`; did you mean `tickets`?",
        ),
        (
            "extends = 'base'\ntls.tickets = 65",
            "p.toml:2:5: a peer sends at most 64 tickets",
        ),
        (
            "\nextends = 'ring'",
            "rung.toml:1:11: this peer builds on itself",
        ),
        ("extends = 'broken'", &format!("broken.toml:2:17: {many}")),
        (
            "[[mx]]\nhost = 'h'\npeer = { extends = 'non' }",
            "p.toml:3:20: no peer is called \"non\"",
        ),
    ] {
        assert_eq!(peer(text).unwrap_err(), expected, "{text}");
    }
    let unclosed = peer("extends = 'unclosed'").unwrap_err();
    assert!(unclosed.starts_with("unclosed.toml:2:"), "{unclosed}");
}

/// A fault of what is put together is reported at the file, line and column where it was written, whichever of the files
/// that is.
#[test]
fn a_fault_of_a_merged_file_keeps_its_own_place() {
    let base = "summary = 'the base'\n[[domain]]\nname = 'a.test'\n[[message]]\nto = ['u@a.test']\noctets = 'many'";
    let good = base.replace("'many'", "7");
    let octets = "invalid type: string \"many\", expected a whole number from 0 to 4294967295";
    let files = [
        ("base", base),
        ("good", good.as_str()),
        ("middle", "extends = 'base'\nlatency = '1s'"),
    ];
    let worlds = library(&files);
    let world = |text: &str| {
        let text = format!("summary = 'x'\n{text}");
        World::load("w.toml", &text, &worlds)
            .map(drop)
            .unwrap_err()
            .to_string()
    };
    let scenario = |text: &str| {
        let text = format!("summary = 'x'\n{text}");
        Scenario::load_in("s.toml", &text, &worlds)
            .map(drop)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        world("extends = 'base'"),
        format!("base.toml:6:10: {octets}")
    );
    assert_eq!(
        world("extends = 'middle'"),
        format!("base.toml:6:10: {octets}")
    );
    assert_eq!(
        scenario("world = 'middle'"),
        format!("base.toml:6:10: {octets}")
    );
    let latency = "invalid type: integer `5`, expected a span of time, as \"20ms\" or \"6s\"";
    assert_eq!(
        world("extends = 'good'\n  latency = 5"),
        format!("w.toml:3:13: {latency}")
    );
    assert_eq!(
        scenario("world = 'good'\n[[domain]]\nname = 'a.test'\n  dnsec = 'secure'"),
        "s.toml:5:3: unknown key `dnsec`; did you mean `dnssec`?"
    );
    // What no type rules out is looked for by its key, in the file itself first.
    assert_eq!(
        world("extends = 'good'\n[[message]]\nto = []"),
        "w.toml:4:1: a message has at least one recipient"
    );
    let nobody = good.replace("['u@a.test']", "[]");
    let library = library(&[("nobody", nobody.as_str())]);
    let text = "summary = 'x'\nmain-cf = ''\nworld = 'nobody'";
    // The base by itself may be read as part of what is put together only.
    let error = Scenario::load_in("s.toml", text, &library).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nobody.toml:5:1: a message has at least one recipient"
    );
}

#[test]
fn chains_and_forests_have_an_end() {
    let chain = |length: usize, inner: usize| {
        let mut local = LocalFiles::default();
        for number in 0..length {
            let next = format!("'a{}'", number + 1);
            let mx = format!("{{ host = 'h', peer = {{ extends = {next} }} }},").repeat(inner);
            let text = format!("extends = {next}\nmx = [{mx}]");
            local.add(SourceFile::new(format!("a{number}.toml"), text));
        }
        local.add(SourceFile::new(
            format!("a{length}.toml"),
            "tls.tickets = 1",
        ));
        let library = local.over(&std::sync::Arc::new(Catalogue::default()));
        let told = |error: FileError| error.message;
        PeerSpec::load_in("p.toml", "extends = 'a0'", &library).map_err(told)
    };
    assert_eq!(chain(15, 0).unwrap().tls.tickets, 1);
    assert_eq!(
        chain(16, 0).unwrap_err(),
        "at most 16 peers build on one another"
    );
    assert!(
        chain(100, 0)
            .unwrap_err()
            .contains("a file builds on at most")
    );
    assert_eq!(
        chain(10, 20).unwrap_err(),
        "too many peers that build on others"
    );
    let deep = format!("{}= 1", "a.".repeat(40_000));
    assert!(peer(&deep).is_err());
}

#[test]
fn every_file_of_the_folders_is_in_the_catalogue() {
    let catalogue = Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"));
    for (folder, names) in [
        ("peers", catalogue.peers().keys().collect::<Vec<_>>()),
        ("worlds", catalogue.worlds().keys().collect()),
        ("cases", catalogue.scenarios().keys().collect()),
    ] {
        let path = format!("{}/../scenarios/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<String> = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let mut expected: Vec<String> = names.iter().map(|name| format!("{name}.toml")).collect();
        expected.sort();
        assert_eq!(
            files, expected,
            "{folder}/ holds something else than .toml files"
        );
    }
}

#[test]
fn a_peer_may_build_on_one_of_the_catalogue() {
    let mut catalogue = Catalogue::embedded().unwrap();
    let text = "extends = 'gmail'\n[[on]]\ncommand = 'EHLO'\nevery = 2\nwithout = ['STARTTLS']";
    catalogue.add_peer("flapping-gmail", text).unwrap();
    let peer = catalogue.peer("flapping-gmail").unwrap();
    assert_eq!(peer.ehlo.name.as_deref(), Some("mx.google.com"));
    assert_eq!((peer.mx.len(), peer.on.len()), (5, 1));
    assert!(peer.domains.is_empty(), "mail for gmail.com goes to Gmail");
    let fault = catalogue
        .add_peer("other", "extends = 'gmial'")
        .unwrap_err();
    assert_eq!(
        fault.to_string(),
        "peers/other.toml:1:11: no peer is called \"gmial\"; did you mean \"gmail\"?"
    );
}

/// What was added before and builds on a peer stays as it is when another takes the place of that peer, and the new one
/// may build on the old.
#[test]
fn one_that_is_added_goes_over_the_one_of_its_name() {
    let mut catalogue = Catalogue::default();
    catalogue
        .add_peer("base", "tls.tickets = 3\ngreeting = '220 base'")
        .unwrap();
    catalogue.add_peer("child", "extends = 'base'").unwrap();
    catalogue
        .add_peer("base", "extends = 'base'\ntls.tickets = 5")
        .unwrap();
    catalogue.add_peer("late", "extends = 'base'").unwrap();
    let of = |name: &str| {
        let peer = catalogue.peer(name).unwrap();
        (peer.tls.tickets, peer.greeting == "220 base".into())
    };
    assert_eq!(
        [of("base"), of("child"), of("late")],
        [(5, true), (3, true), (5, true)]
    );
    assert_eq!(catalogue.peers().len(), 3);
    assert_eq!(catalogue.peers()["base"].tls.tickets, 5);
}

#[test]
fn a_miss_offers_the_nearest_name() {
    let catalogue = Catalogue::shared();
    assert_eq!(
        catalogue.peer("gmial").unwrap_err().to_string(),
        "no peer is called \"gmial\"; did you mean \"gmail\"?"
    );
    assert_eq!(
        catalogue.scenario("zzzzzzzzzzzz").unwrap_err().to_string(),
        "no scenario is called \"zzzzzzzzzzzz\""
    );
}
