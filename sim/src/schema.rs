//! JSON Schema for types that read themselves: editors know what may stand where.
//!
//! A schema may let through what a file's loader refuses, and never the other way round.

/// A span of time, without the ends of the expression.
pub(crate) const SPAN: &str = "[0-9]+ *(d|h|m|s|ms|us|ns)";

/// Text of a certain form: the type, its name, the form, and what it is.
macro_rules! texts {
    ($($type:ty, $name:literal, $pattern:expr, $description:literal;)*) => {$(
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "description": $description,
                })
            }
        }
    )*};
}

/// One of several forms: the type, its name, what it is, and the schema of each form.
macro_rules! forms {
    ($($type:ty, $name:literal, $description:literal, |$generator:ident| $forms:tt;)*) => {$(
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "description": $description, "anyOf": $forms })
            }
        }
    )*};
}

pub(crate) use {forms, texts};
