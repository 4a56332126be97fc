//! The DNS data of a case.

use std::collections::BTreeMap;

use mta_core::dns::Kind;
use mta_sim::dns::{Dnssec, Fault, NameSpec, PerKind, Zones};

use crate::case::Record;
use crate::pki::Certificates;
use crate::placeholder;

/// What the simulated resolver knows.
///
/// # Errors
/// What makes no sense, or cannot be said.
pub(crate) fn zones(
    records: &[Record],
    secure: bool,
    probe_secure: bool,
    certificates: &Certificates,
) -> Result<Zones, String> {
    let mut names: BTreeMap<String, NameSpec> = BTreeMap::new();
    let root = Dnssec::of(secure);
    let probe = PerKind::Table([(Kind::Ns, Dnssec::of(probe_secure))].into());
    for record in records {
        let key = record.name.to_ascii_lowercase();
        let name = names.entry(key).or_insert_with(|| NameSpec {
            name: record.name.clone(),
            ..NameSpec::default()
        });
        add(name, record, certificates)?;
    }
    // Names at the top say what holds below them; the probe asks for the root itself.
    let tops: Vec<String> = names
        .keys()
        .filter_map(|name| name.trim_end_matches('.').rsplit('.').next())
        .map(str::to_owned)
        .collect();
    for top in tops {
        let name = names.entry(top.clone()).or_insert_with(|| NameSpec {
            name: top,
            ..NameSpec::default()
        });
        name.dnssec.get_or_insert(PerKind::All(root));
    }
    names.insert(
        ".".to_owned(),
        NameSpec {
            name: ".".to_owned(),
            ns: vec!["a.root-servers.test".to_owned()],
            dnssec: Some(probe),
            ..NameSpec::default()
        },
    );
    let names: Vec<NameSpec> = names.into_values().collect();
    Zones::new(&names).map_err(|error| error.to_string())
}

trait OfFlag {
    fn of(secure: bool) -> Self;
}

impl OfFlag for Dnssec {
    fn of(secure: bool) -> Self {
        if secure {
            Dnssec::Secure
        } else {
            Dnssec::Insecure
        }
    }
}

fn add(name: &mut NameSpec, record: &Record, certificates: &Certificates) -> Result<(), String> {
    let data = record.data.iter().cloned();
    let kind = match record.kind.as_str() {
        "MX" => {
            name.mx.extend(data);
            Kind::Mx
        }
        "A" => {
            name.a.extend(data);
            Kind::A
        }
        "AAAA" => {
            name.aaaa.extend(data);
            Kind::Aaaa
        }
        "CNAME" => {
            name.cname = record.data.first().cloned();
            Kind::Cname
        }
        "TLSA" => {
            for text in &record.data {
                name.tlsa.push(placeholder::tlsa(text, certificates)?);
            }
            Kind::Tlsa
        }
        "TXT" => {
            name.txt.extend(data);
            Kind::Txt
        }
        "NS" => {
            name.ns.extend(data);
            Kind::Ns
        }
        kind => return Err(format!("a record of type {kind}")),
    };
    if let Some(ad) = record.ad {
        set(&mut name.dnssec, kind, Dnssec::of(ad));
    }
    if let Some(rcode) = &record.rcode {
        let fault = match rcode.as_str() {
            "SERVFAIL" => Fault::ServFail,
            "REFUSED" => Fault::Refused,
            "NOTIMP" => Fault::NotImp,
            "NXDOMAIN" => Fault::NxDomain,
            "NOERROR" => return Ok(()),
            rcode => return Err(format!("rcode {rcode}")),
        };
        set(&mut name.fault, kind, fault);
    }
    Ok(())
}

fn set<T>(per_kind: &mut Option<PerKind<T>>, kind: Kind, value: T) {
    match per_kind.get_or_insert_with(|| PerKind::Table(BTreeMap::new())) {
        PerKind::Table(table) => {
            table.insert(kind, value);
        }
        all @ PerKind::All(_) => *all = PerKind::Table([(kind, value)].into()),
    }
}
