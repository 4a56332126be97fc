//! Changes to a TOML file, as a careless hand makes them.

use proptest::sample::Index;
use toml::{Table, Value};

/// What is done to a file.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Replace(Index, Value),
    Rename(Index, String),
    Remove(Index),
    /// The values of two places change places.
    Swap(Index, Index),
    /// The element comes so many times more.
    Repeat(Index, u8),
    Add(Index, String, Value),
    /// What stands at a place of another file.
    Graft(Index, Index, Index),
}

/// Every place in a value, itself first.
pub(crate) fn places(value: &Value) -> Vec<Vec<Step>> {
    let mut found = vec![Vec::new()];
    let mut below = |step: Step, value: &Value| {
        found.extend(places(value).into_iter().map(|mut path| {
            path.insert(0, step.clone());
            path
        }));
    };
    match value {
        Value::Table(table) => table
            .iter()
            .for_each(|(key, value)| below(Step::Key(key.clone()), value)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(number, value)| below(Step::Number(number), value)),
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => {}
    }
    found
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Key(String),
    Number(usize),
}

fn at<'a>(value: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key.as_str()),
        Step::Number(number) => value.get_mut(*number),
    })
}

pub(crate) fn apply(root: &mut Value, change: &Change, files: &[(String, Table)]) {
    let all = places(root);
    let path = |index: &Index| index.get(&all).clone();
    match change {
        Change::Replace(place, value) => put(root, &path(place), value.clone()),
        Change::Graft(place, file, from) => {
            let to = path(place);
            let mut other = Value::Table(file.get(files).1.clone());
            let all = places(&other);
            // What has the same key there is most likely of the right type.
            let same = all.iter().filter(|path| path.last() == to.last());
            let same: Vec<_> = same.cloned().collect();
            let from = from.get(if same.is_empty() { &all } else { &same });
            if let Some(value) = at(&mut other, from).cloned() {
                put(root, &to, value);
            }
        }
        Change::Swap(one, other) => {
            let (one, other) = (path(one), path(other));
            if let (Some(first), Some(second)) =
                (at(root, &one).cloned(), at(root, &other).cloned())
            {
                put(root, &one, second);
                put(root, &other, first);
            }
        }
        Change::Rename(place, key) => {
            let path = path(place);
            if let Some((Step::Key(old), above)) = path.split_last()
                && let Some(Value::Table(table)) = at(root, above)
                && let Some(value) = table.remove(old)
            {
                table.insert(key.clone(), value);
            }
        }
        Change::Remove(place) => {
            let path = path(place);
            let Some((last, above)) = path.split_last() else {
                return;
            };
            match (at(root, above), last) {
                (Some(Value::Table(table)), Step::Key(key)) => drop(table.remove(key)),
                (Some(Value::Array(list)), Step::Number(number)) => drop(list.remove(*number)),
                _ => {}
            }
        }
        Change::Repeat(place, times) => {
            let path = path(place);
            if let Some((Step::Number(number), above)) = path.split_last()
                && let Some(Value::Array(list)) = at(root, above)
                && let Some(value) = list.get(*number).cloned()
            {
                list.extend(std::iter::repeat_n(value, usize::from(*times)));
            }
        }
        Change::Add(place, key, value) => {
            if let Some(Value::Table(table)) = at(root, &path(place)) {
                table.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The root stays a table.
fn put(root: &mut Value, path: &[Step], value: Value) {
    if let Some(place) = at(root, path)
        && (!path.is_empty() || value.is_table())
    {
        *place = value;
    }
}
