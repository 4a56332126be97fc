//! How names are looked up, and what DANE makes of the answers (src/smtp/smtp.c `pre_init`, src/dns/dns_sec.c).

use std::fmt;
use std::sync::Arc;

use super::inet::words;
use super::problem::{Problem, clip};
use super::reader::Reader;
use super::resolver_words::{INSECURE_MX_WORDS, LOOKUP_WORDS, OPTION_WORDS, SUPPORT_WORDS};
use super::value::{Refusal, nearest};
use crate::dns::{Kind, Question};
use crate::event::{Assignment, ConfigNotice, WordWeight};
use crate::policy::Level;

/// How names are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverSettings {
    /// `smtp_dns_support_level`
    pub support: DnsSupport,
    /// `smtp_host_lookup`: whether addresses of hosts are looked up in DNS; else wherever the system looks.
    pub hosts_from_dns: bool,
    /// `smtp_dns_resolver_options`: whether the resolver may add domains of its own to a name.
    pub completes_names: bool,
    /// `dnssec_probe`: what is asked to find out whether anybody validates.
    pub probe: Option<Question>,
    /// `smtp_cname_overrides_servername`: whether a host goes by the name that its CNAME leads to.
    pub cname_overrides_host: bool,
}

/// `smtp_dns_support_level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsSupport {
    /// No DNS, and no MX records.
    Disabled,
    /// Answers count, whoever vouches for them.
    Enabled,
    /// Answers are looked at for DNSSEC.
    Dnssec,
}

impl fmt::Display for DnsSupport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DnsSupport::Disabled => "disabled",
            DnsSupport::Enabled => "enabled",
            DnsSupport::Dnssec => "dnssec",
        })
    }
}

/// What is made of TLSA records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaneSettings {
    /// `smtp_tls_dane_insecure_mx_policy`: `may`, `encrypt` or `dane`.
    pub insecure_mx: Level,
    /// `smtp_tls_force_insecure_host_tlsa_lookup`
    pub asks_for_insecure_hosts: bool,
    /// `tls_dane_digests`: words, strongest first.
    pub digests: String,
}

impl ResolverSettings {
    /// Whether answers are looked at for DNSSEC, addresses included.
    pub fn has_dnssec(&self) -> bool {
        self.support == DnsSupport::Dnssec && self.hosts_from_dns
    }
}

pub(super) fn resolver(reader: &mut Reader<'_>) -> ResolverSettings {
    let support = reader.parsed("smtp_dns_support_level", DnsSupport::Enabled, dns_support);
    let hosts_from_dns = reader.parsed("smtp_host_lookup", true, host_lookup);
    ResolverSettings {
        support,
        hosts_from_dns: hosts_from_dns && support != DnsSupport::Disabled,
        completes_names: reader.parsed("smtp_dns_resolver_options", false, resolver_options),
        probe: probe(reader),
        cname_overrides_host: reader.yes_or_no("smtp_cname_overrides_servername"),
    }
}

pub(super) fn dane(reader: &mut Reader<'_>) -> DaneSettings {
    DaneSettings {
        insecure_mx: reader.parsed("smtp_tls_dane_insecure_mx_policy", Level::May, insecure_mx),
        asks_for_insecure_hosts: reader.yes_or_no("smtp_tls_force_insecure_host_tlsa_lookup"),
        digests: reader.text("tls_dane_digests"),
    }
}

fn dns_support(text: &str) -> Result<DnsSupport, Refusal> {
    match text.to_ascii_lowercase().as_str() {
        "" | "enabled" => Ok(DnsSupport::Enabled),
        "disabled" => Ok(DnsSupport::Disabled),
        "dnssec" => Ok(DnsSupport::Dnssec),
        other => Err(Refusal {
            what: format!("unknown word \"{}\"", clip(text)),
            nearest: nearest(other, &SUPPORT_WORDS),
            notice: ConfigNotice::BadWord(Assignment::of("smtp_dns_support_level", text)),
        }),
    }
}

fn host_lookup(text: &str) -> Result<bool, Refusal> {
    mask("smtp_host_lookup", text, &LOOKUP_WORDS)?;
    if text.is_empty() {
        let set = Assignment::of("smtp_host_lookup", "");
        let too_short = ConfigNotice::TooShort { set, min: 1 };
        return Err(Refusal::new("must not be empty".to_owned(), too_short));
    }
    Ok(words(text).any(|word| word == "dns"))
}

fn resolver_options(text: &str) -> Result<bool, Refusal> {
    mask("smtp_dns_resolver_options", text, &OPTION_WORDS)?;
    Ok(words(text).next().is_some())
}

/// src/util/name_mask.c
fn mask(name: &str, text: &str, known: &[&'static str]) -> Result<(), Refusal> {
    match words(text).find(|word| !known.contains(word)) {
        None => Ok(()),
        Some(word) => Err(Refusal {
            what: format!("unknown word \"{}\"", clip(word)),
            nearest: nearest(&word.to_ascii_lowercase(), known),
            notice: ConfigNotice::UnknownWord {
                set: Assignment::of(name, text),
                word: word.into(),
                weight: WordWeight::Fatal,
            },
        }),
    }
}

/// `ns:.`: a type and a name. Postfix stumbles over anything else only when it first needs it.
fn probe(reader: &mut Reader<'_>) -> Option<Question> {
    const NAME: &str = "dnssec_probe";
    let text = reader.some_text(NAME)?;
    let question = text.split_once(':').and_then(|(kind, name)| {
        let mut kinds = KINDS.into_iter();
        let kind = kinds.find(|known| known.name().eq_ignore_ascii_case(kind))?;
        let name: Arc<str> = Some(name).filter(|name| !name.is_empty())?.into();
        Some(Question { name, kind })
    });
    if question.is_none() {
        let what = format!(
            "\"{}\" is not valid; expected TYPE:NAME, such as ns:.; nothing is asked",
            clip(&text)
        );
        let problem = Problem::with(&reader.place(NAME), NAME, what);
        reader.findings.warn(problem);
    }
    question
}

/// Record types that can be asked for.
const KINDS: [Kind; 7] = [
    Kind::Ns,
    Kind::A,
    Kind::Aaaa,
    Kind::Mx,
    Kind::Txt,
    Kind::Cname,
    Kind::Tlsa,
];

fn insecure_mx(text: &str) -> Result<Level, Refusal> {
    let level = INSECURE_MX_WORDS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(text))
        .and_then(|word| word.parse().ok());
    level.ok_or_else(|| Refusal {
        what: format!(
            "\"{}\" is not valid; expected may, encrypt or dane",
            clip(text)
        ),
        nearest: nearest(&text.to_ascii_lowercase(), &INSECURE_MX_WORDS),
        notice: ConfigNotice::BadWord(Assignment::of("smtp_tls_dane_insecure_mx_policy", text)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Host, MainCf, Release, Settings};

    fn read(text: &str, release: Release) -> Result<Settings, String> {
        let main_cf = MainCf::parse("main.cf", text);
        match Settings::from_main_cf(&main_cf, release, &Host::default()) {
            Ok((settings, _)) => Ok(settings),
            Err(errors) => Err(errors
                .first()
                .and_then(|error| error.postfix_says())
                .unwrap()),
        }
    }

    #[test]
    fn insecure_mx_records_weigh_by_version_and_level() {
        let policy = |text, release| read(text, release).unwrap().tls.dane.insecure_mx;
        let dane = "smtp_tls_security_level = dane";
        assert_eq!(policy(dane, Release::V3_7), Level::Dane);
        assert_eq!(policy("", Release::V3_7), Level::May);
        assert_eq!(policy("", Release::V3_12), Level::Dane);
    }

    #[test]
    fn wrong_words_are_fatal_as_in_postfix() {
        for (text, says) in [
            (
                "smtp_dns_support_level = bogus",
                "fatal: invalid smtp_dns_support_level: \"bogus\"",
            ),
            (
                "smtp_tls_dane_insecure_mx_policy = none",
                "fatal: invalid smtp_tls_dane_insecure_mx_policy: \"none\"",
            ),
            (
                "smtp_host_lookup = DNS",
                "fatal: unknown smtp_host_lookup value \"DNS\" in \"DNS\"",
            ),
        ] {
            assert_eq!(read(text, Release::V3_7).unwrap_err(), says);
        }
    }

    #[test]
    fn the_probe_is_a_type_and_a_name() {
        let probe = |text| read(text, Release::V3_7).unwrap().resolver.probe;
        assert_eq!(probe("").unwrap().to_string(), ". NS");
        assert_eq!(probe("dnssec_probe ="), None);
        assert_eq!(probe("dnssec_probe = ns"), None);
    }
}
