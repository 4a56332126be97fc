//! What a file is: a peer, a world or a scenario. Its folder says so, else its keys do.

use std::fmt;

use serde::Serialize;

use crate::file::SourceFile;

/// The three kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// How one server behaves.
    Peer,
    /// What is around the sender, and what happens in it.
    World,
    /// A configuration, a world, messages, and what must come out of it.
    Scenario,
}

/// The folder of each kind.
const FOLDERS: [(&str, FileKind); 3] = [
    ("peers", FileKind::Peer),
    ("worlds", FileKind::World),
    ("cases", FileKind::Scenario),
];

/// Keys that tell a file of this kind; those that come first count first.
const OWN_KEYS: [(FileKind, &[&str]); 3] = [
    (
        FileKind::Scenario,
        &[
            "expect", "main-cf", "world", "postfix", "seed", "service", "host", "limit", "detail",
            "peers",
        ],
    ),
    (
        FileKind::Peer,
        &[
            "on", "tls", "ehlo", "greeting", "replies", "network", "mx", "fact", "domains",
            "relay", "auth", "as-of",
        ],
    ),
    (
        FileKind::World,
        &[
            "domain", "message", "change", "attacker", "trust", "resolver", "mta-sts", "files",
            "client", "start", "crypto",
            "latency", // A peer has it too, for the hosts of its `mx`.
            "dns",
        ],
    ),
];

const NOTHING_TELLS: &str = "nothing in it is a world's or a scenario's";

impl FileKind {
    /// What a file is, and how that can be seen.
    pub fn of(file: &SourceFile) -> (FileKind, String) {
        let mut folders = file.path().rsplit(['/', '\\']).skip(1);
        if let Some(folder) = folders.next()
            && let Some((_, kind)) = FOLDERS.iter().find(|(name, _)| *name == folder)
        {
            return (*kind, format!("it lies in {folder}/"));
        }
        // Whatever can be read of it: a file that is no TOML is of some kind all the same.
        let tables = file.tables().get_ref();
        for (kind, keys) in OWN_KEYS {
            let key = keys.iter().find(|key| tables.contains_key(**key));
            if let Some(key) = key {
                return (kind, format!("it has `{key}`"));
            }
        }
        (FileKind::Peer, NOTHING_TELLS.to_owned())
    }

    /// Whether the folder or a key tells that a file is of any kind. A folder may hold other TOML, such as a
    /// `Cargo.toml`.
    pub fn is_told(file: &SourceFile) -> bool {
        let (_, why) = FileKind::of(file);
        why != NOTHING_TELLS
    }

    /// The path of the file of this kind and name in the sources.
    pub(super) fn path(self, name: &str) -> String {
        let folder = FOLDERS.iter().find(|(_, kind)| *kind == self);
        let folder = folder.map_or("", |(folder, _)| folder);
        format!("{folder}/{name}.toml")
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            FileKind::Peer => "peer",
            FileKind::World => "world",
            FileKind::Scenario => "scenario",
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_says_it_or_the_keys_do() {
        for (path, text, kind, why) in [
            (
                "a/worlds/x.toml",
                "main-cf = ''",
                FileKind::World,
                "it lies in worlds/",
            ),
            (
                "x.toml",
                "[[on]]\ncommand = 'QUIT'",
                FileKind::Peer,
                "it has `on`",
            ),
            (
                "x.toml",
                "[[domain]]\nname = 'a.test'",
                FileKind::World,
                "it has `domain`",
            ),
            (
                "x.toml",
                "[[domain]]\n[[expect.delivery]]",
                FileKind::Scenario,
                "it has `expect`",
            ),
            (
                "x.toml",
                "extends = 'w0'\n[[dns]]\nname = 'a.test'",
                FileKind::World,
                "it has `dns`",
            ),
            (
                "x.toml",
                "[[domain]\nmain-cf = ''",
                FileKind::Scenario,
                "it has `main-cf`",
            ),
            (
                "x.toml",
                "limit = '6d'\n[[domain]]\nname = 'a.test'\n[peers.a]",
                FileKind::Scenario,
                "it has `limit`",
            ),
            (
                "x.toml",
                "start = '2026-06-01T00:00:00Z'",
                FileKind::World,
                "it has `start`",
            ),
            (
                "x.toml",
                "summary = 'x'",
                FileKind::Peer,
                "nothing in it is a world's or a scenario's",
            ),
            (
                "peers",
                "",
                FileKind::Peer,
                "nothing in it is a world's or a scenario's",
            ),
        ] {
            assert_eq!(
                FileKind::of(&SourceFile::new(path, text)),
                (kind, why.to_owned()),
                "{path}: {text}"
            );
        }
    }
}
