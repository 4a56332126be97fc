//! Whether a certificate is for a name: what OpenSSL's `X509_check_host` makes of Postfix's match lists
//! (src/tls/tls_client.c; crypto/x509/v3_utl.c; RFC 6125 §6.4).

use std::net::IpAddr;

use super::Certificate;
use crate::policy::Name;

/// The first name of the certificate that one of `wanted` accepts. The common name counts only where there is no DNS
/// name; addresses never do.
pub(super) fn matching<'a>(certificate: &'a Certificate, wanted: &[Name]) -> Option<&'a str> {
    let presented: Vec<&str> = if certificate.dns_names.is_empty() {
        certificate.common_name().into_iter().collect()
    } else {
        certificate.dns_names.iter().map(|name| &**name).collect()
    };
    wanted.iter().find_map(|wanted| {
        presented
            .iter()
            .copied()
            // A NUL would end the name in C, and not here.
            .find(|presented| !presented.contains('\0') && accepts(wanted, presented))
    })
}

fn accepts(wanted: &Name, presented: &str) -> bool {
    match wanted {
        // RFC 9525 §6.4: an address is not a DNS name.
        Name::Host(host) if host.parse::<IpAddr>().is_ok() => false,
        Name::Host(host) => presented.eq_ignore_ascii_case(host) || wildcard(presented, host),
        Name::Below(domain) => presented
            .len()
            .checked_sub(domain.len() + 1)
            .filter(|before| *before > 0)
            .and_then(|before| presented.get(before..))
            .and_then(|end| end.strip_prefix('.'))
            .is_some_and(|end| end.eq_ignore_ascii_case(domain)),
    }
}

/// `*` stands for exactly one label, the left-most, and two more must follow; all of letters, digits and hyphens
/// (crypto/x509/v3_utl.c `valid_star`, `wildcard_match`).
fn wildcard(presented: &str, host: &str) -> bool {
    let Some(parent) = presented.strip_prefix("*.") else {
        return false;
    };
    let Some((label, rest)) = host.split_once('.') else {
        return false;
    };
    let labels = || parent.split('.');
    labels().count() >= 2
        && labels().all(is_plain)
        && !label.is_empty()
        && label.bytes().all(is_plain_byte)
        && rest.eq_ignore_ascii_case(parent)
}

fn is_plain(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(is_plain_byte)
}

const fn is_plain_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(wanted: &str, presented: &str) -> bool {
        accepts(&Name::Host(wanted.into()), presented)
    }

    fn below(wanted: &str, presented: &str) -> bool {
        accepts(&Name::Below(wanted.into()), presented)
    }

    #[test]
    fn a_name_is_itself_in_any_case_and_nothing_else() {
        assert!(host("mx1.example.test", "MX1.Example.TEST"));
        assert!(!host("mx1.example.test", "mx1.example.test."));
        assert!(!host("mx1.example.test", "example.test"));
    }

    #[test]
    fn a_star_is_one_whole_label_above_two_others() {
        assert!(host("mx1.example.test", "*.example.test"));
        assert!(!host("a.mx1.example.test", "*.example.test"));
        assert!(!host("example.test", "*.example.test"));
        assert!(!host("example.test", "*.test"));
        assert!(!host("mx1.example.test", "m*.example.test"));
        assert!(!host("mx1.example.test", "mx1.*.test"));
        assert!(host("mx-1.example.test", "*.example.test"));
        assert!(!host("mx_1.example.test", "*.example.test"));
        assert!(!host("mx1.ex_ample.test", "*.ex_ample.test"));
        assert!(host("mx1.ex_ample.test", "mx1.ex_ample.test"));
    }

    #[test]
    fn below_a_domain_is_whatever_ends_in_it() {
        for name in [
            "mx1.example.test",
            "a.b.example.test",
            "*.example.test",
            "m*.Example.test",
        ] {
            assert!(below("example.test", name), "{name}");
        }
        for name in [
            "example.test",
            ".example.test",
            "badexample.test",
            "mx1.example.test.",
        ] {
            assert!(!below("example.test", name), "{name}");
        }
    }
}
