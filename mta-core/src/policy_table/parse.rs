//! Reads a policy as it stands in a table.

use std::borrow::Cow;

use super::attributes::Attributes;
use super::entry::{Entry, Invalid, Parsed, odd_entry};
use crate::config::{Feature, Release};
use crate::event::{BraceFault, EntryFault, Notice, WordFault};
use crate::maps::syntax::{braced_words, in_braces, name_value, plain_blanks, words};
use crate::policy::Level;

impl Entry {
    /// Reads `LEVEL attribute=value ...` as `release` does. Notices name the parameter and the key of the entry, such as
    /// `smtp_tls_policy_maps` and `example.test`.
    pub fn parse(text: &str, release: Release, parameter: &str, key: &str) -> Parsed {
        let odd = |fault| odd_entry(parameter, key, fault);
        let mut notices = Vec::new();
        let entry = read(text, release, odd, &mut notices);
        Parsed { entry, notices }
    }
}

fn read(
    text: &str,
    release: Release,
    odd: impl Fn(EntryFault) -> Notice,
    log: &mut Vec<Notice>,
) -> Result<Entry, Invalid> {
    // 3.10 brought braces around attributes; before, they were letters like others.
    let words: Vec<&str> = if knows_braces(release) {
        braced_words(text).collect()
    } else {
        words(text).collect()
    };
    let nothing = Invalid { before: None };
    let Some((first, rest)) = words.split_first() else {
        log.push(odd(EntryFault::Empty));
        return Err(nothing);
    };
    let Ok(level) = first.parse::<Level>() else {
        log.push(odd(EntryFault::BadLevel((*first).into())));
        return Err(nothing);
    };
    if level == Level::None {
        let ignored = rest
            .iter()
            .map(|word| EntryFault::WithoutTls((*word).into()));
        log.extend(ignored.map(odd));
        return Ok(Entry::at(level));
    }
    let mut attributes = Attributes::at(level, release);
    let read = rest
        .iter()
        .try_for_each(|word| attribute(word, release, &mut attributes, log));
    read.and_then(|()| attributes.check()).map_err(|fault| {
        log.push(odd(fault));
        Invalid {
            before: Some(Box::new(attributes.so_far())),
        }
    })?;
    Ok(attributes.so_far())
}

/// Reads one `attribute=value`.
fn attribute(
    word: &str,
    release: Release,
    attributes: &mut Attributes,
    log: &mut Vec<Notice>,
) -> Result<(), EntryFault> {
    let (word, pair) = match in_group(word, release) {
        None => (Cow::Borrowed(word), Ok(())),
        Some(Ok(inner)) => (plain_blanks(inner), Ok(())),
        Some(Err((fault, inner))) => (plain_blanks(inner), Err(WordFault::Braces(fault))),
    };
    let (name, value) = pair
        .and_then(|()| name_value(&word).map_err(WordFault::Pair))
        .map_err(|fault| {
            let word = word.as_ref().into();
            EntryFault::Malformed { word, fault }
        })?;
    attributes.set(name, value, log)
}

/// What stands in `{ attribute = value }`; `None` if the word is not such a group.
fn in_group(word: &str, release: Release) -> Option<Result<&str, (BraceFault, &str)>> {
    (knows_braces(release) && word.starts_with('{')).then(|| in_braces(word))
}

fn knows_braces(release: Release) -> bool {
    release.has(Feature::AttributesInBraces)
}
