//! Tools, written into a request.

use bytes::BufMut;
use serde_json::{Value, json};

use super::{plan::Plan, tools::Tools};
use crate::{DialectError, json};

/// Appends `,"tools":[…]` with what the plan declares and `more` beside it. Says whether a schema
/// lost something.
pub(crate) fn write(
    tools: &Tools<'_>,
    plan: &Plan,
    more: &[Value],
    out: &mut Vec<u8>,
) -> Result<bool, DialectError> {
    let start = out.len();
    let mut lossy = false;
    let mut separator: &[u8] = br#","tools":["#;
    if plan.declare_functions {
        out.put_slice(br#","tools":[{"functionDeclarations":["#);
        lossy = write_functions(tools, plan, out)?;
        out.put_slice(b"]}");
        separator = b",";
    }
    let built_ins = plan.declare_built_ins.then_some(tools.built_ins.as_slice());
    let built_ins =
        built_ins.unwrap_or_default().iter().map(|tool| json!({ tool.wire_name(): {} }));
    for tool in built_ins.chain(more.iter().cloned()) {
        out.put_slice(separator);
        json::push(out, &tool);
        separator = b",";
    }
    if out.len() > start {
        out.put_u8(b']');
    }
    Ok(lossy)
}

fn write_functions(
    tools: &Tools<'_>,
    plan: &Plan,
    out: &mut Vec<u8>,
) -> Result<bool, DialectError> {
    let mut lossy = false;
    for (position, function) in tools.functions.iter().enumerate() {
        if position > 0 {
            out.put_u8(b',');
        }
        lossy |= function.write(out)?;
    }
    if let Some(tool) = &plan.answer_tool {
        let description = "Respond with a JSON object.";
        let declaration = json!({"name": tool.name, "description": description,
            "parametersJsonSchema": tool.schema});
        out.put_u8(b',');
        json::push(out, &declaration);
    }
    Ok(lossy)
}
