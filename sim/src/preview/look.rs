//! Looks at what a main.cf names: what is there is used, and what is not is taken for something.

use std::collections::{BTreeMap, BTreeSet};

use super::disk::Disk;
use super::named::{OWN, PASSWORDS, own_files, tables};
use super::not_known::{NotKnown, NotKnownKind};
use super::note::{Note, NoteKind};
use super::system_roots::{Roots, roots_of};
use super::table_answer::TableAnswer;
use crate::bytes::Bytes;
use crate::plan::main_cf::{edited, without};
use crate::world::SYSTEM_DIRECTORIES;
use mta_core::config::{MainCf, Settings};
use mta_core::maps::{Reach, reaches, written};
use mta_core::policy_table::tafiles;
use mta_core::tls::{SYSTEM_BUNDLES, is_hash_named};

/// What was found, and the configuration with what the rest is taken for in its place.
pub(super) struct Looked {
    pub(super) main_cf: Bytes,
    /// The files that it names.
    pub(super) files: BTreeMap<String, Bytes>,
    pub(super) not_known: Vec<NotKnown>,
    pub(super) notes: Vec<Note>,
}

impl Looked {
    /// Whether authorities that are no system's are among the files.
    pub(super) fn has_own_roots(&self) -> bool {
        self.notes
            .iter()
            .any(|note| note.kind == NoteKind::OwnRoots)
    }
}

/// For what authorities of one's own stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnRoots {
    /// No simulated server has a certificate from them.
    Strangers,
    /// The server's certificate is from them.
    OfTheServer,
}

/// A file without a line, on every machine.
const NOTHING: &str = "/dev/null";

/// A table without an entry.
const EMPTY: &str = "texthash:/dev/null";

/// Most files of a folder with authorities.
const FOLDER_FILES_MAX: usize = 1000;

/// A main.cf, and where to look.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) main_cf: &'a Bytes,
    /// What its file is called.
    pub(super) file: &'a str,
    pub(super) disk: &'a dyn Disk,
    /// What tables say, without asking them.
    pub(super) tables: &'a BTreeMap<String, TableAnswer>,
}

/// Looks at everything that these settings name.
pub(super) fn look(asked: Asked<'_>, settings: &Settings, own_roots: OwnRoots) -> Looked {
    let main_cf = MainCf::parse_bytes(asked.file, asked.main_cf);
    let mut look = Look {
        disk: asked.disk,
        answers: asked.tables,
        main_cf: &main_cf,
        own_roots,
        told: BTreeSet::new(),
        files: BTreeMap::new(),
        not_known: Vec::new(),
        notes: Vec::new(),
        changes: Vec::new(),
        gone: BTreeSet::new(),
    };
    look.tables(settings);
    look.own_files(settings);
    look.authorities(settings);
    let without_gone = without(asked.main_cf, |name| look.gone.contains(name));
    Looked {
        main_cf: edited(&without_gone, &look.changes).into(),
        files: look.files,
        not_known: look.not_known,
        notes: look.notes,
    }
}

/// The tables of these settings for which answers may be given, as they are written.
pub(super) fn answerable(settings: &Settings) -> Vec<&str> {
    let words = tables(settings)
        .into_iter()
        .flat_map(|(_, value)| written(value));
    let asks = |word: &&str| reaches(word) != [Reach::Written];
    words.filter(asks).map(behind_proxy).collect()
}

/// The table that cannot be asked in the place of this one.
pub(super) fn failing(table: &str) -> String {
    format!("fail:{table}")
}

/// The table behind `proxy:`.
pub(super) fn behind_proxy(mut word: &str) -> &str {
    while let Some(behind) = word.strip_prefix("proxy:") {
        word = behind;
    }
    word
}

struct Look<'a> {
    disk: &'a dyn Disk,
    answers: &'a BTreeMap<String, TableAnswer>,
    main_cf: &'a MainCf,
    own_roots: OwnRoots,
    /// What was told, under whatever parameter.
    told: BTreeSet<String>,
    files: BTreeMap<String, Bytes>,
    not_known: Vec<NotKnown>,
    notes: Vec<Note>,
    /// Settings in the place of others.
    changes: Vec<String>,
    /// Parameters that are left out.
    gone: BTreeSet<&'static str>,
}

impl Look<'_> {
    fn tables(&mut self, settings: &Settings) {
        for (parameter, value) in tables(settings) {
            let mut words: Vec<String> = Vec::new();
            for word in written(value) {
                words.push(self.table(parameter, word));
            }
            let is_as_written = words.iter().map(String::as_str).eq(written(value));
            if !is_as_written {
                self.changes
                    .push(format!("{parameter} = {}", words.join(" ")));
            }
        }
    }

    /// A table, or what stands for it.
    fn table(&mut self, parameter: &'static str, word: &str) -> String {
        let behind = behind_proxy(word);
        let mut answers = self.answers.iter();
        if let Some((_, answer)) = answers.find(|(name, _)| behind_proxy(name) == behind) {
            return self.answered(parameter, word, behind, answer);
        }
        let needs = reaches(word);
        if needs.contains(&Reach::Elsewhere) {
            let kind = match parameter {
                PASSWORDS => NotKnownKind::PasswordsNotAsked,
                _ => NotKnownKind::TableNotAsked,
            };
            self.not_known(kind, parameter, word);
            return self.empty();
        }
        let mut word = word.to_owned();
        let mut texts = Vec::new();
        for need in reaches(&word.clone()) {
            let Reach::File(path) = need else { continue };
            if self.file(parameter, path).is_none() {
                let kind = match parameter {
                    PASSWORDS => NotKnownKind::PasswordsNotHere,
                    _ => NotKnownKind::TableNotHere,
                };
                self.not_known(kind, parameter, &word);
                return self.empty();
            }
            texts.push(path.to_owned());
        }
        if parameter == "smtp_tls_policy_maps" {
            word = self.anchors_of_policies(&word);
            for path in texts {
                self.anchors_of_file(&path);
            }
        }
        word
    }

    /// A table with the answers that are given for it.
    fn answered(
        &mut self,
        parameter: &str,
        word: &str,
        behind: &str,
        answer: &TableAnswer,
    ) -> String {
        match answer {
            TableAnswer::Text(text) => {
                let name = match reaches(behind).first() {
                    Some(Reach::File(path)) => (*path).to_owned(),
                    _ => behind.to_owned(),
                };
                self.files.insert(name.clone(), text.clone());
                if parameter == "smtp_tls_policy_maps" {
                    self.anchors_of_file(&name);
                }
                word.to_owned()
            }
            TableAnswer::Always(value) if parameter == "smtp_tls_policy_maps" => {
                format!("static:{{{}}}", self.anchors_of_policies(value))
            }
            TableAnswer::Always(value) => format!("static:{{{value}}}"),
            TableAnswer::Nothing => self.empty(),
            TableAnswer::Fails => failing(behind),
        }
    }

    fn empty(&mut self) -> String {
        self.files.insert(NOTHING.to_owned(), Bytes::default());
        EMPTY.to_owned()
    }

    fn anchors_of_file(&mut self, path: &str) {
        let text = self.files.get(path).map(|text| text.to_vec());
        let text = text.as_deref().map(String::from_utf8_lossy);
        if let Some(text) = text.filter(|text| !tafiles(text).is_empty()) {
            let text = self.anchors_of_policies(&text);
            self.files.insert(path.to_owned(), text.as_bytes().into());
        }
    }

    /// Policies with what stands for each `tafile`.
    fn anchors_of_policies(&mut self, text: &str) -> String {
        let mut settled = text.to_owned();
        // From behind, so that the places before stay as they are.
        for place in tafiles(text).into_iter().rev() {
            if let Some(path) = text.get(place.clone()) {
                let stands_for = self.anchors("smtp_tls_policy_maps", path);
                settled.replace_range(place, &stands_for);
            }
        }
        settled
    }

    /// The client's own certificates and keys, and OpenSSL's configuration.
    fn own_files(&mut self, settings: &Settings) {
        let mut missing = BTreeSet::new();
        for (parameter, path) in own_files(settings) {
            if self.file(parameter, path).is_none() {
                self.not_known(NotKnownKind::FileNotHere, parameter, path);
                missing.insert(parameter);
            } else if parameter == "tls_config_file" {
                self.note(NoteKind::NotInterpreted, parameter, path);
            }
        }
        self.gone.insert("tls_config_file");
        // A file that is not here is taken as usable, and no simulated server's answer depends on it.
        let chain_files = "smtp_tls_chain_files";
        if missing.contains(chain_files) {
            self.gone.insert(chain_files);
            self.gone.extend(OWN.into_iter().flatten());
        }
        let pairs = OWN
            .into_iter()
            .filter(|pair| pair.iter().any(|name| missing.contains(name)));
        self.gone.extend(pairs.flatten());
    }

    fn authorities(&mut self, settings: &Settings) {
        if let Some(path) = &settings.tls.ca_file {
            self.replace("smtp_tls_CAfile", path, |look| {
                look.anchors("smtp_tls_CAfile", path)
            });
        }
        if let Some(path) = &settings.tls.ca_path {
            self.replace("smtp_tls_CApath", path, |look| look.directory(path));
        }
        let anchors = &settings.tls.trust_anchor_files;
        let parameter = "smtp_tls_trust_anchor_file";
        self.replace(parameter, &anchors.join(" "), |look| {
            let stand_for = anchors.iter().map(|path| look.anchors(parameter, path));
            stand_for.collect::<Vec<_>>().join(" ")
        });
    }

    fn replace(
        &mut self,
        parameter: &'static str,
        value: &str,
        stands_for: impl FnOnce(&mut Self) -> String,
    ) {
        let stands_for = stands_for(self);
        if stands_for != value {
            self.changes.push(format!("{parameter} = {stands_for}"));
        }
    }

    /// The file with authorities that stands for the one at this path.
    fn anchors(&mut self, parameter: &'static str, path: &str) -> String {
        if SYSTEM_BUNDLES.contains(&path) {
            return path.to_owned();
        }
        let roots = self.file(parameter, path).map(|text| text.to_vec());
        let system = SYSTEM_BUNDLES[0];
        self.judge(parameter, path, roots.as_deref(), system)
    }

    /// The folder with authorities that stands for this one.
    fn directory(&mut self, path: &str) -> String {
        let parameter = "smtp_tls_CApath";
        let folder = path.trim_end_matches('/');
        let system = SYSTEM_DIRECTORIES[0];
        if SYSTEM_DIRECTORIES.contains(&folder) {
            return path.to_owned();
        }
        let Some(mut names) = self.disk.folder(folder) else {
            return self.judge(parameter, path, None, system);
        };
        names.retain(|name| is_hash_named(name));
        names.sort_unstable();
        names.truncate(FOLDER_FILES_MAX);
        if names.is_empty() {
            self.note(NoteKind::NotHashed, parameter, path);
            return path.to_owned();
        }
        let mut all = Vec::new();
        for name in names {
            if let Some(text) = self.file(parameter, &format!("{folder}/{name}")) {
                all.extend_from_slice(text);
                all.push(b'\n');
            }
        }
        self.judge(parameter, path, Some(&all), system)
    }

    /// What stands for authorities: themselves, or the system's.
    fn judge(
        &mut self,
        parameter: &'static str,
        path: &str,
        roots: Option<&[u8]>,
        system: &str,
    ) -> String {
        let disk = self.disk;
        match roots.map(|own| roots_of(own, |path| Some(disk.file(path)?.contents))) {
            None => self.not_known(NotKnownKind::RootsNotHere, parameter, path),
            Some(Roots::Unknown) => {
                self.not_known(NotKnownKind::RootsNotCompared, parameter, path);
            }
            Some(Roots::System) => {}
            Some(Roots::None) => return path.to_owned(),
            Some(Roots::Own) if self.own_roots == OwnRoots::Strangers => {
                self.note(NoteKind::OwnRoots, parameter, path);
                return path.to_owned();
            }
            Some(Roots::Own) => self.not_known(NotKnownKind::OwnRoots, parameter, path),
        }
        system.to_owned()
    }

    /// The file at a path, which is one of those of the preview from then on.
    fn file(&mut self, parameter: &'static str, path: &str) -> Option<&Bytes> {
        if !self.files.contains_key(path) {
            let found = match path {
                NOTHING => None,
                _ => Some(self.disk.file(path)?),
            };
            let (contents, elsewhere) = found
                .map(|found| (found.contents, found.elsewhere))
                .unwrap_or_default();
            if let Some(place) = elsewhere {
                self.note(NoteKind::FoundAt { place }, parameter, path);
            }
            self.files
                .insert(path.to_owned(), contents.as_slice().into());
        }
        self.files.get(path)
    }

    /// Tells it, unless it was told under another parameter.
    fn not_known(&mut self, kind: NotKnownKind, parameter: &'static str, named: &str) {
        if self.told.insert(named.to_owned()) {
            self.not_known
                .push(NotKnown::new(kind, self.main_cf, parameter, named));
        }
    }

    fn note(&mut self, kind: NoteKind, parameter: &'static str, named: &str) {
        let note = Note::new(kind, self.main_cf, parameter, named);
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
