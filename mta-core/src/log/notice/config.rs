//! About main.cf (src/global/mail_conf_*.c, conv_time.c, mail_params.c; src/util/dict.c, readlline.c, name_mask.c,
//! inet_proto.c; src/global/own_inet_addr.c; src/smtp/smtp.c; src/tls/tls_dh.c).

use super::sentence::{Sentence, Severity, fatal, info, warning};
use super::table::open_fault;
use crate::event::{Assignment, ConfigNotice, FileLine, Limit, SaslTrouble, WordWeight};

pub(super) fn sentences(notice: &ConfigNotice) -> Vec<Sentence> {
    vec![match notice {
        ConfigNotice::Sasl(trouble) => return sasl(trouble),
        ConfigNotice::Macro { what } => {
            return vec![
                warning(what.to_string()),
                fatal("dictionary mail_dict: macro processing error"),
            ];
        }
        ConfigNotice::NoGroup { is_empty } => {
            let fault = if *is_empty {
                "no configured key exchange group - OpenSSL requires at least one"
            } else {
                "none of the configured key exchange groups are supported"
            };
            return vec![
                warning(fault),
                warning("using Postfix default key exchange groups instead"),
            ];
        }
        ConfigNotice::UnknownWord {
            set: Assignment { parameter, value },
            word,
            weight,
        } => {
            let text = format!("unknown {parameter} value \"{word}\" in \"{value}\"");
            match weight {
                WordWeight::Fatal => fatal(text),
                WordWeight::Odd => warning(text),
                WordWeight::OddTwice => return vec![warning(text.clone()), warning(text)],
            }
        }
        ConfigNotice::NothingToContinue {
            path,
            start,
            is_cut,
        } => {
            let dots = if *is_cut { "..." } else { "" };
            warning(format!(
                "{path}: logical line must not start with whitespace: \"{start}{dots}\""
            ))
        }
        ConfigNotice::BadLine { at, fault, text } => {
            fatal(format!("{}: {fault}: \"{text}\"", place(at)))
        }
        ConfigNotice::Overriding {
            at,
            parameter,
            value,
        } => warning(format!(
            "{}: overriding earlier entry: {parameter}={value}",
            place(at)
        )),
        ConfigNotice::NotYesOrNo(Assignment { parameter, value }) => {
            fatal(format!("bad boolean configuration: {parameter} = {value}"))
        }
        ConfigNotice::NotANumber(Assignment { parameter, value }) => fatal(format!(
            "bad numerical configuration: {parameter} = {value}"
        )),
        ConfigNotice::NotATime(Assignment { parameter, value }) => fatal(format!(
            "parameter {parameter}: bad time value or unit: {value}"
        )),
        ConfigNotice::NumberOutOfRange {
            parameter,
            number,
            limit,
        } => {
            let (sign, limit) = match limit {
                Limit::Min(limit) => ('<', limit),
                Limit::Max(limit) => ('>', limit),
            };
            fatal(format!(
                "invalid {parameter} parameter value {number} {sign} {limit}"
            ))
        }
        ConfigNotice::TimeOutOfRange {
            parameter,
            seconds,
            limit,
        } => {
            let (side, limit) = match limit {
                Limit::Min(limit) => ("min", limit),
                Limit::Max(limit) => ("max", limit),
            };
            fatal(format!("invalid {parameter}: {seconds} ({side} {limit})"))
        }
        ConfigNotice::TooShort {
            set: Assignment { parameter, value },
            min,
        } => fatal(format!(
            "bad string length {} < {min}: {parameter} = {value}",
            value.len()
        )),
        ConfigNotice::NotAHostName {
            path,
            set: Assignment { parameter, value },
            fault: _,
        } => fatal(format!(
            "file {path}: parameter {parameter}: bad parameter value: {value}"
        )),
        ConfigNotice::BadLevel(word) => fatal(format!("Invalid TLS level \"{word}\"")),
        ConfigNotice::BadCompatLevel(text) => {
            fatal(format!("malformed compatibility level syntax: \"{text}\""))
        }
        ConfigNotice::BadWord(Assignment { parameter, value }) => {
            fatal(format!("invalid {parameter}: \"{value}\""))
        }
        ConfigNotice::BadPreference(word) => {
            fatal(format!("bad smtp_address_preference value: {word}"))
        }
        ConfigNotice::NoProtocols => Sentence {
            severity: Severity::Panic,
            text: "inet_proto_init: bad inet_proto_mask 0x0".to_owned(),
        },
        ConfigNotice::InterfaceNotFound { parameter, host } => fatal(format!(
            "config variable {parameter}: host not found: {host}"
        )),
        ConfigNotice::RelayIsSelf { myhostname } => fatal(format!(
            "myhostname and relayhost parameter settings must not be identical: {myhostname}"
        )),
        ConfigNotice::NoTable(fault) => fatal(open_fault(fault)),
        ConfigNotice::NoReportSocket => warning(
            "TLSRPT support: parameter smtp_tlsrpt_socket_name has empty value -- TLSRPT support will be disabled",
        ),
        ConfigNotice::LevelByDefault => {
            info("using backwards-compatible default setting smtp_tls_security_level=(empty)")
        }
        ConfigNotice::UnknownCurve(word) => {
            warning(format!("ignoring unknown ECDHE curve \"{word}\""))
        }
        ConfigNotice::CurvesRefused => warning("failed to configure ECDHE curves"),
    }]
}

/// Why a client that is to log in cannot start (src/smtp/smtp_sasl_glue.c, smtp_sasl_auth_cache.c; src/xsasl/xsasl_client.c,
/// xsasl_cyrus_client.c).
fn sasl(trouble: &SaslTrouble) -> Vec<Sentence> {
    match trouble {
        SaslTrouble::NoPasswords => vec![fatal(
            "specify a password table via the `smtp_sasl_password_maps' configuration parameter",
        )],
        SaslTrouble::UnknownLibrary(library) => vec![
            warning(format!("unsupported SASL client implementation: {library}")),
            fatal("SASL library initialization"),
        ],
        SaslTrouble::UnknownOption { value, word } => vec![
            warning(format!(
                "unknown SASL security options value \"{word}\" in \"{value}\""
            )),
            warning("bad per-session SASL security properties"),
            fatal("SASL per-connection initialization failed"),
        ],
        SaslTrouble::ManyCaches(tables) => vec![fatal(format!(
            "SASL authentication cache name \"{tables}\" contains multiple values"
        ))],
        SaslTrouble::CacheWithoutProxy(table) => vec![fatal(format!(
            "SASL authentication cache name \"{table}\" must start with \"proxy:\""
        ))],
    }
}

/// `/etc/postfix/main.cf, line 3`
fn place(FileLine { path, line }: &FileLine) -> String {
    match line {
        Some(line) => format!("{path}, line {line}"),
        None => path.to_string(),
    }
}
