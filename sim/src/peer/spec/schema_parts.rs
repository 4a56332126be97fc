//! Parts of the schema of a peer file that its types do not say.

use schemars::{JsonSchema as _, Schema, SchemaGenerator, json_schema};

use super::certificate_words::CertificateWord;
use super::words::Command;

/// What may stand before the replies of a table of commands.
pub(crate) fn command_words() -> serde_json::Value {
    let words: Vec<String> = Command::ALL.iter().map(Command::to_string).collect();
    serde_json::json!({ "enum": words })
}

/// A peer may build on another: `extends` is resolved before the rest is read.
pub(super) fn extends(schema: &mut Schema) {
    let about = serde_json::json!({
        "type": "string",
        "description": "The peer that this one builds on: the name of a peer file, without .toml.",
    });
    if let Some(properties) = schema
        .get_mut("properties")
        .and_then(|found| found.as_object_mut())
    {
        properties.insert("extends".to_owned(), about);
    }
}

/// A table that may be a word or a list of words instead.
pub(super) fn or_words(schema: &mut Schema) {
    let table = std::mem::take(schema);
    let mut words = SchemaGenerator::default();
    let word = CertificateWord::json_schema(&mut words);
    *schema = json_schema!({
        "description": "What is right or wrong with a certificate: a word, a list of words, or a table.",
        "anyOf": [
            word,
            { "type": "array", "items": word },
            table,
        ],
    });
}
