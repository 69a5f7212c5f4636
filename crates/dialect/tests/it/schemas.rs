//! What OpenAI and Anthropic say of their own APIs: everything that clients are told keeps to it,
//! and every request that it allows is understood or refused.

mod anthropic;
mod generated;
mod openai;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::sources::sources;

/// Answers to be told: all there are, and some that hold what those do not.
fn answers() -> Vec<(String, Vec<Bytes>)> {
    let known = sources().into_iter().map(|source| (source.name.clone(), source.events()));
    let more = reasons().into_iter().map(|reason| (reason.to_owned(), ends(reason)));
    known.chain(more).chain([("everything".to_owned(), vec![everything()])]).collect()
}

fn reasons() -> [&'static str; 8] {
    [
        "STOP",
        "MAX_TOKENS",
        "CONTINUATION",
        "SAFETY",
        "SPII",
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "NEVER_SEEN",
    ]
}

/// An answer that ends for this reason after a word, and one that ends before it.
fn ends(reason: &str) -> Vec<Bytes> {
    let said = json!({"candidates": [{"content": {"parts": [{"text": "a"}]}}]});
    let end = json!({"candidates": [{"finishReason": reason, "finishMessage": "why"}],
        "usageMetadata": {"promptTokenCount": 1, "totalTokenCount": 1}});
    [said, end].map(|event| event.to_string().into()).into()
}

fn everything() -> Bytes {
    let token = json!({"token": "a", "tokenId": 1, "logProbability": -0.5});
    let answer = json!({"candidates": [{
        "content": {"role": "model", "parts": [
            {"text": "First\n\n**Then** what?", "thought": true},
            {"text": "a", "thoughtSignature": "c2ln"},
            {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
            {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
            {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AAAA"}},
            {"functionCall": {"id": "c1", "name": "f", "args": {"x": [1, null]}},
                "thoughtSignature": "c2ln"},
            {"functionCall": {"name": "g", "args": {"input": "text"}}},
        ]},
        "finishReason": "STOP",
        "logprobsResult": {"chosenCandidates": [token], "topCandidates": [{"candidates": [token]}]},
        "groundingMetadata": {
            "webSearchQueries": ["q"],
            "groundingChunks": [{"web": {"uri": "https://a.example", "title": "A"}}],
            "groundingSupports": [{"segment": {"endIndex": 1, "text": "a"},
                "groundingChunkIndices": [0]}],
        },
        "citationMetadata": {"citationSources": [{"endIndex": 1, "uri": "https://b.example"}]},
    }], "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 4, "thoughtsTokenCount": 2,
        "cachedContentTokenCount": 3, "totalTokenCount": 15},
        "modelVersion": "gemini-3.8-flash", "responseId": "R"});
    answer.to_string().into()
}

/// Bodies of Google's errors.
fn errors() -> Vec<(u16, Vec<u8>)> {
    let text = include_str!("../../../fake-gemini/data/errors.json");
    let errors: Value = serde_json::from_str(text).unwrap();
    let errors = errors["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| {
            let status = error["http"].as_u64().unwrap() as u16;
            (status, error["body"].to_string().into_bytes())
        })
        .collect()
}

fn read(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}
