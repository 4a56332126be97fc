//! One tree of tables laid over another: values keep the places where they were written.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// How a value of the upper tree meets one of the lower under the same keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeRule {
    /// Tables are laid over one another key by key; everything else takes the place of what was there.
    Merge,
    /// It takes the place of what was there, tables too.
    Replace,
    /// Lists are joined, the upper before the lower.
    Before,
    /// Lists of tables that have a DNS name under this key: each is laid over the one of the same name, or added
    /// behind the others. Lists in which a table has none take the place of what was there.
    ByName(&'static str),
}

/// Lays `upper` over `lower`. `rule` gets the keys that lead to a value, those of lists included.
pub fn lay_over<'a>(lower: &mut DeTable<'a>, upper: DeTable<'a>, rule: fn(&[String]) -> MergeRule) {
    Layers {
        path: Vec::new(),
        rule,
    }
    .tables(lower, upper);
}

struct Layers {
    path: Vec<String>,
    rule: fn(&[String]) -> MergeRule,
}

impl Layers {
    fn tables<'a>(&mut self, lower: &mut DeTable<'a>, upper: DeTable<'a>) {
        for (key, above) in upper {
            let name = key.get_ref().to_string();
            let Some(below) = lower.get_mut(name.as_str()) else {
                lower.insert(key, above);
                continue;
            };
            self.path.push(name);
            self.values(below, above);
            self.path.pop();
        }
    }

    fn values<'a>(&mut self, below: &mut Spanned<DeValue<'a>>, above: Spanned<DeValue<'a>>) {
        let span = above.span();
        let was = std::mem::replace(below.get_mut(), DeValue::Boolean(false));
        let is = match ((self.rule)(&self.path), was, above.into_inner()) {
            (MergeRule::Merge, DeValue::Table(mut below), DeValue::Table(above)) => {
                self.tables(&mut below, above);
                DeValue::Table(below)
            }
            (MergeRule::Before, DeValue::Array(below), DeValue::Array(mut above)) => {
                below.into_iter().for_each(|value| above.push(value));
                DeValue::Array(above)
            }
            (MergeRule::ByName(key), DeValue::Array(mut below), DeValue::Array(above))
                if all_named(&below, key) && all_named(&above, key) =>
            {
                self.named(&mut below, above, key);
                DeValue::Array(below)
            }
            (_, _, above) => above,
        };
        *below = Spanned::new(span, is);
    }

    fn named<'a>(&mut self, lower: &mut DeArray<'a>, upper: DeArray<'a>, key: &str) {
        for above in upper {
            let is_same = |below: &&mut Spanned<DeValue<'a>>| match (
                name_of(below.get_ref(), key),
                name_of(above.get_ref(), key),
            ) {
                (Some(below), Some(above)) => below.eq_ignore_ascii_case(above),
                _ => false,
            };
            let Some(below) = lower.iter_mut().find(is_same) else {
                lower.push(above);
                continue;
            };
            let span = above.span();
            if let (DeValue::Table(below), DeValue::Table(above)) =
                (below.get_mut(), above.into_inner())
            {
                self.tables(below, above);
            }
            let is = std::mem::replace(below.get_mut(), DeValue::Boolean(false));
            *below = Spanned::new(span, is);
        }
    }
}

fn all_named(list: &DeArray<'_>, key: &str) -> bool {
    list.iter()
        .all(|value| name_of(value.get_ref(), key).is_some())
}

/// The DNS name of a table, without the dot of the root.
fn name_of<'v>(value: &'v DeValue<'_>, key: &str) -> Option<&'v str> {
    let name = value.as_table()?.get(key)?.get_ref().as_str()?;
    let rest = name.strip_suffix('.').filter(|rest| !rest.is_empty());
    Some(rest.unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::Table;
    use toml::de::Deserializer;

    fn rule(path: &[String]) -> MergeRule {
        match path.last().map(String::as_str) {
            Some("whole") => MergeRule::Replace,
            Some("first") => MergeRule::Before,
            Some("host") => MergeRule::ByName("name"),
            _ => MergeRule::Merge,
        }
    }

    fn merged(lower: &str, upper: &str) -> Table {
        let mut tree = DeTable::parse(lower).unwrap();
        let upper = DeTable::parse(upper).unwrap().into_inner();
        lay_over(tree.get_mut(), upper, rule);
        serde::Deserialize::deserialize(Deserializer::from(tree)).unwrap()
    }

    #[test]
    fn each_value_meets_the_other_by_its_rule() {
        let lower = "
            one = 1
            table = { a = 1, b = [1, 2] }
            whole = { a = 1, b = 2 }
            first = [1, 2]
            [[host]]
            name = 'Mx1.test.'
            of = { a = 1 }
            host = [{ name = 'in', a = 1 }, { name = 'other' }]
            [[host]]
            name = '.'
        ";
        let upper = "
            two = 2
            table = { b = [3], c = 4 }
            whole = { c = 3 }
            first = [0]
            [[host]]
            name = 'mx1.test'
            of = { b = 2 }
            host = [{ name = 'IN', b = 2 }]
            [[host]]
            name = 'new.test'
        ";
        let expected = "
            one = 1
            two = 2
            table = { a = 1, b = [3], c = 4 }
            whole = { c = 3 }
            first = [0, 1, 2]
            [[host]]
            name = 'mx1.test'
            of = { a = 1, b = 2 }
            host = [{ name = 'IN', a = 1, b = 2 }, { name = 'other' }]
            [[host]]
            name = '.'
            [[host]]
            name = 'new.test'
        ";
        assert_eq!(merged(lower, upper), expected.parse::<Table>().unwrap());
    }

    #[test]
    fn a_list_with_a_nameless_table_takes_the_place_of_the_other() {
        let lower = "host = [{ name = 'a' }]";
        for upper in [
            "host = [{ name = 'b' }, { of = 1 }]",
            "host = 7",
            "host = []",
        ] {
            let expected = if upper.ends_with("[]") { lower } else { upper };
            assert_eq!(merged(lower, upper), expected.parse::<Table>().unwrap());
        }
    }
}
