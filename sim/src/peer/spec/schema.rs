//! What the words of a peer file may be, for editors.

use super::reply_table::StepTable;
use super::{
    Certificate, CertificateWord, Chance, ClientNet, Command, Commands, Down, Fail, Forget,
    IssuedBy, Nobody, Offset, PeerRef, PeerSpec, Rate, Reply, Words,
};
use crate::schema::{SPAN, forms, texts};

texts! {
    Offset, "Offset", "^[+-]?[0-9]+[dhms]$", "A moment, from the world's start: `-1d`, `+200s`.";
    Rate, "Rate", "^ *[0-9]+ per ", "A number of connections within a span of time: `3 per 1m`.";
    ClientNet, "ClientNet", "^[0-9a-fA-F:.]+(/[0-9]+)?$", "A network: `192.0.2.0/24`, or one address.";
    Forget, "Forget", format!("^(never|every-connection|(at +)?{SPAN})$"), "When tickets are forgotten: `never`, `every-connection`, `1h` or `at 1h`.";
}

forms! {
    Commands, "Commands", "A command, a list of commands, or `any`.", |generator| [
        { "const": "any" },
        generator.subschema_for::<Command>(),
        { "type": "array", "items": generator.subschema_for::<Command>(), "minItems": 1 },
    ];
    Reply, "Reply", "A reply: a string, a list of lines and steps, or a step.", |generator| [
        { "type": "string" },
        generator.subschema_for::<StepTable>(),
        { "type": "array", "items": generator.subschema_for::<Reply>() },
    ];
    Words, "CertificateWords", "A word, or a list of words.", |generator| [
        generator.subschema_for::<CertificateWord>(),
        { "type": "array", "items": generator.subschema_for::<CertificateWord>() },
    ];
    IssuedBy, "Issuer", "`self`, the name of an authority, or a table as for a certificate.", |generator| [
        { "type": "string" },
        generator.subschema_for::<Certificate>(),
    ];
    PeerRef, "PeerRef", "The name of a peer file, without .toml, or a table with the words of one.", |generator| [
        { "type": "string" },
        generator.subschema_for::<PeerSpec>(),
    ];
    Down, "Down", "Whether nobody is at a host: `true`, `refuses`, `silent`, or these by address.", |generator| [
        { "type": "boolean" },
        generator.subschema_for::<Nobody>(),
        {
            "type": "object",
            "propertyNames": { "pattern": "^[0-9a-fA-F:.]+$" },
            "additionalProperties": generator.subschema_for::<Nobody>(),
        },
    ];
    Fail, "Fail", "How a handshake goes wrong.", |_generator| [
        { "enum": Fail::words().collect::<Vec<_>>() },
        { "type": "string", "pattern": Fail::alert_pattern() },
    ];
    Chance, "Chance", "A chance from 0 to 1, as `0.3`.", |_generator| [
        { "type": "number", "minimum": 0, "maximum": 1 },
    ];
}
