//! Which types of database can keep TLS sessions: those that can be written to (src/util/dict_open.c).

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
pub(super) fn fault_of(database: &str) -> Option<String> {
    let (kind, _) = database.split_once(':')?;
    if READ_ONLY.contains(&kind) {
        Some(format!("{database} map requires O_RDONLY access mode"))
    } else if OTHERS.contains(&kind) {
        None
    } else {
        Some(format!("unsupported dictionary type: {kind}"))
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
                Some("texthash:/x map requires O_RDONLY access mode"),
            ),
            (
                "inline:{a=b}",
                Some("inline:{a=b} map requires O_RDONLY access mode"),
            ),
            ("bteee:/x", Some("unsupported dictionary type: bteee")),
        ] {
            assert_eq!(fault_of(database).as_deref(), fault, "{database}");
        }
    }
}
