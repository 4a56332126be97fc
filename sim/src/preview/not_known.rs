//! What a preview could not look at, and what it took it for.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::Question;
use super::system_roots::{Roots, roots_of};
use crate::bytes::Bytes;
use crate::plan::main_cf::{edited, without};
use mta_core::config::{MainCf, Settings};
use mta_core::maps::{Reach, reaches, written};
use mta_core::tls::SYSTEM_BUNDLES;

/// Something that was not looked at. It is neither right nor wrong, and what is shown rests on what it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotKnown {
    /// What it is.
    pub kind: NotKnownKind,
    /// The main.cf that names it.
    pub file: String,
    /// The line there, if the parameter is set.
    pub line: Option<u32>,
    /// The parameter.
    pub parameter: &'static str,
    /// The table or the path, as it is written.
    pub named: String,
}

/// What was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotKnownKind {
    /// A table that asks a server or another process.
    TableNotAsked,
    /// A table whose file is not on this machine.
    TableNotHere,
    /// A bundle of trusted roots that is not on this machine.
    RootsNotHere,
    /// A bundle of trusted roots, where the system's own is not on this machine to compare it with.
    RootsNotCompared,
    /// A certificate, a key or a configuration of OpenSSL that is not on this machine.
    FileNotHere,
}

impl fmt::Display for NotKnown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}: {} ", self.parameter, self.named)?;
        f.write_str(match self.kind {
            NotKnownKind::TableNotAsked => "is not asked here; taken as without an entry",
            NotKnownKind::TableNotHere => {
                "is no file of this machine that can be read; taken as without an entry"
            }
            NotKnownKind::RootsNotHere => {
                "is no file of this machine that can be read; taken as the system's trusted roots"
            }
            NotKnownKind::RootsNotCompared => {
                "cannot be compared with the system's trusted roots, which are not on this machine; taken as them"
            }
            NotKnownKind::FileNotHere => {
                "is no file of this machine that can be read; taken as present and usable"
            }
        })
    }
}

/// A file without a line, on every machine.
pub(super) const NOTHING: &str = "/dev/null";

/// A table without an entry.
const EMPTY: &str = "texthash:/dev/null";

/// The parameters that name the client's own certificates, and OpenSSL's configuration.
const OWN: [&str; 8] = [
    "smtp_tls_cert_file",
    "smtp_tls_key_file",
    "smtp_tls_eccert_file",
    "smtp_tls_eckey_file",
    "smtp_tls_dcert_file",
    "smtp_tls_dkey_file",
    "smtp_tls_chain_files",
    "tls_config_file",
];

/// What is not known of what these settings name, and the configuration with what it is taken for in its place.
pub(super) fn settle(question: &Question<'_>, settings: &Settings) -> (Bytes, Vec<NotKnown>) {
    let main_cf = MainCf::parse_bytes(question.file, &question.main_cf);
    let mut found = Found {
        main_cf: &main_cf,
        told: BTreeSet::new(),
        not_known: Vec::new(),
    };
    let is_here = |path: &str| path == NOTHING || (question.read)(path).is_some();
    let mut changes = Vec::new();
    for (parameter, value) in tables(settings) {
        let mut words = Vec::new();
        for word in written(value) {
            let needs = reaches(word);
            let missing = |need: &Reach<'_>| matches!(need, Reach::File(path) if !is_here(path));
            let kind = if needs.contains(&Reach::Elsewhere) {
                NotKnownKind::TableNotAsked
            } else if needs.iter().any(missing) {
                NotKnownKind::TableNotHere
            } else {
                words.push(word);
                continue;
            };
            found.tell(kind, parameter, word);
            words.push(EMPTY);
        }
        if words.contains(&EMPTY) {
            changes.push(format!("{parameter} = {}", words.join(" ")));
        }
    }
    for (parameter, path) in own_files(settings) {
        if !is_here(path) {
            found.tell(NotKnownKind::FileNotHere, parameter, path);
        }
    }
    if let Some(path) = &settings.tls.ca_file {
        let own = (question.read)(path);
        let system = SYSTEM_BUNDLES[0];
        let stands_for = match own.map(|own| roots_of(&own, question.read)) {
            _ if SYSTEM_BUNDLES.contains(&path.as_str()) => path,
            None => {
                found.tell(NotKnownKind::RootsNotHere, "smtp_tls_CAfile", path);
                system
            }
            Some(Roots::Unknown) => {
                found.tell(NotKnownKind::RootsNotCompared, "smtp_tls_CAfile", path);
                system
            }
            Some(Roots::System) => system,
            Some(Roots::Own) => path,
        };
        if stands_for != path {
            changes.push(format!("smtp_tls_CAfile = {stands_for}"));
        }
    }
    // The client's certificates are taken as usable: no simulated peer's answer depends on them.
    let without_own = without(&question.main_cf, |name| OWN.contains(&name));
    (edited(&without_own, &changes).into(), found.not_known)
}

/// The parameters that name tables, with their values.
fn tables(settings: &Settings) -> [(&'static str, &str); 6] {
    let (tls, dialogue) = (&settings.tls, &settings.dialogue);
    let sasl = dialogue.sasl.as_ref();
    let passwords = sasl.map_or("", |sasl| sasl.password_maps.as_str());
    [
        ("transport_maps", &settings.routing.transport_maps),
        ("smtp_tls_policy_maps", &tls.policy_maps),
        ("smtp_tls_per_site", &tls.per_site),
        (
            "smtp_discard_ehlo_keyword_address_maps",
            &dialogue.discard_ehlo_keyword_maps,
        ),
        ("smtp_sasl_password_maps", passwords),
        ("smtp_tls_loglevel_maps", &tls.log.maps),
    ]
}

/// The client's own certificates and keys, and OpenSSL's configuration.
fn own_files(settings: &Settings) -> Vec<(&'static str, &str)> {
    let credentials = &settings.tls.credentials;
    let mut files: Vec<(&'static str, &str)> = Vec::new();
    for (kind, cert, key) in &credentials.pairs {
        let (cert_file, key_file) = match *kind {
            "ECDSA" => ("smtp_tls_eccert_file", "smtp_tls_eckey_file"),
            "DSA" => ("smtp_tls_dcert_file", "smtp_tls_dkey_file"),
            _ => ("smtp_tls_cert_file", "smtp_tls_key_file"),
        };
        files.extend([(cert_file, cert.as_str()), (key_file, key.as_str())]);
    }
    let chain = credentials.chain_files.iter();
    files.extend(chain.map(|path| ("smtp_tls_chain_files", path.as_str())));
    let library = settings.tls.own_library_config();
    files.extend(library.map(|path| ("tls_config_file", path.as_str())));
    files
}

/// What was found so far.
struct Found<'a> {
    main_cf: &'a MainCf,
    told: BTreeSet<String>,
    not_known: Vec<NotKnown>,
}

impl Found<'_> {
    /// Tells it, unless it was told under another parameter.
    fn tell(&mut self, kind: NotKnownKind, parameter: &'static str, named: &str) {
        if !self.told.insert(named.to_owned()) {
            return;
        }
        let entry = self.main_cf.get(parameter);
        self.not_known.push(NotKnown {
            kind,
            file: self.main_cf.file().to_owned(),
            line: entry.and_then(|entry| entry.place.line()),
            parameter,
            named: named.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Finding, Preview};
    use super::*;

    fn preview(main_cf: &str, read: fn(&str) -> Option<Vec<u8>>) -> Preview {
        let question = Question {
            main_cf: main_cf.into(),
            read,
            ..Question::default()
        };
        question.answer().unwrap()
    }

    fn now(preview: &Preview) -> &str {
        let rows = &preview.destinations[0].rows;
        let row = rows
            .iter()
            .find(|row| row.variant == super::super::Variant::Now);
        row.unwrap().story.channel()
    }

    #[test]
    fn tables_out_of_reach_are_told_once_and_have_no_entry() {
        let main_cf = "smtp_tls_security_level = may\nsmtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\n\
                       # policies\nsmtp_tls_policy_maps = proxy:mysql:/sql.cf, hash:/gone inline:{gmail.com=encrypt}\n\
                       transport_maps = hash:/gone\n";
        let preview = preview(main_cf, |_| None);
        let told = |kind, line, parameter, named: &str| NotKnown {
            kind,
            file: "main.cf".to_owned(),
            line: Some(line),
            parameter,
            named: named.to_owned(),
        };
        let (asked, gone) = (NotKnownKind::TableNotAsked, NotKnownKind::TableNotHere);
        let expected = [
            told(gone, 5, "transport_maps", "hash:/gone"),
            told(asked, 4, "smtp_tls_policy_maps", "proxy:mysql:/sql.cf"),
        ];
        assert_eq!(preview.not_known, expected);
        assert_eq!(preview.findings, []);
        assert_eq!(now(&preview), "Trusted TLSv1.3");
        // The table that can be asked still counts: at encrypt nothing is looked at but whether there is TLS.
        let broken = preview.destinations[0].rows.last().unwrap();
        assert!(!broken.story.is_sent(), "{}", broken.story);
    }

    #[test]
    fn trusted_roots_are_the_systems_unless_the_disk_says_otherwise() {
        let main_cf = "smtp_tls_security_level = may\nsmtp_tls_CAfile = /own.pem\n";
        let gone = preview(main_cf, |_| None);
        assert_eq!(gone.not_known[0].kind, NotKnownKind::RootsNotHere);
        assert_eq!(now(&gone), "Trusted TLSv1.3");
        const ROOTS: &[u8] = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let alone = preview(main_cf, |path| (path == "/own.pem").then(|| ROOTS.to_vec()));
        assert_eq!(alone.not_known[0].kind, NotKnownKind::RootsNotCompared);
        assert_eq!(now(&alone), "Trusted TLSv1.3");
        let copied = preview(main_cf, |path| {
            ["/own.pem", SYSTEM_BUNDLES[2]]
                .contains(&path)
                .then(|| ROOTS.to_vec())
        });
        assert_eq!(
            (copied.not_known.len(), now(&copied)),
            (0, "Trusted TLSv1.3")
        );
        let unreadable = preview(main_cf, |path| {
            (path == "/own.pem").then(|| b"no PEM".to_vec())
        });
        assert!(matches!(unreadable.findings[0], Finding::NoTls { .. }));
    }

    #[test]
    fn client_certificates_never_turn_tls_off() {
        let main_cf = "smtp_tls_security_level = encrypt\nsmtp_tls_cert_file = /own.pem\ntls_config_file = /ssl.cnf\n";
        let gone = preview(main_cf, |_| None);
        let named: Vec<_> = gone
            .not_known
            .iter()
            .map(|one| one.named.as_str())
            .collect();
        assert_eq!(named, ["/own.pem", "/ssl.cnf"]);
        let here = preview(main_cf, |_| Some(Vec::new()));
        assert_eq!(here.not_known, []);
        for preview in [gone, here] {
            assert_eq!(preview.findings, []);
            assert!(now(&preview).ends_with("TLSv1.3"));
        }
    }
}
