//! Files of one's own: run, recorded, checked and previewed from any folder.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::PathBuf;

use common::{Called, mta_sim};

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Folder {
        let folder = std::env::temp_dir().join(format!("mta-sim-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn path(&self, file: &str) -> String {
        self.0.join(file).to_str().unwrap().to_owned()
    }

    /// Calls the command; this folder's path is left out of what it says.
    fn call(&self, words: &[&str]) -> Called {
        let words: Vec<String> = words
            .iter()
            .map(|word| word.replace("DIR", self.0.to_str().unwrap()))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let called = mta_sim(&words, "");
        let short = |text: String| text.replace(self.0.to_str().unwrap(), "DIR");
        Called {
            code: called.code,
            out: short(called.out),
            err: short(called.err),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const BUSY: &str = r#"
summary = "Three connections a minute, then 421"
[[on]]
moment = "greeting"
more-than = "3 per 1m"
send = "421 4.7.0 too many connections"
then = "close"
"#;

const CASE: &str = r#"
summary = "The fourth connection of a minute is refused"
world = "w0"
main-cf = "smtp_tls_security_level = may"
[[domain]]
name = "example.test"
mx = [{ host = "mx1.example.test", peer = "rate" }]
[[expect.delivery]]
status = "sent"
"#;

#[test]
fn a_peer_of_ones_own_is_run_recorded_and_compared() {
    let folder = Folder::new("accept", &[("rate.toml", BUSY)]);
    let run = folder.call(&["run", "DIR/rate.toml"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.contains("met at level may") && run.out.contains("STARTTLS"));
    assert!(
        run.out
            .contains("no recorded conversation DIR/rate@3.7.conversation"),
        "{}",
        run.out
    );

    let accepted = folder.call(&["run", "DIR/rate.toml", "--accept"]);
    assert!(
        accepted
            .out
            .contains("recorded in DIR/rate@3.7.conversation")
    );
    let record = fs::read_to_string(folder.path("rate@3.7.conversation")).unwrap();
    assert!(record.starts_with("Postfix 3.7, seed 1\n") && record.contains("\nlog\n"));
    assert_eq!(folder.call(&["run", "DIR/rate.toml"]).code, 0);
    assert_eq!(
        folder
            .call(&["run", "DIR/rate.toml", "--driver", "turmoil"])
            .code,
        0
    );
    let other = folder.call(&["run", "DIR/rate.toml", "--seed", "2"]);
    assert!(
        other.code == 0 && other.out.contains("with another seed"),
        "{}",
        other.out
    );

    fs::write(folder.path("rate.toml"), "[ehlo]\ntext = 'changed'").unwrap();
    let changed = folder.call(&["run", "DIR/rate.toml"]);
    assert_eq!(changed.code, 1, "{}", changed.out);
    assert!(changed.out.contains("FAIL DIR/rate.toml"));
    assert!(
        changed
            .out
            .contains("not as recorded in DIR/rate@3.7.conversation, from line 11:"),
        "{}",
        changed.out
    );
    assert!(changed.out.contains("250-mx1.example.test changed"));
}

#[test]
fn what_lies_beside_a_scenario_joins_the_catalogue_for_it() {
    let folder = Folder::new(
        "beside",
        &[
            ("cases/fourth.toml", CASE),
            ("peers/rate.toml", BUSY),
            ("peers/good.toml", "summary = 'Not that of the catalogue'"),
            ("peers/broken.toml", "[[on]"),
            ("cases/own.toml", &CASE.replace("\"rate\"", "\"good\"")),
        ],
    );
    for words in [&["run", "DIR"][..], &["run", "DIR/cases"]] {
        let all = folder.call(words);
        assert_eq!(all.code, 0, "{words:?}: {}{}", all.out, all.err);
        assert!(
            all.out.contains("ok   DIR/cases/fourth.toml"),
            "{}",
            all.out
        );
        assert!(all.out.contains("2 scenarios, 0 failed"), "{}", all.out);
        assert!(
            all.err.contains(
                "note: peer \"good\" is DIR/peers/good.toml, not that of the catalogue\n"
            ),
            "{}",
            all.err
        );
    }
    fs::write(
        folder.path("cases/fourth.toml"),
        CASE.replace("\"rate\"", "\"broken\""),
    )
    .unwrap();
    let broken = folder.call(&["run", "DIR/cases/fourth.toml"]);
    assert_eq!((broken.code, broken.out.as_str()), (2, ""));
    assert!(
        broken.err.contains("peers/broken.toml:1:"),
        "{}",
        broken.err
    );
}

#[test]
fn a_preview_takes_a_peer_of_ones_own() {
    let folder = Folder::new("preview", &[("plain.toml", "ehlo.keywords = []")]);
    let own = folder.call(&["preview", "--peer", "DIR/plain.toml"]);
    assert_eq!(own.code, 0, "{}{}", own.out, own.err);
    assert!(
        own.out.contains("example.test: clear text → clear text"),
        "{}",
        own.out
    );
    assert!(own.out.contains("as described by peer DIR/plain.toml"));
    let named = folder.call(&["preview", "--peer", "yahoo", "--today", "2026-11-23"]);
    assert!(named.out.contains("yahoo.com: "), "{}", named.out);
    let to = folder.call(&["preview", "--peer", "DIR/plain.toml", "--to", "gmail.com"]);
    assert!(
        to.out.contains("gmail.com: clear text → clear text"),
        "{}",
        to.out
    );
}

#[test]
fn a_check_tells_everything_of_every_file() {
    let folder = Folder::new(
        "check",
        &[
            ("a.toml", "[[on]]\ncomand = 'QUIT'\n[tls]\ntickets = 'x'"),
            ("b.toml", "summary = 'x'\nworld = 'w00'\nmain-cf = ''"),
            ("c.toml", BUSY),
        ],
    );
    let checked = folder.call(&["check", "DIR"]);
    assert_eq!(checked.code, 1);
    let wanted = "\
FAIL DIR/a.toml: a peer, since it has `on`
  DIR/a.toml:2:1: unknown key `comand`; did you mean `command`?
  DIR/a.toml:4:11: invalid type: string \"x\", expected a whole number from 0 to 255
FAIL DIR/b.toml: a scenario, since it has `main-cf`
  DIR/b.toml:2:9: no world is called \"w00\"; did you mean \"w0\"?
ok   DIR/c.toml: a peer, since it has `on`
";
    assert_eq!(checked.out, wanted);
    let json = folder.call(&["check", "--json", "DIR/a.toml"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json[0]["problems"][0]["line"], 2);
    assert_eq!(json[0]["kind"], "peer");
    let fine = folder.call(&["check", "DIR/c.toml"]);
    assert_eq!((fine.code, fine.err.as_str()), (0, ""));
}

#[test]
fn what_cannot_be_read_is_told_in_a_line() {
    let folder = Folder::new(
        "unread",
        &[
            ("long.toml", &"#".repeat(300_000)),
            ("x/Cargo.toml", "[package]"),
        ],
    );
    fs::write(folder.path("latin.toml"), b"summary = 'gr\xfc\xdf'").unwrap();
    for (words, expected) in [
        (
            &["run", "DIR/long.toml"][..],
            "DIR/long.toml: a file has at most 262144 octets",
        ),
        (
            &["run", "DIR/latin.toml"],
            "DIR/latin.toml: invalid UTF-8 at byte 13",
        ),
        (
            &["run", "DIR/none.toml"],
            "DIR/none.toml: No such file or directory",
        ),
        (&["run", "/dev/zero"], "/dev/zero: not a regular file"),
        (&["run", "DIR/x"], "DIR/x: neither it nor its peers/"),
        (&["check", "DIR/x"], "DIR/x: neither it nor its peers/"),
        (
            &["check", "DIR/none.toml"],
            "DIR/none.toml: No such file or directory",
        ),
        (
            &["preview", "--peer", "DIR/none.toml"],
            "DIR/none.toml: No such file or directory",
        ),
        (&["preview", "--peer", "gmial"], "did you mean \"gmail\"?"),
        (
            &["run", "starttls-refused-may", "--accept"],
            "--accept records beside a file of your own",
        ),
        (
            &["run", "starttls-refused-may", "--level", "dane"],
            "with a main.cf of its own",
        ),
        (
            &["run", "starttls-refused-may", "--mails", "2"],
            "with messages of its own",
        ),
        (
            &["run", "gmail", "--mails", "2", "--interval", "soon"],
            "invalid span `soon`",
        ),
        (
            &["run", "gmail", "--level", "mya"],
            "invalid level; expected one of: none, may",
        ),
    ] {
        let called = folder.call(words);
        assert_eq!((called.code, called.out.as_str()), (2, ""), "{words:?}");
        assert_eq!(called.err.lines().count(), 1, "{words:?}: {}", called.err);
        assert!(called.err.contains(expected), "{words:?}: {}", called.err);
    }
}

#[test]
fn worlds_and_peers_of_the_catalogue_are_met_by_name() {
    let gmail = mta_sim(&["run", "gmail", "--level", "encrypt"], "");
    assert_eq!(gmail.code, 0, "{}{}", gmail.out, gmail.err);
    assert!(gmail.out.contains("250 2.0.0 OK") && gmail.out.contains("user@gmail.com sent"));
    let world = mta_sim(&["run", "w0", "--level", "dane", "--log"], "");
    assert!(
        world.out.contains("Verified TLS connection"),
        "{}",
        world.out
    );
}

#[test]
fn what_a_preview_cannot_look_at_is_no_finding() {
    let main_cf = "smtp_tls_security_level = may\n\
                   smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8461:postfix\n\
                   transport_maps = texthash:DIR/pipe\n";
    let folder = Folder::new("not-known", &[]);
    let main_cf = main_cf.replace("DIR", folder.0.to_str().unwrap());
    fs::write(folder.path("main.cf"), main_cf).unwrap();
    let pipe = std::process::Command::new("mkfifo")
        .arg(folder.path("pipe"))
        .status();
    assert!(pipe.unwrap().success());
    let preview = ["preview", "DIR/main.cf", "--strict", "--json"];
    let told = folder.call(&preview[..2]);
    assert_eq!(told.code, 3, "{}{}", told.out, told.err);
    for line in [
        "not known here: DIR/main.cf:2: smtp_tls_policy_maps: socketmap:inet:127.0.0.1:8461:postfix is not asked here; \
         taken as without an entry\n",
        "not known here: DIR/main.cf:3: transport_maps: texthash:DIR/pipe is no file of this machine that can be read; \
         taken as without an entry\n",
    ] {
        assert_eq!(told.out.matches(line).count(), 1, "{}", told.out);
    }
    assert!(!told.out.contains("finding: "), "{}", told.out);
    assert_eq!(folder.call(&preview[..3]).code, 1);
    let json = folder.call(&preview);
    for field in [
        "\"kind\": \"table-not-asked\"",
        "\"line\": 2",
        "\"parameter\": \"smtp_tls_policy_maps\"",
    ] {
        assert!(json.out.contains(field), "{field}: {}", json.out);
    }
}

#[test]
fn a_main_cf_of_ones_own_is_warned_of_wherever_it_is_used() {
    let scenario = "summary = 'Misspelt'\nmain-cf = '''\nsmtp_tls_securty_level = encrypt\n'''\n\
                    [[domain]]\nname = 'example.test'\n[[message]]\nto = ['user@example.test']\n\
                    [[expect.delivery]]\nstatus = 'sent'\n";
    let files = [
        ("mine.toml", scenario),
        ("main.cf", "smtp_tls_securty_level = encrypt\n"),
    ];
    let folder = Folder::new("warned", &files);
    let told = "warning: main.cf:1: smtp_tls_securty_level: unknown parameter, without effect; \
                did you mean \"smtp_tls_security_level\"?\n";
    let checked = folder.call(&["check", "DIR/mine.toml"]);
    assert_eq!(checked.code, 0, "{}", checked.out);
    assert!(
        checked.out.contains(&format!("  {told}")),
        "{}",
        checked.out
    );
    let run = folder.call(&["run", "DIR/mine.toml"]);
    let (word, rest) = told.split_once(' ').unwrap();
    assert_eq!(
        (run.code, run.err),
        (0, format!("mta-sim: {word} DIR/mine.toml: {rest}"))
    );
    let json = folder.call(&["run", "gmail", "--main-cf", "DIR/main.cf", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        json[0]["warnings"][0]["parameter"],
        "smtp_tls_securty_level"
    );
}
