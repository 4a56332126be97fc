//! Commands, as they go on the wire.

use std::fmt;

/// One command of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Greets and asks for extensions, RFC 5321 §4.1.1.1.
    Ehlo(&'a str),
    /// Greets without, RFC 5321 §4.1.1.1.
    Helo(&'a str),
    /// Asks for TLS, RFC 3207 §4.
    StartTls,
    /// Begins a login, RFC 4954 §4.
    Auth {
        /// The mechanism.
        mechanism: &'a str,
        /// What comes along, in base64.
        initial: Option<Credential<'a>>,
    },
    /// Goes on with a login, RFC 4954 §4: in base64, without a word in front.
    Response(Credential<'a>),
    /// Begins a transaction, RFC 5321 §4.1.1.2.
    Mail {
        /// The reverse path; empty for a bounce.
        sender: &'a str,
        /// Bytes of the message, where SIZE is offered (RFC 1870 §6).
        size: Option<u64>,
        /// Whether to declare 8-bit content, where 8BITMIME is offered (RFC 6152 §2).
        eight_bit: bool,
        /// Whether a bounce shall leave out the text, where DSN is offered (RFC 3461 §4.3).
        headers_only: bool,
        /// Whether an address needs SMTPUTF8 (RFC 6531 §3.4).
        smtputf8: bool,
        /// Whether to ask for REQUIRETLS, where it is offered inside TLS (RFC 8689 §2).
        require_tls: bool,
    },
    /// Names one recipient, RFC 5321 §4.1.1.3.
    Rcpt(&'a str),
    /// Announces the message, RFC 5321 §4.1.1.4.
    Data,
    /// Ends the message, RFC 5321 §4.1.1.4.
    Dot,
    /// Abandons the transaction, RFC 5321 §4.1.1.5.
    Rset,
    /// Says goodbye, RFC 5321 §4.1.1.10.
    Quit,
}

/// What logs in. It goes on the wire, and is printed nowhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credential<'a>(pub &'a str);

impl fmt::Display for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<credentials>")
    }
}

impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Command<'_> {
    /// Appends the command with its line end.
    pub fn write(&self, out: &mut Vec<u8>) {
        use std::io::Write as _;
        // Writing to a Vec cannot fail.
        let _ = if let Command::Response(Credential(text)) = self {
            write!(out, "{text}\r\n")
        } else if let Command::Auth {
            mechanism,
            initial: Some(Credential(text)),
        } = self
        {
            write!(out, "AUTH {mechanism} {text}\r\n")
        } else {
            write!(out, "{self}\r\n")
        };
    }
}

/// The command, but for what logs in.
impl fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Command::Ehlo(name) => write!(f, "EHLO {name}"),
            Command::Helo(name) => write!(f, "HELO {name}"),
            Command::StartTls => f.write_str("STARTTLS"),
            Command::Auth { mechanism, initial } => {
                write!(f, "AUTH {mechanism}")?;
                initial.map_or(Ok(()), |credential| write!(f, " {credential}"))
            }
            Command::Response(credential) => write!(f, "{credential}"),
            Command::Mail {
                sender,
                size,
                eight_bit,
                headers_only,
                smtputf8,
                require_tls,
            } => {
                write!(f, "MAIL FROM:<{}>", Path(sender))?;
                if let Some(size) = size {
                    write!(f, " SIZE={size}")?;
                }
                if eight_bit {
                    f.write_str(" BODY=8BITMIME")?;
                }
                if headers_only {
                    f.write_str(" RET=HDRS")?;
                }
                if smtputf8 {
                    f.write_str(" SMTPUTF8")?;
                }
                if require_tls {
                    f.write_str(" REQUIRETLS")?;
                }
                Ok(())
            }
            Command::Rcpt(recipient) => write!(f, "RCPT TO:<{}>", Path(recipient)),
            Command::Data => f.write_str("DATA"),
            Command::Dot => f.write_str("."),
            Command::Rset => f.write_str("RSET"),
            Command::Quit => f.write_str("QUIT"),
        }
    }
}

/// An address whose local part is quoted where RFC 5321 §4.1.2 asks for it. Control characters never
/// reach the wire: a line end in an address would end the command.
struct Path<'a>(&'a str);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (local, domain) = match self.0.rfind('@') {
            Some(at) => self.0.split_at(at),
            None => (self.0, ""),
        };
        if is_dot_string(local) {
            f.write_str(local)?;
        } else {
            f.write_str(&quote_local_part(local))?;
        }
        if domain.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return f.write_str(domain);
        }
        domain
            .split(|c: char| c.is_control())
            .try_for_each(|part| f.write_str(part))
    }
}

fn is_dot_string(local: &str) -> bool {
    local.is_empty()
        || local.split('.').all(|atom| {
            !atom.is_empty()
                && atom.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric()
                        || !byte.is_ascii()
                        || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
                })
        })
}

/// The local part as a quoted string (RFC 5321 §4.1.2); control characters are dropped.
pub(crate) fn quote_local_part(local: &str) -> String {
    let mut quoted = String::with_capacity(local.len() + 2);
    quoted.push('"');
    for c in local.chars().filter(|c| !c.is_control()) {
        if c == '"' || c == '\\' {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_lines() {
        let mut out = Vec::new();
        Command::Mail {
            sender: "a@b.example",
            size: Some(7),
            eight_bit: false,
            headers_only: false,
            smtputf8: false,
            require_tls: false,
        }
        .write(&mut out);
        Command::Rcpt("odd name\"@c.example").write(&mut out);
        Command::Mail {
            sender: "",
            size: None,
            eight_bit: true,
            headers_only: false,
            smtputf8: false,
            require_tls: false,
        }
        .write(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "MAIL FROM:<a@b.example> SIZE=7\r\nRCPT TO:<\"odd name\\\"\"@c.example>\r\nMAIL FROM:<> BODY=8BITMIME\r\n"
        );
    }

    #[test]
    fn what_logs_in_goes_on_the_wire_and_is_not_printed() {
        let (initial, response) = (Credential("AGEAYg=="), Credential("Yg=="));
        let auth = Command::Auth {
            mechanism: "PLAIN",
            initial: Some(initial),
        };
        let mut out = Vec::new();
        auth.write(&mut out);
        Command::Response(response).write(&mut out);
        assert_eq!(out, b"AUTH PLAIN AGEAYg==\r\nYg==\r\n");
        assert_eq!(auth.to_string(), "AUTH PLAIN <credentials>");
        assert_eq!(Command::Response(response).to_string(), "<credentials>");
        assert!(!format!("{auth:?}").contains("AGEA"));
    }

    #[test]
    fn no_address_ends_the_line() {
        let sender = "a\r\nDATA\r\n@x.example\r\nQUIT";
        let line = Command::Mail {
            sender,
            size: None,
            eight_bit: false,
            headers_only: false,
            smtputf8: false,
            require_tls: false,
        }
        .to_string();
        assert!(!line.contains(['\r', '\n']), "{line:?}");
    }
}
