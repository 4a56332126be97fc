//! Words about TLS in a peer that never comes to speak it.

use crate::file::FileError;
use crate::peer::{PeerSpec, Say, TlsSpec};

use super::places::Places;

/// The first thing said about TLS, if the peer neither offers STARTTLS nor begins with TLS.
pub(super) fn never_spoken(spec: &PeerSpec, places: &Places<'_>) -> Option<FileError> {
    if spec.tls.implicit || spec.ehlo.offers_starttls() || says_starttls(spec) {
        return None;
    }
    let why = "the peer offers no STARTTLS (`[ehlo] keywords`), so";
    if places.has("tls") && spec.tls != TlsSpec::default() {
        return Some(places.at_key("tls", &format!("{why} nothing comes of [tls]")));
    }
    let own = places.list(&["on"]);
    let mut rules = spec.on.iter().zip(own);
    let (_, octet) = rules.find(|(rule, _)| rule.when.in_tls == Some(true))?;
    Some(places.at(
        octet,
        &format!("{why} a rule with `in-tls = true` never applies"),
    ))
}

/// Whether a rule or a reply of the peer's own may offer it.
fn says_starttls(spec: &PeerSpec) -> bool {
    let offers = |text: &str| text.to_ascii_uppercase().contains("STARTTLS");
    let with = spec.on.iter().flat_map(|rule| &rule.with);
    let sent = spec.on.iter().filter_map(|rule| rule.send.as_ref());
    let replies = sent.chain(spec.replies.values());
    let mut steps = replies.flat_map(|reply| &reply.steps);
    with.into_iter().any(|keyword| offers(keyword))
        || steps.any(|step| match &step.say {
            Say::Text(text) | Say::Raw(text) => offers(text),
            // Bytes may be anything.
            Say::Hex(_) => true,
            Say::Nothing => false,
        })
}

#[cfg(test)]
mod tests {
    use crate::library::check::tests::found;

    #[test]
    fn words_about_tls_without_starttls_are_told() {
        let plain = "ehlo.keywords = ['PIPELINING']\n";
        assert_eq!(
            found("p.toml", &format!("{plain}[tls]\ncertificate = 'expired'")),
            ["2:1: the peer offers no STARTTLS (`[ehlo] keywords`), so nothing comes of [tls]"]
        );
        assert_eq!(
            found(
                "p.toml",
                &format!("{plain}[[on]]\ncommand = 'MAIL'\nin-tls = true\nsend = '550 no'")
            ),
            [
                "2:1: the peer offers no STARTTLS (`[ehlo] keywords`), so a rule with `in-tls = true` never applies"
            ]
        );
        for offers in [
            "tls.implicit = true",
            "on = [{ command = 'EHLO', every = 2, with = ['STARTTLS'] }]",
            "on = [{ command = 'EHLO', send = \"250-x\\r\\n250 starttls\" }]",
        ] {
            let text = format!("{plain}tls.certificate = 'expired'\n{offers}");
            assert_eq!(found("p.toml", &text), [""; 0], "{offers}");
        }
    }
}
