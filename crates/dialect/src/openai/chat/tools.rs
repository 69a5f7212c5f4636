//! Tools of the client, as tools of Gemini.

use std::borrow::Cow;

use super::body::{ChatBody, FunctionDef, Tool};
use crate::{
    DialectError,
    gemini::tools::{BuiltIn, Function, Parameters, Tools},
    json::Text,
};

/// What a tool with free text takes.
const INPUT_SCHEMA: &str = r#"{"type":"object","properties":{"input":{"type":"string","description":"raw input"}},"required":["input"]}"#;

/// Collects what the client declared.
pub(super) fn read<'a>(body: &mut ChatBody<'a>) -> Result<Tools<'a>, DialectError> {
    let mut tools = Tools::default();
    let declared = body.tools.take().map(|list| list.0).unwrap_or_default();
    for (index, tool) in declared.into_iter().enumerate() {
        add(&mut tools, index, tool)?;
    }
    let legacy = body.functions.take().map(|list| list.0).unwrap_or_default();
    for (index, function) in legacy.into_iter().enumerate() {
        add_function(&mut tools, function, format!("functions[{index}].parameters"));
    }
    if body.web_search_options.is_some() {
        tools.add_built_in(BuiltIn::GoogleSearch);
    }
    Ok(tools)
}

fn add<'a>(tools: &mut Tools<'a>, index: usize, tool: Tool<'a>) -> Result<(), DialectError> {
    if let Some(built_in) = tool.built_in() {
        tools.add_built_in(built_in);
        return Ok(());
    }
    let kind = tool.kind();
    match (tool.function, tool.custom) {
        (Some(function), _) => {
            add_function(tools, function, format!("tools[{index}].function.parameters"));
        }
        (None, Some(custom)) => {
            let name = tools.names.declare(&custom.name.decode(), true).to_owned();
            let grammar = custom.format.and_then(|format| format.grammar?.definition);
            let parts = [custom.description, grammar];
            let texts = parts.iter().flatten().map(Text::decode).collect::<Vec<_>>();
            let description = Cow::Owned(texts.join("\n"));
            let parameters = Parameters::Fixed(INPUT_SCHEMA);
            tools.functions.push(Function { name, description, parameters });
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

fn add_function<'a>(tools: &mut Tools<'a>, function: FunctionDef<'a>, path: String) {
    tools.strict |= function.strict == Some(true);
    let name = tools.names.declare(&function.name.decode(), false).to_owned();
    let description = function.description.map(|text| text.decode()).unwrap_or_default();
    let parameters = match function.parameters {
        Some(schema) => Parameters::Schema(schema, path),
        None => Parameters::None,
    };
    tools.functions.push(Function { name, description, parameters });
}
