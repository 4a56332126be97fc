//! The first cause of what became of mail, where the last step shows only a consequence.

use mta_core::event::{Event, Notice, Rule, Status, TableNotice, TlsNotice, TlsObstacle, What};
use mta_core::log::reason;

use crate::run::Run;

/// Why mail went in clear text although its servers offer TLS, if it did.
pub(super) fn of_clear_text(run: &Run) -> Option<String> {
    let rules = || run.events.iter().filter_map(Event::rule);
    let last = rules().find(|rule| matches!(rule, Rule::LevelNone | Rule::NoEngine))?;
    // What follows a failure is a second connection at level none; nobody asked for that level.
    let mut before = rules().take_while(|rule| *rule != last);
    if !before.any(|rule| rule == Rule::OldMessageFallsBack) {
        return Some(last.says().to_owned());
    }
    let failed = || {
        let mut deliveries = run.deliveries().into_iter();
        let failed = deliveries.find(|delivery| delivery.outcome.status != Status::Sent)?;
        Some(reason(&failed.outcome.reason))
    };
    let failed = match obstacle(run).or_else(failed) {
        Some(cause) => format!("TLS failed ({cause})"),
        None => "TLS failed".to_owned(),
    };
    Some(format!("{failed}, and level may then sends in clear text"))
}

/// What in the settings themselves leaves no way to begin TLS.
pub(super) fn obstacle(run: &Run) -> Option<String> {
    run.events.iter().find_map(|event| {
        let What::Noticed { notice, .. } = &event.what else {
            return None;
        };
        let Notice::Tls(TlsNotice::CannotBegin { obstacle, .. }) = &**notice else {
            return None;
        };
        Some(match obstacle {
            TlsObstacle::Protocols(list) => format!("invalid list of protocols `{list}`"),
            TlsObstacle::Grade(grade) => {
                format!("invalid cipher grade `{grade}`; expected for example `medium` or `high`")
            }
            TlsObstacle::Exclusion(word) => format!("invalid cipher to exclude `{word}`"),
            TlsObstacle::NoCipher(grade) => format!("no cipher is of the grade `{grade}`"),
        })
    })
}

/// The table that had no answer, `type:name`, if one was asked in vain.
pub(super) fn failed_table(run: &Run) -> Option<String> {
    run.events.iter().find_map(|event| {
        let What::Noticed { notice, .. } = &event.what else {
            return None;
        };
        let Notice::Table(TableNotice::LookupFailed { table, .. }) = &**notice else {
            return None;
        };
        Some(table.to_string())
    })
}
