//! JSON Schema of the files, for editors: what may stand where, made from the types that read them.

use crate::peer::PeerSpec;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::library::{FileKind, World};
use crate::plan::Plan;
use crate::scenario::Scenario;

/// The JSON Schema (draft 2020-12) of files of a kind, or of files of any kind.
///
/// It may let through what a loader refuses, such as two keys that contradict each other, and never the other way
/// round. It knows the same keys and words.
///
/// ```
/// use mta_sim::library::{FileKind, schema};
///
/// let schema = serde_json::to_value(schema(Some(FileKind::Peer)))?;
/// assert_eq!(schema["properties"]["greeting"]["$ref"], "#/$defs/Reply");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn schema(kind: Option<FileKind>) -> Schema {
    let generator = SchemaGenerator::default();
    let schema = match kind {
        Some(FileKind::Peer) => generator.into_root_schema_for::<PeerSpec>(),
        Some(FileKind::World) => generator.into_root_schema_for::<World>(),
        Some(FileKind::Scenario) => generator.into_root_schema_for::<Scenario>(),
        None => generator.into_root_schema_for::<AnyFile>(),
    };
    let about = match kind {
        Some(kind) => format!("a {kind}"),
        None => "a peer, a world or a scenario".to_owned(),
    };
    for_editors(schema, &about)
}

/// The JSON Schema of a plan. As a scenario file it may say more: then its peers may build on others.
pub fn plan_schema() -> Schema {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<Plan>();
    // Nothing in a plan refers to anything outside.
    let peer = schema.pointer_mut("/$defs/PeerSpec/properties");
    if let Some(keys) = peer.and_then(Value::as_object_mut) {
        keys.remove("extends");
    }
    for_editors(schema, "a plan")
}

fn for_editors(mut schema: Schema, about: &str) -> Schema {
    schema.insert("title".to_owned(), format!("mta-sim: {about}").into());
    RecursiveTransform(plain).transform(&mut schema);
    schema
}

struct AnyFile;

impl JsonSchema for AnyFile {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AnyFile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A peer, a world or a scenario.",
            "anyOf": [
                generator.subschema_for::<PeerSpec>(),
                generator.subschema_for::<World>(),
                generator.subschema_for::<Scenario>(),
            ],
        })
    }
}

/// As an editor wants it: the types' documentation without its examples and links, and no `null`, which TOML has not.
fn plain(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = words(text);
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|word| word != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        forms.retain(|form| *form != json!({ "type": "null" }));
        if let [Value::Object(only)] = forms.as_slice() {
            let only = only.clone();
            schema.remove("anyOf");
            for (key, value) in only {
                schema.ensure_object().entry(key).or_insert(value);
            }
        }
    }
}

fn words(documentation: &str) -> String {
    let (text, _) = documentation
        .split_once("```")
        .unwrap_or((documentation, ""));
    // Lines end where the source's do; a paragraph ends at an empty one.
    let paragraphs: Vec<String> = text
        .trim()
        .split("\n\n")
        .map(|text| text.replace('\n', " "))
        .collect();
    let mut text = paragraphs.join("\n\n");
    while let Some((before, rest)) = text.split_once("[`") {
        let Some((word, rest)) = rest.split_once("`]") else {
            break;
        };
        let target = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let rest = target.map_or(rest, |(_, rest)| rest);
        text = format!("{before}`{word}`{rest}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_editor_has_no_use_for_is_left_out() {
        assert_eq!(
            words(
                "At most\n[`MAX`], see [`load`](super::load) and [1]; [`x\n\n```\nlet x = 1;\n```"
            ),
            "At most `MAX`, see `load` and [1]; [`x"
        );
        let mut schema = json_schema!({ "type": ["string", "null"] });
        plain(&mut schema);
        assert_eq!(schema, json_schema!({ "type": "string" }));
        let mut schema = json_schema!({
            "description": "own",
            "anyOf": [{ "$ref": "#/$defs/X", "description": "theirs" }, { "type": "null" }],
        });
        plain(&mut schema);
        assert_eq!(
            schema,
            json_schema!({ "description": "own", "$ref": "#/$defs/X" })
        );
    }
}
