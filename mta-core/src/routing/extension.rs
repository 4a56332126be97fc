//! Addresses with an extension (src/global/split_addr.c).

/// An address without its extension, if it has one (src/global/split_addr.c).
pub(crate) fn without_extension(address: &str, delimiters: &str) -> Option<String> {
    /// Names that have no extension, whatever stands in them.
    const WHOLE: [&str; 3] = ["postmaster", "mailer-daemon", "double-bounce"];
    let (local, domain) = address.rsplit_once('@')?;
    if WHOLE.iter().any(|name| local.eq_ignore_ascii_case(name)) {
        return None;
    }
    // With the delimiter `-`, the addresses around a mailing list are whole ones.
    let list = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("owner-") || name.ends_with("-request")
    };
    if delimiters.contains('-') && list(local) {
        return None;
    }
    match local.find(|c| delimiters.contains(c)) {
        None | Some(0) => None,
        Some(at) => Some(format!("{}@{domain}", local.get(..at)?)),
    }
}
