//! How much goes to one destination at a time: for every service, and for single ones by name (postconf(5),
//! `transport_destination_concurrency_limit` and its like).

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::limit::limit;
use crate::config::reader::Reader;
use crate::config::settings::DestinationLimits;
use crate::config::table::parameter;
use crate::config::value;

const INITIAL: &str = "_initial_destination_concurrency";
const CONCURRENCY: &str = "_destination_concurrency_limit";
const RECIPIENTS: &str = "_destination_recipient_limit";

pub(super) fn limits(reader: &mut Reader<'_>) -> DestinationLimits {
    let initial = limit(reader.number("initial_destination_concurrency"));
    DestinationLimits {
        initial: initial.unwrap_or(NonZeroU32::MIN),
        concurrency: limit(reader.number("default_destination_concurrency_limit")),
        recipients: limit(reader.number("default_destination_recipient_limit")),
    }
}

/// What holds for single services. `smtp` has parameters of its own.
pub(super) fn by_service(
    reader: &mut Reader<'_>,
    default: DestinationLimits,
) -> BTreeMap<String, DestinationLimits> {
    let smtp = DestinationLimits {
        concurrency: limit(reader.number("smtp_destination_concurrency_limit")),
        recipients: limit(reader.number("smtp_destination_recipient_limit")),
        ..default
    };
    let mut all = BTreeMap::from([("smtp".to_owned(), smtp)]);
    for end in [INITIAL, CONCURRENCY, RECIPIENTS] {
        let min = i32::from(end == INITIAL);
        for name in reader.names_with_end(end) {
            let Some(service) = name.strip_suffix(end).filter(|it| *it != "default") else {
                continue;
            };
            if parameter(&name).is_some() {
                continue;
            }
            let text = reader.in_file(&name).unwrap_or_default();
            match value::number(&name, &text, min, 0) {
                Ok(number) => {
                    let limits = all.entry(service.to_owned()).or_insert(default);
                    match end {
                        INITIAL => limits.initial = limit(number).unwrap_or(NonZeroU32::MIN),
                        CONCURRENCY => limits.concurrency = limit(number),
                        _ => limits.recipients = limit(number),
                    }
                }
                Err(refusal) => reader.refuse(&name, refusal),
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::config::{Host, MainCf, Release, Settings};

    fn read(text: &str) -> Result<Settings, String> {
        let main_cf = MainCf::parse("main.cf", text);
        match Settings::from_main_cf(&main_cf, Release::V3_7, &Host::default()) {
            Ok((settings, warnings)) => {
                assert!(warnings.is_empty(), "{warnings:?}");
                Ok(settings)
            }
            Err(errors) => Err(errors[0].postfix_says().unwrap()),
        }
    }

    /// The three limits of a service; 0 is none.
    fn limits(text: &str, service: &str) -> [u32; 3] {
        let limits = read(text).unwrap().queue.destination_limits_of(service);
        let or_none = |limit: Option<std::num::NonZeroU32>| limit.map_or(0, |limit| limit.get());
        let (concurrency, recipients) = (limits.concurrency, limits.recipients);
        [
            limits.initial.get(),
            or_none(concurrency),
            or_none(recipients),
        ]
    }

    #[test]
    fn a_service_goes_by_the_defaults_unless_it_is_named() {
        assert_eq!(limits("", "smtp"), [5, 20, 50]);
        assert_eq!(limits("", "alt"), [5, 20, 50]);
        let text = "default_destination_concurrency_limit = 3\n";
        assert_eq!(limits(text, "smtp"), [5, 3, 50]);
        let text =
            "smtp_destination_concurrency_limit = 4\nsmtp_initial_destination_concurrency = 2\n";
        assert_eq!(limits(text, "smtp"), [2, 4, 50]);
        assert_eq!(limits(text, "alt"), [5, 20, 50]);
        let text = "alt_destination_recipient_limit = $alt_destination_concurrency_limit\n\
                    alt_destination_concurrency_limit = 0\n";
        assert_eq!(limits(text, "alt"), [5, 0, 0]);
        assert_eq!(limits(text, "smtp"), [5, 20, 50]);
    }

    #[test]
    fn a_wrong_number_is_told_as_postfix_tells_it() {
        for (text, says) in [
            (
                "alt_initial_destination_concurrency = 0\n",
                "fatal: invalid alt_initial_destination_concurrency parameter value 0 < 1",
            ),
            (
                "alt_destination_concurrency_limit = few\n",
                "fatal: bad numerical configuration: alt_destination_concurrency_limit = few",
            ),
        ] {
            assert_eq!(read(text).unwrap_err(), says);
        }
    }
}
