//! What there is to note of files that were looked at.

use std::fmt;

use serde::Serialize;

use mta_core::config::MainCf;

/// Something worth knowing of what a main.cf names. Nothing is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What it is.
    #[serde(flatten)]
    pub kind: NoteKind,
    /// The main.cf that names it.
    pub file: String,
    /// The line there, if the parameter is set.
    pub line: Option<u32>,
    /// The parameter.
    pub parameter: &'static str,
    /// The path, as it is written.
    pub named: String,
}

/// What there is to note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NoteKind {
    /// It was found at another place.
    FoundAt {
        /// Where.
        place: String,
    },
    /// It is there, and what it says of OpenSSL is not interpreted.
    NotInterpreted,
    /// It holds authorities that are no system's, and simulated servers have no certificates from them.
    OwnRoots,
    /// It is a folder in which OpenSSL finds no certificate.
    NotHashed,
}

impl Note {
    pub(super) fn new(
        kind: NoteKind,
        main_cf: &MainCf,
        parameter: &'static str,
        named: &str,
    ) -> Note {
        let entry = main_cf.get(parameter);
        Note {
            kind,
            file: main_cf.file().to_owned(),
            line: entry.and_then(|entry| entry.place.line()),
            parameter,
            named: named.to_owned(),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}: {} ", self.parameter, self.named)?;
        match &self.kind {
            NoteKind::FoundAt { place } => write!(f, "is not there; read from {place}"),
            NoteKind::NotInterpreted => {
                f.write_str("is read by OpenSSL; what it says is not interpreted here")
            }
            NoteKind::OwnRoots => f.write_str(
                "holds other authorities than the system's: no simulated server has a certificate from them",
            ),
            NoteKind::NotHashed => {
                f.write_str("holds no certificate under the name of its hash; see c_rehash(1)")
            }
        }
    }
}
