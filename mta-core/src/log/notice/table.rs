//! About lookup tables (src/util/dict_open.c, dict_surrogate.c, dict_*.c, extpar.c, split_nameval.c; src/global/maps.c;
//! src/postmap/postmap.c).

use super::sentence::{Sentence, error, warning};
use crate::event::{
    BraceFault, CidrFault, InlineFault, LineFault, OpenFault, PatternFault, PatternSyntax,
    TableNotice, WordFault,
};

pub(super) fn sentences(notice: &TableNotice) -> Vec<Sentence> {
    vec![match notice {
        TableNotice::NotOpened(fault) => error(open_fault(fault)),
        TableNotice::Unavailable { table, fault } => {
            warning(format!("{table} is unavailable. {}", open_fault(fault)))
        }
        TableNotice::LookupFailed { table, key } => {
            warning(format!("{table} lookup error for \"{key}\""))
        }
        TableNotice::EmptyResult { parameter, key } => {
            return vec![
                warning(format!(
                    "{parameter} lookup of {key} returns an empty string result"
                )),
                warning(format!(
                    "{parameter} should return NO RESULT in case of NOT FOUND"
                )),
            ];
        }
        TableNotice::LongKey { table, limit } => {
            warning(format!("{table}: a key of more than {limit} bytes"))
        }
        TableNotice::LongResult { table, limit } => {
            warning(format!("{table}: a result of more than {limit} bytes"))
        }
        TableNotice::NothingToContinue {
            path,
            start,
            is_cut,
        } => {
            let dots = if *is_cut { "..." } else { "" };
            warning(format!(
                "{path}: logical line must not start with whitespace: \"{start}{dots}\""
            ))
        }
        TableNotice::Line { path, line, fault } => {
            warning(format!("{path}, line {line}: {}", line_fault(fault)))
        }
        TableNotice::Duplicate { database, key } => {
            warning(format!("{database}: duplicate entry: \"{key}\""))
        }
        TableNotice::Network { name, line, fault } => warning(format!(
            "cidr map {name}, line {line}: {}",
            cidr_fault(fault)
        )),
        TableNotice::Pattern {
            fault: PatternFault::TruncatedReference(text),
            ..
        } => warning(format!("truncated macro reference: \"{text}\"")),
        TableNotice::Pattern {
            fault: PatternFault::EmptyReference(text),
            ..
        } => warning(format!("empty macro name: \"{text}\"")),
        TableNotice::Pattern {
            syntax,
            name,
            line,
            fault,
        } => warning(format!(
            "{} map {name}, line {line}: {}",
            syntax.name(),
            pattern_fault(*syntax, fault)
        )),
        TableNotice::SitesIgnored => {
            warning("smtp_tls_per_site ignored when smtp_tls_policy_maps is not empty.")
        }
    }]
}

/// Why a table cannot be opened.
pub(super) fn open_fault(fault: &OpenFault) -> String {
    match fault {
        // The only errno that a file of a simulation has.
        OpenFault::NoDatabase(path) => format!("open database {path}: No such file or directory"),
        OpenFault::NoFile(path) => format!("open {path}: No such file or directory"),
        OpenFault::Untyped(text) => {
            format!("open dictionary: expecting \"type:name\" form instead of \"{text}\"")
        }
        OpenFault::UnknownType(kind) => format!("unsupported dictionary type: {kind}"),
        OpenFault::ReadOnly(table) => format!("{table} map requires O_RDONLY access mode"),
        OpenFault::Braces { kind, fault } => format!("{kind} map: {}", brace_fault(fault)),
        OpenFault::Static(fault) => format!("bad static:name syntax: {}", brace_fault(fault)),
        OpenFault::Inline { text, fault } => {
            let what = match fault {
                InlineFault::Syntax => "bad syntax".to_owned(),
                InlineFault::Entry(fault) => word_fault(fault),
                InlineFault::Empty => "empty table".to_owned(),
            };
            format!("{what}: \"inline:{text}\"; need \"inline:{{name=value...}}\"")
        }
        OpenFault::NoTables { kind, text } => {
            format!("bad syntax: \"{kind}:{text}\"; need \"{kind}:{{type:name...}}\"")
        }
        OpenFault::Duplicate { path, line, key } => {
            format!("{path}, line {line}: duplicate entry: \"{key}\"")
        }
    }
}

/// What is wrong with a pair, or with the braces around it.
pub(super) fn word_fault(fault: &WordFault) -> String {
    match fault {
        WordFault::Braces(fault) => brace_fault(fault),
        WordFault::Pair(fault) => fault.to_string(),
    }
}

fn brace_fault(fault: &BraceFault) -> String {
    match fault {
        BraceFault::NotOpened(text) => format!("no '{{' at start of text in \"{text}\""),
        BraceFault::NotClosed(text) => format!("missing '}}' in \"{text}\""),
        BraceFault::TextBehind(text) => format!("syntax error after '}}' in \"{text}\""),
    }
}

fn line_fault(fault: &LineFault) -> String {
    match fault {
        LineFault::NotUtf8(text) => format!("non-UTF-8 input \"{text}\" -- ignoring this line"),
        LineFault::OpenQuote(text) => {
            format!("unbalanced '\"' in '{text}' -- ignoring this line")
        }
        LineFault::NoValue { in_postmap } => {
            let ending = if *in_postmap {
                ""
            } else {
                " -- ignoring this line"
            };
            format!("expected format: key whitespace value{ending}")
        }
        LineFault::KeyWithColon => {
            "record is in \"key: value\" format; is this an alias file?".to_owned()
        }
    }
}

fn cidr_fault(fault: &CidrFault) -> String {
    let what = match fault {
        CidrFault::IfWithoutEndif => return "IF has no matching ENDIF".to_owned(),
        CidrFault::NoPattern => "no address pattern".to_owned(),
        CidrFault::NoResult => "no lookup result".to_owned(),
        CidrFault::BadAddress(text) => format!("bad address pattern: \"{text}\""),
        CidrFault::BadMask(text) => format!("bad mask value in \"{text}\""),
        CidrFault::LongMask(text) => format!("bad mask length in \"{text}\""),
        CidrFault::BadNetwork(text) => format!("bad network value in \"{text}\""),
        CidrFault::HostBits {
            pattern,
            network,
            prefix,
        } => format!(
            "non-null host address bits in \"{pattern}\", perhaps you should use \"{network}/{prefix}\" instead"
        ),
        CidrFault::OpenBracket(text) => format!("missing ']' character after \"[{text}\""),
        CidrFault::TextBehindBracket(text) => format!("garbage after \"[{text}]\""),
        CidrFault::EndifWithoutIf => "ENDIF without IF".to_owned(),
        CidrFault::TextBehindEndif => "garbage after ENDIF".to_owned(),
    };
    format!("{what}: skipping this rule")
}

fn pattern_fault(syntax: PatternSyntax, fault: &PatternFault) -> String {
    match fault {
        PatternFault::NoPattern => "no regexp: skipping this rule".to_owned(),
        PatternFault::NoDelimiter(delimiter) => {
            let ending = match syntax {
                PatternSyntax::Posix => "skipping",
                PatternSyntax::Perl => "ignoring",
            };
            format!("no closing regexp delimiter \"{delimiter}\": {ending} this rule")
        }
        PatternFault::UnknownOption(option) => {
            format!("unknown regexp option \"{option}\": skipping this rule")
        }
        PatternFault::ObsoleteOption(option) => {
            format!("ignoring obsolete regexp option \"{option}\"")
        }
        PatternFault::Refused {
            offset: Some(offset),
            words,
        } => format!("error in regex at offset {offset}: {words}"),
        PatternFault::Refused {
            offset: None,
            words,
        } => words.to_string(),
        PatternFault::NoResult => "no replacement text: using empty string".to_owned(),
        // These two stand without a place.
        PatternFault::TruncatedReference(text) | PatternFault::EmptyReference(text) => {
            text.to_string()
        }
        PatternFault::NamedGroup(name) => format!("non-numeric replacement index \"{name}\""),
        PatternFault::NoSuchGroup(name) => {
            let range = match syntax {
                PatternSyntax::Posix => "out-of-range",
                PatternSyntax::Perl => "out of range",
            };
            format!("{range} replacement index \"{name}\"")
        }
        PatternFault::BadResult => "bad replacement syntax: skipping this rule".to_owned(),
        PatternFault::GroupInNegative => {
            "$number found in negative match replacement text: skipping this rule".to_owned()
        }
        PatternFault::GroupNotAllowed => {
            "regular expression substitution is not allowed: skipping this rule".to_owned()
        }
        PatternFault::GroupOutOfRange(group) => {
            format!("out of range replacement index \"{group}\": skipping this rule")
        }
        PatternFault::EndifWithoutIf => "ignoring ENDIF without matching IF".to_owned(),
        PatternFault::TextBehindEndif => "ignoring extra text after ENDIF".to_owned(),
        PatternFault::Unrecognised => "ignoring unrecognized request".to_owned(),
        PatternFault::TextBehindIf(text) => {
            format!("ignoring extra text after IF statement: \"{text}\"")
        }
        PatternFault::BlanksInIf => {
            "do not prepend whitespace to statements between IF and ENDIF".to_owned()
        }
        PatternFault::IfWithoutEndif => "IF has no matching ENDIF".to_owned(),
    }
}
