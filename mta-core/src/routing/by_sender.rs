//! What tables say of mail by its sender: `sender_dependent_relayhost_maps` and `sender_dependent_default_transport_maps`
//! (src/trivial-rewrite/resolve.c; src/global/mail_addr_find.c).

use super::extension::without_extension;
use super::no_route::{NoRoute, unanswered};
use crate::event::{Notice, PolicyNotice};
use crate::maps::{LookupError, Maps};

/// The key for mail without a sender (`empty_address_relayhost_maps_lookup_key` and its like).
const NOBODY: &str = "<>";

/// A table by sender that changes nothing says so.
const DUNNO: &str = "DUNNO";

/// What the table says of mail from this sender; nothing, if it leaves things as they are.
pub(super) fn said_of(
    sender: &str,
    parameter: &'static str,
    table: Option<&Maps>,
    delimiters: &str,
    notices: &mut Vec<Notice>,
) -> Result<Option<String>, NoRoute> {
    let Some(table) = table else {
        return Ok(None);
    };
    let key = if sender.is_empty() { NOBODY } else { sender };
    let found =
        find(key, table, delimiters).map_err(|error| unanswered(parameter, error, notices))?;
    if found.as_deref() == Some("") {
        let ignored = PolicyNotice::NullRoute {
            parameter,
            key: key.into(),
        };
        notices.push(ignored.into());
        return Ok(None);
    }
    Ok(found.filter(|said| !said.eq_ignore_ascii_case(DUNNO)))
}

/// The address, without its extension, and `@domain`.
fn find(key: &str, table: &Maps, delimiters: &str) -> Result<Option<String>, LookupError> {
    if let Some(found) = table.find(key)? {
        return Ok(Some(found));
    }
    if let Some(bare) = without_extension(key, delimiters)
        && let Some(found) = table.find_part(&bare)?
    {
        return Ok(Some(found));
    }
    match key.rfind('@').and_then(|at| key.get(at..)) {
        Some(domain) => table.find_part(domain),
        None => Ok(None),
    }
}
