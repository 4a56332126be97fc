//! The record that announces a policy, RFC 8461 §3.1.

/// The id in a domain's record: exactly one TXT record begins with the version, and it is well made.
pub(crate) fn id_of(txt: &[String]) -> Option<&str> {
    let mut records = txt.iter().filter(|text| is_sts(text));
    let record = records.next()?;
    if records.next().is_some() {
        return None;
    }
    let fields = record.split(';').skip(1).map(str::trim);
    let mut ids = fields.filter_map(|field| field.strip_prefix("id="));
    let id = ids.next()?;
    let is_id =
        (1..=32).contains(&id.len()) && id.bytes().all(|octet| octet.is_ascii_alphanumeric());
    is_id.then_some(id)
}

/// Whether the text begins with the version field.
fn is_sts(text: &str) -> bool {
    let version = text.split(';').next().unwrap_or_default();
    text.contains(';') && version.trim_end() == "v=STSv1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_record_gives_the_id() {
        for (texts, expected) in [
            (
                vec!["v=STSv1; id=20160831085700Z;"],
                Some("20160831085700Z"),
            ),
            (vec!["v=STSv1;id=1"], Some("1")),
            (vec!["v=spf1 -all", "v=STSv1; id=1; a=b"], Some("1")),
            (vec!["v=STSv1; id=1;", "v=STSv1; id=1;"], None),
            (vec!["v=STSv10; id=1;"], None),
            (vec!["v=STSv1"], None),
            (vec!["v=STSv1; id=;"], None),
            (vec!["v=STSv1; id=a-b;"], None),
            (vec![], None),
        ] {
            let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
            assert_eq!(id_of(&texts), expected, "{texts:?}");
        }
    }
}
