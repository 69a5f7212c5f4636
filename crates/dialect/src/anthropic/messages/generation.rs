//! The fields that shape the answer: lengths, sampling, stops, and its form.

use super::body::{MessagesBody, OutputFormat};
use crate::{
    DialectError,
    gemini::{
        format::Format,
        generation::{GenerationConfig, Sampling},
        schema,
        tools::{parse_schema, too_large},
    },
    json::{Text, number::Integer},
    models::Rules,
};

/// Gemini's greatest number of stop sequences.
const MAX_STOPS: usize = 5;

/// Builds the configuration, without thinking; adds what has no counterpart to `dropped`.
pub(super) fn read(
    body: &mut MessagesBody<'_>,
    rules: &Rules,
    dropped: &mut Vec<&'static str>,
) -> Result<GenerationConfig, DialectError> {
    let mut config = GenerationConfig {
        max_output_tokens: Some(max_tokens(body.max_tokens, rules)?),
        stop_sequences: stops(body, dropped),
        ..GenerationConfig::default()
    };
    let sampling = Sampling { temperature: body.temperature, top_p: body.top_p, top_k: body.top_k };
    config.sample(sampling, rules, dropped);
    Ok(config)
}

fn max_tokens(tokens: Option<Integer>, rules: &Rules) -> Result<u64, DialectError> {
    let Integer(tokens) = tokens.ok_or_else(|| DialectError::missing("max_tokens"))?;
    if tokens < 1 {
        let message = "Invalid value for 'max_tokens': must be at least 1.";
        return Err(DialectError::invalid("max_tokens", message));
    }
    let wanted = tokens as u64;
    Ok(rules.max_output.map_or(wanted, |most| wanted.min(most)))
}

fn stops(body: &mut MessagesBody<'_>, dropped: &mut Vec<&'static str>) -> Vec<String> {
    let stops = body.stop_sequences.take().map(|list| list.0).unwrap_or_default();
    let mut stops: Vec<String> = stops
        .iter()
        .filter(|stop| !stop.is_empty())
        .map(|stop| stop.decode().into_owned())
        .collect();
    dropped.extend((stops.len() > MAX_STOPS).then_some("stop_sequences"));
    stops.truncate(MAX_STOPS);
    stops
}

/// Reads the form of the answer. The flag says that the schema lost something.
pub(super) fn format(body: &mut MessagesBody<'_>) -> Result<(Format, bool), DialectError> {
    let config = body.output_config.as_mut().and_then(|config| config.format.take());
    let (param, format) = match (config, body.output_format.take()) {
        (Some(format), _) => ("output_config.format", format),
        (None, Some(format)) => ("output_format", format),
        (None, None) => return Ok((Format::Text, false)),
    };
    schema_of(param, &format)
}

fn schema_of(param: &str, format: &OutputFormat<'_>) -> Result<(Format, bool), DialectError> {
    let kind = Text::decode(&format.kind);
    if kind != "json_schema" {
        let param = format!("{param}.type");
        let message = format!("Invalid value for '{param}': '{kind}' is not json_schema.");
        return Err(DialectError::invalid(param, message));
    }
    let path = format!("{param}.schema");
    let raw = format.schema.ok_or_else(|| DialectError::missing(&path))?;
    let clean = schema::clean(&parse_schema(raw, &path)?);
    let clean = clean.map_err(|schema::TooLarge| too_large(&path))?;
    Ok((Format::Schema(clean.schema), clean.lossy))
}
