//! Notices about lookup tables: that one cannot be opened or asked, and lines in it that are invalid.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// About a lookup table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableNotice {
    /// A table cannot be opened.
    NotOpened(OpenFault),
    /// A table is asked that could not be opened.
    Unavailable {
        /// The table, `type:name`.
        table: Arc<str>,
        /// Why it could not be opened.
        fault: OpenFault,
    },
    /// A table has no answer.
    LookupFailed {
        /// The table, `type:name`.
        table: Arc<str>,
        /// What was looked up.
        key: Arc<str>,
    },
    /// A table answers with nothing in place of saying that there is nothing.
    EmptyResult {
        /// The parameter that names the table.
        parameter: Arc<str>,
        /// What was looked up.
        key: Arc<str>,
    },
    /// The key is longer than is looked for here.
    LongKey {
        /// The table, `type:name`.
        table: Arc<str>,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The result is longer than is taken here.
    LongResult {
        /// The table, `type:name`.
        table: Arc<str>,
        /// The limit, in bytes.
        limit: usize,
    },
    /// A line continues another, and there is none.
    NothingToContinue {
        /// The file.
        path: Arc<str>,
        /// The line, as far as it is repeated.
        start: Arc<str>,
        /// Whether there is more of it.
        is_cut: bool,
    },
    /// A line of keys and values is invalid.
    Line {
        /// The file.
        path: Arc<str>,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        fault: LineFault,
    },
    /// postmap(1) met a key that was there already.
    Duplicate {
        /// The database.
        database: Arc<str>,
        /// The key.
        key: Arc<str>,
    },
    /// A rule of a table of networks is invalid.
    Network {
        /// The table's name.
        name: Arc<str>,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        fault: CidrFault,
    },
    /// A rule of a table of patterns is invalid.
    Pattern {
        /// Whose patterns they are.
        syntax: PatternSyntax,
        /// The table's name.
        name: Arc<str>,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        fault: PatternFault,
    },
    /// `smtp_tls_per_site` is set, and `smtp_tls_policy_maps` takes its place.
    SitesIgnored,
}

/// Why a table cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenFault {
    /// The database is not there.
    NoDatabase(Arc<str>),
    /// The file is not there.
    NoFile(Arc<str>),
    /// It has no type, or no name.
    Untyped(Arc<str>),
    /// Postfix knows no such type.
    UnknownType(Arc<str>),
    /// It holds what is to be written to, and can only be read.
    ReadOnly(Arc<str>),
    /// Braces that stand in the place of a file are wrong.
    Braces {
        /// The table's type.
        kind: Arc<str>,
        /// What is wrong.
        fault: BraceFault,
    },
    /// The braces of a `static` table are wrong.
    Static(BraceFault),
    /// What stands in an `inline` table is wrong.
    Inline {
        /// What stands there.
        text: Arc<str>,
        /// What is wrong.
        fault: InlineFault,
    },
    /// A table of tables has none, or one without a type.
    NoTables {
        /// The table's type.
        kind: Arc<str>,
        /// What stands there.
        text: Arc<str>,
    },
    /// A `texthash` table has a key twice.
    Duplicate {
        /// The file.
        path: Arc<str>,
        /// The second line, from 1.
        line: usize,
        /// The key, as it stands there.
        key: Arc<str>,
    },
}

/// What is wrong with braces (src/util/extpar.c). Each has the text that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BraceFault {
    /// There are none.
    NotOpened(Arc<str>),
    /// They are never closed.
    NotClosed(Arc<str>),
    /// Something follows them.
    TextBehind(Arc<str>),
}

/// What is wrong with `name = value` (src/util/split_nameval.c, split_qnameval.c).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PairFault {
    /// There is no name.
    NoName,
    /// There is no name, where names may be quoted.
    NoKey,
    /// There is no equals sign.
    NoEquals,
    /// A double quote is left open.
    OpenQuote,
}

/// The fault alone, in the words of those files.
impl fmt::Display for PairFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PairFault::NoName => "missing attribute name",
            PairFault::NoKey => "no key found; expected format: key = value",
            PairFault::NoEquals => "missing '=' after attribute name",
            PairFault::OpenQuote => "unbalanced '\"'",
        })
    }
}

/// What is wrong with a pair, or with the braces around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WordFault {
    /// The braces.
    Braces(BraceFault),
    /// The pair.
    Pair(PairFault),
}

/// What is wrong with an `inline` table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InlineFault {
    /// It does not stand in braces, or nothing does.
    Syntax,
    /// An entry in it.
    Entry(WordFault),
    /// It has no entry.
    Empty,
}

/// What is wrong with a line of keys and values (src/postmap/postmap.c, src/util/dict_thash.c).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineFault {
    /// It is not UTF-8; the line, what is not UTF-8 replaced.
    NotUtf8(Arc<str>),
    /// A double quote is left open; the line.
    OpenQuote(Arc<str>),
    /// A key without a value.
    NoValue {
        /// Whether postmap(1) says so.
        in_postmap: bool,
    },
    /// The key ends in a colon.
    KeyWithColon,
}

/// What is wrong with a rule of a table of networks (src/util/dict_cidr.c, cidr_match.c).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CidrFault {
    /// No pattern.
    NoPattern,
    /// No result.
    NoResult,
    /// What stands without a mask is not an address.
    BadAddress(Arc<str>),
    /// The mask is not a number; address and mask.
    BadMask(Arc<str>),
    /// The mask is longer than the address; address and mask.
    LongMask(Arc<str>),
    /// What stands before a mask is not an address; address and mask.
    BadNetwork(Arc<str>),
    /// The address has bits behind the mask.
    HostBits {
        /// Address and mask.
        pattern: Arc<str>,
        /// The first address of the network.
        network: IpAddr,
        /// The mask.
        prefix: u32,
    },
    /// A bracket is not closed; what follows it.
    OpenBracket(Arc<str>),
    /// Something follows a closed bracket; what stands in it.
    TextBehindBracket(Arc<str>),
    /// ENDIF without IF.
    EndifWithoutIf,
    /// Something follows ENDIF.
    TextBehindEndif,
    /// IF without ENDIF.
    IfWithoutEndif,
}

/// Whose patterns a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PatternSyntax {
    /// regexp_table(5).
    Posix,
    /// pcre_table(5).
    Perl,
}

impl PatternSyntax {
    /// The type of its tables.
    pub const fn name(self) -> &'static str {
        match self {
            PatternSyntax::Posix => "regexp",
            PatternSyntax::Perl => "pcre",
        }
    }
}

/// What is wrong with a rule of a table of patterns (src/util/dict_regexp.c, dict_pcre.c).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PatternFault {
    /// No pattern.
    NoPattern,
    /// The pattern does not end.
    NoDelimiter(char),
    /// No option is called so.
    UnknownOption(char),
    /// An option that means nothing any more.
    ObsoleteOption(char),
    /// The library refuses the pattern.
    Refused {
        /// Where in the pattern, if the library says so.
        offset: Option<usize>,
        /// Why, in its words.
        words: Arc<str>,
    },
    /// No result, so it is empty.
    NoResult,
    /// A bracket in the result is not closed; the result.
    TruncatedReference(Arc<str>),
    /// A dollar sign in the result with no name behind it; the result.
    EmptyReference(Arc<str>),
    /// The name of a group that is not a number.
    NamedGroup(Arc<str>),
    /// The group 0, as it was written.
    NoSuchGroup(Arc<str>),
    /// So the rule is not used.
    BadResult,
    /// A group in the result of a pattern that is not to match.
    GroupInNegative,
    /// A group in a result that is to be trusted.
    GroupNotAllowed,
    /// A group that the pattern does not have.
    GroupOutOfRange(usize),
    /// ENDIF without IF.
    EndifWithoutIf,
    /// Something follows ENDIF.
    TextBehindEndif,
    /// It is not a rule.
    Unrecognised,
    /// Something follows IF and its pattern; what.
    TextBehindIf(Arc<str>),
    /// So the lines that follow begin with blanks.
    BlanksInIf,
    /// IF without ENDIF.
    IfWithoutEndif,
}
