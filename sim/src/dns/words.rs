//! Closed sets of words in data, and the nearest one when a word is not among them.

use std::fmt;

use mta_core::dns::Kind;

use crate::nearest;

/// A type whose values are spelt as words.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// What the word names, for messages: `fault`.
    const WHAT: &'static str;
    /// Every word with its value.
    const WORDS: &'static [(&'static str, Self)];

    /// The value that `text` spells, or a message with the nearest word.
    fn from_word(text: &str) -> Result<Self, String> {
        let found = Self::WORDS.iter().find(|(word, _)| *word == text);
        found
            .map(|(_, value)| *value)
            .ok_or_else(|| unknown::<Self>(text))
    }

    /// The word that spells this value.
    fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, value)| *value == self);
        found.map_or("", |(word, _)| word)
    }
}

fn unknown<T: Word>(text: &str) -> String {
    let words = || T::WORDS.iter().map(|(word, _)| *word);
    let nearest = nearest(text, words());
    let all = words().collect::<Vec<_>>().join(", ");
    let what = T::WHAT;
    match nearest {
        Some(nearest) => {
            format!("unknown {what} `{text}`; did you mean `{nearest}`? One of: {all}")
        }
        None => format!("unknown {what} `{text}`; one of: {all}"),
    }
}

impl Word for Kind {
    const WHAT: &'static str = "record type";
    const WORDS: &'static [(&'static str, Kind)] = &[
        ("mx", Kind::Mx),
        ("a", Kind::A),
        ("aaaa", Kind::Aaaa),
        ("cname", Kind::Cname),
        ("tlsa", Kind::Tlsa),
        ("txt", Kind::Txt),
        ("ns", Kind::Ns),
    ];
}

/// A word or a table of words by record type, for messages of serde.
pub(crate) struct Expected<T>(pub(crate) std::marker::PhantomData<T>);

impl<T: Word> fmt::Display for Expected<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} or a table of them by record type", T::WHAT)
    }
}
