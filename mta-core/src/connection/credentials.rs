//! Name and password for a server, from the tables (src/smtp/smtp_sasl_glue.c `smtp_sasl_passwd_lookup`).

use super::Env;
use crate::maps::LookupError;
use crate::sasl::Credentials;

/// What `smtp_sasl_password_maps` says of the sender, where it is asked for, of the server by its name, or of the destination as
/// it is written. The port plays no part but in that.
///
/// # Errors
/// [`LookupError`] if a table has no answer.
pub(crate) fn credentials(
    sender: &str,
    host: &str,
    nexthop: &str,
    env: &Env<'_>,
) -> Result<Option<Credentials>, LookupError> {
    let (Some(sasl), Some(maps)) = (&env.settings.dialogue.sasl, &env.tables.sasl_passwords) else {
        return Ok(None);
    };
    let delimiter = &env.settings.routing.recipient_delimiter;
    let sender = sasl.by_sender.then(|| keys_of_address(sender, delimiter));
    let keys = sender.into_iter().flatten();
    for key in keys.chain([host.to_owned(), nexthop.to_owned()]) {
        if let Some(entry) = maps.find(&key)? {
            return Ok(Some(Credentials::split(&entry, sasl.delimiter)));
        }
    }
    Ok(None)
}

/// An address, the same without its extension, and its domain behind an at sign (src/global/mail_addr_find.c
/// `MA_FIND_DEFAULT`, but for local parts of local users).
fn keys_of_address(address: &str, delimiters: &str) -> Vec<String> {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return Vec::new();
    };
    let mut keys = vec![address.to_owned()];
    let extension = local.find(|c| delimiters.contains(c));
    if let Some((user, _)) = extension
        .filter(|place| *place > 0)
        .and_then(|place| local.split_at_checked(place))
    {
        keys.push(format!("{user}@{domain}"));
    }
    keys.push(format!("@{domain}"));
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_looked_for_with_and_without_its_extension() {
        let keys = keys_of_address("a+b@c.test", "+-");
        assert_eq!(keys, ["a+b@c.test", "a@c.test", "@c.test"]);
        assert_eq!(keys_of_address("a+b@c.test", ""), ["a+b@c.test", "@c.test"]);
        assert_eq!(keys_of_address("", "+"), [""; 0]);
    }
}
