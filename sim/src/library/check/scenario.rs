//! What a scenario expects and can never get, and a configuration that is wrong.

use std::collections::BTreeSet;

use crate::file::FileError;
use crate::plan::{Plan, PlanError};

use super::places::Places;
use crate::scenario::{ChannelWord, Delivery, Scenario, StatusWord};

/// Everything in a scenario that cannot be meant.
pub(super) fn unmeant(scenario: &Scenario, places: &Places<'_>) -> Vec<FileError> {
    let mut found = configuration(scenario, places);
    let recipients: BTreeSet<&str> = scenario
        .plan
        .messages
        .iter()
        .flat_map(|message| message.to.iter().map(String::as_str))
        .collect();
    let places_of = places.list(&["expect", "delivery"]);
    for (delivery, octet) in scenario.expect.deliveries.iter().zip(&places_of) {
        let told = never(delivery, &recipients);
        found.extend(told.map(|message| places.at(*octet, &message)));
    }
    let expect = &scenario.expect;
    if let Some(rule) = expect
        .decided
        .iter()
        .find(|rule| expect.not_decided.contains(rule))
    {
        let message = format!("`{rule}` cannot both decide and not decide");
        found.push(places.at_key("not-decided", &message));
    }
    if let Some(line) = expect.log.iter().find(|line| expect.never.contains(line)) {
        let message = format!("`{line}` cannot both be in the log and never be in it");
        found.push(places.at_key("never", &message));
    }
    if expect.returned > scenario.plan.messages.len() {
        let message = format!(
            "{} messages cannot be returned: there are {}",
            expect.returned,
            scenario.plan.messages.len()
        );
        found.push(places.at_key("returned", &message));
    }
    let sent = |delivery: &Delivery| delivery.status == StatusWord::Sent;
    if expect.connections == Some(0) && expect.deliveries.iter().any(sent) {
        let message = "nothing is sent without a connection";
        found.push(places.at_key("connections", message));
    }
    found
}

/// Every fault in the text of main.cf, under each release that the scenario is about.
fn configuration(scenario: &Scenario, places: &Places<'_>) -> Vec<FileError> {
    let mut found = Vec::new();
    for release in &scenario.postfix {
        let plan = Plan::from_main_cf(scenario.plan.main_cf.clone(), *release);
        if let Err(PlanError::Config(errors)) = plan.configuration() {
            let lines = errors.iter().map(ToString::to_string);
            found.extend(lines.map(|line| places.at_key("main-cf", &line)));
        }
    }
    found
}

/// Why a delivery cannot come out so.
fn never(delivery: &Delivery, recipients: &BTreeSet<&str>) -> Option<String> {
    if let Some(to) = &delivery.to
        && !recipients.contains(to.as_str())
    {
        let near = crate::nearest(to, recipients.iter().copied());
        let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        return Some(format!("no message is for `{to}`{hint}"));
    }
    let class = match delivery.status {
        StatusWord::Sent => '2',
        StatusWord::Deferred => '4',
        StatusWord::Bounced => '5',
    };
    if let Some(dsn) = &delivery.dsn
        && !dsn.starts_with(class)
    {
        return Some(format!(
            "a delivery with this status has no dsn {dsn}: it begins with {class}"
        ));
    }
    let of_tls = [
        ("trust", delivery.trust.is_some()),
        ("protocol", delivery.protocol.is_some()),
        ("resumed", delivery.resumed == Some(true)),
    ];
    let (word, _) = of_tls.iter().find(|(_, is_set)| *is_set)?;
    (delivery.channel == Some(ChannelWord::Clear))
        .then(|| format!("in clear text there is no `{word}`"))
}

#[cfg(test)]
mod tests {
    use crate::library::check::tests::found;

    const START: &str = "summary = 'x'\nworld = 'w0'\n";

    #[test]
    fn what_can_never_come_out_is_told() {
        for (rest, expected) in [
            (
                "[[expect.delivery]]\nto = 'usr@example.test'\nstatus = 'sent'",
                "3:1: no message is for `usr@example.test`; did you mean `user@example.test`?",
            ),
            (
                "[[expect.delivery]]\nstatus = 'sent'\ndsn = '4.7.5'",
                "3:1: a delivery with this status has no dsn 4.7.5: it begins with 2",
            ),
            (
                "[[expect.delivery]]\nstatus = 'sent'\nchannel = 'clear'\ntrust = 'Trusted'",
                "3:1: in clear text there is no `trust`",
            ),
            (
                "[expect]\ndecided = ['null-mx']\nnot-decided = ['null-mx']",
                "5:1: `null-mx` cannot both decide and not decide",
            ),
            (
                "expect.returned = 2",
                "3:8: 2 messages cannot be returned: there are 1",
            ),
        ] {
            assert_eq!(found("c.toml", &format!("{START}{rest}")), [expected]);
        }
    }

    #[test]
    fn a_wrong_configuration_is_told_line_by_line() {
        let text = format!(
            "{START}main-cf = '''\nsmtp_tls_security_level = mya\nsmtp_helo_timeout = soon-ish\n'''"
        );
        let found = found("c.toml", &text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("3:1: main.cf"), "{found:?}");
    }
}
