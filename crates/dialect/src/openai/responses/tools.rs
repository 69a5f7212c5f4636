//! Tools of the client, as tools of Gemini, and what their calls are to the client.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::{
    body::{MAX_TOOLS, member},
    tool::{TextForm, Tool},
};
use crate::{
    DialectError,
    gemini::tools::{BuiltIn, Function, Parameters, Tools},
    json::choice::List,
    models::Rules,
};

const INPUT_SCHEMA: &str = r#"{"type":"object","properties":{"input":{"type":"string","description":"raw input"}},"required":["input"]}"#;

const LOCAL_SHELL_SCHEMA: &str = r#"{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"},"description":"program and arguments"},"working_directory":{"type":"string"},"timeout_ms":{"type":"integer"},"env":{"type":"object","additionalProperties":{"type":"string"}},"user":{"type":"string"}},"required":["command"]}"#;

const SHELL_SCHEMA: &str = r#"{"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"}},"timeout_ms":{"type":"integer"},"max_output_length":{"type":"integer"}},"required":["commands"]}"#;

const APPLY_PATCH_SCHEMA: &str = r#"{"type":"object","properties":{"type":{"type":"string","enum":["create_file","update_file","delete_file"]},"path":{"type":"string"},"diff":{"type":"string","description":"V4A diff, for create_file and update_file"}},"required":["type","path"]}"#;

/// What a call of a function is to the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Function,
    Custom,
    LocalShell,
    Shell,
    ApplyPatch,
}

/// A tool whose calls are no plain function calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Special {
    pub(super) kind: Kind,
    /// The namespace, and the name within it.
    pub(super) within: Option<(String, String)>,
}

/// The tools of a request.
#[derive(Default)]
pub(super) struct Declared<'a> {
    pub(super) tools: Tools<'a>,
    /// By the name that is [declared](crate::gemini::names::Names).
    pub(super) special: HashMap<String, Special>,
    pub(super) pictures: bool,
    /// Fields that have no counterpart.
    pub(super) dropped: Vec<&'static str>,
}

/// Collects what the client declared.
pub(super) fn read<'a>(
    raw: Option<&'a RawValue>,
    rules: &Rules,
) -> Result<Declared<'a>, DialectError> {
    let mut declared = Declared::default();
    let list = member::<List<Tool<'a>, MAX_TOOLS>>(raw, "tools")?;
    for (index, tool) in list.map(|list| list.0).unwrap_or_default().into_iter().enumerate() {
        declared.tool(&format!("tools[{index}]"), None, tool, rules)?;
    }
    if !rules.is_generation_3() && !declared.tools.functions.is_empty() {
        // Older models refuse both together, and functions are what a client cannot do without.
        let gone = !declared.tools.built_ins.is_empty();
        declared.dropped.extend(gone.then_some("tools.built_in"));
        declared.tools.built_ins.clear();
    }
    Ok(declared)
}

impl<'a> Declared<'a> {
    fn tool(
        &mut self,
        path: &str,
        namespace: Option<&str>,
        tool: Tool<'a>,
        rules: &Rules,
    ) -> Result<(), DialectError> {
        match tool.kind.decode().as_ref() {
            "function" => self.function(path, namespace, tool),
            "custom" => self.custom(path, namespace, tool),
            "namespace" => {
                let name = tool.name.ok_or_else(|| missing(path))?.decode();
                for (index, inner) in
                    tool.tools.map(|list| list.0).unwrap_or_default().into_iter().enumerate()
                {
                    self.tool(&format!("{path}.tools[{index}]"), Some(&name), inner, rules)?;
                }
                Ok(())
            }
            "local_shell" => {
                self.fixed("local_shell", "Runs a program.", LOCAL_SHELL_SCHEMA, Kind::LocalShell);
                Ok(())
            }
            "shell" => {
                self.fixed("shell", "Runs shell commands.", SHELL_SCHEMA, Kind::Shell);
                Ok(())
            }
            "apply_patch" => {
                let told = "Creates, updates or deletes a file.";
                self.fixed("apply_patch", told, APPLY_PATCH_SCHEMA, Kind::ApplyPatch);
                Ok(())
            }
            "code_interpreter" | "code_execution" => {
                self.tools.add_built_in(BuiltIn::CodeExecution);
                Ok(())
            }
            kind if kind.starts_with("web_search") => {
                self.search(&tool);
                Ok(())
            }
            "image_generation" if rules.images => {
                self.pictures = true;
                Ok(())
            }
            other => {
                self.dropped.push(match other {
                    "image_generation" => "tools.image_generation",
                    "file_search" => "tools.file_search",
                    "mcp" => "tools.mcp",
                    "tool_search" => "tools.tool_search",
                    name if name.starts_with("computer") => "tools.computer",
                    _ => "tools.type",
                });
                Ok(())
            }
        }
    }

    fn search(&mut self, tool: &Tool<'_>) {
        if tool.external_web_access == Some(false) {
            // Google's search has no cached form.
            self.dropped.push("tools.web_search");
            return;
        }
        let told = |raw: Option<&RawValue>| raw.is_some_and(|raw| raw.get() != "null");
        self.dropped.extend(told(tool.filters).then_some("tools.filters"));
        self.dropped.extend(told(tool.user_location).then_some("tools.user_location"));
        self.dropped.extend(told(tool.search_context_size).then_some("tools.search_context_size"));
        self.tools.add_built_in(BuiltIn::GoogleSearch);
    }

    fn function(
        &mut self,
        path: &str,
        namespace: Option<&str>,
        tool: Tool<'a>,
    ) -> Result<(), DialectError> {
        let name = self.declare(path, namespace, &tool, Kind::Function)?;
        self.tools.strict |= tool.strict == Some(true);
        let parameters = match tool.parameters.filter(|raw| raw.get() != "null") {
            Some(schema) => Parameters::Schema(schema, format!("{path}.parameters")),
            None => Parameters::None,
        };
        let description = tool.description.map(|text| text.decode()).unwrap_or_default();
        self.tools.functions.push(Function { name, description, parameters });
        Ok(())
    }

    fn custom(
        &mut self,
        path: &str,
        namespace: Option<&str>,
        tool: Tool<'a>,
    ) -> Result<(), DialectError> {
        let name = self.declare(path, namespace, &tool, Kind::Custom)?;
        let mut description =
            tool.description.map(|text| text.decode().into_owned()).unwrap_or_default();
        let form = member::<TextForm<'a>>(tool.format, &format!("{path}.format"))?;
        if let Some(TextForm { syntax, definition: Some(definition) }) = form {
            let syntax = syntax.map(|text| text.decode()).unwrap_or_default();
            description.push_str("\nInput must follow this ");
            description.push_str(&syntax);
            description.push_str(" grammar:\n");
            description.push_str(&definition.decode());
        }
        let parameters = Parameters::Fixed(INPUT_SCHEMA);
        let description = description.into();
        self.tools.functions.push(Function { name, description, parameters });
        Ok(())
    }

    /// Takes in the name. Gives the name to send.
    fn declare(
        &mut self,
        path: &str,
        namespace: Option<&str>,
        tool: &Tool<'_>,
        kind: Kind,
    ) -> Result<String, DialectError> {
        let bare = tool.name.as_ref().ok_or_else(|| missing(path))?.decode();
        let original = match namespace {
            Some(namespace) => format!("{namespace}__{bare}"),
            None => bare.clone().into_owned(),
        };
        let sent = self.tools.names.declare(&original, kind == Kind::Custom).to_owned();
        if namespace.is_some() || kind != Kind::Function {
            let within = namespace.map(|namespace| (namespace.to_owned(), bare.into_owned()));
            self.special.insert(original, Special { kind, within });
        }
        Ok(sent)
    }

    fn fixed(&mut self, name: &str, description: &'static str, schema: &'static str, kind: Kind) {
        if self.tools.names.has(name) {
            return;
        }
        let sent = self.tools.names.declare(name, false).to_owned();
        self.special.insert(name.to_owned(), Special { kind, within: None });
        let parameters = Parameters::Fixed(schema);
        self.tools.functions.push(Function {
            name: sent,
            description: description.into(),
            parameters,
        });
    }
}

fn missing(path: &str) -> DialectError {
    DialectError::missing(format!("{path}.name"))
}
