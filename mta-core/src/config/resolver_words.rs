//! The words of parameters about the resolver and DANE.

/// The words of `smtp_dns_support_level`.
pub(super) const SUPPORT_WORDS: [&str; 3] = ["disabled", "enabled", "dnssec"];

/// The words of `smtp_host_lookup`; lower case only.
pub(super) const LOOKUP_WORDS: [&str; 2] = ["dns", "native"];

/// The words of `smtp_dns_resolver_options`; lower case only.
pub(super) const OPTION_WORDS: [&str; 2] = ["res_defnames", "res_dnsrch"];

/// The words of `smtp_tls_dane_insecure_mx_policy`.
pub(super) const INSECURE_MX_WORDS: [&str; 3] = ["may", "encrypt", "dane"];
