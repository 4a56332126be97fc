//! A name and a password. They are shown to the server, and to nobody else.

use std::fmt;

/// What a table of passwords says of a server.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

impl Credentials {
    /// The name before the first delimiter, and the password behind it; without one the password is empty.
    pub fn split(entry: &str, delimiter: char) -> Credentials {
        let (user, password) = entry.split_once(delimiter).unwrap_or((entry, ""));
        Credentials {
            user: user.to_owned(),
            password: password.to_owned(),
        }
    }
}

/// Neither name nor password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_delimiter_counts_and_nothing_is_printed() {
        let credentials = Credentials::split("alerts:se:cret", ':');
        assert_eq!(credentials.user, "alerts");
        assert_eq!(credentials.password, "se:cret");
        let text = format!("{credentials:?}");
        assert!(!text.contains("alerts") && !text.contains("cret"), "{text}");
        assert_eq!(Credentials::split("alerts", ':').password, "");
    }
}
