//! The world of a case: DNS, peers at their addresses, the files of the sender's machine.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use mta_core::time::Wall;
use mta_sim::crypto::{SimClock, Tier, provider};
use mta_sim::dns::Resolver;
use mta_sim::network::NetworkSpec;
use mta_sim::peer::{Host, Observe, Peer, TlsMaterial};
use mta_sim::seed::Seed;
use mta_sim::world::{Absent, ClientSpec, HostEntry, World};

use crate::case::{Behaviour, Case, PeerRow};
use crate::peer;
use crate::pki::Certificates;
use crate::placeholder;
use crate::reach::NotYet;
use crate::zones::zones;

/// Builds it.
///
/// # Errors
/// What cannot be built yet.
pub(crate) fn build(
    case: &Case,
    certificates: &Certificates,
    names: &[String],
    start: Wall,
    seed: Seed,
) -> Result<World, NotYet> {
    let mut world = World {
        seed,
        start,
        client: ClientSpec::default(),
        resolver: resolver(case, &case.dns, certificates)?,
        hosts: BTreeMap::new(),
        provider: provider(Tier::Seeded),
        absent: Absent::Refuses,
        changes: Vec::new(),
        files: files(case, certificates, names)?,
    };
    for row in &case.peers {
        put(row, certificates, &mut world)?;
    }
    Ok(world)
}

/// The resolver with these records.
///
/// # Errors
/// A record that makes no sense here.
pub(crate) fn resolver(
    case: &Case,
    records: &[crate::case::Record],
    certificates: &Certificates,
) -> Result<Resolver, NotYet> {
    zones(
        records,
        case.dns_secure,
        case.dns_probe_secure,
        certificates,
    )
    .map(Resolver::new)
    .map_err(|reason| NotYet::new(format!("DNS: {reason}")))
}

/// Puts a peer at its address, in the place of what was there.
///
/// # Errors
/// A behaviour that cannot be acted out.
pub(crate) fn put(
    row: &PeerRow,
    certificates: &Certificates,
    world: &mut World,
) -> Result<(), NotYet> {
    let good = [Behaviour::default()];
    let conns = if row.conns.is_empty() {
        &good[..]
    } else {
        &row.conns
    };
    let mut peer: Option<Peer> = None;
    for (place, behaviour) in conns.iter().enumerate().filter(|_| !row.down) {
        let next = one(row, place, behaviour, certificates, world)?;
        peer = Some(match peer {
            Some(first) => first.followed_by(next),
            None => next,
        });
    }
    let entry = HostEntry {
        peer,
        absent: Absent::Refuses,
        network: NetworkSpec::default(),
    };
    world
        .hosts
        .insert(SocketAddr::new(row.addr, row.port), entry);
    Ok(())
}

fn one(
    row: &PeerRow,
    place: usize,
    behaviour: &Behaviour,
    certificates: &Certificates,
    world: &World,
) -> Result<Peer, NotYet> {
    let not_yet = |reason: String| NotYet::new(format!("peer: {reason}"));
    let mut spec = peer::spec(behaviour, &row.host).map_err(not_yet)?;
    let shared = behaviour
        .tls
        .as_ref()
        .is_some_and(|tls| tls.ctx_key.is_some());
    if let (Some(keys), false) = (&mut spec.tls.ticket_keys, shared) {
        // Keys that a case does not share between peers are a peer's own.
        *keys = format!("{} {} {keys}", row.addr, row.port);
    }
    let chain: &[String] = behaviour.tls.as_ref().map_or(&[], |tls| &tls.chain);
    // A peer without a certificate never comes so far that it would show one.
    let any = || certificates.any().into_iter().collect::<Vec<_>>();
    let names = if chain.is_empty() {
        any()
    } else {
        chain.to_vec()
    };
    let certified = |names: &[String]| {
        let missing = || NotYet::new(format!("certificate: {}", names.join(", ")));
        let chain = certificates.chain(names).ok_or_else(missing)?;
        Ok(Arc::new(chain.certified_key()))
    };
    let mut by_name = BTreeMap::new();
    for (name, names) in behaviour.tls.iter().flat_map(|tls| &tls.sni_chains) {
        by_name.insert(name.clone(), certified(names)?);
    }
    let tls = TlsMaterial {
        provider: world.provider.clone(),
        clock: Arc::new(SimClock::new(world.start)),
        certificate: certified(&names)?,
        by_name,
    };
    // The name of the owner of random streams and ticket keys; what the peer calls itself is in its replies.
    let host = Host {
        name: format!("{} {place}", row.host),
        address: row.addr,
    };
    let mut peer = Peer::new(&spec, &host, Some(tls), world.seed)
        .map_err(|error| not_yet(error.to_string()))?;
    peer.observe(Observe::Digests);
    Ok(peer)
}

fn files(
    case: &Case,
    certificates: &Certificates,
    names: &[String],
) -> Result<BTreeMap<String, Arc<[u8]>>, NotYet> {
    let mut files = BTreeMap::new();
    for name in names {
        if let Some(pem) = certificates.pem(name) {
            let path = format!("{}/{name}.crt", placeholder::PKI);
            files.insert(path, pem.into_bytes().into());
        }
        if let Some(pem) = certificates.key_pem(name) {
            let path = format!("{}/{name}.key", placeholder::PKI);
            files.insert(path, pem.into_bytes().into());
        }
    }
    for (name, text) in &case.files {
        let text = placeholder::resolve(text, certificates).map_err(NotYet::placeholder)?;
        let path = format!("{}/{name}", placeholder::DIR);
        files.insert(path, text.into_bytes().into());
    }
    // A directory of hashed certificates; each is found by the form of its name (c_rehash(1)).
    for (place, name) in case.capath.iter().enumerate() {
        let pem = certificates
            .pem(name)
            .ok_or_else(|| NotYet::new(format!("certificate: {name}")))?;
        let path = format!("{}/capath/{place:08x}.0", placeholder::DIR);
        files.insert(path, pem.into_bytes().into());
    }
    Ok(files)
}
