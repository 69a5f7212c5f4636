//! Methods whose models Google has shut down, answered in the shape that they had.

use http::StatusCode;
use serde_json::json;

use crate::decide::Caller;
use crate::reply::Reply;

/// Their names.
pub(crate) const KNOWN: [&str; 8] = [
    "generateAnswer",
    "generateMessage",
    "countMessageTokens",
    "generateText",
    "embedText",
    "batchEmbedText",
    "countTextTokens",
    "predict",
];

/// What such a call is answered.
pub(crate) fn answer(caller: &Caller<'_>) -> Reply {
    if let Err(refusal) = caller.asked_model() {
        return refusal;
    }
    let told = match caller.call.target.label.as_str() {
        "generateAnswer" => json!({"answer": {"content": {"parts": [{"text": "It was so."}]}}}),
        "generateMessage" => json!({"candidates": [{"author": "1", "content": "It was so."}]}),
        "generateText" => json!({"candidates": [{"output": "It was so."}]}),
        "embedText" => json!({"embedding": {"value": [0.5, 0.25]}}),
        "batchEmbedText" => json!({"embeddings": [{"value": [0.5, 0.25]}]}),
        "predict" => json!({"predictions": [{"mimeType": "image/png"}]}),
        _ => json!({"tokenCount": 3}),
    };
    Reply::json(StatusCode::OK, &told)
}
