//! `smtp_tls_loglevel_maps`: what is logged of TLS with a server, by its name or address (src/global/yana_policy.c).

use std::net::IpAddr;

use crate::config::{LogMask, LogSettings, Release, is_host_name};
use crate::event::{Notice, PolicyNotice, TlsNotice};
use crate::maps::{LookupError, Maps};

const NAME: &str = "smtp_tls_loglevel_maps";

/// What is logged of a handshake with one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogLevel {
    /// Which kinds of lines.
    pub mask: LogMask,
    /// What smtp(8) remarks on when it looks it up.
    pub notices: Vec<Notice>,
    /// What is noticed, behind that, by the process that begins the handshake: a word that means nothing.
    pub unknown: Option<TlsNotice>,
}

/// What is logged of a handshake with the server `host` at `address`: what the tables say, else what main.cf says of
/// all servers.
pub(crate) fn log_level(
    settings: &LogSettings,
    maps: Option<&Maps>,
    release: Release,
    host: &str,
    address: IpAddr,
) -> LogLevel {
    let mut log = Vec::new();
    let found = maps.and_then(|maps| {
        look_up(maps, settings.parents_match, host, address, &mut log).unwrap_or_else(|fault| {
            log.extend(fault.notices.into_iter().map(Notice::from));
            None
        })
    });
    let found = found.filter(|words| !words.eq_ignore_ascii_case("DUNNO"));
    let (parameter, words) = match &found {
        Some(words) => (NAME, words),
        None => ("smtp_tls_loglevel", &settings.words),
    };
    let (mask, unknown) = match LogMask::parse(words, release) {
        Ok(mask) => (mask, None),
        Err(unknown) => {
            let (word, text) = (unknown.0.into(), words.as_str().into());
            let notice = TlsNotice::UnknownLogWord {
                parameter,
                word,
                text,
            };
            (LogMask::NONE, Some(notice))
        }
    };
    LogLevel {
        mask,
        notices: log,
        unknown,
    }
}

/// The name and its parents come first, then the address and the networks that its parts make.
fn look_up(
    maps: &Maps,
    parents_match: bool,
    host: &str,
    address: IpAddr,
    log: &mut Vec<Notice>,
) -> Result<Option<String>, LookupError> {
    if let Some(name) = server_name(host, log) {
        let mut key = name;
        let mut is_whole = true;
        while !key.is_empty() {
            if let Some(found) = find(maps, key, is_whole)? {
                return Ok(Some(found));
            }
            is_whole = false;
            let dot = key.char_indices().skip(1).find(|(_, c)| *c == '.');
            let Some((at, _)) = dot else {
                break;
            };
            let start = if parents_match { at + 1 } else { at };
            key = key.get(start..).unwrap_or_default();
        }
    }
    let address = address.to_string();
    let between = if address.contains(':') { ':' } else { '.' };
    let mut key = address.as_str();
    if let Some(found) = find(maps, key, true)? {
        return Ok(Some(found));
    }
    while let Some((network, _)) = key.rsplit_once(between) {
        key = network;
        if let Some(found) = find(maps, key, false)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn find(maps: &Maps, key: &str, is_whole: bool) -> Result<Option<String>, LookupError> {
    if is_whole {
        maps.find(key)
    } else {
        maps.find_part(key)
    }
}

/// The name, if it is one. Anything else, addresses included, is warned about and never looked up.
fn server_name<'h>(host: &'h str, log: &mut Vec<Notice>) -> Option<&'h str> {
    if is_host_name(host) {
        return Some(host);
    }
    if !host.is_empty() {
        let host = host.into();
        log.push(PolicyNotice::OddPeerName { host }.into());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(table: &str, parents_match: bool, host: &str, address: &str) -> LogLevel {
        let settings = LogSettings {
            mask: LogMask::SUMMARY,
            words: "1".to_owned(),
            maps: table.to_owned(),
            parents_match,
        };
        let mut read = |path: &str| (path == "/etc/names").then(|| "/test$/ cache\n".into());
        let maps = Maps::load(NAME, table, &mut read).unwrap();
        let address = address.parse().unwrap();
        log_level(&settings, Some(&maps), Release::V3_12, host, address)
    }

    fn level(table: &str, host: &str) -> LogLevel {
        with(table, false, host, "127.0.1.1")
    }

    #[test]
    fn the_name_comes_before_the_address_and_the_nearest_part_wins() {
        for (table, host, mask) in [
            // v312-loglevel-maps-addr, v312-loglevel-maps-other
            (
                "cidr:{ {127.0.1.1/32 cache} }",
                "mx1.example.test",
                LogMask::CACHE,
            ),
            (
                "inline:{ {mx2.example.test=0} }",
                "mx1.example.test",
                LogMask::SUMMARY,
            ),
            (
                "inline:{MX1.example.test=cache}",
                "mx1.Example.test",
                LogMask::CACHE,
            ),
            (
                "inline:{.example.test=cache, .test=dane}",
                "mx1.example.test",
                LogMask::CACHE,
            ),
            (
                "inline:{example.test=cache}",
                "mx1.example.test",
                LogMask::SUMMARY,
            ),
            (
                "inline:{127.0.1.1=dane, .test=cache}",
                "mx1.test",
                LogMask::CACHE,
            ),
            (
                "inline:{127.0.1=dane, 127=cache}",
                "mx1.test",
                LogMask::DANE,
            ),
            ("inline:{127=dane}", "mx1.test", LogMask::DANE),
            (
                "inline:{.test=DUNNO, 127=dane}",
                "mx1.test",
                LogMask::SUMMARY,
            ),
            ("regexp:/etc/names", "mx1.test", LogMask::CACHE),
        ] {
            assert_eq!(level(table, host).mask, mask, "{table} {host}");
        }
        let table = "inline:{example.test=cache, .test=dane}";
        assert_eq!(
            with(table, true, "mx1.example.test", "2001:db8::1").mask,
            LogMask::CACHE
        );
        assert_eq!(
            with(table, true, "mx1.test", "2001:db8::1").mask,
            LogMask::SUMMARY
        );
        let network = "inline:{2001:db8:=cache}";
        assert_eq!(
            with(network, false, "mx1.test", "2001:db8::1").mask,
            LogMask::CACHE
        );
    }

    #[test]
    fn what_is_wrong_is_told_and_the_rest_goes_on() {
        let failed = level("fail:x", "mx1.test");
        assert_eq!(failed.mask, LogMask::SUMMARY);
        assert_eq!(
            crate::log::said(&failed.notices),
            ["warning: fail:x lookup error for \"mx1.test\""]
        );
        let unknown = level("static:chatty", "mx1.test");
        assert_eq!(unknown.mask, LogMask::NONE);
        assert_eq!(
            unknown.unknown,
            Some(TlsNotice::UnknownLogWord {
                parameter: NAME,
                word: "chatty".into(),
                text: "chatty".into(),
            })
        );
        // A destination in brackets goes by its address.
        let address = level("inline:{127.0.1.1=cache}", "127.0.1.1");
        assert_eq!(address.mask, LogMask::CACHE);
        assert_eq!(
            crate::log::said(&address.notices),
            ["warning: yana_policy_lookup: ignoring malformed peer name: '127.0.1.1'"]
        );
    }
}
