//! What a preview could not look at, and what it took it for.

use std::fmt;

use serde::Serialize;

use mta_core::config::MainCf;

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
    /// A table of passwords that asks a server or another process.
    PasswordsNotAsked,
    /// A table of passwords whose file is not on this machine.
    PasswordsNotHere,
    /// A bundle of trusted roots that is not on this machine.
    RootsNotHere,
    /// A bundle of trusted roots, where the system's own is not on this machine to compare it with.
    RootsNotCompared,
    /// Authorities that are no system's, where a server's certificate may be from one of them.
    OwnRoots,
    /// A certificate, a key or a configuration of OpenSSL that is not on this machine.
    FileNotHere,
    /// A key of a kind that cannot sign here.
    KeyNotSimulated,
}

impl NotKnown {
    pub(super) fn new(
        kind: NotKnownKind,
        main_cf: &MainCf,
        parameter: &'static str,
        named: &str,
    ) -> NotKnown {
        let entry = main_cf.get(parameter);
        NotKnown {
            kind,
            file: main_cf.file().to_owned(),
            line: entry.and_then(|entry| entry.place.line()),
            parameter,
            named: named.to_owned(),
        }
    }

    /// Whether it is a table of passwords.
    pub(super) fn is_of_passwords(&self) -> bool {
        matches!(
            self.kind,
            NotKnownKind::PasswordsNotAsked | NotKnownKind::PasswordsNotHere
        )
    }
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
            NotKnownKind::PasswordsNotAsked => {
                "is not asked here; taken as with a password for the relay"
            }
            NotKnownKind::PasswordsNotHere => {
                "is no file of this machine that can be read; taken as with a password for the relay"
            }
            NotKnownKind::RootsNotHere => {
                "is not on this machine, or cannot be read; taken as the system's trusted roots"
            }
            NotKnownKind::RootsNotCompared => {
                "cannot be compared with the system's trusted roots, which are not on this machine; taken as them"
            }
            NotKnownKind::OwnRoots => {
                "holds authorities of its own; taken as those of the server's certificate"
            }
            NotKnownKind::KeyNotSimulated => {
                "is a kind of key that cannot sign here; taken as usable, and its certificate is not shown"
            }
            NotKnownKind::FileNotHere => {
                "is no file of this machine that can be read; taken as present and usable"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use mta_core::tls::SYSTEM_BUNDLES;

    use super::super::{Finding, Preview, Question};
    use super::*;

    fn preview(main_cf: &str, read: fn(&str) -> Option<Vec<u8>>) -> Preview {
        let question = Question {
            main_cf: main_cf.into(),
            disk: &read,
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
    fn files_of_ones_own_that_are_not_here_never_turn_tls_off() {
        let main_cf = "smtp_tls_security_level = encrypt\nsmtp_tls_cert_file = /own.pem\ntls_config_file = /ssl.cnf\n\
                       smtp_tls_trust_anchor_file = /ta.pem\nsmtp_tls_CApath = /roots\n\
                       smtp_tls_policy_maps = inline:{ {gmail.com = secure match=.google.com tafile=/other.pem} }\n";
        let gone = preview(main_cf, |_| None);
        let named: Vec<_> = gone
            .not_known
            .iter()
            .map(|one| one.named.as_str())
            .collect();
        let expected = ["/other.pem", "/own.pem", "/ssl.cnf", "/roots", "/ta.pem"];
        assert_eq!(named, expected);
        assert_eq!(gone.findings, []);
        assert!(now(&gone).starts_with("Verified TLSv1.3"), "{}", now(&gone));
    }
}
