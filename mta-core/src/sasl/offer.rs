//! What a server offers behind AUTH, as far as the filter lets it through (src/smtp/smtp_sasl_proto.c `smtp_sasl_helo_auth`).

use super::filter::MechanismFilter;

/// What a server offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The names of mechanisms that are looked at; nothing if there are none.
    pub(crate) mechanisms: Option<String>,
}

/// What Postfix remarks on in an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OfferNote {
    /// There is nothing behind AUTH.
    Empty,
    /// Nothing of it passes the filter: what stands there.
    NonePasses(String),
}

impl Offer {
    /// Of what stands behind each AUTH of an EHLO reply; nothing if there is none. `limit` is `line_length_limit`, in bytes.
    pub(crate) fn of(
        lines: &[String],
        filter: &MechanismFilter,
        limit: usize,
    ) -> Option<(Offer, Vec<OfferNote>)> {
        if lines.is_empty() {
            return None;
        }
        let mut mechanisms: Option<String> = None;
        let mut notes = Vec::new();
        for line in lines {
            let passing = passing(line, filter);
            match &mut mechanisms {
                // Some servers say it twice: AUTH PLAIN, and AUTH=PLAIN for clients of old.
                Some(known) => {
                    let is_new = !passing.is_empty() && !known.eq_ignore_ascii_case(&passing);
                    if is_new && known.len() < limit {
                        known.push(' ');
                        known.push_str(&passing);
                    }
                }
                None if passing.is_empty() && line.is_empty() => notes.push(OfferNote::Empty),
                None if passing.is_empty() => notes.push(OfferNote::NonePasses(line.clone())),
                None => mechanisms = Some(passing),
            }
        }
        Some((Offer { mechanisms }, notes))
    }
}

/// The words of a line that pass; the line itself without a filter.
fn passing(line: &str, filter: &MechanismFilter) -> String {
    if filter.is_empty() {
        return line.to_owned();
    }
    let words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.filter(|word| filter.passes(word)).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(lines: &[&str], filter: &str) -> (Option<String>, Vec<OfferNote>) {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let filter = MechanismFilter::parse(filter).unwrap();
        let (offer, notes) = Offer::of(&lines, &filter, 2048).unwrap();
        (offer.mechanisms, notes)
    }

    #[test]
    fn lists_are_joined_unless_they_say_the_same() {
        let (offered, notes) = offer(&["PLAIN LOGIN", "plain login", "CRAM-MD5"], "");
        assert_eq!(offered.as_deref(), Some("PLAIN LOGIN CRAM-MD5"));
        assert_eq!(notes, []);
        assert!(Offer::of(&[], &MechanismFilter::default(), 2048).is_none());
    }

    #[test]
    fn what_does_not_pass_is_remarked_on() {
        let (offered, notes) = offer(&["GSSAPI NTLM"], "plain");
        assert_eq!(offered, None);
        assert_eq!(notes, [OfferNote::NonePasses("GSSAPI NTLM".to_owned())]);
        assert_eq!(offer(&[""], ""), (None, vec![OfferNote::Empty]));
        let (offered, notes) = offer(&["GSSAPI", "PLAIN GSSAPI"], "plain");
        assert_eq!(offered.as_deref(), Some("PLAIN"));
        assert_eq!(notes.len(), 1);
    }
}
