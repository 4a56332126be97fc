//! Why a world cannot be built.

use std::fmt;

use mta_core::maps::Unsupported;

use crate::dns::ZoneError;
use crate::peer::PeerError;
use crate::pki::PkiError;

/// Why a world cannot be built.
#[derive(Debug)]
pub enum WorldError {
    /// A peer that nobody knows; the nearest known one.
    UnknownPeer(String, Option<String>),
    /// A peer that cannot be acted out.
    Peer(String, PeerError),
    /// Certificates that cannot be minted.
    Pki(PkiError),
    /// DNS data that make no sense.
    Dns(ZoneError),
    /// A change or an attacker names a host that no domain has; the nearest.
    UnknownHost(String, Option<String>),
    /// A change makes no sense: the key, and the fault in a line.
    Change(&'static str, String),
    /// More hosts than the world has room for.
    TooManyHosts,
    /// A TLSA record that names a certificate which no host has; the nearest host that has one.
    Tlsa(String, Option<String>),
    /// A file that names a certificate which no host has: path, placeholder, and the nearest host that has one.
    File(String, String, Option<String>),
    /// A table that the sender's settings name.
    Table(Unsupported),
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WorldError::UnknownPeer(name, Some(near)) => {
                write!(f, "no peer is called \"{name}\"; did you mean \"{near}\"?")
            }
            WorldError::UnknownPeer(name, None) => write!(f, "no peer is called \"{name}\""),
            WorldError::Peer(name, error) => write!(f, "peer {name}: {error}"),
            WorldError::Pki(error) => write!(f, "certificates: {error}"),
            WorldError::Dns(error) => write!(f, "dns: {error}"),
            WorldError::UnknownHost(host, near) => {
                write!(f, "no MX host is called \"{host}\"")?;
                match near {
                    Some(near) => write!(f, "; did you mean \"{near}\"?"),
                    None => Ok(()),
                }
            }
            WorldError::Change(key, fault) => write!(f, "change, {key}: {fault}"),
            WorldError::TooManyHosts => {
                f.write_str("more hosts without an address than 192.0.2.0/24 has room for")
            }
            WorldError::Tlsa(text, near) => {
                write!(f, "dns: no host has the certificate of TLSA \"{text}\"; ")?;
                match near {
                    Some(near) => write!(f, "did you mean the host \"{near}\"?"),
                    None => f.write_str(
                        "say <leaf:HOST>, <issuer:HOST> or <root:HOST>, with the name of an MX host",
                    ),
                }
            }
            WorldError::File(path, placeholder, near) => {
                write!(
                    f,
                    "file {path}: {placeholder} stands for no host's certificate"
                )?;
                match near {
                    Some(near) => write!(f, "; did you mean the host \"{near}\"?"),
                    None => Ok(()),
                }
            }
            WorldError::Table(unsupported) => write!(f, "{unsupported}"),
        }
    }
}

impl std::error::Error for WorldError {}

impl From<PkiError> for WorldError {
    fn from(error: PkiError) -> Self {
        WorldError::Pki(error)
    }
}

impl From<ZoneError> for WorldError {
    fn from(error: ZoneError) -> Self {
        WorldError::Dns(error)
    }
}
