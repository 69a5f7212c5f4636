//! The fields that shape the answer: sampling, length, thinking, form.

use super::{
    body::{Body, FormatOptions, TextOptions, member},
    tools::Declared,
};
use crate::{
    DialectError,
    gemini::{
        format::Format,
        generation::GenerationConfig,
        schema,
        thinking::{Effort, ThinkingConfig},
        tools,
    },
    json::Text,
    models::Rules,
};

/// Builds the configuration; adds the fields that have no counterpart to `dropped`.
pub(super) fn read(
    body: &Body<'_>,
    declared: &Declared<'_>,
    rules: &Rules,
    dropped: &mut Vec<&'static str>,
) -> Result<GenerationConfig, DialectError> {
    let mut config = GenerationConfig {
        max_output_tokens: max_tokens(body, rules)?,
        thinking_config: thinking(body, rules)?,
        ..GenerationConfig::default()
    };
    if rules.sampling {
        config.temperature = body.temperature;
        config.top_p = body.top_p;
    } else {
        dropped.extend(body.temperature.map(|_| "temperature"));
        dropped.extend(body.top_p.map(|_| "top_p"));
    }
    let top = body.top_logprobs.map(|number| number.0.clamp(0, 20));
    if includes(body, "message.output_text.logprobs") || top.is_some_and(|number| number > 0) {
        config.response_logprobs = Some(true);
        config.logprobs = top;
    }
    if declared.pictures {
        config.response_modalities = vec!["TEXT", "IMAGE"];
    }
    dropped.extend(
        body.text.as_ref().and_then(|text| text.verbosity.as_ref()).map(|_| "text.verbosity"),
    );
    Ok(config)
}

/// `include` names this.
pub(super) fn includes(body: &Body<'_>, wanted: &str) -> bool {
    body.include.as_ref().is_some_and(|list| list.0.iter().any(|name| name.decode() == wanted))
}

fn max_tokens(body: &Body<'_>, rules: &Rules) -> Result<Option<u64>, DialectError> {
    let Some(number) = body.max_output_tokens else { return Ok(None) };
    let wanted = u64::try_from(number.0).ok().filter(|number| *number > 0).ok_or_else(|| {
        let message = "Invalid value for 'max_output_tokens': must be at least 1.";
        DialectError::invalid("max_output_tokens", message)
    })?;
    Ok(Some(rules.max_output.map_or(wanted, |most| wanted.min(most))))
}

fn thinking(body: &Body<'_>, rules: &Rules) -> Result<Option<ThinkingConfig>, DialectError> {
    let Some(reasoning) = &body.reasoning else { return Ok(None) };
    let effort = match reasoning.effort.as_ref().map(Text::decode) {
        None => None,
        Some(name) => Some(Effort::parse(&name).ok_or_else(|| {
            let names = "none, minimal, low, medium, high, xhigh, max";
            let param = "reasoning.effort";
            let told = format!("Invalid value for '{param}': '{name}' is none of {names}.");
            DialectError::invalid(param, told)
        })?),
    };
    let summary = reasoning.summary.as_ref().or(reasoning.generate_summary.as_ref());
    let shown = summary.is_some_and(|summary| summary.decode() != "none");
    Ok(ThinkingConfig::new(rules.thinking, effort, shown && effort != Some(Effort::None)))
}

/// The form of the answer. The flag says that the schema lost something.
pub(super) fn format(text: Option<&TextOptions<'_>>) -> Result<(Format, bool), DialectError> {
    let raw = text.and_then(|text| text.format);
    let Some(wanted) = member::<FormatOptions<'_>>(raw, "text.format")? else {
        return Ok((Format::Text, false));
    };
    match wanted.kind.decode().as_ref() {
        "text" => Ok((Format::Text, false)),
        "json_object" => Ok((Format::Json, false)),
        "json_schema" => by_schema(wanted),
        other => {
            let param = "text.format.type";
            let names = "text, json_object, json_schema";
            let told = format!("Invalid value for '{param}': '{other}' is none of {names}.");
            Err(DialectError::invalid(param, told))
        }
    }
}

fn by_schema(wanted: FormatOptions<'_>) -> Result<(Format, bool), DialectError> {
    let Some(raw) = wanted.schema else { return Ok((Format::Json, false)) };
    let path = "text.format.schema";
    let mut clean = schema::clean(&tools::parse_schema(raw, path)?)
        .map_err(|schema::TooLarge| tools::too_large(path))?;
    if let serde_json::Value::Object(root) = &mut clean.schema {
        for (key, text) in [("title", wanted.name), ("description", wanted.description)] {
            if let (Some(text), false) = (text, root.contains_key(key)) {
                root.insert(key.into(), text.decode().into_owned().into());
            }
        }
    }
    Ok((Format::Schema(clean.schema), clean.lossy))
}
