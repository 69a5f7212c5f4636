//! `response_format`: plain text, any JSON, or JSON by a schema.

use serde_json::Value;

use super::body::{FormatKind, ResponseFormat};
use crate::{
    DialectError,
    gemini::{
        format::Format,
        schema,
        tools::{self, too_large},
    },
    json::Text,
};

/// Reads the form. The flag says that the schema lost something.
pub(super) fn read(format: Option<ResponseFormat<'_>>) -> Result<(Format, bool), DialectError> {
    let Some(format) = format else { return Ok((Format::Text, false)) };
    let wanted = match format.kind {
        FormatKind::Text => return Ok((Format::Text, false)),
        FormatKind::JsonObject => return Ok((Format::Json, false)),
        FormatKind::JsonSchema => format.json_schema,
    };
    let wanted = wanted.ok_or_else(|| DialectError::missing("response_format.json_schema"))?;
    let Some(raw) = wanted.schema else { return Ok((Format::Json, false)) };
    let path = "response_format.json_schema.schema";
    let mut clean = schema::clean(&tools::parse_schema(raw, path)?)
        .map_err(|schema::TooLarge| too_large(path))?;
    if let Value::Object(root) = &mut clean.schema {
        for (key, text) in [("title", wanted.name), ("description", wanted.description)] {
            if let (Some(text), false) = (text, root.contains_key(key)) {
                root.insert(key.into(), Text::decode(&text).into_owned().into());
            }
        }
    }
    Ok((Format::Schema(clean.schema), clean.lossy))
}
