//! Placeholders in the text of a reply: `{host}`, `{client}`, `{recipient}`, …

/// A word in braces that stands for something known only when the reply is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placeholder {
    /// The peer's host name.
    Host,
    /// The client's address, without port or brackets.
    Client,
    /// An opaque word, one for each connection, from the peer's own random stream.
    Id,
    /// Seconds since 1970 on the wall clock.
    Epoch,
    /// The wall clock, as a Date field says it (RFC 5322 §3.3).
    Date,
    /// The number of the connection at this peer, from 1.
    Connection,
    /// What the client called itself at EHLO or HELO.
    Helo,
    /// The address of the latest MAIL; empty for the null sender.
    Sender,
    /// The address of the latest RCPT.
    Recipient,
    /// The octets of the message that have come, or that MAIL announced if those are more.
    Octets,
}

impl Placeholder {
    /// Whether it stands for something that the client has said.
    pub(crate) fn is_of_envelope(self) -> bool {
        match self {
            Placeholder::Helo
            | Placeholder::Sender
            | Placeholder::Recipient
            | Placeholder::Octets => true,
            Placeholder::Host
            | Placeholder::Client
            | Placeholder::Id
            | Placeholder::Epoch
            | Placeholder::Date
            | Placeholder::Connection => false,
        }
    }
}

/// Text, cut at its placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Placeholder(Placeholder),
}

const WORDS: [(&str, Placeholder); 10] = [
    ("{host}", Placeholder::Host),
    ("{client}", Placeholder::Client),
    ("{id}", Placeholder::Id),
    ("{epoch}", Placeholder::Epoch),
    ("{date}", Placeholder::Date),
    ("{n}", Placeholder::Connection),
    ("{helo}", Placeholder::Helo),
    ("{sender}", Placeholder::Sender),
    ("{recipient}", Placeholder::Recipient),
    ("{octets}", Placeholder::Octets),
];

/// Cuts `text` at its placeholders. A brace that opens none is text.
pub(crate) fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    while let Some(brace) = text.get(from..).and_then(|rest| rest.find('{')) {
        let (before, rest) = text.split_at(from + brace);
        let Some((word, placeholder)) = WORDS.iter().find(|(word, _)| rest.starts_with(word))
        else {
            from += brace + 1;
            continue;
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Placeholder(*placeholder));
        text = rest.strip_prefix(word).unwrap_or(rest);
        from = 0;
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

/// How many placeholders `text` has.
pub(crate) fn count(text: &str) -> usize {
    let pieces = pieces(text);
    let placeholders = pieces
        .iter()
        .filter(|piece| matches!(piece, Piece::Placeholder(_)));
    placeholders.count()
}

/// Refuses a word in braces that looks like a placeholder and is none: `{hots}` would go out as it stands.
pub(crate) fn check(text: &str) -> Result<(), String> {
    for piece in pieces(text) {
        let Piece::Text(text) = piece else { continue };
        for after in text.split('{').skip(1) {
            let word = after.split('}').next().unwrap_or_default();
            if word.len() < after.len()
                && !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_lowercase())
            {
                let known = WORDS.map(|(word, _)| format!("`{}`", word.trim_matches(['{', '}'])));
                return Err(format!(
                    "unknown placeholder `{word}`, expected one of {}",
                    known.join(", ")
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_known_words_only() {
        assert_eq!(
            pieces("220 {host} {x} {id}"),
            [
                Piece::Text("220 "),
                Piece::Placeholder(Placeholder::Host),
                Piece::Text(" {x} "),
                Piece::Placeholder(Placeholder::Id),
            ]
        );
        assert_eq!(pieces(""), []);
        assert_eq!(
            pieces("{{host}"),
            [Piece::Text("{"), Piece::Placeholder(Placeholder::Host)]
        );
    }

    #[test]
    fn a_misspelt_placeholder_is_an_error_and_a_lone_brace_is_text() {
        assert!(check("250 {hots}").is_err());
        assert!(check("250 { {} }{ {ID} {host").is_ok());
    }
}
