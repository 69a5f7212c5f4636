//! Which of tools and JSON mode Gemini can do together, and what to do where it cannot.

use serde_json::Value;

use super::{
    format::Format,
    generation::{FunctionCalling, Mode, ToolConfig},
    names::Names,
    tools::Tools,
};
use crate::{DialectError, models::Rules};

/// What the model may do with the functions. Names are the ones that are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Call functions or not, as it likes.
    Auto,
    /// Call none.
    None,
    /// Call at least one.
    Required,
    /// Call this one.
    Named(String),
    /// As `Auto` or `Required`, but only these.
    Allowed { required: bool, names: Vec<String> },
}

/// The name to send for a function that the client declared.
pub(crate) fn declared(param: &str, name: &str, names: &Names) -> Result<String, DialectError> {
    if names.has(name) {
        return Ok(names.sent(name).into_owned());
    }
    let message = format!("Invalid value for '{param}': no tool named '{name}' is declared.");
    Err(DialectError::invalid(param, message))
}

/// What is sent of tools and format.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) declare_functions: bool,
    pub(crate) declare_built_ins: bool,
    pub(crate) config: ToolConfig,
    pub(crate) format: Format,
    /// A function whose arguments are the answer, for models that cannot have both.
    pub(crate) answer_tool: Option<AnswerTool>,
    /// The form of the answer could not be asked for.
    pub(crate) format_dropped: bool,
}

/// The function that stands for JSON mode.
#[derive(Debug, PartialEq)]
pub(crate) struct AnswerTool {
    pub(crate) name: String,
    pub(crate) schema: Value,
}

/// Decides.
pub(crate) fn decide(
    rules: &Rules,
    tools: &Tools<'_>,
    choice: Choice,
    format: Format,
    history_has_calls: bool,
) -> Result<Plan, DialectError> {
    let functions = !tools.functions.is_empty();
    let any_built_in = !tools.built_ins.is_empty() || tools.more_built_ins;
    let built_ins = any_built_in && choice != Choice::None;
    if functions && built_ins && !rules.is_generation_3() {
        return Err(DialectError::unsupported(
            "tools",
            "This model cannot use functions together with built-in tools.",
        ));
    }
    let mut plan = Plan {
        declare_functions: functions,
        declare_built_ins: built_ins,
        config: ToolConfig::default(),
        format,
        answer_tool: None,
        format_dropped: false,
    };
    if !functions {
        return Ok(plan);
    }
    let json = plan.format != Format::Text;
    let json_decided = json && plan.reconcile(rules, tools, &choice, history_has_calls);
    if !plan.declare_functions {
        return Ok(plan);
    }
    if !json_decided {
        let keeps_schema = tools.strict && plan.format == Format::Text;
        plan.config.function_calling_config = calling(choice, keeps_schema);
    }
    if built_ins {
        plan.config.include_server_side_tool_invocations = Some(true);
        plan.config.function_calling_config.get_or_insert_with(|| Mode::Validated.into());
    }
    Ok(plan)
}

impl Plan {
    /// Functions and JSON mode together. Says whether it set the calling mode.
    fn reconcile(
        &mut self,
        rules: &Rules,
        tools: &Tools<'_>,
        choice: &Choice,
        history_has_calls: bool,
    ) -> bool {
        match choice {
            // The answer can only be that call, so its form is the function's.
            Choice::Named(_) => {
                self.format = Format::Text;
                return false;
            }
            Choice::None if !history_has_calls => {
                self.declare_functions = false;
                return false;
            }
            Choice::Auto | Choice::None if rules.is_generation_3() => return false,
            _ => {}
        }
        let Format::Schema(schema) = std::mem::replace(&mut self.format, Format::Text) else {
            // Any JSON at all has no schema to make a function of.
            self.format_dropped = *choice != Choice::Required;
            return false;
        };
        let name = tools.names.unused("json");
        let allowed = match choice {
            Choice::None => vec![name.clone()],
            Choice::Allowed { names, .. } => names.iter().chain([&name]).cloned().collect(),
            _ => Vec::new(),
        };
        let calling = FunctionCalling { mode: Mode::Any, allowed_function_names: allowed };
        self.config.function_calling_config = Some(calling);
        self.answer_tool = Some(AnswerTool { name, schema });
        true
    }
}

fn calling(choice: Choice, keeps_schema: bool) -> Option<FunctionCalling> {
    let (mode, names) = match choice {
        Choice::Auto if keeps_schema => (Mode::Validated, Vec::new()),
        Choice::Auto => return None,
        Choice::None => (Mode::None, Vec::new()),
        Choice::Required => (Mode::Any, Vec::new()),
        Choice::Named(name) => (Mode::Any, vec![name]),
        Choice::Allowed { required: true, names } => (Mode::Any, names),
        Choice::Allowed { required: false, names } => (Mode::Validated, names),
    };
    Some(FunctionCalling { mode, allowed_function_names: names })
}
