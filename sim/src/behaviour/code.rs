//! What a delivery comes to, in a few letters: `P`, `E`, `A@2`, `DP:4.7.5`, `QB:5.4.4`.

use std::fmt;
use std::str::FromStr;

use mta_core::smtp::Dsn;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What one delivery of one recipient came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// It was sent.
    Sent {
        /// What protected it on its way.
        proof: Proof,
        /// Through the second MX: `@2`.
        second_mx: bool,
    },
    /// It waits: `D`, or `Q` where no connection was opened.
    Deferred {
        /// The enhanced status code.
        dsn: Dsn,
        /// Whether a connection was opened.
        connected: bool,
        /// `DP`: a later attempt with an older message fell back to clear text.
        then_clear: bool,
        /// `+dup`: the server may hold the message already.
        twice: bool,
    },
    /// It goes back to its sender: `B`, or `QB` where no connection was opened.
    Bounced {
        /// The enhanced status code.
        dsn: Dsn,
        /// Whether a connection was opened.
        connected: bool,
    },
}

/// What protected a message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// `P`: nothing.
    Plaintext,
    /// `E`: TLS with a server that had nothing to prove.
    Encrypted,
    /// `A`: TLS with a server that proved what its policy asks for.
    Authenticated,
}

impl Code {
    /// Whether the message went out in TLS.
    pub const fn in_tls(self) -> bool {
        matches!(
            self,
            Code::Sent {
                proof: Proof::Encrypted | Proof::Authenticated,
                ..
            }
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Code::Sent { proof, second_mx } => {
                f.write_str(match proof {
                    Proof::Plaintext => "P",
                    Proof::Encrypted => "E",
                    Proof::Authenticated => "A",
                })?;
                f.write_str(if second_mx { "@2" } else { "" })
            }
            Code::Deferred {
                dsn,
                connected,
                then_clear,
                twice,
            } => {
                let word = match (connected, then_clear) {
                    (true, true) => "DP",
                    (true, false) => "D",
                    (false, _) => "Q",
                };
                write!(f, "{word}:{dsn}{}", if twice { "+dup" } else { "" })
            }
            Code::Bounced { dsn, connected } => {
                write!(f, "{}:{dsn}", if connected { "B" } else { "QB" })
            }
        }
    }
}

impl FromStr for Code {
    type Err = String;

    fn from_str(text: &str) -> Result<Code, String> {
        let bad = || {
            format!("invalid outcome `{text}`; expected for example P, E@2, DP:4.7.5 or QB:5.4.4")
        };
        let (word, rest) = text.split_once(':').unwrap_or((text, ""));
        let (rest, twice) = match rest.strip_suffix("+dup") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        if let Some((proof, second_mx)) = sent(word) {
            return if rest.is_empty() && !twice {
                Ok(Code::Sent { proof, second_mx })
            } else {
                Err(bad())
            };
        }
        let dsn = Dsn::parse(rest).ok_or_else(bad)?;
        let connected = !word.starts_with('Q');
        match word {
            "D" | "DP" | "Q" => Ok(Code::Deferred {
                dsn,
                connected,
                then_clear: word == "DP",
                twice,
            }),
            "B" | "QB" if !twice => Ok(Code::Bounced { dsn, connected }),
            _ => Err(bad()),
        }
    }
}

fn sent(word: &str) -> Option<(Proof, bool)> {
    let (letter, second_mx) = match word.strip_suffix("@2") {
        Some(letter) => (letter, true),
        None => (word, false),
    };
    let proof = match letter {
        "P" => Proof::Plaintext,
        "E" => Proof::Encrypted,
        "A" => Proof::Authenticated,
        _ => return None,
    };
    Some((proof, second_mx))
}

/// What a cell of the catalogue says: one outcome, or `DEFAULT|EXACT`, where a cautious client and Postfix differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The outcomes, as the catalogue lists them.
    pub codes: Vec<Code>,
}

impl Cell {
    /// What Postfix does: the last of the outcomes.
    pub fn exact(&self) -> Option<Code> {
        self.codes.last().copied()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, code) in self.codes.iter().enumerate() {
            write!(f, "{}{code}", if place == 0 { "" } else { "|" })?;
        }
        Ok(())
    }
}

impl FromStr for Cell {
    type Err = String;

    fn from_str(text: &str) -> Result<Cell, String> {
        let codes: Result<Vec<Code>, String> = text.split('|').map(str::parse).collect();
        codes.map(|codes| Cell { codes })
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written() {
        for text in [
            "P",
            "E",
            "A@2",
            "D:4.4.2",
            "D:4.4.2+dup",
            "DP:4.7.5",
            "Q:4.4.3",
            "B:5.7.1",
            "QB:5.1.0",
        ] {
            assert_eq!(
                text.parse::<Code>().map(|code| code.to_string()),
                Ok(text.to_owned())
            );
        }
        let cell: Cell = "D:4.5.1|B:5.5.1".parse().unwrap();
        assert_eq!(cell.exact().unwrap().to_string(), "B:5.5.1");
        assert_eq!(cell.to_string(), "D:4.5.1|B:5.5.1");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "X",
            "P:4.4.2",
            "D",
            "D:4.4",
            "B:5.7.1+dup",
            "E@3",
            "QB:",
            "D:4.4.2|",
        ] {
            assert!(text.parse::<Cell>().is_err(), "{text}");
        }
    }
}
