//! One table: how it is opened and asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cidr::Cidr;
use super::limits::{
    MAX_COMPILED_BYTES, MAX_FILE_BYTES, MAX_KEY_BYTES, MAX_LINES, MAX_NESTING, MAX_RESULT_BYTES,
    MAX_TABLES,
};
use super::lines::{Line, logical_lines};
use super::patterns::Patterns;
use super::syntax::{balanced, braced_words, in_braces};
use super::text::{self, Keys, Twice};
use super::unsupported::Unsupported;
use crate::event::{BraceFault, OpenFault, PatternSyntax as Syntax, TableNotice};

/// A table, as it was asked for and as it was opened.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    kind: String,
    name: String,
    store: Store,
}

#[derive(Debug, PartialEq, Eq)]
enum Store {
    Keys(Keys),
    Always(String),
    Cidr(Cidr),
    Patterns(Patterns),
    /// All results, one behind the other.
    Union(Vec<Table>),
    /// Each result is the key of the next.
    Pipe(Vec<Table>),
    /// Asked by proxymap(8), which logs by itself what is wrong.
    Proxy(Box<Table>),
    Fails,
    /// Could not be opened, for this reason (src/util/dict_surrogate.c).
    Unavailable(OpenFault),
}

/// What opening tables needs and leaves behind.
pub(super) struct Opening<'a> {
    read: &'a mut dyn FnMut(&str) -> Option<Vec<u8>>,
    /// What smtp(8) logs.
    pub(super) log: Vec<TableNotice>,
    /// What postmap(1) said when it compiled the tables.
    pub(super) postmap_log: Vec<TableNotice>,
    tables: usize,
    file_bytes: usize,
    lines: usize,
    compiled_bytes: usize,
    /// Results of patterns may have groups in them (without `DICT_FLAG_NO_REGSUB`).
    fills_in: bool,
    /// What was opened before; Postfix opens, and complains of, each table once.
    opened: BTreeSet<String>,
}

impl<'a> Opening<'a> {
    pub(super) fn new(read: &'a mut dyn FnMut(&str) -> Option<Vec<u8>>, fills_in: bool) -> Self {
        Opening {
            read,
            fills_in,
            log: Vec::new(),
            postmap_log: Vec::new(),
            tables: MAX_TABLES,
            file_bytes: MAX_FILE_BYTES,
            lines: MAX_LINES,
            opened: BTreeSet::new(),
            compiled_bytes: MAX_COMPILED_BYTES,
        }
    }

    /// Opens `type:name` (src/util/dict_open.c).
    ///
    /// # Errors
    /// What Postfix could do and we cannot.
    pub(super) fn table(&mut self, spec: &str, depth: usize) -> Result<Table, Unsupported> {
        self.tables = self
            .tables
            .checked_sub(1)
            .ok_or_else(|| Unsupported::new(format!("more than {MAX_TABLES} tables")))?;
        if depth > MAX_NESTING {
            let what = format!("tables within tables, more than {MAX_NESTING} deep");
            return Err(Unsupported::new(what));
        }
        let logged = (self.log.len(), self.postmap_log.len());
        let (kind, name, store) = match spec.split_once(':') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() => {
                (kind, name, self.store(kind, name, depth)?)
            }
            Some(_) | None => (spec, "", Err(OpenFault::Untyped(spec.into()))),
        };
        let store = store.unwrap_or_else(|reason| {
            self.log.push(TableNotice::NotOpened(reason.clone()));
            Store::Unavailable(reason)
        });
        if !self.opened.insert(spec.to_owned()) {
            self.log.truncate(logged.0);
            self.postmap_log.truncate(logged.1);
        }
        Ok(Table {
            kind: kind.to_owned(),
            name: name.to_owned(),
            store,
        })
    }

    /// The inner result is the reason why the table is unavailable.
    fn store(
        &mut self,
        kind: &str,
        name: &str,
        depth: usize,
    ) -> Result<Result<Store, OpenFault>, Unsupported> {
        let compiled = |suffix: &str| format!("{name}{suffix}");
        Ok(match kind {
            "hash" | "btree" => self.compiled(name, &compiled(".db"), &compiled(".db"))?,
            "lmdb" => self.compiled(name, &compiled(".lmdb"), &format!("lmdb:{name}"))?,
            "cdb" => self.compiled(name, &compiled(".cdb"), name)?,
            "dbm" | "sdbm" => self.compiled(name, &compiled(".dir"), name)?,
            "texthash" => match self.lines(name)? {
                None => Err(OpenFault::NoDatabase(name.into())),
                Some(lines) => {
                    text::read(name, &lines, &Twice::IsFatal, &mut self.log).map(Store::Keys)
                }
            },
            "inline" => text::inline(name).map(Store::Keys),
            "static" => always(name),
            "cidr" => self
                .rule_lines(kind, name)?
                .map(|lines| Store::Cidr(Cidr::read(name, &lines, &mut self.log))),
            "regexp" => self.patterns(Syntax::Posix, name)?,
            "pcre" => self.patterns(Syntax::Perl, name)?,
            "unionmap" => self.tables_of(kind, name, depth)?.map(Store::Union),
            "pipemap" => self.tables_of(kind, name, depth)?.map(Store::Pipe),
            "proxy" => {
                let logged = self.log.len();
                let inner = self.table(name, depth + 1)?;
                self.log.truncate(logged);
                Ok(Store::Proxy(Box::new(inner)))
            }
            "fail" => Ok(Store::Fails),
            _ if ELSEWHERE.contains(&kind) => self.answers(kind, name)?,
            _ => Err(OpenFault::UnknownType(kind.into())),
        })
    }

    /// A table that smtp(8) reads from `database`, and which we read from the text that postmap(1) reads.
    fn compiled(
        &mut self,
        name: &str,
        database: &str,
        known_as: &str,
    ) -> Result<Result<Store, OpenFault>, Unsupported> {
        let Some(lines) = self.lines_noting(name, true)? else {
            return Ok(Err(OpenFault::NoDatabase(database.into())));
        };
        let twice = Twice::FirstStays(known_as);
        Ok(text::read(name, &lines, &twice, &mut self.postmap_log).map(Store::Keys))
    }

    /// A table that somebody else answers for. What is read under its full name stands for the answers, in the form that
    /// postmap(1) reads.
    fn answers(&mut self, kind: &str, name: &str) -> Result<Result<Store, OpenFault>, Unsupported> {
        let spec = format!("{kind}:{name}");
        let Some(lines) = self.lines_noting(&spec, true)? else {
            let what = format!("{spec}: tables of the type {kind} are not supported here");
            return Err(Unsupported::new(what));
        };
        let twice = Twice::FirstStays(&spec);
        Ok(text::read(&spec, &lines, &twice, &mut self.postmap_log).map(Store::Keys))
    }

    fn patterns(
        &mut self,
        syntax: Syntax,
        name: &str,
    ) -> Result<Result<Store, OpenFault>, Unsupported> {
        let lines = match self.rule_lines(syntax.name(), name)? {
            Ok(lines) => lines,
            Err(reason) => return Ok(Err(reason)),
        };
        let budget = &mut self.compiled_bytes;
        Patterns::read(syntax, name, &lines, self.fills_in, &mut self.log, budget)
            .map(|patterns| Ok(Store::Patterns(patterns)))
    }

    /// The rules in a file, or in the braces that stand in its place (src/util/dict_stream.c).
    fn rule_lines(
        &mut self,
        kind: &str,
        name: &str,
    ) -> Result<Result<Vec<Line>, OpenFault>, Unsupported> {
        if !name.starts_with('{') {
            let lines = self.lines(name)?;
            return Ok(lines.ok_or_else(|| OpenFault::NoFile(name.into())));
        }
        let reason = |(fault, _): (BraceFault, &str)| OpenFault::Braces {
            kind: kind.into(),
            fault,
        };
        let mut text = String::new();
        let inner = match in_braces(name).map_err(reason) {
            Ok(inner) => inner,
            Err(reason) => return Ok(Err(reason)),
        };
        for rule in braced_words(inner) {
            match in_braces(rule).map_err(reason) {
                Ok(rule) => text.extend([rule, "\n"]),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        Ok(Ok(logical_lines(name, text.as_bytes(), &mut self.log)))
    }

    fn lines(&mut self, path: &str) -> Result<Option<Vec<Line>>, Unsupported> {
        self.lines_noting(path, false)
    }

    fn lines_noting(
        &mut self,
        path: &str,
        for_postmap: bool,
    ) -> Result<Option<Vec<Line>>, Unsupported> {
        let Some(bytes) = (self.read)(path) else {
            return Ok(None);
        };
        self.file_bytes = self.file_bytes.checked_sub(bytes.len()).ok_or_else(|| {
            Unsupported::new(format!(
                "{path}: tables of more than {MAX_FILE_BYTES} bytes"
            ))
        })?;
        let lines = 1 + memchr::memchr_iter(b'\n', &bytes).count();
        self.lines = self.lines.checked_sub(lines).ok_or_else(|| {
            Unsupported::new(format!("{path}: tables of more than {MAX_LINES} lines"))
        })?;
        let log = if for_postmap {
            &mut self.postmap_log
        } else {
            &mut self.log
        };
        Ok(Some(logical_lines(path, &bytes, log)))
    }

    /// The tables in `{type:name, ...}` (src/util/dict_union.c, dict_pipe.c).
    fn tables_of(
        &mut self,
        kind: &str,
        name: &str,
        depth: usize,
    ) -> Result<Result<Vec<Table>, OpenFault>, Unsupported> {
        let inner = match balanced(name) {
            Some((inner, "")) => inner,
            Some(_) | None => "",
        };
        let specs: Vec<&str> = braced_words(inner).collect();
        if specs.is_empty() || specs.iter().any(|spec| !spec.contains(':')) {
            let (kind, text) = (kind.into(), name.into());
            return Ok(Err(OpenFault::NoTables { kind, text }));
        }
        let tables: Result<Vec<Table>, Unsupported> = specs
            .into_iter()
            .map(|spec| self.table(spec, depth + 1))
            .collect();
        tables.map(Ok)
    }
}

/// Types that Postfix knows, whose answers come from elsewhere (DATABASE_README).
pub(super) const ELSEWHERE: [&str; 16] = [
    "environ",
    "internal",
    "ldap",
    "memcache",
    "mongodb",
    "mysql",
    "netinfo",
    "nis",
    "nisplus",
    "pgsql",
    "randmap",
    "socketmap",
    "sqlite",
    "tcp",
    "unix",
    "debug",
];

fn always(name: &str) -> Result<Store, OpenFault> {
    if !name.starts_with('{') {
        return Ok(Store::Always(name.to_owned()));
    }
    match in_braces(name) {
        Ok(value) => Ok(Store::Always(value.to_owned())),
        Err((fault, _)) => Err(OpenFault::Static(fault)),
    }
}

/// The table could not answer; what there is to say about it is logged.
pub(super) struct Failed;

impl Table {
    /// What the table says of `key`; what Postfix logs meanwhile goes to `log`.
    pub(super) fn find(
        &self,
        key: &str,
        log: &mut Vec<TableNotice>,
    ) -> Result<Option<String>, Failed> {
        if key.len() > MAX_KEY_BYTES {
            log.push(TableNotice::LongKey {
                table: self.spec(),
                limit: MAX_KEY_BYTES,
            });
            return Err(Failed);
        }
        // Only what looks for equal keys folds them (src/util/dict_utf8.c); patterns see the key as it is.
        let folded = self.is_fixed().then(|| text::fold(key));
        let key = folded.as_deref().unwrap_or(key);
        let found = match &self.store {
            Store::Keys(keys) => keys.get(key).cloned(),
            Store::Always(value) => Some(value.clone()),
            Store::Cidr(cidr) => cidr.find(key).map(str::to_owned),
            Store::Patterns(patterns) => patterns.find(key),
            Store::Union(tables) => union(tables, key, log)?,
            Store::Pipe(tables) => pipe(tables, key, log)?,
            Store::Proxy(table) => table.find(key, &mut Vec::new())?,
            Store::Fails => return Err(Failed),
            Store::Unavailable(fault) => {
                log.push(TableNotice::Unavailable {
                    table: self.spec(),
                    fault: fault.clone(),
                });
                return Err(Failed);
            }
        };
        if found
            .as_ref()
            .is_some_and(|found| found.len() > MAX_RESULT_BYTES)
        {
            log.push(TableNotice::LongResult {
                table: self.spec(),
                limit: MAX_RESULT_BYTES,
            });
            return Err(Failed);
        }
        Ok(found)
    }

    /// `type:name`
    pub(super) fn spec(&self) -> Arc<str> {
        format!("{}:{}", self.kind, self.name).into()
    }

    /// Whether keys are looked for as they are, and not matched by patterns (`DICT_FLAG_FIXED`).
    pub(super) fn is_fixed(&self) -> bool {
        match &self.store {
            Store::Keys(_) | Store::Always(_) => true,
            Store::Union(tables) | Store::Pipe(tables) => {
                tables.first().is_some_and(Table::is_fixed)
            }
            Store::Proxy(table) => table.is_fixed(),
            Store::Cidr(_) | Store::Patterns(_) | Store::Fails | Store::Unavailable(_) => false,
        }
    }
}

fn union(
    tables: &[Table],
    key: &str,
    log: &mut Vec<TableNotice>,
) -> Result<Option<String>, Failed> {
    let mut all = String::new();
    for table in tables {
        if let Some(found) = table.find(key, log)? {
            if !all.is_empty() {
                all.push(',');
            }
            all.push_str(&found);
        }
    }
    Ok((!all.is_empty()).then_some(all))
}

fn pipe(tables: &[Table], key: &str, log: &mut Vec<TableNotice>) -> Result<Option<String>, Failed> {
    let mut key = key.to_owned();
    for table in tables {
        match table.find(&key, log)? {
            Some(found) => key = found,
            None => return Ok(None),
        }
    }
    Ok(Some(key))
}
