//! The client's own certificates and keys: what is used of them, and what Postfix says against the others.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use mta_core::config::{Release, Settings};
use mta_core::log::engine_reason;
use mta_core::tls::{CredentialNotice, Engine, Material};
use mta_sim::crypto::{Tier, provider};
use mta_sim::peer::{ClientCertificate, PeerSpec, TlsSpec};
use mta_sim::plan::Plan;
use mta_sim::run::{Driver, Run};
use mta_sim::view::log;
use mta_sim::world::{DomainSpec, MessageSpec};

/// Files that `openssl` made.
macro_rules! files {
    ($($name:literal)*) => { [$(($name, include_str!(concat!("keys/", $name)))),*] };
}

const FILES: [(&str, &str); 18] = files![
    "ed25519.crt" "ed25519.pkcs8.key" "ed448.pkcs8.key"
    "p256.crt" "p256.pkcs8.key" "p256.sec1.key" "p256.encrypted-pkcs8.key" "p256.encrypted-sec1.key"
    "p384.crt" "p384.pkcs8.key" "p384.sec1.key"
    "p521.crt" "p521.pkcs8.key" "p521.sec1.key"
    "rsa-1024.pkcs8.key" "rsa-2048.crt" "rsa-2048.pkcs1.key" "rsa-2048.pkcs8.key"
];

fn text(name: &str) -> &'static str {
    FILES.iter().find(|(known, _)| *known == name).unwrap().1
}

/// A machine with a file for each of these lists of files, one behind the other.
fn machine(files: &[(&str, &[&str])]) -> BTreeMap<String, String> {
    let file = |(path, parts): &(&str, &[&str])| {
        let texts: Vec<&str> = parts.iter().map(|name| text(name)).collect();
        ((*path).to_owned(), texts.concat())
    };
    files.iter().map(file).collect()
}

/// What an engine says of a certificate and a key in files of their own.
fn pair(cert: &str, key: &str) -> Result<Vec<CredentialNotice>, String> {
    let mut settings = Settings::default_for(Release::V3_7);
    settings.tls.credentials.pairs = vec![("RSA", cert.to_owned(), key.to_owned())];
    let read = |path: &str| {
        let known = FILES.iter().find(|(name, _)| *name == path);
        let text = known.map(|(_, text)| *text).or(match path {
            "garbage" => Some("no PEM\n"),
            "broken" => Some("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            _ => None,
        });
        Some(text?.as_bytes().to_vec())
    };
    engine(&settings, &read)
}

/// The same for chain files, each made of several.
fn chain(files: &[(&str, &[&str])]) -> Result<Vec<CredentialNotice>, String> {
    let mut settings = Settings::default_for(Release::V3_7);
    settings.tls.credentials.chain_files =
        files.iter().map(|(path, _)| (*path).to_owned()).collect();
    let machine = machine(files);
    engine(&settings, &|path| {
        let text = machine.get(path).filter(|text| !text.is_empty());
        text.map(|text| text.clone().into_bytes())
    })
}

fn engine(
    settings: &Settings,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Result<Vec<CredentialNotice>, String> {
    let material = Material::load(&settings.tls, provider(Tier::Seeded), read, &|_| Vec::new());
    let engine = Engine::new(material).map_err(|fault| engine_reason(&fault))?;
    Ok(engine.remarks().credentials.clone())
}

#[test]
fn pairs_that_do_not_do_are_told_as_postfix_tells_them() {
    for (cert, key, told) in [
        (
            "missing",
            "p256.sec1.key",
            "cannot get RSA certificate from file \"missing\": disabling TLS support (there is no such file)",
        ),
        (
            "garbage",
            "p256.sec1.key",
            "cannot get RSA certificate from file \"garbage\": disabling TLS support (no certificate can be read in it)",
        ),
        (
            "rsa-2048.crt",
            "missing",
            "cannot get RSA private key from file \"missing\": disabling TLS support (there is no such file)",
        ),
        (
            "rsa-2048.crt",
            "broken",
            "cannot get RSA private key from file \"broken\": disabling TLS support (no key can be read in it)",
        ),
        (
            "p256.crt",
            "p384.sec1.key",
            "cannot get RSA private key from file \"p384.sec1.key\": disabling TLS support (it is not the key of the certificate)",
        ),
        (
            "p256.crt",
            "p256.encrypted-pkcs8.key",
            "cannot get RSA private key from file \"p256.encrypted-pkcs8.key\": disabling TLS support (it needs a pass phrase, which no daemon can ask for)",
        ),
        (
            "p256.crt",
            "p256.encrypted-sec1.key",
            "cannot get RSA private key from file \"p256.encrypted-sec1.key\": disabling TLS support (it needs a pass phrase, which no daemon can ask for)",
        ),
        (
            "rsa-2048.crt",
            "p256.sec1.key",
            "RSA private key in p256.sec1.key does not match public key in rsa-2048.crt: disabling TLS support",
        ),
        (
            "p256.crt",
            "p256.crt",
            "No private key found in p256.crt; \
             error loading private keys and certificates from: p256.crt: disabling TLS support",
        ),
        (
            "missing",
            "missing",
            "error opening chain file: missing: No such file or directory",
        ),
    ] {
        assert_eq!(pair(cert, key), Err(told.to_owned()), "{cert} {key}");
    }
}

#[test]
fn a_key_out_of_reach_leaves_tls_as_it_is() {
    for key in ["ed448.pkcs8.key", "rsa-1024.pkcs8.key"] {
        let path = key.to_owned();
        let expected = vec![CredentialNotice::NotSimulated { path }];
        assert_eq!(pair("rsa-2048.crt", key), Ok(expected));
    }
}

#[test]
fn chain_files_hold_a_key_of_each_kind_before_its_certificates() {
    let rsa: &[&str] = &["rsa-2048.pkcs1.key", "rsa-2048.crt"];
    let both: &[&str] = &[
        "p256.pkcs8.key",
        "p256.crt",
        "ed25519.pkcs8.key",
        "ed25519.crt",
    ];
    assert_eq!(chain(&[("a", rsa), ("b", both)]), Ok(Vec::new()));
    // A key may lie in one file and its certificate in the next.
    let apart = chain(&[("a", &["p256.sec1.key"]), ("b", &["p256.crt"])]);
    assert_eq!(apart, Ok(Vec::new()));
    // Postfix goes on without those that are left.
    let path = "b".to_owned();
    let missing = chain(&[("a", rsa), ("b", &[])]);
    assert_eq!(missing, Ok(vec![CredentialNotice::NoChainFile { path }]));
}

#[test]
fn chain_files_out_of_order_are_told_as_postfix_tells_them() {
    let end = "; error loading private keys and certificates from: a: disabling TLS support";
    for (parts, told) in [
        (
            &["p256.crt", "p256.sec1.key"][..],
            "error loading chain from a: key not first",
        ),
        (&["p256.sec1.key"], "No certs for key at index 1 in a"),
        (
            &["p256.sec1.key", "p384.sec1.key"],
            "error loading certificate chain: key at index 1 in a not followed by a certificate",
        ),
        (
            &["p256.sec1.key", "p384.crt"],
            "key at index 1 in a does not match next certificate",
        ),
        (
            &["p256.sec1.key", "rsa-2048.crt"],
            "key at index 1 in a does not match next certificate",
        ),
        (
            &[
                "p256.sec1.key",
                "p384.crt",
                "rsa-2048.pkcs1.key",
                "rsa-2048.crt",
            ],
            "error loading certificate chain: key at index 1 in a does not match the certificate",
        ),
        (
            &["p256.encrypted-pkcs8.key", "p256.crt"],
            "error loading a: unexpected PEM type: ENCRYPTED PRIVATE KEY",
        ),
        (
            &["p256.encrypted-sec1.key", "p256.crt"],
            "error loading private key (PEM object number 1) from a",
        ),
    ] {
        assert_eq!(
            chain(&[("a", parts)]),
            Err(format!("{told}{end}")),
            "{parts:?}"
        );
    }
    let twice: &[&str] = &["p256.sec1.key", "p256.crt", "p384.sec1.key", "p384.crt"];
    let told = "key at index 3 in a does not match next certificate";
    let cause = " (there was a key of its kind before)";
    assert_eq!(chain(&[("a", twice)]), Err(format!("{told}{end}{cause}")));
}

/// A run to a server that requires a certificate.
fn run(files: &[(&str, &[&str])], driver: Driver) -> Run {
    let main_cf = "smtp_tls_security_level = encrypt\nsmtp_tls_loglevel = 1\n\
                   smtp_tls_cert_file = /own.crt\nsmtp_tls_key_file = /own.key\n";
    let mut plan = Plan::from_main_cf(main_cf, Release::V3_7);
    let files = machine(files).into_iter();
    plan.world.files = files.map(|(path, text)| (path, text.into())).collect();
    let asks = PeerSpec {
        tls: TlsSpec {
            client_certificate: ClientCertificate::Required,
            ..TlsSpec::default()
        },
        ..PeerSpec::default()
    };
    plan.world
        .domains
        .push(DomainSpec::new("example.test").peer(asks));
    plan.messages.push(MessageSpec::to("user@example.test"));
    plan.run(driver).unwrap()
}

#[test]
fn every_kind_of_key_signs_for_a_server_that_asks() {
    for (cert, key, signed) in [
        (
            "rsa-2048.crt",
            "rsa-2048.pkcs1.key",
            "client-signature RSA-PSS (2048 bits) client-digest SHA256",
        ),
        (
            "p256.crt",
            "p256.sec1.key",
            "client-signature ECDSA (prime256v1) client-digest SHA256",
        ),
        (
            "p384.crt",
            "p384.sec1.key",
            "client-signature ECDSA (secp384r1) client-digest SHA384",
        ),
        (
            "p521.crt",
            "p521.pkcs8.key",
            "client-signature ECDSA (secp521r1) client-digest SHA512",
        ),
        (
            "ed25519.crt",
            "ed25519.pkcs8.key",
            "client-signature ED25519",
        ),
    ] {
        let files: &[(&str, &[&str])] = &[("/own.crt", &[cert]), ("/own.key", &[key])];
        let once = run(files, Driver::Memory);
        let lines: Vec<String> = log(&once).iter().map(ToString::to_string).collect();
        assert!(
            lines.iter().any(|line| line.ends_with(signed)),
            "{lines:#?}"
        );
        let outcome = once.outcomes().next().unwrap().1;
        assert_eq!(outcome.status.to_string(), "sent");
        let again = run(files, Driver::Memory);
        assert_eq!(once.wire, again.wire, "{key}");
    }
}
