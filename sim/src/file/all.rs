//! Everything that is wrong with a file, where reading it would stop at the first fault.
//!
//! What is found wrong is taken out of the tables, and the rest is read again.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

use super::{FAULTS_MAX, FileError, SourceFile};

/// Reads a file into its type as often as it takes, and tells the faults in the order of their places. `strip` takes
/// out of the tables what is not for `T` to read.
pub fn faults<T: DeserializeOwned>(
    file: &SourceFile,
    strip: impl FnOnce(&mut DeTable<'_>),
) -> Vec<FileError> {
    let mut faults = file.faults().to_vec();
    if !faults.is_empty() {
        // The tables are a guess.
        return faults;
    }
    let told = |error: &toml::de::Error| FileError::of_reader(file.path(), file.text(), error);
    let mut tree = file.tables().clone();
    strip(tree.get_mut());
    let mut taken = BTreeSet::new();
    let mut torn: Vec<Range<usize>> = Vec::new();
    // Each round takes something out, so there is an end; faults in too large a number are no help.
    while faults.len() < FAULTS_MAX {
        let Err(error) = T::deserialize(Deserializer::from(tree.clone())) else {
            break;
        };
        let Some(span) = error.span() else {
            faults.push(told(&error));
            break;
        };
        // What is missing only because it was wrong was reported already; and what is left of a table may make no sense for
        // want of what was taken out.
        let missing = error.message().strip_prefix("missing field `");
        let missing = missing.and_then(|rest| rest.split('`').next());
        let follows = missing.is_none() && torn.contains(&span);
        if !follows && missing.is_none_or(|key| !taken.contains(key)) {
            faults.push(told(&error));
        }
        match take_out(tree.get_mut(), span.start) {
            Some(Taken { key, from }) => {
                taken.insert(key);
                torn.extend(from);
            }
            None => break,
        }
    }
    // Tables are read in the order of their keys.
    faults.sort_by_key(|fault| (fault.line, fault.column));
    faults
}

/// What was taken out of the tables.
struct Taken {
    /// Its key; empty for an element of a list.
    key: String,
    /// Where the table or list stands that lacks it now; none if that is the whole file.
    from: Option<Range<usize>>,
}

/// Takes out the innermost key or element of a list that stands at this byte.
fn take_out(table: &mut DeTable<'_>, octet: usize) -> Option<Taken> {
    let mut found = None;
    for (key, value) in table.iter_mut() {
        let name = key.get_ref().to_string();
        if key.span().contains(&octet) {
            found = Some(name);
            break;
        }
        if let Some(inner) = take_out_of(value, octet) {
            return Some(inner);
        }
        if value.span().contains(&octet) {
            found = Some(name);
            break;
        }
    }
    let name = found?;
    table.remove(name.as_str());
    Some(Taken {
        key: name,
        from: None,
    })
}

/// The same for what is inside of a value.
fn take_out_of(value: &mut Spanned<DeValue<'_>>, octet: usize) -> Option<Taken> {
    let span = value.span();
    match value.get_mut() {
        DeValue::Table(table) => take_out(table, octet).map(|taken| Taken {
            from: taken.from.or(Some(span)),
            ..taken
        }),
        DeValue::Array(list) => {
            let mut at = None;
            for (place, element) in list.iter_mut().enumerate() {
                if let Some(inner) = take_out_of(element, octet) {
                    return Some(inner);
                }
                if element.span().contains(&octet) {
                    at = Some(place);
                    break;
                }
            }
            let at = at?;
            let mut left = DeArray::new();
            for (place, element) in std::mem::replace(list, DeArray::new())
                .into_iter()
                .enumerate()
            {
                if place != at {
                    left.push(element);
                }
            }
            *list = left;
            Some(Taken {
                key: String::new(),
                from: Some(span),
            })
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Page {
        name: String,
        #[serde(default)]
        list: Vec<Item>,
        #[serde(default)]
        numbers: Vec<u8>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Item {
        key: u8,
    }

    fn all(text: &str) -> Vec<String> {
        faults::<Page>(&SourceFile::new("p.toml", text), |_| {})
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn every_fault_is_told_once_and_in_its_place() {
        let text = "name = 7\nnmubers = []\nnumbers = [1, 'two', 3, 4.0]\n[[list]]\nkey = 'x'\n[[list]]\nkey = 1\nkye = 2\n[[list]]\n";
        assert_eq!(
            all(text),
            [
                "p.toml:1:8: invalid type: integer `7`, expected a string",
                "p.toml:2:1: unknown key `nmubers`; did you mean `numbers`?",
                "p.toml:3:15: invalid type: string \"two\", expected a whole number from 0 to 255",
                "p.toml:3:25: invalid type: floating point `4.0`, expected a whole number from 0 to 255",
                "p.toml:5:7: invalid type: string \"x\", expected a whole number from 0 to 255",
                "p.toml:8:1: unknown key `kye`; did you mean `key`?",
            ]
        );
        assert_eq!(all("name = 'x'"), [""; 0]);
    }

    #[test]
    fn what_is_no_toml_is_told_as_far_as_it_can_be_read() {
        let found = all("name = \n[[list\nother");
        assert!(found.len() >= 2, "{found:?}");
        assert!(found.iter().all(|fault| fault.lines().count() == 1));
    }
}
