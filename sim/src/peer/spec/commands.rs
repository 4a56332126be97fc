//! The commands a rule is for: one, several, or any.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, IntoDeserializer, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::words::Command;

/// A set of commands. In a file: `"RCPT"`, `["MAIL", "RCPT"]`, or `"any"`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Commands(u16);

/// The word for all commands.
const ANY: &str = "any";

impl Commands {
    /// All commands, also those that no peer knows.
    pub const ANY: Commands = Commands((1 << Command::ALL.len()) - 1);

    /// Whether `command` is among them.
    pub const fn contains(self, command: Command) -> bool {
        self.0 & (1 << command as u16) != 0
    }

    /// The commands, in the order of [`Command::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Command> {
        Command::ALL
            .into_iter()
            .filter(move |command| self.contains(*command))
    }

    /// Whether it is this command and no other.
    pub fn is(self, command: Command) -> bool {
        self == Commands::from(command)
    }
}

impl From<Command> for Commands {
    fn from(command: Command) -> Self {
        Commands(1 << command as u16)
    }
}

impl FromIterator<Command> for Commands {
    fn from_iter<I: IntoIterator<Item = Command>>(commands: I) -> Self {
        let union = |set, command| set | Commands::from(command).0;
        Commands(commands.into_iter().fold(0, union))
    }
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<'de> Deserialize<'de> for Commands {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CommandsVisitor)
    }
}

struct CommandsVisitor;

impl<'de> Visitor<'de> for CommandsVisitor {
    type Value = Commands;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a command, a list of commands, or `any`")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Commands, E> {
        if word == ANY {
            return Ok(Commands::ANY);
        }
        let word: StrDeserializer<'_, E> = word.into_deserializer();
        Command::deserialize(word).map(Commands::from)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Commands, A::Error> {
        let mut commands = Vec::new();
        while let Some(command) = list.next_element::<Command>()? {
            commands.push(command);
        }
        if commands.is_empty() {
            return Err(de::Error::custom("a rule is for at least one command"));
        }
        Ok(commands.into_iter().collect())
    }
}

impl Serialize for Commands {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Commands::ANY {
            return serializer.serialize_str(ANY);
        }
        if let Some(only) = self.iter().next().filter(|only| self.is(*only)) {
            return only.serialize(serializer);
        }
        let mut list = serializer.serialize_seq(None)?;
        for command in self.iter() {
            list.serialize_element(&command)?;
        }
        list.end()
    }
}
