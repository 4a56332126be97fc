//! Which service of master.cf gets a recipient's mail, and for which next hop: the part of trivial-rewrite(8)
//! (src/trivial-rewrite/resolve.c, transport.c; transport(5)).
//!
//! Every recipient is of the default class: what `mydestination`, `virtual_mailbox_domains` and `relay_domains` make of
//! one is not looked at.

mod by_sender;
mod extension;
mod no_route;

use std::sync::Arc;

use crate::config::Settings;
use crate::event::{Notice, PolicyNotice};
use crate::maps::{LookupError, Maps};
use crate::policy_table::Tables;
use by_sender::said_of;
pub(crate) use extension::without_extension;
pub(crate) use no_route::NoRoute;
use no_route::unanswered;

/// A service of master.cf, and what it is to do with the mail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Route {
    /// The service, by its name.
    pub(crate) transport: Arc<str>,
    /// The next hop; to `error`, `retry` and `discard` the reason.
    pub(crate) nexthop: Arc<str>,
}

/// The service that bounces, with the next hop as the reason (error(8)).
pub(crate) const ERROR: &str = "error";
/// The same, but it defers.
pub(crate) const RETRY: &str = "retry";

/// What an entry says that names `error` or `retry` and no reason.
const NO_REASON: &str = "Address is undeliverable";

/// Where a recipient's mail goes next: what `transport_maps` says, and for what it leaves open
/// `sender_dependent_default_transport_maps` and `default_transport`, `sender_dependent_relayhost_maps` and `relayhost`, the
/// recipient's domain. What trivial-rewrite(8) remarks on comes to the notices.
///
/// # Errors
/// [`NoRoute`] if a table has no answer to give, or no service is left.
pub(crate) fn route(
    sender: &str,
    recipient: &str,
    settings: &Settings,
    tables: &Tables,
    notices: &mut Vec<Notice>,
) -> Result<Route, NoRoute> {
    const TRANSPORTS: &str = "sender_dependent_default_transport_maps";
    const RELAYS: &str = "sender_dependent_relayhost_maps";
    let delimiters = &settings.routing.recipient_delimiter;
    let domain = recipient.rsplit_once('@').map_or("", |(_, domain)| domain);
    let domain = domain.to_ascii_lowercase();
    let by_sender = tables.sender_transport.as_ref();
    let chosen = said_of(sender, TRANSPORTS, by_sender, delimiters, notices)?;
    let by_sender = tables.sender_relayhost.as_ref();
    let relay = said_of(sender, RELAYS, by_sender, delimiters, notices)?;
    let whole = chosen.as_deref();
    let (transport, nexthop) = split(whole.unwrap_or(&settings.routing.default_transport));
    if transport.is_empty() {
        let parameter = chosen.as_ref().map_or("default_transport", |_| TRANSPORTS);
        let config_directory = settings.names.config_directory.as_str().into();
        let notice = PolicyNotice::NoTransport {
            config_directory,
            parameter,
        };
        notices.push(notice.into());
        return Err(NoRoute);
    }
    let default = match (nexthop, &relay, &settings.hosts.relayhost) {
        ("", Some(relay), _) | ("", None, Some(relay)) => relay,
        ("", None, None) => &domain,
        (nexthop, ..) => nexthop,
    };
    // A recipient without a domain is not a key (trivial-rewrite(8) would have added one).
    let table = tables.transport.as_ref().filter(|_| !domain.is_empty());
    let found = match table {
        Some(table) => entry(recipient, &domain, settings, table)
            .map_err(|error| unanswered("transport_maps", error, notices))?,
        None => None,
    };
    let said = found.as_deref().map_or(("", ""), split);
    let (transport, nexthop) = match said {
        // `:` changes nothing, and `:nexthop` the next hop alone.
        ("", "") => (transport, default),
        ("", nexthop) => (transport, nexthop),
        // A service without a next hop: neither `relayhost` nor that of `default_transport` counts any more.
        (service @ (ERROR | RETRY), "") => (service, NO_REASON),
        (service, "") => (service, &*domain),
        (service, nexthop) => (service, nexthop),
    };
    Ok(Route {
        transport: transport.into(),
        nexthop: nexthop.into(),
    })
}

/// The entry for a recipient. Keys are tried in this order: the address, without its extension, the domain, its parents
/// with a dot before them, `*`. Tables of patterns see the address and `*` alone.
fn entry(
    recipient: &str,
    domain: &str,
    settings: &Settings,
    table: &Maps,
) -> Result<Option<String>, LookupError> {
    if let Some(found) = table.find(recipient)? {
        return Ok(Some(found));
    }
    if let Some(bare) = without_extension(recipient, &settings.routing.recipient_delimiter)
        && let Some(found) = table.find_part(&bare)?
    {
        return Ok(Some(found));
    }
    let mut name = domain;
    while !name.is_empty() {
        if let Some(found) = table.find_part(name)? {
            return Ok(Some(found));
        }
        let dot = name.char_indices().skip(1).find(|(_, c)| *c == '.');
        let Some(parent) = dot.and_then(|(at, _)| name.get(at..)) else {
            break;
        };
        name = match settings.routing.parents_match {
            true => parent.trim_start_matches('.'),
            false => parent,
        };
    }
    table.find("*")
}

/// `transport:nexthop`.
fn split(text: &str) -> (&str, &str) {
    text.split_once(':').unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Host, MainCf, Release};
    use crate::log::said;

    /// The route with this main.cf, as `transport:nexthop`.
    fn routed(main_cf: &str, recipient: &str) -> Result<String, Vec<String>> {
        routed_from("s@client.test", main_cf, recipient)
    }

    fn routed_from(sender: &str, main_cf: &str, recipient: &str) -> Result<String, Vec<String>> {
        let main_cf = MainCf::parse("main.cf", main_cf);
        let host = Host::default();
        let (settings, _) = Settings::from_main_cf(&main_cf, Release::V3_7, &host).unwrap();
        let tables = Tables::load(&settings, &mut |_| None).unwrap();
        let mut notices = Vec::new();
        match route(sender, recipient, &settings, &tables, &mut notices) {
            Ok(Route { transport, nexthop }) => Ok(format!("{transport}:{nexthop}")),
            Err(NoRoute) => Err(said(&notices)),
        }
    }

    fn by_table(entry: &str, recipient: &str) -> String {
        let main_cf = format!("transport_maps = inline:{{ {{{entry}}} }}\n");
        routed(&main_cf, recipient).unwrap()
    }

    #[test]
    fn without_a_table_mail_goes_to_the_domain_or_the_relayhost() {
        assert_eq!(routed("", "u@Example.test").unwrap(), "smtp:example.test");
        let relay = "relayhost = [relay.test]\n";
        assert_eq!(
            routed(relay, "u@example.test").unwrap(),
            "smtp:[relay.test]"
        );
        let service = "relayhost = [relay.test]\ndefault_transport = alt:[other.test]:2525\n";
        assert_eq!(
            routed(service, "u@example.test").unwrap(),
            "alt:[other.test]:2525"
        );
        let service = "relayhost = [relay.test]\ndefault_transport = alt\n";
        assert_eq!(
            routed(service, "u@example.test").unwrap(),
            "alt:[relay.test]"
        );
    }

    #[test]
    fn an_entry_changes_the_service_the_next_hop_or_both() {
        let relay = "relayhost = [relay.test]\ntransport_maps = inline:{ {e.test=";
        for (said, expected) in [
            (":", "smtp:[relay.test]"),
            (":[host.test]", "smtp:[host.test]"),
            ("smtp:", "smtp:e.test"),
            ("smtp", "smtp:e.test"),
            ("alt:", "alt:e.test"),
            ("alt:[host.test]:587", "alt:[host.test]:587"),
            ("alt:a.test, b.test", "alt:a.test, b.test"),
            ("error:", "error:Address is undeliverable"),
            ("error:5.1.1 gone: for good", "error:5.1.1 gone: for good"),
            ("discard:", "discard:e.test"),
        ] {
            let main_cf = format!("{relay}{said}}} }}\n");
            assert_eq!(routed(&main_cf, "u@e.test").unwrap(), expected, "{said}");
        }
    }

    #[test]
    fn a_sender_may_have_a_relay_and_a_service_of_its_own() {
        let relays = "relayhost = [relay.test]\nrecipient_delimiter = +\nsender_dependent_relayhost_maps = \
             inline:{ {a@client.test=[one.test]}, {@client.test=[two.test]:587}, {b@client.test=dunno}, {<>=[bounces.test]} }\n";
        for (sender, nexthop) in [
            ("a@client.test", "[one.test]"),
            ("a+x@client.test", "[one.test]"),
            ("c@client.test", "[two.test]:587"),
            ("b@client.test", "[relay.test]"),
            ("a@other.test", "[relay.test]"),
            ("", "[bounces.test]"),
        ] {
            let routed = routed_from(sender, relays, "u@e.test").unwrap();
            assert_eq!(routed, format!("smtp:{nexthop}"), "{sender}");
        }
        let services = format!(
            "{relays}sender_dependent_default_transport_maps = inline:{{ {{@client.test=alt:}}, {{b@client.test=alt:[own.test]}} }}\n"
        );
        let routed = |sender| routed_from(sender, &services, "u@e.test").unwrap();
        assert_eq!(routed("c@client.test"), "alt:[two.test]:587");
        assert_eq!(routed("b@client.test"), "alt:[own.test]");
        assert_eq!(routed("a@other.test"), "smtp:[relay.test]");
    }

    #[test]
    fn a_table_by_sender_without_an_answer_leaves_no_route() {
        let main_cf = "sender_dependent_relayhost_maps = texthash:/none\n";
        let log = routed_from("s@client.test", main_cf, "u@a.test").unwrap_err();
        assert_eq!(
            log[2],
            "warning: sender_dependent_relayhost_maps lookup failure"
        );
    }

    #[test]
    fn keys_are_tried_from_the_address_to_the_wildcard() {
        let recipient = "User+x@A.b.test";
        for key in ["user+x@a.b.test", "a.b.test", ".b.test", ".test", "*"] {
            let entry = format!("{key}=alt:");
            assert_eq!(by_table(&entry, recipient), "alt:a.b.test", "{key}");
        }
        for key in [".a.b.test", "b.test", "test", "user@a.b.test"] {
            let entry = format!("{key}=alt:");
            assert_eq!(by_table(&entry, recipient), "smtp:a.b.test", "{key}");
        }
        let order = "transport_maps = inline:{ a.b.test=one, .b.test=two, *=three }\n";
        assert_eq!(routed(order, "u@a.b.test").unwrap(), "one:a.b.test");
        assert_eq!(routed(order, "u@c.b.test").unwrap(), "two:c.b.test");
        assert_eq!(routed(order, "u@c.test").unwrap(), "three:c.test");
    }

    #[test]
    fn an_extension_and_a_parent_count_where_main_cf_says_so() {
        let main_cf = "recipient_delimiter = +-\ntransport_maps = inline:{ u@a.test=one, owner@a.test=two }\n";
        assert_eq!(routed(main_cf, "u+x@a.test").unwrap(), "one:a.test");
        assert_eq!(routed(main_cf, "u-x+y@a.test").unwrap(), "one:a.test");
        assert_eq!(routed(main_cf, "owner-x@a.test").unwrap(), "smtp:a.test");
        assert_eq!(routed(main_cf, "+x@a.test").unwrap(), "smtp:a.test");
        let main_cf = "parent_domain_matches_subdomains = transport_maps\ntransport_maps = inline:{ b.test=one }\n";
        assert_eq!(routed(main_cf, "u@a.b.test").unwrap(), "one:a.b.test");
        assert_eq!(routed(main_cf, "u@b.test").unwrap(), "one:b.test");
    }

    #[test]
    fn patterns_see_the_whole_address_alone() {
        let main_cf = "transport_maps = regexp:{ {/^a\\.test$$/ one:} {/@b\\.test$$/ two:} {/^(.*)$$/ $$1:} }\n";
        assert_eq!(routed(main_cf, "u@a.test").unwrap(), "smtp:a.test");
        assert_eq!(routed(main_cf, "u@b.test").unwrap(), "two:b.test");
        let maps = Maps::load_literal("transport_maps", "regexp:{ {/^(.*)$/ $1:} }", &mut |_| None);
        let log = said(maps.unwrap().opening_notices()).join("\n");
        assert!(
            log.ends_with("regular expression substitution is not allowed: skipping this rule")
        );
    }

    #[test]
    fn a_table_without_an_answer_leaves_no_route() {
        let log = routed("transport_maps = texthash:/none\n", "u@a.test").unwrap_err();
        assert_eq!(
            log,
            [
                "warning: texthash:/none is unavailable. open database /none: No such file or directory",
                "warning: texthash:/none lookup error for \"u@a.test\"",
                "warning: transport_maps lookup failure",
            ]
        );
        let log = routed("default_transport =\n", "u@a.test").unwrap_err();
        assert_eq!(
            log,
            [
                "warning: file /etc/postfix/main.cf: parameter default_transport: null transport is not allowed"
            ]
        );
    }
}
