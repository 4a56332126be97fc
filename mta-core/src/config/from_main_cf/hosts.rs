//! Which hosts are tried, and which connections to them stay open.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::limit::limit;
use super::process::proxy_serves_clients;
use crate::config::host_name::Host;
use crate::config::inet::{AddressPreference, BadProtocols, InetProtocols, words};
use crate::config::problem::clip;
use crate::config::reader::Reader;
use crate::config::settings::{HostSettings, ReuseSettings, RouteSettings};
use crate::config::value::{Refusal, nearest};
use crate::event::{Assignment, ConfigNotice, WordWeight};

pub(super) fn routing(reader: &mut Reader<'_>) -> RouteSettings {
    RouteSettings {
        transport_maps: reader.text("transport_maps"),
        sender_relayhost_maps: reader.tables("sender_dependent_relayhost_maps"),
        sender_transport_maps: reader.tables("sender_dependent_default_transport_maps"),
        own_domains: [
            ("mydestination", reader.text("mydestination")),
            (
                "virtual_mailbox_domains",
                reader
                    .with_default_of("virtual_mailbox_maps")
                    .text("virtual_mailbox_domains"),
            ),
            (
                "virtual_alias_domains",
                reader
                    .with_default_of("virtual_maps")
                    .with_default_of("virtual_alias_maps")
                    .text("virtual_alias_domains"),
            ),
        ],
        default_transport: reader.text("default_transport"),
        recipient_delimiter: reader.text("recipient_delimiter"),
        parents_match: words(&reader.text("parent_domain_matches_subdomains"))
            .any(|name| name == "transport_maps"),
    }
}

pub(super) fn hosts(reader: &mut Reader<'_>, host: &Host) -> HostSettings {
    HostSettings {
        own_addresses: own_addresses(reader, host),
        relayhost: reader.some_text("relayhost"),
        fallback_relays: words(
            &reader
                .with_default_of("fallback_relay")
                .text("smtp_fallback_relay"),
        )
        .map(str::to_owned)
        .collect(),
        inet_protocols: reader.parsed("inet_protocols", InetProtocols::All, inet_protocols),
        address_preference: reader.parsed(
            "smtp_address_preference",
            AddressPreference::Any,
            address_preference,
        ),
        balance_inet_protocols: reader.yes_or_no("smtp_balance_inet_protocols"),
        randomize_addresses: reader.yes_or_no("smtp_randomize_addresses"),
        mx_address_limit: limit(reader.number("smtp_mx_address_limit")),
        mx_session_limit: limit(reader.number("smtp_mx_session_limit")),
        ignore_mx_lookup_error: reader.yes_or_no("ignore_mx_lookup_error"),
        defer_if_no_mx_address_found: reader.yes_or_no("smtp_defer_if_no_mx_address_found"),
    }
}

/// Where mail for this machine comes in (src/global/own_inet_addr.c). That the machine has the addresses that are
/// listed is taken on trust.
fn own_addresses(reader: &mut Reader<'_>, host: &Host) -> Vec<IpAddr> {
    const INTERFACES: &str = "inet_interfaces";
    const PROXIES: &str = "proxy_interfaces";
    let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let mut own = match reader.text(INTERFACES).as_str() {
        "all" => host.addresses.iter().copied().chain(loopback).collect(),
        "loopback-only" => loopback.to_vec(),
        listed => addresses(reader, INTERFACES, listed, host),
    };
    let proxies = reader.text(PROXIES);
    own.extend(addresses(reader, PROXIES, &proxies, host));
    own
}

/// Addresses, in brackets or not. Of names, only those of this machine lead anywhere here.
fn addresses(
    reader: &mut Reader<'_>,
    name: &'static str,
    listed: &str,
    host: &Host,
) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for word in words(listed) {
        let bare = word
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(word);
        if let Ok(address) = bare.parse() {
            found.push(address);
        } else if bare.eq_ignore_ascii_case("localhost") {
            found.extend::<[IpAddr; 2]>([Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        } else if bare.eq_ignore_ascii_case(&host.hostname) {
            found.extend(&host.addresses);
        } else if ["all", "loopback-only"].contains(&bare) {
            // The words mean something only by themselves.
            let what = format!("{bare} must stand alone");
            let notice = ConfigNotice::InterfaceNotFound {
                parameter: name.into(),
                host: bare.into(),
            };
            reader.refuse(name, Refusal::new(what, notice));
        } else {
            reader.ignored(name, &format!("the name {} is not looked up", clip(word)));
        }
    }
    found
}

fn inet_protocols(text: &str) -> Result<InetProtocols, Refusal> {
    InetProtocols::parse(text).map_err(|bad| match bad {
        BadProtocols::Empty => {
            Refusal::new("names no IP version".to_owned(), ConfigNotice::NoProtocols)
        }
        BadProtocols::Unknown(word) => Refusal {
            what: format!("unknown word \"{}\"", clip(&word)),
            nearest: nearest(&word.to_ascii_lowercase(), InetProtocols::WORDS),
            notice: ConfigNotice::UnknownWord {
                set: Assignment::of("inet_protocols", text),
                word: word.into(),
                weight: WordWeight::Fatal,
            },
        },
    })
}

fn address_preference(word: &str) -> Result<AddressPreference, Refusal> {
    if words(word).next().is_none() {
        let set = Assignment::of("smtp_address_preference", "");
        let too_short = ConfigNotice::TooShort { set, min: 1 };
        return Err(Refusal::new("must not be empty".to_owned(), too_short));
    }
    word.parse().map_err(|_| Refusal {
        what: format!("unknown word \"{}\"", clip(word)),
        nearest: nearest(&word.to_ascii_lowercase(), AddressPreference::WORDS),
        notice: ConfigNotice::BadPreference(word.into()),
    })
}

pub(super) fn reuse(reader: &mut Reader<'_>) -> ReuseSettings {
    let time_limit = reader.time("smtp_connection_cache_time_limit");
    let ttl_limit = reader.time("connection_cache_ttl_limit");
    ReuseSettings {
        destinations: words(&reader.text("smtp_connection_cache_destinations"))
            .map(str::to_owned)
            .collect(),
        on_demand: reader.yes_or_no("smtp_connection_cache_on_demand"),
        idle_limit: time_limit.min(ttl_limit),
        time_limit: reader.time("smtp_connection_reuse_time_limit"),
        count_limit: limit(reader.number("smtp_connection_reuse_count_limit")),
        with_tls: reader.yes_or_no("smtp_tls_connection_reuse"),
        proxy: reader.text("tlsproxy_service_name"),
        proxy_serves_clients: proxy_serves_clients(reader),
    }
}
