//! What is used of the files that a main.cf names.

use super::*;

/// A file that `openssl` made.
macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/keys/", $name)).to_vec()
    };
}

/// A machine with authorities of its own in a file and in two folders, and keys.
#[derive(Debug)]
struct Own;

impl Disk for Own {
    fn file(&self, path: &str) -> Option<FoundFile> {
        let contents = match path {
            "/rsa.crt" => file!("rsa-2048.crt"),
            "/rsa.key" => file!("rsa-2048.pkcs1.key"),
            "/p256.key" => file!("p256.sec1.key"),
            "/ed448.key" => file!("ed448.pkcs8.key"),
            "/ca.pem" | "/hashed/01234567.0" | "/unhashed/ca.pem" => file!("p384.crt"),
            "/etc/ssl/certs/ca-certificates.crt" => file!("p521.crt"),
            "/ssl.cnf" => Vec::new(),
            _ => return None,
        };
        let elsewhere = (path == "/rsa.crt").then(|| "./rsa.crt".to_owned());
        Some(FoundFile {
            contents,
            elsewhere,
        })
    }

    fn folder(&self, path: &str) -> Option<Vec<String>> {
        let name = match path {
            "/hashed" => "01234567.0",
            "/unhashed" => "ca.pem",
            _ => return None,
        };
        Some(vec![name.to_owned()])
    }
}

fn preview(main_cf: &str, domain: &str, peer: &str) -> Preview {
    let peer = Catalogue::shared().peers()[peer].clone();
    let question = Question {
        main_cf: main_cf.into(),
        domains: vec![domain.to_owned()],
        peer: (domain != "example.org").then(|| ("a peer".to_owned(), peer)),
        disk: &Own,
        ..Question::default()
    };
    question.answer().unwrap()
}

fn now(preview: &Preview) -> &str {
    let mut rows = preview.destinations[0].rows.iter();
    let row = rows.find(|row| row.variant == Variant::Now).unwrap();
    row.story.channel()
}

fn kinds(preview: &Preview) -> Vec<NotKnownKind> {
    preview.not_known.iter().map(|one| one.kind).collect()
}

#[test]
fn keys_that_are_there_are_used() {
    let with = |key: &str| {
        let main_cf = format!(
            "smtp_tls_security_level = may\nsmtp_tls_cert_file = /rsa.crt\nsmtp_tls_key_file = {key}\n\
             tls_config_file = /ssl.cnf\n"
        );
        preview(&main_cf, "gmail.com", "gmail")
    };
    let good = with("/rsa.key");
    assert_eq!((good.findings.len(), kinds(&good)), (0, Vec::new()));
    let notes: Vec<String> = good.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "main.cf:2: smtp_tls_cert_file: /rsa.crt is not there; read from ./rsa.crt",
            "main.cf:4: tls_config_file: /ssl.cnf is read by OpenSSL; what it says is not interpreted here",
        ]
    );
    let other = with("/p256.key");
    let reason =
        "RSA private key in /p256.key does not match public key in /rsa.crt: disabling TLS support";
    let expected = Finding::NoTls {
        reason: reason.to_owned(),
    };
    assert_eq!(other.findings[0], expected);
    let out_of_reach = with("/ed448.key");
    assert_eq!(kinds(&out_of_reach), [NotKnownKind::KeyNotSimulated]);
    assert_eq!(out_of_reach.not_known[0].line, Some(3));
    assert_eq!(out_of_reach.findings, []);
    assert!(now(&out_of_reach).ends_with("TLSv1.3"));
}

#[test]
fn authorities_of_ones_own_are_not_those_of_known_servers() {
    for setting in ["CAfile = /ca.pem", "CApath = /hashed"] {
        let main_cf = format!("smtp_tls_security_level = may\nsmtp_tls_{setting}\n");
        let preview = preview(&main_cf, "gmail.com", "gmail");
        assert_eq!(now(&preview), "Untrusted TLSv1.3", "{setting}");
        assert_eq!(preview.notes[0].kind, NoteKind::OwnRoots);
        assert_eq!((preview.findings.len(), kinds(&preview)), (0, Vec::new()));
    }
}

#[test]
fn whose_certificate_a_server_of_ones_own_has_is_not_known() {
    for setting in ["CAfile = /ca.pem", "trust_anchor_file = /ca.pem"] {
        let main_cf = format!("smtp_tls_security_level = secure\nsmtp_tls_{setting}\n");
        let own = preview(&main_cf, "example.org", "gmail");
        assert_eq!(now(&own), "Verified TLSv1.3", "{setting}");
        assert_eq!(
            (own.findings.len(), kinds(&own)),
            (0, vec![NotKnownKind::OwnRoots])
        );
    }
    let main_cf = "smtp_tls_security_level = secure\nsmtp_tls_CAfile = /ca.pem\n";
    let gmail = preview(main_cf, "gmail.com", "gmail");
    assert!(matches!(gmail.findings[0], Finding::NotDelivered { .. }));
}

#[test]
fn a_folder_without_hashes_trusts_nobody_and_that_of_the_system_its_own() {
    let with = |path: &str| {
        let main_cf = format!("smtp_tls_security_level = may\nsmtp_tls_CApath = {path}\n");
        preview(&main_cf, "gmail.com", "gmail")
    };
    let unhashed = with("/unhashed");
    assert_eq!(unhashed.notes[0].kind, NoteKind::NotHashed);
    assert_eq!(now(&unhashed), "Untrusted TLSv1.3");
    let system = with("/etc/ssl/certs/");
    assert_eq!((now(&system), system.notes.len()), ("Trusted TLSv1.3", 0));
    let gone = with("/none");
    assert_eq!(kinds(&gone), [NotKnownKind::RootsNotHere]);
    assert_eq!(now(&gone), "Trusted TLSv1.3");
}

const TABLE: &[u8] = b"# f\xFCr gmail\ngmail.com encrypt\n";

#[test]
fn a_table_of_the_disk_is_the_table_of_the_plan() {
    let read: fn(&str) -> Option<Vec<u8>> = |path| (path == "/t").then(|| TABLE.to_vec());
    let question = Question {
        main_cf: "smtp_tls_policy_maps = hash:/t".into(),
        disk: &read,
        ..Question::default()
    };
    let machine = HostSpec::named(question.hostname).machine(&ClientSpec::default());
    let main_cf = MainCf::parse_bytes(question.file, &question.main_cf);
    let read = Settings::from_main_cf(&main_cf, question.release, &machine);
    let (settings, _) = read.unwrap();
    let looked = look(question.asked(), &settings, OwnRoots::Strangers);
    let envelope = Envelope {
        from: question.from,
        to: "user@gmail.com",
    };
    let way = Way::find(envelope, &settings, &looked.files, None, question.peers).unwrap();
    let plan = question.plan(&looked, Variant::Now, &way, 1).unwrap();
    assert_eq!(plan.world.files["/t"], Bytes::from(TABLE));
    let run = plan.run(Driver::Memory).unwrap();
    let mut tls = run.events.iter().filter_map(mta_core::event::Event::tls);
    assert!(tls.next().is_some(), "the table says so");
}

/// A preview of a policy table with these answers.
fn answered(table: &str, answer: TableAnswer) -> Result<Preview, PreviewError> {
    let main_cf = "smtp_tls_security_level = may\n\
                   smtp_tls_policy_maps = proxy:socketmap:inet:127.0.0.1:8461:postfix, mysql:/sql.cf\n";
    let question = Question {
        main_cf: main_cf.into(),
        tables: BTreeMap::from([(table.to_owned(), answer)]),
        ..Question::default()
    };
    question.answer()
}

#[test]
fn answers_stand_for_a_table_that_is_not_asked() {
    let table = "socketmap:inet:127.0.0.1:8461:postfix";
    for answer in [
        TableAnswer::Text("gmail.com encrypt\n".into()),
        TableAnswer::Always("encrypt".to_owned()),
    ] {
        let preview = answered(table, answer).unwrap();
        assert_eq!(kinds(&preview), [NotKnownKind::TableNotAsked]);
        assert_eq!(preview.not_known[0].named, "mysql:/sql.cf");
        // At encrypt there is no way around TLS.
        let broken = preview.destinations[0].rows.last().unwrap();
        assert!(!broken.story.is_sent(), "{}", broken.story);
    }
    let nothing = answered(&format!("proxy:{table}"), TableAnswer::Nothing).unwrap();
    assert_eq!(nothing.findings, []);
    let fails = answered(table, TableAnswer::Fails).unwrap();
    let reason = "client TLS configuration problem";
    assert!(
        fails.findings[0].to_string().ends_with(reason),
        "{}",
        fails.findings[0]
    );
}

#[test]
fn an_answer_for_another_table_is_refused() {
    let wrong = answered(
        "socketmap:inet:127.0.0.1:8641:postfix",
        TableAnswer::Nothing,
    );
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "invalid table `socketmap:inet:127.0.0.1:8641:postfix`; did you mean `socketmap:inet:127.0.0.1:8461:postfix`?"
    );
}

/// A validating resolver vouches for the root, whatever the destination is.
#[test]
fn the_probe_for_dnssec_finds_a_signed_root() {
    let question = Question {
        main_cf: "smtp_tls_security_level = dane\nsmtp_dns_support_level = dnssec\nsmtp_tls_loglevel = 1\n".into(),
        ..Question::default()
    };
    let preview = question.answer().unwrap();
    let log = &preview.destinations[0].log;
    assert!(
        log.iter()
            .any(|line| line.contains("TLS connection established")),
        "{log:#?}"
    );
    assert!(!log.iter().any(|line| line.contains("DNSSEC")), "{log:#?}");
}
