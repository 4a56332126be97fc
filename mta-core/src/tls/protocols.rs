//! Protocol lists: `smtp_tls_protocols` and `smtp_tls_mandatory_protocols`, as Postfix reads them and OpenSSL heeds them.

/// The versions that a client offers, by their numbers (RFC 8446 §4.1.2): from `min` to `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The lowest.
    pub min: u16,
    /// The highest.
    pub max: u16,
}

/// Why a list gives nothing to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoProtocols {
    /// A word in it is none.
    Invalid,
    /// It excludes everything: OpenSSL has no protocol left.
    None,
}

/// The protocols that a list can name, and their bits (src/tls/tls_misc.c `protocol_table`).
const NAMES: [(&str, u16); 6] = [
    ("SSLv2", 0x0002),
    ("SSLv3", 0x0300),
    ("TLSv1", 0x0301),
    ("TLSv1.1", 0x0302),
    ("TLSv1.2", 0x0303),
    ("TLSv1.3", 0x0304),
];

/// What OpenSSL 3.0 has, highest first; Debian's is built without SSL 3.0.
const HIGHEST_FIRST: [u16; 4] = [0x0304, 0x0303, 0x0302, 0x0301];

impl Offered {
    /// Reads a list (src/tls/tls_misc.c `tls_proto_mask_lims`). Words stand between blanks, commas and colons: `>=V` and
    /// `<=V`, of which the last counts; `!V`; `V`.
    ///
    /// # Errors
    /// [`NoProtocols`].
    pub fn of(list: &str) -> Result<Offered, NoProtocols> {
        let (mut floor, mut ceiling) = (0, 0);
        let (mut excluded, mut included) = (Vec::new(), Vec::new());
        let words = list
            .split([',', ' ', '\t', '\r', '\n', ':'])
            .filter(|word| !word.is_empty());
        for word in words {
            if let Some(version) = word.strip_prefix(">=") {
                floor = limit(version)?;
            } else if let Some(version) = word.strip_prefix("<=") {
                ceiling = limit(version)?;
            } else if let Some(name) = word.strip_prefix('!') {
                excluded.push(named(name).ok_or(NoProtocols::Invalid)?);
            } else {
                included.push(named(word).ok_or(NoProtocols::Invalid)?);
            }
        }
        let allowed = |version: u16| {
            (floor == 0 || version >= floor)
                && (ceiling == 0 || version <= ceiling)
                && !excluded.contains(&version)
                && (included.is_empty() || included.contains(&version))
        };
        lowest_run(allowed).ok_or(NoProtocols::None)
    }

    /// Whether a version below TLS 1.2 is offered.
    pub const fn has_legacy(self) -> bool {
        self.min < 0x0303
    }

    /// Whether a version is offered.
    pub const fn has(self, version: u16) -> bool {
        self.min <= version && version <= self.max
    }
}

/// OpenSSL offers no list with holes: of several runs of versions the lowest counts (ssl/statem/statem_lib.c
/// `ssl_get_min_max_version`; observed: proto-mand-gap).
fn lowest_run(allowed: impl Fn(u16) -> bool) -> Option<Offered> {
    let mut run: Option<Offered> = None;
    let mut in_hole = true;
    for version in HIGHEST_FIRST {
        match (allowed(version), &mut run) {
            (true, Some(run)) if !in_hole => run.min = version,
            (true, run) => {
                *run = Some(Offered {
                    min: version,
                    max: version,
                });
            }
            (false, _) => {}
        }
        in_hole = !allowed(version);
    }
    run
}

fn named(name: &str) -> Option<u16> {
    NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, version)| *version)
}

/// A name, or a number in hexadecimal digits; nothing at all is 0, which is no limit.
fn limit(text: &str) -> Result<u16, NoProtocols> {
    if text.is_empty() || text.eq_ignore_ascii_case("None") {
        return Ok(0);
    }
    let by_name = named(text).filter(|_| !text.eq_ignore_ascii_case("SSLv2"));
    let digits = text.strip_prefix("0x").unwrap_or(text);
    by_name
        .or_else(|| u16::from_str_radix(digits, 16).ok())
        .ok_or(NoProtocols::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_postfix_reads_them() {
        for (list, expected) in [
            ("", Ok((0x301, 0x304))),
            (">=TLSv1", Ok((0x301, 0x304))),
            (">=TLSv1.2", Ok((0x303, 0x304))),
            (">=TLSv1.1 <=tlsv1.2", Ok((0x302, 0x303))),
            ("TLSv1.2, TLSv1.3", Ok((0x303, 0x304))),
            ("!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", Ok((0x303, 0x304))),
            (">=TLSv1, !TLSv1.3", Ok((0x301, 0x303))),
            ("!TLSv1.2", Ok((0x301, 0x302))),
            ("TLSv1.1 TLSv1.3", Ok((0x302, 0x302))),
            (">=0303", Ok((0x303, 0x304))),
            ("<=0303", Ok((0x301, 0x303))),
            (">= TLSv1.2", Ok((0x303, 0x303))),
            (">=TLSv1.3 <=TLSv1.1", Err(NoProtocols::None)),
            ("SSLv3", Err(NoProtocols::None)),
            ("TLSv1.4", Err(NoProtocols::Invalid)),
            (">=TLSv1.4", Err(NoProtocols::Invalid)),
        ] {
            let found = Offered::of(list).map(|offered| (offered.min, offered.max));
            assert_eq!(found, expected, "{list:?}");
        }
    }
}
