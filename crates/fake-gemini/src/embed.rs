//! Embeddings and token counts.

use http::StatusCode;
use serde_json::{Value, json};

use crate::ask::{Ask, items, parts};
use crate::errors;
use crate::models::Model;
use crate::reply::Reply;
use crate::tokens;
use crate::validate;

/// Google takes no more in one call.
const MOST_REQUESTS: usize = 100;

/// What counting tokens answers.
pub(crate) fn count_tokens(model: &Model, body: &Value) -> Reply {
    let whole = &body["generateContentRequest"];
    let counted = if whole.is_object() { whole } else { body };
    if whole.is_object() && !whole["model"].is_string() {
        return errors::invalid_argument(
            "* CountTokensRequest.generate_content_request.model: unexpected model name format\n",
        );
    }
    if let Err(refusal) = validate::contents(items(&counted["contents"])) {
        return refusal;
    }
    let total = Ask::new(model, counted).prompt_tokens();
    let details = tokens::details(counted);
    Reply::json(StatusCode::OK, &json!({"totalTokens": total, "promptTokensDetails": details}))
}

/// What one embedding answers.
pub(crate) fn embed(model: &Model, body: &Value) -> Reply {
    vector(model, body).map_or_else(
        |refusal| refusal,
        |embedding| {
            Reply::json(
                StatusCode::OK,
                &json!({"embedding": embedding, "usageMetadata": usage([body])}),
            )
        },
    )
}

/// What several embeddings answer.
pub(crate) fn embed_batch(model: &Model, body: &Value) -> Reply {
    let requests = items(&body["requests"]);
    if requests.is_empty() {
        return errors::invalid_argument(
            "* BatchEmbedContentsRequest.requests: requests is not specified\n",
        );
    }
    if requests.len() > MOST_REQUESTS {
        return errors::invalid_argument(&format!(
            "* BatchEmbedContentsRequest.requests: at most {MOST_REQUESTS} requests can be in one \
             batch\n"
        ));
    }
    for (index, request) in requests.iter().enumerate() {
        if !request["model"].as_str().is_some_and(|model| model.starts_with("models/")) {
            return errors::invalid_argument(&format!(
                "* BatchEmbedContentsRequest.requests[{index}].model: unexpected model name \
                 format\n"
            ));
        }
    }
    let embeddings: Result<Vec<Value>, Reply> =
        requests.iter().map(|request| vector(model, request)).collect();
    embeddings.map_or_else(
        |refusal| refusal,
        |embeddings| {
            Reply::json(
                StatusCode::OK,
                &json!({"embeddings": embeddings, "usageMetadata": usage(requests)}),
            )
        },
    )
}

/// The input tokens of embedding requests.
pub(crate) fn embedding_tokens<'a>(requests: impl IntoIterator<Item = &'a Value>) -> u64 {
    requests.into_iter().map(|request| tokens::of_content(&request["content"])).sum()
}

fn usage<'a>(requests: impl IntoIterator<Item = &'a Value>) -> Value {
    json!({"promptTokenCount": embedding_tokens(requests)})
}

fn vector(model: &Model, request: &Value) -> Result<Value, Reply> {
    let content = &request["content"];
    if parts(content).is_empty() {
        return Err(errors::invalid_argument(
            "* EmbedContentRequest.content: content is not specified\n",
        ));
    }
    let (size, range) = match model.dims {
        Some(dims) => (dims.default, 1..=dims.max),
        None => (768, 1..=768),
    };
    let size = match request["outputDimensionality"].as_u64() {
        None => size,
        Some(wish) => {
            usize::try_from(wish).ok().filter(|wish| range.contains(wish)).ok_or_else(|| {
                errors::invalid_argument(&format!(
                    "output_dimensionality must be between {} and {}.",
                    range.start(),
                    range.end()
                ))
            })?
        }
    };
    Ok(json!({"values": direction(&content.to_string(), size)}))
}

/// A vector of length one that depends on nothing but the text.
pub(crate) fn direction(text: &str, size: usize) -> Vec<f32> {
    let mut state = text.bytes().fold(0x2545_f491_4f6c_dd1d_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u32 << 24) as f32 - 0.5
    };
    let raw: Vec<f32> = (0..size).map(|_| next()).collect();
    let length = raw.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::EPSILON);
    raw.into_iter().map(|value| value / length).collect()
}
