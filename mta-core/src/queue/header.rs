//! What the header of a message asks of TLS (src/cleanup/cleanup_message.c).

use crate::config::AskSettings;
use crate::policy::Asks;

/// `TLS-Required: no` makes TLS optional (RFC 8689 §5).
const TLS_REQUIRED: &str = "TLS-Required";

/// `Require-TLS-ESMTP: yes` stands in for the REQUIRETLS parameter, on the way through a content filter.
const REQUIRE_TLS_ESMTP: &str = "Require-TLS-ESMTP";

/// Most bytes of a field that a warning quotes (src/cleanup/cleanup_message.c).
const QUOTED_MAX: usize = 100;

/// What cleanup(8) makes of a header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderAsks {
    /// What is asked for in all.
    pub asks: Asks,
    /// The field that is added to the header.
    pub added: Option<&'static str>,
    /// What cleanup(8) warns of.
    pub warnings: Vec<String>,
}

impl HeaderAsks {
    /// Reads the header of a message whose envelope already asks for something.
    pub fn read(content: &[u8], asks: Asks, settings: &AskSettings) -> HeaderAsks {
        let mut found = HeaderAsks {
            asks,
            ..HeaderAsks::default()
        };
        let by_header = settings.require_tls && settings.header;
        if !settings.tls_optional && !by_header {
            return found;
        }
        let mut is_said = false;
        for field in fields(content) {
            let Some((name, value)) = field.split_once(':') else {
                continue;
            };
            let (name, value) = (name.trim_end(), value.trim());
            if settings.tls_optional && name.eq_ignore_ascii_case(TLS_REQUIRED) {
                if value.eq_ignore_ascii_case("no") {
                    found.asks.tls_optional = true;
                } else {
                    let quoted = field.get(..QUOTED_MAX).unwrap_or(&field);
                    let warning = format!("ignoring malformed header: '{quoted}'");
                    found.warnings.push(warning);
                }
            }
            if by_header
                && name.eq_ignore_ascii_case(REQUIRE_TLS_ESMTP)
                && value.eq_ignore_ascii_case("yes")
            {
                found.asks.require_tls = true;
                is_said = true;
            }
        }
        if by_header && found.asks.require_tls && !is_said {
            found.added = Some("Require-TLS-ESMTP: yes");
        }
        found
    }
}

/// The fields of a header that could ask for something, with their continuation lines.
fn fields(content: &[u8]) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    let mut of_interest = false;
    for line in content.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let begins = |name: &str| {
            line.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        };
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some(field) = fields.last_mut().filter(|_| of_interest) {
                field.push('\n');
                field.push_str(&String::from_utf8_lossy(line));
            }
            continue;
        }
        of_interest = begins(TLS_REQUIRED) || begins(REQUIRE_TLS_ESMTP);
        if of_interest {
            fields.push(String::from_utf8_lossy(line).into_owned());
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Release, Settings};

    fn read(content: &str, asks: Asks, release: Release) -> HeaderAsks {
        let settings = Settings::default_for(release).tls.asks;
        HeaderAsks::read(content.as_bytes(), asks, &settings)
    }

    const OPTIONAL: Asks = Asks {
        tls_optional: true,
        require_tls: false,
    };
    const REQUIRED: Asks = Asks {
        tls_optional: false,
        require_tls: true,
    };

    #[test]
    fn no_in_any_case_makes_tls_optional() {
        for content in [
            "TLS-Required: no\n\n",
            "Subject: x\r\ntls-required:  NO \r\n\r\n",
        ] {
            let found = read(content, Asks::default(), Release::V3_12);
            assert_eq!(found.asks, OPTIONAL, "{content:?}");
            let found = read(content, Asks::default(), Release::V3_7);
            assert_eq!(found, HeaderAsks::default(), "{content:?}");
        }
        let found = read(
            "Subject: x\n\nTLS-Required: no\n",
            Asks::default(),
            Release::V3_12,
        );
        assert_eq!(found, HeaderAsks::default());
    }

    #[test]
    fn another_value_is_warned_of() {
        let found = read("TLS-Required: maybe\n", Asks::default(), Release::V3_12);
        assert_eq!(found.asks, Asks::default());
        assert_eq!(
            found.warnings,
            ["ignoring malformed header: 'TLS-Required: maybe'"]
        );
    }

    #[test]
    fn a_parameter_leaves_its_mark_in_the_header() {
        let found = read("Subject: x\n", REQUIRED, Release::V3_12);
        assert_eq!(found.added, Some("Require-TLS-ESMTP: yes"));
        let found = read("Require-TLS-ESMTP: yes\n", Asks::default(), Release::V3_12);
        assert_eq!((found.asks, found.added), (REQUIRED, None));
    }
}
