//! Tools of a request.

use std::borrow::Cow;

use bytes::BufMut;
use serde_json::{Value, value::RawValue};

use super::{names::Names, schema};
use crate::{DialectError, json};

/// A schema longer than this is a mistake, and would cost much memory to read.
pub(crate) const MAX_SCHEMA_BYTES: usize = 512 * 1024;

/// The tools of a request.
#[derive(Default)]
pub(crate) struct Tools<'a> {
    pub(crate) functions: Vec<Function<'a>>,
    pub(crate) built_ins: Vec<BuiltIn>,
    pub(crate) names: Names,
    /// Tools of Google are named outside of the list too.
    pub(crate) more_built_ins: bool,
    /// Some function wants its arguments to keep to the schema.
    pub(crate) strict: bool,
}

/// A tool that Google runs itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BuiltIn {
    GoogleSearch,
    UrlContext,
    CodeExecution,
    GoogleMaps,
}

impl BuiltIn {
    /// The member of a Gemini tool.
    pub(crate) fn wire_name(self) -> &'static str {
        match self {
            Self::GoogleSearch => "googleSearch",
            Self::UrlContext => "urlContext",
            Self::CodeExecution => "codeExecution",
            Self::GoogleMaps => "googleMaps",
        }
    }
}

/// A function to declare.
pub(crate) struct Function<'a> {
    /// The name that is sent.
    pub(crate) name: String,
    pub(crate) description: Cow<'a, str>,
    pub(crate) parameters: Parameters<'a>,
}

/// What a function takes.
pub(crate) enum Parameters<'a> {
    /// The client's schema, and where it stands.
    Schema(&'a RawValue, String),
    /// A schema of ours, as JSON.
    Fixed(&'static str),
    None,
}

impl Tools<'_> {
    /// Declares a tool of Google.
    pub(crate) fn add_built_in(&mut self, tool: BuiltIn) {
        if !self.built_ins.contains(&tool) {
            self.built_ins.push(tool);
        }
    }
}

impl Function<'_> {
    /// Writes the declaration. Says whether the schema lost something.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<bool, DialectError> {
        out.put_slice(br#"{"name":"#);
        json::push(out, &self.name);
        out.put_slice(br#","description":"#);
        json::push(out, &self.description);
        let lossy = match &self.parameters {
            Parameters::None => false,
            Parameters::Fixed(schema) => {
                out.put_slice(br#","parametersJsonSchema":"#);
                out.put_slice(schema.as_bytes());
                false
            }
            Parameters::Schema(raw, path) => {
                let clean = schema::clean_parameters(&parse_schema(raw, path)?);
                let clean = clean.map_err(|schema::TooLarge| too_large(path))?;
                if let Some(clean) = &clean {
                    out.put_slice(br#","parametersJsonSchema":"#);
                    json::push(out, &clean.schema);
                }
                clean.is_some_and(|clean| clean.lossy)
            }
        };
        out.put_u8(b'}');
        Ok(lossy)
    }
}

/// Reads a schema of bounded size and depth.
pub(crate) fn parse_schema(raw: &RawValue, path: &str) -> Result<Value, DialectError> {
    json::small_value(raw, MAX_SCHEMA_BYTES).ok_or_else(|| too_large(path))
}

pub(crate) fn too_large(path: &str) -> DialectError {
    DialectError::invalid(
        path,
        format!("Invalid value for '{path}': the schema is too large or nested too deeply."),
    )
}
