//! Whose certificate is whose in a world: what hosts show, and what TLSA data and files mean.

use std::collections::BTreeMap;

use mta_core::trust::{Algorithm, TrustStore};
use mta_sim::peer::{Observe, PeerSpec};
use mta_sim::seed::Seed;
use mta_sim::world::{World, WorldError, WorldSpec};

const FILE: &str = "/etc/postfix/of-mx1";

fn built(world: &str) -> Result<World, WorldError> {
    let spec: WorldSpec =
        mta_sim::file::read("world.toml", world).unwrap_or_else(|error| panic!("{error}"));
    let peers: BTreeMap<String, PeerSpec> = BTreeMap::new();
    World::build(&spec, &peers, Seed(1), Observe::Nothing)
}

/// What `text` is in a file of a world in which mx1 has this `[tls]` table.
fn file(tls: &str, text: &str) -> String {
    let world = built(&format!(
        "files = {{ '{FILE}' = '{text}' }}
         [[domain]]
         name = 'example.test'
         certificate-names = ['{{host}}', '{{domain}}']
         mx = [{{ preference = 10, host = 'mx1.example.test', peer = {{ tls = {{ {tls} }} }} }}]
         [[domain]]
         name = 'other.test'
         mx = [{{ preference = 10, host = 'mx1.example.test' }}]"
    ));
    let world = world.unwrap_or_else(|error| panic!("{error}"));
    let file = world.file(FILE).expect("the file");
    String::from_utf8(file.to_vec()).expect("text")
}

/// Those of the names that stand in mx1's certificate as dNSName (RFC 5280 §4.2.1.6).
fn names(tls: &str) -> Vec<&'static str> {
    let store = TrustStore::from_pem(file(tls, "<pem:mx1.example.test>").as_bytes()).expect("PEM");
    let der = &store.certificates().first().expect("a certificate").der;
    let mut known = vec![
        "mx1.example.test",
        "example.test",
        "other.test",
        "wrong-host.invalid",
    ];
    known.retain(|name| {
        let length = u8::try_from(name.len()).expect("short");
        let element = [&[0x82, length], name.as_bytes()].concat();
        der.windows(element.len()).any(|window| window == element)
    });
    known
}

#[test]
fn a_certificate_is_for_the_names_that_the_world_says() {
    let both = ["mx1.example.test", "example.test", "other.test"];
    assert_eq!(names(""), both);
    assert_eq!(names("certificate = 'expired'"), both);
    assert_eq!(
        names("certificate = { names = ['{domain}'] }"),
        ["example.test", "other.test"]
    );
    assert_eq!(names("certificate = 'wrong-host'"), ["wrong-host.invalid"]);
}

#[test]
fn what_is_genuine_does_not_depend_on_what_is_sent() {
    let pins =
        "<key-sha256:mx1.example.test> <cert-sha1:mx1.example.test> <issuer-pem:mx1.example.test>";
    let honest = file("", pins);
    for same in [
        "impostor = true, certificate = 'self-signed'",
        "certificate = 'incomplete-chain'",
        "raw-public-key = true",
    ] {
        assert_eq!(file(same, pins), honest, "{same}");
    }
    assert_ne!(file("certificate = { key-name = 'next' }", pins), honest);
    let renewed = file("certificate = 'expired'", pins);
    let key = |pins: &str| pins.split(' ').next().map(str::to_owned);
    assert_eq!(key(&renewed), key(&honest));
    assert_ne!(renewed, honest);
}

#[test]
fn fingerprints_are_those_of_the_certificate() {
    let pem = file("", "<pem:mx1.example.test>");
    let store = TrustStore::from_pem(pem.as_bytes()).expect("PEM");
    let certificate = store.certificates().first().expect("a certificate");
    let colons = |octets: &[u8]| {
        let hex: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
        hex.join(":")
    };
    let pins = file(
        "",
        "<key-sha256:mx1.example.test> <cert-md5:mx1.example.test>",
    );
    let expected = [
        colons(&Algorithm::Sha256.digest(certificate.spki())),
        colons(&Algorithm::Md5.digest(&certificate.der)),
    ];
    assert_eq!(pins, expected.join(" "));
}

#[test]
fn a_host_that_speaks_no_tls_has_a_certificate_to_be_named_all_the_same() {
    let world = built(
        "[files]
         pin = '<key-sha256:mx1.example.test>'
         [[domain]]
         name = 'example.test'
         peer = { ehlo = { keywords = [] } }",
    );
    assert!(world.is_ok_and(|world| world.file("pin").is_some_and(|pin| pin.len() == 95)));
}

#[test]
fn a_placeholder_for_no_host_is_refused_with_the_nearest() {
    let error = |world: &str| match built(&format!("{world}\n[[domain]]\nname = 'example.test'")) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{world} was built"),
    };
    assert_eq!(
        error("files = { pin = '<key-sha256:mx.example.test>' }"),
        "file pin: <key-sha256:mx.example.test> stands for no host's certificate; did you mean the host \"mx1.example.test\"?"
    );
    assert_eq!(
        error(
            "dns = [{ name = '_25._tcp.mx1.example.test', tlsa = ['3 1 1 <leaf:mx2.example.test>'] }]"
        ),
        "dns: no host has the certificate of TLSA \"3 1 1 <leaf:mx2.example.test>\"; did you mean the host \"mx1.example.test\"?"
    );
    let own = "[[domain]]\nname = 'own.test'\npeer = { tls = { certificate = 'self-signed' } }";
    assert!(
        error(&format!(
            "files = {{ pin = '<root-pem:mx1.own.test>' }}\n{own}"
        ))
        .contains("stands for no host's")
    );
}
