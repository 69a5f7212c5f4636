//! `POST /v1/messages/count_tokens` to and from `countTokens`.

use bytes::BufMut;
use serde::Deserialize;

use super::messages::{self, MessagesContext, Options};
use crate::{
    DialectError,
    gemini::error,
    json::{self, number::Integer},
    media::Translation,
    outcome::ResponseError,
};

/// Translates the body of a request into the body of `countTokens`, where nothing may be fetched.
/// The context names the model.
pub fn request(
    body: &[u8],
    options: &Options<'_>,
) -> Result<(MessagesContext, Vec<u8>), DialectError> {
    translate(body, options)?.without_fetching(body)
}

/// Translates the body of a request into the body of `countTokens`. The context names the model.
pub fn translate<'a>(
    body: &'a [u8],
    options: &Options<'a>,
) -> Result<Translation<MessagesContext>, DialectError> {
    messages::countable(body, options)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    total_tokens: Option<Integer>,
}

/// Translates the answer of `countTokens`.
pub fn response(gemini_body: &[u8]) -> Result<Vec<u8>, ResponseError> {
    if let Some(error) = error::parse(gemini_body) {
        return Err(ResponseError::Upstream(error));
    }
    let count: Count = serde_json::from_slice(gemini_body)
        .map_err(|error| ResponseError::Malformed(error.to_string()))?;
    // Google leaves out a zero.
    let tokens = count.total_tokens.map_or(0, |Integer(tokens)| tokens.max(0));
    let mut out = br#"{"input_tokens":"#.to_vec();
    json::push(&mut out, &tokens);
    out.put_u8(b'}');
    Ok(out)
}
