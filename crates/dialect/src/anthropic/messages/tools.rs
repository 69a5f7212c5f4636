//! Tools of the client, and Anthropic's own, as tools of Gemini.

use std::borrow::Cow;

use super::{
    body::{Tool, ToolChoice},
    known_tools,
};
use crate::{
    DialectError,
    gemini::{
        plan::{Choice, declared},
        tools::{BuiltIn, Function, Parameters, Tools},
    },
    json::Text,
    models::Rules,
};

/// The tools of a request.
#[derive(Default)]
pub(super) struct Declared<'a> {
    pub(super) tools: Tools<'a>,
    /// Names of tools that Google runs.
    served: Vec<String>,
}

/// Collects what the client declared; adds what has no counterpart to `dropped`.
pub(super) fn read<'a>(
    list: Vec<Tool<'a>>,
    rules: &Rules,
    dropped: &mut Vec<&'static str>,
) -> Result<Declared<'a>, DialectError> {
    let mut declared = Declared::default();
    for (index, tool) in list.into_iter().enumerate() {
        let kind = tool.kind.as_ref().map(Text::decode).unwrap_or_default();
        match Kind::of(&kind, tool.input_schema.is_some()) {
            Kind::Custom => declared.function(index, tool)?,
            Kind::Known(known) => declared.known(index, &tool, known)?,
            Kind::Served(built_in) => declared.serve(&tool, built_in, dropped),
            Kind::Foreign(name) => dropped.push(name),
        }
    }
    let tools = &mut declared.tools;
    if !tools.functions.is_empty() && !tools.built_ins.is_empty() && !rules.is_generation_3() {
        // Older models cannot have both, and the client's own tools cannot be spared.
        tools.built_ins.clear();
        dropped.push("tools.server_tools");
    }
    Ok(declared)
}

/// Who runs a tool.
enum Kind {
    /// The client, and it says what the tool takes.
    Custom,
    /// The client; Anthropic fixed what the tool takes.
    Known(&'static known_tools::KnownTool),
    /// Google.
    Served(BuiltIn),
    /// Anthropic.
    Foreign(&'static str),
}

impl Kind {
    fn of(kind: &str, has_schema: bool) -> Self {
        let is = |prefix: &str| kind.starts_with(prefix);
        match kind {
            "" | "custom" => Self::Custom,
            _ if is("web_search") => Self::Served(BuiltIn::GoogleSearch),
            _ if is("web_fetch") => Self::Served(BuiltIn::UrlContext),
            _ if is("code_execution") => Self::Served(BuiltIn::CodeExecution),
            _ if is("tool_search_tool") => Self::Foreign("tools.tool_search_tool"),
            _ if is("mcp_toolset") => Self::Foreign("tools.mcp_toolset"),
            _ if is("advisor") => Self::Foreign("tools.advisor"),
            _ if is("computer_toolset") => Self::Foreign("tools.computer_toolset"),
            _ if is("browser_toolset") => Self::Foreign("tools.browser_toolset"),
            _ => match known_tools::find(kind) {
                Some(known) => Self::Known(known),
                None if has_schema => Self::Custom,
                None => Self::Foreign("tools"),
            },
        }
    }
}

impl<'a> Declared<'a> {
    fn function(&mut self, index: usize, tool: Tool<'a>) -> Result<(), DialectError> {
        let name = tool.name.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| DialectError::missing(format!("tools[{index}].name")))?;
        self.tools.strict |= tool.strict == Some(true);
        let parameters = match tool.input_schema {
            Some(schema) => Parameters::Schema(schema, format!("tools[{index}].input_schema")),
            None => Parameters::None,
        };
        let description = tool.description.map(|text| text.decode()).unwrap_or_default();
        self.declare(index, &name.decode(), description, parameters)
    }

    fn known(
        &mut self,
        index: usize,
        tool: &Tool<'_>,
        known: &'static known_tools::KnownTool,
    ) -> Result<(), DialectError> {
        self.tools.strict |= tool.strict == Some(true);
        let name = tool.name.as_ref().map(Text::decode).unwrap_or(known.name.into());
        self.declare(index, &name, known.description.into(), Parameters::Fixed(known.schema))
    }

    fn declare(
        &mut self,
        index: usize,
        name: &str,
        description: Cow<'a, str>,
        parameters: Parameters<'a>,
    ) -> Result<(), DialectError> {
        if self.tools.names.has(name) {
            let param = format!("tools[{index}].name");
            let message =
                format!("Invalid value for '{param}': there are two tools named '{name}'.");
            return Err(DialectError::invalid(param, message));
        }
        let name = self.tools.names.declare(name, false).to_owned();
        self.tools.functions.push(Function { name, description, parameters });
        Ok(())
    }

    fn serve(&mut self, tool: &Tool<'_>, built_in: BuiltIn, dropped: &mut Vec<&'static str>) {
        self.tools.add_built_in(built_in);
        self.served.extend(tool.name.as_ref().map(|name| name.decode().into_owned()));
        dropped.extend(tool.allowed_domains.map(|_| "tools.allowed_domains"));
        dropped.extend(tool.blocked_domains.map(|_| "tools.blocked_domains"));
        dropped.extend(tool.user_location.map(|_| "tools.user_location"));
        dropped.extend(tool.max_uses.map(|_| "tools.max_uses"));
    }

    /// Google may search the web for the answer.
    pub(super) fn searches(&self) -> bool {
        self.tools.built_ins.contains(&BuiltIn::GoogleSearch)
    }

    /// Reads which tools the client wants to be used.
    pub(super) fn choice(&self, choice: Option<&ToolChoice<'_>>) -> Result<Choice, DialectError> {
        let Some(choice) = choice else { return Ok(Choice::Auto) };
        match choice.kind.decode().as_ref() {
            "auto" => Ok(Choice::Auto),
            "any" => Ok(Choice::Required),
            "none" => Ok(Choice::None),
            "tool" => {
                let param = "tool_choice.name";
                let name = choice.name.as_ref().ok_or_else(|| DialectError::missing(param))?;
                let name = name.decode();
                // Google's own tools run when the model wants them.
                if self.served.iter().any(|served| *served == name) {
                    return Ok(Choice::Auto);
                }
                declared(param, &name, &self.tools.names).map(Choice::Named)
            }
            other => {
                let param = "tool_choice.type";
                let message = format!(
                    "Invalid value for '{param}': '{other}' is none of auto, any, tool, none."
                );
                Err(DialectError::invalid(param, message))
            }
        }
    }
}
