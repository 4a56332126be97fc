//! Files of one's own: peers and worlds that lie beside a file join the catalogue for it.

mod kind;

use std::collections::BTreeSet;

use crate::file::FileError;
use toml::de::{DeTable, DeValue};

use crate::library::Catalogue;

pub use kind::FileKind;

/// Files that lie together.
///
/// ```
/// use mta_sim::library::{Catalogue, Shelf};
/// use mta_sim::scenario::Scenario;
///
/// let mut shelf = Shelf::default();
/// shelf.add("mine/flaky.toml", Ok("[[on]]\nmoment = 'greeting'\nevery = 2\nthen = 'reset'".into()));
/// let text = r#"
///     summary = "Every second connection is reset"
///     main-cf = "smtp_tls_security_level = may"
///     world = "w0"
///     [[domain]]
///     name = "example.test"
///     mx = [{ host = "mx1.example.test", peer = "flaky" }]
/// "#;
/// let (catalogue, hidden) = shelf.catalogue_for(text, &Catalogue::embedded()?)?;
/// assert!(hidden.is_empty(), "the catalogue had no such peer");
/// let scenario = Scenario::load_in("mine/scenario.toml", text, &catalogue)?;
/// # assert_eq!(scenario.messages.len(), 1);
/// # Ok::<(), mta_sim::file::FileError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    files: Vec<OwnFile>,
}

#[derive(Clone, Debug)]
struct OwnFile {
    path: String,
    /// Its name without folder and ending: what others call it by.
    name: String,
    kind: FileKind,
    /// What it says, or why it cannot be read.
    text: Result<String, String>,
}

/// A file of the catalogue that one of the shelf has taken the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// What both are.
    pub kind: FileKind,
    /// Their name.
    pub name: String,
    /// The path of the one that counts.
    pub path: String,
}

impl std::fmt::Display for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Hidden { kind, name, path } = self;
        write!(f, "{kind} \"{name}\" is {path}, not that of the catalogue")
    }
}

impl Shelf {
    /// Adds a file: its path, and its text or why it cannot be read. Of two peers or worlds with the same name, the
    /// first counts.
    pub fn add(&mut self, path: &str, text: Result<String, String>) {
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let name = file.strip_suffix(".toml").unwrap_or(file).to_owned();
        let (kind, _) = FileKind::of(path, text.as_deref().unwrap_or_default());
        let known = |file: &OwnFile| file.name == name && file.kind == kind;
        if kind != FileKind::Scenario && !self.files.iter().any(known) {
            self.files.push(OwnFile {
                path: path.to_owned(),
                name,
                kind,
                text,
            });
        }
    }

    /// The catalogue with those peers and worlds of the shelf that `text` names, and that these name. What lies there
    /// without being named makes no difference, whatever is wrong with it.
    ///
    /// # Errors
    /// The first fault in one that is named.
    pub fn catalogue_for(
        &self,
        text: &str,
        catalogue: &Catalogue,
    ) -> Result<(Catalogue, Vec<Hidden>), FileError> {
        let mut joining = Joining {
            shelf: self,
            catalogue: catalogue.clone(),
            hidden: Vec::new(),
            done: BTreeSet::new(),
            under_way: Vec::new(),
        };
        joining.join_named_in(text, None)?;
        Ok((joining.catalogue, joining.hidden))
    }
}

struct Joining<'a> {
    shelf: &'a Shelf,
    catalogue: Catalogue,
    hidden: Vec<Hidden>,
    done: BTreeSet<usize>,
    under_way: Vec<usize>,
}

impl Joining<'_> {
    /// Every string in a file may be a name. One that is none by intention does no harm.
    fn join_named_in(&mut self, text: &str, itself: Option<usize>) -> Result<(), FileError> {
        let (table, _) = DeTable::parse_recoverable(text);
        let mut words = BTreeSet::new();
        words_of_table(table.get_ref(), &mut words);
        for (number, file) in self.shelf.files.iter().enumerate() {
            if Some(number) != itself && words.contains(file.name.as_str()) {
                self.join(number)?;
            }
        }
        Ok(())
    }

    fn join(&mut self, number: usize) -> Result<(), FileError> {
        let Some(file) = self.shelf.files.get(number) else {
            return Ok(());
        };
        if self.done.contains(&number) || self.under_way.contains(&number) {
            return Ok(());
        }
        let OwnFile {
            path, name, kind, ..
        } = file;
        let text = file
            .text
            .as_ref()
            .map_err(|why| FileError::at_octet(path, "", 0, why.clone()))?;
        let base = extended(text);
        // A peer may build on the one of the catalogue whose place it takes.
        if *kind == FileKind::Peer && base.as_deref() != Some(name) {
            self.catalogue.announce_peer(path, name, text);
        }
        self.under_way.push(number);
        self.join_named_in(text, Some(number))?;
        self.under_way.pop();
        let is_base = |other: &usize| {
            let other = self.shelf.files.get(*other);
            other.is_some_and(|other| other.kind == *kind && Some(&other.name) == base.as_ref())
        };
        if *kind == FileKind::World && self.under_way.iter().any(is_base) {
            let message = "worlds build on one another in a ring";
            return Err(FileError::at_key(path, text, "extends", message));
        }
        let there = match kind {
            FileKind::Peer => self.catalogue.add_peer_file(path, name, text)?,
            FileKind::World => self.catalogue.add_world_file(path, name, text)?,
            FileKind::Scenario => false,
        };
        if there {
            self.hidden.push(Hidden {
                kind: *kind,
                name: name.clone(),
                path: path.clone(),
            });
        }
        self.done.insert(number);
        Ok(())
    }
}

/// The name of what a file builds on.
fn extended(text: &str) -> Option<String> {
    let (table, _) = DeTable::parse_recoverable(text);
    let base = table.get_ref().get("extends")?.get_ref().as_str()?;
    Some(base.to_owned())
}

fn words_of_table(table: &DeTable<'_>, words: &mut BTreeSet<String>) {
    for value in table.values() {
        words_of(value.get_ref(), words);
    }
}

fn words_of(value: &DeValue<'_>, words: &mut BTreeSet<String>) {
    match value {
        DeValue::String(word) => {
            words.insert(word.to_string());
        }
        DeValue::Array(list) => {
            for value in list.iter() {
                words_of(value.get_ref(), words);
            }
        }
        DeValue::Table(table) => words_of_table(table, words),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(files: &[(&str, &str)]) -> Shelf {
        let mut shelf = Shelf::default();
        for (path, text) in files {
            shelf.add(path, Ok((*text).to_owned()));
        }
        shelf
    }

    fn catalogue() -> Catalogue {
        Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_is_named_joins_with_what_it_names() {
        let shelf = shelf(&[
            ("d/gmail.toml", "extends = 'gmail'\ntls.tickets = 0"),
            (
                "d/strict.toml",
                "extends = 'gentle'\ntls.versions = ['1.3']",
            ),
            ("d/peers/gentle.toml", "greeting = '220 gentle'"),
            ("d/broken.toml", "tls.tickets = 'many'"),
        ]);
        let base = catalogue();
        let (own, hidden) = shelf.catalogue_for("peer = 'strict'", &base).unwrap();
        assert_eq!(own.peer("strict").unwrap().greeting, "220 gentle".into());
        assert!(hidden.is_empty() && own.peer("broken").is_err());
        let (own, hidden) = shelf.catalogue_for("x = [{ y = 'gmail' }]", &base).unwrap();
        let gmail = own.peer("gmail").unwrap();
        assert_eq!((gmail.tls.tickets, gmail.mx.len()), (0, 5));
        assert_eq!(
            hidden[0].to_string(),
            "peer \"gmail\" is d/gmail.toml, not that of the catalogue"
        );
    }

    #[test]
    fn a_fault_in_what_is_named_keeps_its_own_place() {
        let mut shelf = shelf(&[
            ("d/broken.toml", "\ntls.tickets = 'many'"),
            ("d/a.toml", "extends = 'b'\n[[on]]\ncommand = 'QUIT'"),
            ("d/b.toml", "extends = 'a'\n[[on]]\ncommand = 'QUIT'"),
            ("d/v.toml", "summary = 'v'\nextends = 'w'\nlatency = '1s'"),
            ("d/w.toml", "summary = 'w'\nextends = 'v'\nlatency = '1s'"),
        ]);
        shelf.add("d/dark.toml", Err("permission denied".to_owned()));
        for (text, expected) in [
            (
                "p = 'broken'",
                "d/broken.toml:2:15: invalid type: string \"many\", expected a whole number from 0 to 255",
            ),
            ("p = 'a'", "d/b.toml:1:11: this peer builds on itself"),
            (
                "p = 'v'",
                "d/w.toml:2:1: worlds build on one another in a ring",
            ),
            ("p = 'dark'", "d/dark.toml:1:1: permission denied"),
        ] {
            let error = shelf.catalogue_for(text, &catalogue()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }
}
