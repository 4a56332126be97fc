//! What one file says over what the file says that it builds on.

use toml::{Table, Value};

/// Lists whose tables have names, and the key that holds the name: a table in the upper file is laid over the one of
/// this name in the lower. Any other list takes the place of the lower one.
const NAMED: [(&str, &str); 3] = [("domain", "name"), ("dns", "name"), ("mx", "host")];

/// Tables that stand for one thing: the upper takes the place of the lower, however much it leaves unsaid.
const WHOLE: [&str; 1] = ["peer"];

/// Lays `upper` over `lower`: tables key by key, and so the tables of lists that have names.
pub(crate) fn over(lower: &mut Table, upper: Table) {
    for (key, value) in upper {
        match (lower.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) if !WHOLE.contains(&&*key) => {
                over(below, above);
            }
            (Some(Value::Array(below)), Value::Array(above)) => match name_in(&key) {
                Some(name) if all_named(below, name) && all_named(&above, name) => {
                    lists(below, above, name);
                }
                _ => *below = above,
            },
            (_, value) => {
                lower.insert(key, value);
            }
        }
    }
}

fn name_in(list: &str) -> Option<&'static str> {
    let named = NAMED.iter().find(|(key, _)| *key == list);
    named.map(|(_, name)| *name)
}

fn all_named(list: &[Value], name: &str) -> bool {
    list.iter().all(|value| named(value, name).is_some())
}

fn named<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    let name = value.as_table()?.get(name)?.as_str()?;
    // DNS names, with or without the dot of the root.
    Some(
        name.strip_suffix('.')
            .filter(|rest| !rest.is_empty())
            .unwrap_or(name),
    )
}

fn lists(lower: &mut Vec<Value>, upper: Vec<Value>, name: &str) {
    for above in upper {
        let same = |below: &&mut Value| match (named(below, name), named(&above, name)) {
            (Some(below), Some(above)) => below.eq_ignore_ascii_case(above),
            _ => false,
        };
        match (lower.iter_mut().find(same), above) {
            (Some(Value::Table(below)), Value::Table(above)) => over(below, above),
            (_, above) => lower.push(above),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(lower: &str, upper: &str) -> Table {
        let mut table: Table = lower.parse().unwrap();
        over(&mut table, upper.parse().unwrap());
        table
    }

    #[test]
    fn tables_merge_and_named_tables_of_lists_do() {
        let lower = "
            latency = '1ms'
            files = { a = '1', b = '2' }
            message = [{ to = ['a'] }, { to = ['b'] }]
            dns = [{ name = 'mx1.test', a = ['192.0.2.1'], fault.a = 'servfail' }, { name = '.', dnssec = 'secure' }]
            [[domain]]
            name = 'test'
            mx = [{ host = 'mx1.test', preference = 5 }, { host = 'mx2.test' }]
        ";
        let upper = "
            files = { b = '3' }
            message = [{ to = ['c'] }]
            dns = [{ name = 'MX1.test.', a = ['192.0.2.9'], fault.aaaa = 'timeout' }, { name = 'new.test' }]
            [[domain]]
            name = 'test'
            mx = [{ host = 'mx1.test', down = true }, { host = 'mx3.test' }]
        ";
        let expected = "
            latency = '1ms'
            files = { a = '1', b = '3' }
            message = [{ to = ['c'] }]
            [[dns]]
            name = 'MX1.test.'
            a = ['192.0.2.9']
            fault = { a = 'servfail', aaaa = 'timeout' }
            [[dns]]
            name = '.'
            dnssec = 'secure'
            [[dns]]
            name = 'new.test'
            [[domain]]
            name = 'test'
            mx = [{ host = 'mx1.test', preference = 5, down = true }, { host = 'mx2.test' }, { host = 'mx3.test' }]
        ";
        assert_eq!(merged(lower, upper), expected.parse::<Table>().unwrap());
    }

    #[test]
    fn a_peer_takes_the_place_of_another() {
        let lower = "domain = [{ name = 'test', peer = { greeting = '220 a', tls.tickets = 1 } }]";
        let upper = "domain = [{ name = 'test', peer = { tls.tickets = 0 } }]";
        assert_eq!(merged(lower, upper), upper.parse::<Table>().unwrap());
    }
}
