//! What Google checks before a model sees the request.

mod config;
mod fields;
mod shape;
mod turns;

use bytes::Bytes;
use serde_json::Value;

use crate::ask::Ask;
use crate::errors;
use crate::models::Model;
use crate::reply::Reply;
use crate::speech;
use fields::Message;

pub(crate) use fields::{BATCH_EMBED_REQUEST, COUNT_REQUEST, EMBED_REQUEST, GENERATE_REQUEST};
pub(crate) use shape::decoded_len;

/// A body as JSON with Google's own field names (snake case becomes camel case), or the 400.
pub(crate) fn parse(body: &Bytes, message: &'static Message) -> Result<Value, Reply> {
    let mut value: Value = serde_json::from_slice(body).map_err(|error| {
        errors::invalid_argument(&format!("Invalid JSON payload received. {error}"))
    })?;
    let problems = shape::check(&mut value, message);
    if problems.is_empty() { Ok(value) } else { Err(errors::bad_fields(&problems)) }
}

/// The rules of `GenerateContentRequest` that the shape does not show.
pub(crate) fn generate(ask: &Ask<'_>) -> Result<(), Reply> {
    turns::check(ask)?;
    config::check(ask)?;
    speech::check(ask)?;
    within_context(ask.model, ask.prompt_tokens())
}

/// The rules that hold for any list of contents (counting takes what generating would refuse).
pub(crate) fn contents(contents: &[Value]) -> Result<(), Reply> {
    turns::check_parts(contents)
}

fn within_context(model: &Model, tokens: u64) -> Result<(), Reply> {
    let limit = model.input_limit();
    if tokens <= limit {
        return Ok(());
    }
    Err(errors::invalid_argument(&format!(
        "The input token count exceeds the maximum number of tokens allowed ({limit})."
    )))
}

#[cfg(test)]
mod tests;
