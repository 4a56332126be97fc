//! What an administrator asks of a way to log in: `smtp_sasl_security_options` and those like it (src/xsasl/xsasl_cyrus_security.c).

/// What may be asked of a way to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecurityOption {
    /// `noplaintext`: the password itself is not sent.
    NoPlaintext,
    /// `noactive`: nobody in between can make use of what is sent.
    NoActive,
    /// `nodictionary`: nobody can try out passwords on what was sent.
    NoDictionary,
    /// `forward_secrecy`: what was sent stays secret after the password is known.
    ForwardSecrecy,
    /// `noanonymous`: whoever logs in has a name.
    NoAnonymous,
    /// `mutual_auth`: the server shows that it knows the password too.
    MutualAuth,
}

impl SecurityOption {
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Options, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecurityOptions(u8);

const NAMES: [(&str, SecurityOption); 6] = [
    ("noplaintext", SecurityOption::NoPlaintext),
    ("noactive", SecurityOption::NoActive),
    ("nodictionary", SecurityOption::NoDictionary),
    ("forward_secrecy", SecurityOption::ForwardSecrecy),
    ("noanonymous", SecurityOption::NoAnonymous),
    ("mutual_auth", SecurityOption::MutualAuth),
];

impl SecurityOptions {
    /// The words, in Postfix's order. Their case matters.
    pub const WORDS: &'static [&'static str] = &[
        NAMES[0].0, NAMES[1].0, NAMES[2].0, NAMES[3].0, NAMES[4].0, NAMES[5].0,
    ];

    /// These options.
    pub(crate) const fn of(options: &[SecurityOption]) -> SecurityOptions {
        let (mut set, mut place) = (0, 0);
        while place < options.len() {
            set |= options[place].bit();
            place += 1;
        }
        SecurityOptions(set)
    }

    /// Reads words between blanks and commas; none asks for nothing.
    ///
    /// # Errors
    /// The first word that is not known.
    pub fn parse(text: &str) -> Result<SecurityOptions, String> {
        let mut options = SecurityOptions::default();
        for word in text.split([',', ' ', '\t', '\r', '\n']) {
            if word.is_empty() {
                continue;
            }
            let Some((_, option)) = NAMES.iter().find(|(name, _)| *name == word) else {
                return Err(word.to_owned());
            };
            options.0 |= option.bit();
        }
        Ok(options)
    }

    /// Whether this is asked for.
    pub const fn has(self, option: SecurityOption) -> bool {
        self.0 & option.bit() != 0
    }

    /// Whether nothing is asked for that is not among these properties.
    pub(crate) const fn are_met_by(self, properties: SecurityOptions) -> bool {
        self.0 & !properties.0 == 0
    }
}

impl std::fmt::Display for SecurityOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut comma = "";
        for (name, option) in NAMES {
            if self.has(option) {
                write!(f, "{comma}{name}")?;
                comma = ", ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_written_and_in_any_order() {
        let options = SecurityOptions::parse("noanonymous,\tnoplaintext").unwrap();
        assert!(options.has(SecurityOption::NoPlaintext));
        assert_eq!(options.to_string(), "noplaintext, noanonymous");
        assert_eq!(
            SecurityOptions::parse(" , "),
            Ok(SecurityOptions::default())
        );
        // src/util/name_mask.c compares case here.
        assert_eq!(
            SecurityOptions::parse("noanonymous NoPlaintext"),
            Err("NoPlaintext".to_owned())
        );
    }
}
