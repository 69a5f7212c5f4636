//! What `generationConfig`, `tools` and `toolConfig` may say to which model.

use serde_json::Value;

use crate::ask::Ask;
use crate::errors::invalid_argument;
use crate::models::Thinking;
use crate::reply::Reply;

type Checked = Result<(), Reply>;

pub(super) fn check(ask: &Ask<'_>) -> Checked {
    check_sampling(ask)?;
    check_thinking(ask)?;
    check_format(ask)?;
    check_picture(ask)?;
    check_functions(ask)
}

fn refuse(message: &str) -> Checked {
    Err(invalid_argument(message))
}

fn check_sampling(ask: &Ask<'_>) -> Checked {
    let id = &ask.model.id;
    for (field, path, low, high) in [
        ("temperature", "temperature", 0.0, 2.0),
        ("topP", "top_p", 0.0, 1.0),
        ("presencePenalty", "presence_penalty", -2.0, 2.0),
        ("frequencyPenalty", "frequency_penalty", -2.0, 2.0),
    ] {
        if let Some(value) = ask.config(field).as_f64()
            && !(low..=high).contains(&value)
        {
            return refuse(&format!(
                "* GenerateContentRequest.generation_config.{path}: {path} must be in the range \
                 [{low:.1}, {high:.1}].\n"
            ));
        }
    }
    if ask.config("maxOutputTokens").as_i64().is_some_and(|tokens| tokens < 1) {
        return refuse(
            "* GenerateContentRequest.generation_config.max_output_tokens: max_output_tokens must \
             be positive.\n",
        );
    }
    let candidates = ask.config("candidateCount").as_i64().unwrap_or(1);
    if !(1..=8).contains(&candidates) {
        return refuse(
            "* GenerateContentRequest.generation_config.candidate_count: candidate_count must be \
             in the range [1, 8].\n",
        );
    }
    if candidates > 1 && ask.model.is_third_or_later() {
        return refuse(&format!("Multiple candidates is not enabled for models/{id}"));
    }
    if ask.stop_sequences().len() > 5 {
        return refuse("The number of stop sequences must be at most 5.");
    }
    let has_penalty =
        ["presencePenalty", "frequencyPenalty"].iter().any(|field| ask.config(field).is_number());
    if has_penalty && ask.model.generation() == Some(2.5) {
        return refuse(&format!("Penalty is not enabled for models/{id}"));
    }
    Ok(())
}

fn check_thinking(ask: &Ask<'_>) -> Checked {
    if ask.config("thinkingConfig").is_null() {
        return Ok(());
    }
    let id = &ask.model.id;
    let Some(thinking) = ask.model.thinking() else {
        return refuse(&format!("Thinking is not enabled for models/{id}"));
    };
    let (level, budget) = (ask.thinking("thinkingLevel"), ask.thinking("thinkingBudget"));
    if !level.is_null() && !budget.is_null() {
        return refuse("You can only set only one of thinking budget and thinking level.");
    }
    if let Some(level) = level.as_str() {
        let level = level.to_ascii_lowercase();
        if !thinking.levels.contains(&level) && level != "thinking_level_unspecified" {
            return refuse(&format!("Thinking level {level} is not supported for this model."));
        }
    }
    budget.as_i64().map_or(Ok(()), |budget| check_budget(ask, thinking, budget))
}

fn check_budget(ask: &Ask<'_>, thinking: &Thinking, budget: i64) -> Checked {
    if thinking.control != "budget" {
        return match ask.model.generation() {
            Some(generation) if generation >= 4.0 => {
                refuse("Thinking budget is not supported for this model.")
            }
            _ => Ok(()),
        };
    }
    let fits = match budget {
        -1 => true,
        0 => thinking.can_disable,
        _ => u64::try_from(budget)
            .is_ok_and(|budget| (thinking.min..=thinking.max).contains(&budget)),
    };
    if fits {
        return Ok(());
    }
    if budget == 0 {
        return refuse("Budget 0 is invalid. This model only works in thinking mode.");
    }
    refuse(&format!(
        "The thinking budget {budget} is invalid. Please choose a value between {} and {}.",
        thinking.min, thinking.max
    ))
}

fn check_format(ask: &Ask<'_>) -> Checked {
    let mime_type = ask.config("responseMimeType").as_str().unwrap_or_default();
    if !matches!(mime_type, "" | "text/plain" | "application/json" | "text/x.enum") {
        return refuse(&format!(
            "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are \
             `text/plain`, `application/json`, `application/xml`, `application/yaml` and \
             `text/x.enum`, got {mime_type}.\n"
        ));
    }
    let has = |field| !ask.config(field).is_null();
    if has("responseSchema") && has("responseJsonSchema") {
        return refuse("Only one of response_schema and response_json_schema can be set.");
    }
    if (has("responseSchema") || has("responseJsonSchema"))
        && !matches!(mime_type, "application/json" | "text/x.enum")
    {
        return refuse(
            "* GenerateContentRequest.generation_config.response_schema: only allowed with \
             response_mime_type `application/json` or `text/x.enum`.\n",
        );
    }
    let with_functions = ask.declarations().next().is_some();
    let is_allowed = ask.model.is_third_or_later() && ask.mode() != "ANY";
    if mime_type == "application/json" && with_functions && !is_allowed {
        return refuse(
            "Function calling with a response mime type: 'application/json' is unsupported",
        );
    }
    Ok(())
}

fn check_picture(ask: &Ask<'_>) -> Checked {
    let config = ask.config("imageConfig");
    let ratios = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
    let long_ratios = ["1:4", "4:1", "1:8", "8:1"];
    let can_long = ask.model.id == "gemini-3.1-flash-image";
    if let Some(ratio) = config["aspectRatio"].as_str()
        && !ratios.contains(&ratio)
        && !(can_long && long_ratios.contains(&ratio))
    {
        return refuse(&format!("aspect_ratio {ratio} is not supported for this model."));
    }
    if let Some(size) = config["imageSize"].as_str()
        && (ask.model.generation() == Some(2.5) || !["512", "1K", "2K", "4K"].contains(&size))
    {
        return refuse(&format!("image_size {size} is not supported for this model."));
    }
    Ok(())
}

fn check_functions(ask: &Ask<'_>) -> Checked {
    let names: Vec<&str> =
        ask.declarations().map(|each| each["name"].as_str().unwrap_or_default()).collect();
    for (index, declaration) in ask.declarations().enumerate() {
        check_declaration(index, declaration)?;
    }
    let built_in = ask.tools().iter().any(|tool| {
        tool.as_object().is_some_and(|tool| tool.keys().any(|key| key != "functionDeclarations"))
    });
    if built_in && !names.is_empty() && !ask.model.is_third_or_later() {
        return refuse("Tool use with function calling is unsupported");
    }
    if ask.has_tool_config() && names.is_empty() && !matches!(ask.mode(), "NONE" | "AUTO") {
        return refuse("Function calling config is set without function_declarations.");
    }
    let allowed = ask.allowed_names();
    if !allowed.is_empty() && !matches!(ask.mode(), "ANY" | "VALIDATED") {
        return refuse(
            "Function calling mode must be ANY or VALIDATED when allowed_function_names is set.",
        );
    }
    if let Some(unknown) = allowed.iter().find(|name| !names.contains(name)) {
        return refuse(&format!(
            "Allowed function name {unknown} is not in the function_declarations."
        ));
    }
    Ok(())
}

fn check_declaration(index: usize, declaration: &Value) -> Checked {
    let at = format!("* GenerateContentRequest.tools[0].function_declarations[{index}]");
    let name = declaration["name"].as_str().unwrap_or_default();
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    if !begins || !name.bytes().all(fits) || name.len() > 128 {
        return refuse(&format!(
            "{at}.name: Invalid function name. Must start with a letter or an underscore. Must be \
             alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:) or dashes (-), \
             with a maximum length of 128.\n"
        ));
    }
    if !declaration["parameters"].is_null() && !declaration["parametersJsonSchema"].is_null() {
        return refuse(&format!(
            "{at}: only one of parameters and parameters_json_schema can be set.\n"
        ));
    }
    Ok(())
}
