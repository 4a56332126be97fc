//! "Builds on": a peer on a peer, a world on a world, a scenario on a world. Resolved here, and nowhere else.
//!
//! The tables are put together before anything is read into types, so what is said here holds for every key. A file
//! finds the names that it builds on where it lies itself, and below; its own name is that of one below.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Catalogue, FileKind, merge_rules};
use crate::file::{FileError, SourceFile, Texts, lay_over};

/// So many files may build on one another, each on the next. Ours: more than anybody can follow.
pub(crate) const EXTENDS_MAX: usize = 16;
/// So often peers of one file, and of those that they build on, may build on another. Ours.
const EXPANSIONS_MAX: u32 = 1000;

/// Reads a file of a kind, together with what it and the peers in it build on.
///
/// # Errors
/// The first thing wrong with it, or with what it builds on, where it stands.
pub(super) fn read<T: DeserializeOwned>(
    file: &Arc<SourceFile>,
    kind: FileKind,
    catalogue: &Catalogue,
) -> Result<(T, Texts), FileError> {
    let bases = Bases::gather(file, kind, catalogue)?;
    let tables = bases.put_together(kind)?;
    let read = bases.texts.read(tables)?;
    Ok((read, bases.texts))
}

impl FileKind {
    /// The key that names what a file of this kind builds on, and of what kind that is.
    const fn builds_on(self) -> (&'static str, FileKind) {
        match self {
            FileKind::Peer => ("extends", FileKind::Peer),
            FileKind::World => ("extends", FileKind::World),
            FileKind::Scenario => ("world", FileKind::World),
        }
    }
}

/// A file, and everything that it builds on.
struct Bases<'c> {
    texts: Texts,
    /// What each of the texts is, and where it lies.
    parts: Vec<Part<'c>>,
    /// What the names in each of the texts stand for, by the number of the text.
    links: BTreeMap<(usize, FileKind, String), usize>,
    expansions: Cell<u32>,
}

struct Part<'c> {
    file: Arc<SourceFile>,
    kind: FileKind,
    catalogue: &'c Catalogue,
}

impl<'c> Bases<'c> {
    /// Finds the files that are named, and those that they name.
    fn gather(
        file: &Arc<SourceFile>,
        kind: FileKind,
        catalogue: &'c Catalogue,
    ) -> Result<Bases<'c>, FileError> {
        let mut bases = Bases {
            texts: Texts::new(file)?,
            parts: vec![Part {
                file: file.clone(),
                kind,
                catalogue,
            }],
            links: BTreeMap::new(),
            expansions: Cell::new(0),
        };
        let mut number = 0;
        while let Some(Part {
            file,
            kind,
            catalogue,
        }) = bases.parts.get(number)
        {
            let (file, catalogue) = (file.clone(), *catalogue);
            let mut named = Vec::new();
            bases_in(file.tables().get_ref(), Some(*kind), &mut named);
            for (kind, name, octet) in named {
                bases.link(number, (&file, catalogue), kind, name, octet)?;
            }
            number += 1;
        }
        Ok(bases)
    }

    /// Settles what a name stands for that this file says.
    fn link(
        &mut self,
        number: usize,
        (file, catalogue): (&Arc<SourceFile>, &'c Catalogue),
        kind: FileKind,
        name: String,
        octet: usize,
    ) -> Result<(), FileError> {
        if self.links.contains_key(&(number, kind, name.clone())) {
            return Ok(());
        }
        let Some((catalogue, base)) = catalogue.base(kind, &name, file) else {
            let message = if catalogue.has(kind, &name) {
                format!("this {kind} builds on itself")
            } else {
                catalogue.unknown(kind, &name).to_string()
            };
            return Err(file.fault_at(octet, message));
        };
        let is_it = |part: &Part<'_>| part.kind == kind && Arc::ptr_eq(&part.file, base);
        let linked = match self.parts.iter().position(is_it) {
            Some(linked) => linked,
            None => {
                self.parts.push(Part {
                    file: base.clone(),
                    kind,
                    catalogue,
                });
                self.texts.add(base)?
            }
        };
        self.links.insert((number, kind, name), linked);
        Ok(())
    }

    fn put_together(&self, kind: FileKind) -> Result<Spanned<DeTable<'_>>, FileError> {
        let mut tables = self.texts.tables(0);
        self.expand(tables.get_mut(), Some(kind), &mut vec![0])?;
        Ok(tables)
    }

    /// Puts these tables, and every peer in them, together with what they build on. The last text of `chain` is theirs;
    /// those before it lead there.
    fn expand<'a>(
        &'a self,
        table: &mut DeTable<'a>,
        kind: Option<FileKind>,
        chain: &mut Vec<usize>,
    ) -> Result<(), FileError> {
        for (key, value) in table.iter_mut() {
            self.expand_in(value.get_mut(), key.get_ref(), chain)?;
        }
        let Some(kind) = kind else {
            return Ok(());
        };
        let (key, base_kind) = kind.builds_on();
        let Some(value) = table.get(key) else {
            return Ok(());
        };
        let octet = value.span().start;
        let fault = |message: &str| Err(self.texts.fault_at(octet, message));
        let Some(name) = value.get_ref().as_str() else {
            return fault(&format!(
                "`{key}` takes the name of a {base_kind} file, without .toml"
            ));
        };
        let from = chain.last().copied().unwrap_or_default();
        let Some(number) = self.links.get(&(from, base_kind, name.to_owned())) else {
            return fault(&format!("no {base_kind} is called \"{name}\""));
        };
        if chain.contains(number) {
            return fault(&format!("this {base_kind} builds on itself"));
        }
        if chain.len() > EXTENDS_MAX {
            return fault(&format!(
                "at most {EXTENDS_MAX} {base_kind}s build on one another"
            ));
        }
        self.expansions.set(self.expansions.get() + 1);
        if self.expansions.get() > EXPANSIONS_MAX {
            return fault("too many peers that build on others");
        }
        table.remove(key);
        chain.push(*number);
        let mut base = self.texts.tables(*number).into_inner();
        self.expand(&mut base, Some(base_kind), chain)?;
        chain.pop();
        for own in merge_rules::own_keys(base_kind) {
            base.remove(*own);
        }
        lay_over(
            &mut base,
            std::mem::take(table),
            merge_rules::rule(base_kind),
        );
        *table = base;
        Ok(())
    }

    fn expand_in<'a>(
        &'a self,
        value: &mut DeValue<'a>,
        key: &str,
        chain: &mut Vec<usize>,
    ) -> Result<(), FileError> {
        match value {
            DeValue::Table(table) if key == PEERS => table
                .iter_mut()
                .try_for_each(|(_, value)| self.expand_in(value.get_mut(), PEER, chain)),
            DeValue::Table(table) => self.expand(table, under(key), chain),
            DeValue::Array(list) => list
                .iter_mut()
                .try_for_each(|value| self.expand_in(value.get_mut(), "", chain)),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => Ok(()),
        }
    }
}

/// The key of a peer that is written out, and that of several by their names.
const PEER: &str = "peer";
const PEERS: &str = "peers";

/// What the table under a key is: a peer, or something that may hold peers.
fn under(key: &str) -> Option<FileKind> {
    (key == PEER).then_some(FileKind::Peer)
}

/// The names of what a table and the peers in it build on, and where they stand.
fn bases_in(
    table: &DeTable<'_>,
    kind: Option<FileKind>,
    names: &mut Vec<(FileKind, String, usize)>,
) {
    if let Some((key, kind)) = kind.map(FileKind::builds_on)
        && let Some(value) = table.get(key)
        && let Some(name) = value.get_ref().as_str()
    {
        names.push((kind, name.to_owned(), value.span().start));
    }
    for (key, value) in table {
        bases_in_value(value.get_ref(), key.get_ref(), names);
    }
}

fn bases_in_value(value: &DeValue<'_>, key: &str, names: &mut Vec<(FileKind, String, usize)>) {
    match value {
        DeValue::Table(table) if key == PEERS => table
            .values()
            .for_each(|value| bases_in_value(value.get_ref(), PEER, names)),
        DeValue::Table(table) => bases_in(table, under(key), names),
        DeValue::Array(list) => list
            .iter()
            .for_each(|value| bases_in_value(value.get_ref(), "", names)),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}
