//! The attributes of a policy, one at a time: which are known, at which levels, and how often.

use super::entry::Entry;
use super::external::Facts;
use super::written::{attribute, not_set};
use crate::config::{Feature, Release, is_host_name};
use crate::event::{EntryFault, Notice};
use crate::policy::Level;

/// What is known of a policy so far.
pub(super) struct Attributes {
    entry: Entry,
    external: Facts,
    release: Release,
}

impl Attributes {
    pub(super) fn at(level: Level, release: Release) -> Self {
        Attributes {
            entry: Entry::at(level),
            external: Facts::default(),
            release,
        }
    }

    /// Sets an attribute, whose name is written in any case. What is logged before a fault goes to `log`.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn set(
        &mut self,
        name: &str,
        value: &str,
        log: &mut Vec<Notice>,
    ) -> Result<(), EntryFault> {
        let knows_raw_keys = self.release.has(Feature::RawPublicKeys);
        let knows_external = self.release.has(Feature::ExternalPolicies);
        let entry = &mut self.entry;
        match name.to_ascii_lowercase().as_str() {
            "ciphers" => once(&mut entry.ciphers, name, not_empty(name, value)?),
            "protocols" => once(&mut entry.protocols, name, value),
            "exclude" => once(&mut entry.exclude, name, value),
            "servername" => {
                once(&mut entry.servername, name, value)?;
                if !is_host_name(value) {
                    return Err(EntryFault::NoHostName(attribute(name, value)));
                }
                Ok(())
            }
            "match" => {
                let value = not_empty(name, value)?;
                let separator =
                    separator(entry.level).ok_or_else(|| not_at_level(name, entry.level))?;
                let parts = value.split(separator).filter(|part| !part.is_empty());
                let matches = entry.matches.get_or_insert_default();
                matches.extend(parts.map(str::to_owned));
                Ok(())
            }
            "tafile" => {
                if entry.level < Level::Verify {
                    return Err(not_at_level(name, entry.level));
                }
                entry.tafiles.push(not_empty(name, value)?.to_owned());
                Ok(())
            }
            "connection_reuse" => {
                entry.connection_reuse = Some(yes_or_no(name, value)?);
                Ok(())
            }
            "enable_rpk" if knows_raw_keys => {
                entry.enable_rpk = Some(yes_or_no(name, value)?);
                Ok(())
            }
            folded if knows_external && self.external.set(folded, name, value, log)? => Ok(()),
            _ => Err(EntryFault::UnknownName(name.into())),
        }
    }

    /// Whether the attributes make sense as a whole.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn check(&self) -> Result<(), EntryFault> {
        self.external.check()
    }

    /// The policy as far as it was read.
    pub(super) fn so_far(&mut self) -> Entry {
        let mut entry = std::mem::replace(&mut self.entry, Entry::at(Level::None));
        entry.external = std::mem::take(&mut self.external).into_external();
        entry
    }
}

fn once(attribute: &mut Option<String>, name: &str, value: &str) -> Result<(), EntryFault> {
    not_set(attribute, name)?;
    *attribute = Some(value.to_owned());
    Ok(())
}

/// What separates the parts of `match`, where it can be given.
fn separator(level: Level) -> Option<char> {
    match level {
        Level::Fingerprint => Some('|'),
        Level::Verify | Level::Secure => Some(':'),
        Level::None
        | Level::May
        | Level::Encrypt
        | Level::HalfDane
        | Level::Dane
        | Level::DaneOnly => None,
    }
}

fn not_empty<'v>(name: &str, value: &'v str) -> Result<&'v str, EntryFault> {
    if value.is_empty() {
        return Err(EntryFault::NoValue(name.into()));
    }
    Ok(value)
}

fn yes_or_no(name: &str, value: &str) -> Result<bool, EntryFault> {
    match value.to_ascii_lowercase().as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(EntryFault::NotYesOrNo(attribute(name, value))),
    }
}

fn not_at_level(name: &str, level: Level) -> EntryFault {
    let name = name.into();
    EntryFault::NotAtLevel { name, level }
}
