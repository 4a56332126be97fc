//! `extends`: a peer that builds on another, in a file of its own or written out in a world.
//!
//! The tables are put together before anything is read into types, so what is said here holds for every key.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use crate::file::{FileError, Meeting, Texts, lay_over};
use crate::nearest;

/// So many peers may build on one another, each on the next. Ours: more than anybody can follow.
pub const EXTENDS_MAX: usize = 16;
/// So often peers of one file, and of those that they build on, may build on another. Ours.
const EXPANSIONS_MAX: u32 = 1000;

/// The texts of peer files by name: those that a peer may build on.
pub trait PeerTexts {
    /// The file's name, for errors, and its text.
    fn find(&self, name: &str) -> Option<(String, Cow<'_, str>)>;
    /// All names, for the nearest one to a name that nobody has.
    fn names(&self) -> Vec<String>;
}

/// No peer is known by name.
impl PeerTexts for () {
    fn find(&self, _: &str) -> Option<(String, Cow<'_, str>)> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It is a peer.
    APeer,
    /// It may hold peers, each under a key `peer`.
    Peers,
}

/// What a peer says of itself, and the next one does not say after it.
const OWN: [&str; 7] = [
    "summary", "breaks", "source", "as-of", "fact", "domains", "extends",
];

/// How the words of a peer meet those of the one that it builds on.
fn meeting(path: &[String]) -> Meeting {
    let mut words = path.iter().map(String::as_str);
    match (words.next(), words.next(), words.next()) {
        // The first rule that applies counts: those of the peer itself.
        (Some("on"), None, _) => Meeting::Before,
        // A reply is one thing, however it is written.
        (Some("greeting"), None, _) | (Some("replies"), Some(_), None) => Meeting::Replace,
        _ => Meeting::Merge,
    }
}

/// Reads the text of a file in which peers may build on others; `file` is only its name, for errors.
///
/// # Errors
/// The first thing wrong with it, or with what it builds on, where it stands.
pub fn read_extended<T: DeserializeOwned>(
    file: &str,
    text: &str,
    holds: Holds,
    peers: &dyn PeerTexts,
) -> Result<(T, Texts), FileError> {
    let mut bases = Bases {
        texts: Texts::new(file, text)?,
        numbers: BTreeMap::new(),
        expansions: Cell::new(0),
    };
    bases.gather(holds, peers)?;
    let mut tree = bases.texts.parse(0)?;
    bases.expand(tree.get_mut(), holds, &mut Vec::new())?;
    let read = bases.texts.read(tree)?;
    Ok((read, bases.texts))
}

/// A file, and everything that it builds on.
struct Bases {
    texts: Texts,
    /// The numbers of the texts of peers.
    numbers: BTreeMap<String, usize>,
    expansions: Cell<u32>,
}

impl Bases {
    /// Finds the texts that are named, and those that they name.
    fn gather(&mut self, holds: Holds, peers: &dyn PeerTexts) -> Result<(), FileError> {
        let mut number = 0;
        while number < self.texts.len() {
            let tree = self.texts.parse(number)?;
            let mut named = Vec::new();
            let holds = if number == 0 { holds } else { Holds::APeer };
            names_in(tree.get_ref(), holds, &mut named);
            for (name, octet) in named {
                if self.numbers.contains_key(&name) {
                    continue;
                }
                let Some((file, text)) = peers.find(&name) else {
                    let names = peers.names();
                    let near = nearest(&name, names.iter().map(String::as_str));
                    let hint = near.map(|near| format!("; did you mean \"{near}\"?"));
                    let hint = hint.unwrap_or_default();
                    let message = format!("no peer is called \"{name}\"{hint}");
                    return Err(self.texts.fault_at(octet, &message));
                };
                self.numbers.insert(name, self.texts.len());
                self.texts.add(&file, &text)?;
            }
            number += 1;
        }
        Ok(())
    }

    /// Puts every peer in these tables together with what it builds on. `chain` leads here.
    fn expand<'a>(
        &'a self,
        table: &mut DeTable<'a>,
        holds: Holds,
        chain: &mut Vec<usize>,
    ) -> Result<(), FileError> {
        if holds == Holds::APeer
            && let Some(value) = table.remove("extends")
        {
            let octet = value.span().start;
            let fault = |message: &str| Err(self.texts.fault_at(octet, message));
            let Some(number) = value
                .get_ref()
                .as_str()
                .and_then(|name| self.numbers.get(name))
            else {
                return fault("`extends` takes the name of a peer file, without .toml");
            };
            if chain.contains(number) {
                return fault("this peer builds on itself");
            }
            if chain.len() >= EXTENDS_MAX {
                return fault(&format!("at most {EXTENDS_MAX} peers build on one another"));
            }
            self.expansions.set(self.expansions.get() + 1);
            if self.expansions.get() > EXPANSIONS_MAX {
                return fault("too many peers that build on others");
            }
            chain.push(*number);
            let mut base = self.texts.parse(*number)?.into_inner();
            self.expand(&mut base, Holds::APeer, chain)?;
            chain.pop();
            for own in OWN {
                base.remove(own);
            }
            lay_over(&mut base, std::mem::take(table), meeting);
            *table = base;
        }
        for (key, value) in table.iter_mut() {
            self.expand_in(value.get_mut(), key.get_ref(), chain)?;
        }
        Ok(())
    }

    fn expand_in<'a>(
        &'a self,
        value: &mut DeValue<'a>,
        key: &str,
        chain: &mut Vec<usize>,
    ) -> Result<(), FileError> {
        match value {
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

/// What the table under a key holds.
fn under(key: &str) -> Holds {
    if key == "peer" {
        Holds::APeer
    } else {
        Holds::Peers
    }
}

/// The names of the peers that the peers in a table build on, and where they stand.
fn names_in(table: &DeTable<'_>, holds: Holds, names: &mut Vec<(String, usize)>) {
    if holds == Holds::APeer
        && let Some(value) = table.get("extends")
        && let Some(name) = value.get_ref().as_str()
    {
        names.push((name.to_owned(), value.span().start));
    }
    for (key, value) in table {
        names_in_value(value.get_ref(), key.get_ref(), names);
    }
}

fn names_in_value(value: &DeValue<'_>, key: &str, names: &mut Vec<(String, usize)>) {
    match value {
        DeValue::Table(table) => names_in(table, under(key), names),
        DeValue::Array(list) => list
            .iter()
            .for_each(|value| names_in_value(value.get_ref(), "", names)),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::{PeerSpec, load, load_with};

    /// Peers by name.
    struct Files(&'static [(&'static str, &'static str)]);

    impl PeerTexts for Files {
        fn find(&self, name: &str) -> Option<(String, Cow<'_, str>)> {
            let (_, text) = self.0.iter().find(|(known, _)| *known == name)?;
            Some((format!("{name}.toml"), Cow::Borrowed(*text)))
        }

        fn names(&self) -> Vec<String> {
            self.0.iter().map(|(name, _)| (*name).to_owned()).collect()
        }
    }

    const FILES: Files = Files(&[
        (
            "base",
            "summary = 'the base'
             source = 'seen'
             domains = ['base.test']
             greeting = { text = '220 base', delay = '1s' }
             ehlo.keywords = ['SIZE 1', 'STARTTLS']
             replies.MAIL = { lines = ['250 base'] }
             replies.QUIT = '221 base'
             [tls]
             versions = ['1.2']
             tickets = 1
             [[on]]
             command = 'RCPT'
             send = '450 base'
             [[mx]]
             host = 'mx.base.test'",
        ),
        (
            "middle",
            "extends = 'base'\nsummary = 'the middle'\ntls.tickets = 0",
        ),
        ("ring", "extends = 'rung'"),
        ("rung", "extends = 'ring'"),
        ("broken", "summary = 'x'\n  tls.tickets = 'many'"),
        ("unclosed", "summary = 'x'\n["),
    ]);

    fn error(text: &str) -> String {
        let error = load_with("p.toml", text, &FILES).unwrap_err();
        error.to_string()
    }

    #[test]
    fn a_peer_says_only_what_is_different() {
        let child = "
            extends = 'middle'
            summary = 'the child'
            greeting.lines = ['220 child']
            replies.MAIL = { text = '250 child' }
            ehlo.keywords = ['STARTTLS']
            [[on]]
            command = 'RCPT'
            nth = 1
            send = '451 child'";
        let whole = "
            summary = 'the child'
            greeting.lines = ['220 child']
            replies.MAIL = { text = '250 child' }
            replies.QUIT = '221 base'
            ehlo.keywords = ['STARTTLS']
            [tls]
            versions = ['1.2']
            tickets = 0
            [[on]]
            command = 'RCPT'
            nth = 1
            send = '451 child'
            [[on]]
            command = 'RCPT'
            send = '450 base'
            [[mx]]
            host = 'mx.base.test'";
        assert_eq!(load_with("p.toml", child, &FILES), load("p.toml", whole));
    }

    #[test]
    fn a_peer_that_is_written_out_builds_on_another_too() {
        #[derive(serde::Deserialize)]
        struct World {
            domain: Vec<Domain>,
        }
        #[derive(serde::Deserialize)]
        struct Domain {
            peer: PeerSpec,
        }
        let text = "[[domain]]\npeer = { extends = 'middle', greeting = '220 inline' }";
        let (world, _) =
            read_extended::<World>("w.toml", text, Holds::Peers, &FILES).expect("a world");
        let alone = "extends = 'middle'\ngreeting = '220 inline'";
        let alone = load_with("p.toml", alone, &FILES).unwrap();
        assert_eq!(world.domain[0].peer, alone);
        assert_eq!(alone.tls.tickets, 0);
    }

    #[test]
    fn what_is_wrong_is_told_where_it_stands() {
        for (text, expected) in [
            (
                "extends = 'bsae'",
                "p.toml:1:11: no peer is called \"bsae\"; did you mean \"base\"?",
            ),
            (
                "extends = 5",
                "p.toml:1:11: `extends` takes the name of a peer file, without .toml",
            ),
            (
                "extends = 'base'\n[tls]\ntikets = 1",
                "p.toml:3:1: unknown key `tikets`; did you mean `tickets`?",
            ),
            (
                "extends = 'base'\ntls.tickets = 65",
                "p.toml:2:5: a peer sends at most 64 tickets",
            ),
            (
                "\nextends = 'ring'",
                "rung.toml:1:11: this peer builds on itself",
            ),
            (
                "extends = 'broken'",
                "broken.toml:2:17: invalid type: string \"many\", expected a whole number from 0 to 255",
            ),
        ] {
            assert_eq!(error(text), expected, "{text}");
        }
        assert!(error("extends = 'unclosed'").starts_with("unclosed.toml:2:"));
        let mx = "[[mx]]\nhost = 'h'\npeer = { extends = 'non' }";
        assert_eq!(error(mx), "p.toml:3:20: no peer is called \"non\"");
        let alone = load("p.toml", "extends = 'base'").unwrap_err();
        assert_eq!(alone.message, "no peer is called \"base\"");
    }

    /// Every peer `aN` builds on the next, several times over.
    struct Many(usize);

    impl PeerTexts for Many {
        fn find(&self, name: &str) -> Option<(String, Cow<'_, str>)> {
            let number: usize = name.strip_prefix('a')?.parse().ok()?;
            let next = format!("{{ extends = 'a{}' }}", number + 1);
            let mx = format!("{{ host = 'h', peer = {next} }},").repeat(self.0);
            let text = format!("extends = 'a{}'\nmx = [{mx}]", number + 1);
            Some((format!("{name}.toml"), Cow::Owned(text)))
        }

        fn names(&self) -> Vec<String> {
            Vec::new()
        }
    }

    #[test]
    fn chains_and_forests_have_an_end() {
        let text = "extends = 'a1'";
        let error = load_with("p.toml", text, &Many(0)).unwrap_err().message;
        assert!(error.contains("at most"), "{error}");
        let error = load_with("p.toml", text, &Many(20)).unwrap_err().message;
        assert!(
            error.contains("at most") || error.contains("too many"),
            "{error}"
        );
        let deep = format!("{}= 1", "a.".repeat(40_000));
        assert!(load_with("p.toml", &deep, &()).is_err());
    }
}
