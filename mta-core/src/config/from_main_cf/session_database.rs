//! Which types of database can keep TLS sessions: those that can be written to (src/util/dict_open.c).

use crate::event::OpenFault;

/// Types that are only read.
const READ_ONLY: [&str; 17] = [
    "cidr",
    "inline",
    "ldap",
    "mysql",
    "nis",
    "nisplus",
    "pcre",
    "pgsql",
    "pipemap",
    "randmap",
    "regexp",
    "socketmap",
    "sqlite",
    "tcp",
    "texthash",
    "unionmap",
    "unix",
];

/// Types that can be written to, or that do not say at once that they cannot.
const OTHERS: [&str; 15] = [
    "btree", "cdb", "dbm", "debug", "environ", "fail", "hash", "internal", "lmdb", "memcache",
    "mongodb", "netinfo", "proxy", "sdbm", "static",
];

/// Why tlsmgr(8) cannot use `database`, which is written `type:name`; nothing if it can.
pub(super) fn fault_of(database: &str) -> Option<OpenFault> {
    let (kind, _) = database.split_once(':')?;
    if READ_ONLY.contains(&kind) {
        Some(OpenFault::ReadOnly(database.into()))
    } else if OTHERS.contains(&kind) {
        None
    } else {
        Some(OpenFault::UnknownType(kind.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_to_keeps_no_sessions() {
        for (database, fault) in [
            ("btree:/var/lib/postfix/smtp_scache", None),
            ("proxy:btree:/var/lib/postfix/smtp_scache", None),
            (
                "texthash:/x",
                Some(OpenFault::ReadOnly("texthash:/x".into())),
            ),
            (
                "inline:{a=b}",
                Some(OpenFault::ReadOnly("inline:{a=b}".into())),
            ),
            ("bteee:/x", Some(OpenFault::UnknownType("bteee".into()))),
        ] {
            assert_eq!(fault_of(database), fault, "{database}");
        }
    }
}
