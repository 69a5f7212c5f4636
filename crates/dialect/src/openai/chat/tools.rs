//! Tools of the client, as tools of Gemini.

use std::borrow::Cow;

use bytes::BufMut;
use serde_json::value::RawValue;

use super::body::{BuiltIn, ChatBody, FunctionDef, Tool};
use crate::{
    DialectError,
    gemini::{names::Names, schema},
    json::{self, Text},
};

/// A schema longer than this is a mistake, and would cost much memory to read.
pub(super) const MAX_SCHEMA_BYTES: usize = 512 * 1024;

/// The tools of a request.
#[derive(Default)]
pub(super) struct Tools<'a> {
    pub(super) functions: Vec<Function<'a>>,
    pub(super) built_ins: Vec<BuiltIn>,
    pub(super) names: Names,
    /// Tools of Google are named in `extra_body.google` too.
    pub(super) more_built_ins: bool,
    /// Some function wants its arguments to keep to the schema.
    pub(super) strict: bool,
}

/// A function to declare.
pub(super) struct Function<'a> {
    name: String,
    description: Cow<'a, str>,
    parameters: Parameters<'a>,
}

enum Parameters<'a> {
    /// The client's schema, and where it stands.
    Schema(&'a RawValue, String),
    /// Free text.
    Input,
    None,
}

/// Collects what the client declared.
pub(super) fn read<'a>(body: &mut ChatBody<'a>) -> Result<Tools<'a>, DialectError> {
    let mut tools = Tools::default();
    let declared = body.tools.take().map(|list| list.0).unwrap_or_default();
    for (index, tool) in declared.into_iter().enumerate() {
        tools.tool(index, tool)?;
    }
    let legacy = body.functions.take().map(|list| list.0).unwrap_or_default();
    for (index, function) in legacy.into_iter().enumerate() {
        tools.function(function, format!("functions[{index}].parameters"));
    }
    if body.web_search_options.is_some() {
        tools.built_in(BuiltIn::GoogleSearch);
    }
    Ok(tools)
}

impl<'a> Tools<'a> {
    fn tool(&mut self, index: usize, tool: Tool<'a>) -> Result<(), DialectError> {
        if let Some(built_in) = tool.built_in() {
            self.built_in(built_in);
            return Ok(());
        }
        let kind = tool.kind();
        match (tool.function, tool.custom) {
            (Some(function), _) => {
                self.function(function, format!("tools[{index}].function.parameters"));
            }
            (None, Some(custom)) => {
                let name = self.names.declare(&custom.name.decode(), true).to_owned();
                let grammar = custom.format.and_then(|format| format.grammar?.definition);
                let parts = [custom.description, grammar];
                let texts = parts.iter().flatten().map(Text::decode).collect::<Vec<_>>();
                let description = Cow::Owned(texts.join("\n"));
                self.functions.push(Function { name, description, parameters: Parameters::Input });
            }
            (None, None) if kind == "function" || kind.is_empty() => {
                return Err(DialectError::missing(format!("tools[{index}].function")));
            }
            (None, None) => {
                let param = format!("tools[{index}].type");
                let message = format!("Invalid value for '{param}': unknown tool type '{kind}'.");
                return Err(DialectError::invalid(param, message));
            }
        }
        Ok(())
    }

    fn built_in(&mut self, tool: BuiltIn) {
        if !self.built_ins.contains(&tool) {
            self.built_ins.push(tool);
        }
    }

    fn function(&mut self, function: FunctionDef<'a>, path: String) {
        self.strict |= function.strict == Some(true);
        let name = self.names.declare(&function.name.decode(), false).to_owned();
        let description = function.description.map(|text| text.decode()).unwrap_or_default();
        let parameters = match function.parameters {
            Some(schema) => Parameters::Schema(schema, path),
            None => Parameters::None,
        };
        self.functions.push(Function { name, description, parameters });
    }
}

impl Function<'_> {
    /// Writes the declaration. Says whether the schema lost something.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<bool, DialectError> {
        out.put_slice(br#"{"name":"#);
        json::push(out, &self.name);
        out.put_slice(br#","description":"#);
        json::push(out, &self.description);
        let lossy = match &self.parameters {
            Parameters::None => false,
            Parameters::Input => {
                out.put_slice(INPUT_SCHEMA);
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

const INPUT_SCHEMA: &[u8] = br#","parametersJsonSchema":{"type":"object","properties":{"input":{"type":"string","description":"raw input"}},"required":["input"]}"#;

/// Reads a schema of bounded size and depth.
pub(super) fn parse_schema(raw: &RawValue, path: &str) -> Result<serde_json::Value, DialectError> {
    json::small_value(raw, MAX_SCHEMA_BYTES).ok_or_else(|| too_large(path))
}

pub(super) fn too_large(path: &str) -> DialectError {
    DialectError::invalid(
        path,
        format!("Invalid value for '{path}': the schema is too large or nested too deeply."),
    )
}
