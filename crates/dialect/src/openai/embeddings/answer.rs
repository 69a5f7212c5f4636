//! Google's vectors as OpenAI gives them: of length one, as numbers or in base64.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::BufMut;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Embeddings;
use crate::{
    ResponseError, Usage,
    gemini::{
        counts::{Counts, UsageMetadata},
        error,
    },
    json,
};

/// A sum of squares that is so near to one is one, but for rounding.
const ROUNDING: f64 = 1e-6;

/// What one call gave.
#[derive(Debug, Clone)]
pub struct Vectors {
    each: Vec<Vec<f32>>,
    /// What it cost.
    pub usage: Usage,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Answer<'a> {
    embeddings: Option<Vec<Embedding>>,
    /// The only one, where `embedContent` was asked.
    embedding: Option<Embedding>,
    usage_metadata: Option<UsageMetadata<'a>>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Embedding {
    #[serde(default)]
    values: Vec<f32>,
}

impl Embeddings {
    /// Reads the answer to the call of that number.
    pub fn read(&self, call: usize, answer: &[u8]) -> Result<Vectors, ResponseError> {
        let answer: Answer<'_> = match serde_json::from_slice(answer) {
            Ok(answer) => answer,
            Err(why) => return Err(ResponseError::Malformed(why.to_string())),
        };
        if let Some(error) = answer.error {
            return Err(ResponseError::Upstream(error::read(error)));
        }
        let (inputs, tokens) = self.sizes.get(call).copied().unwrap_or_default();
        let usage = usage(answer.usage_metadata.as_ref(), tokens);
        let embeddings = answer.embeddings.or_else(|| Some(vec![answer.embedding?]));
        let Some(embeddings) = embeddings.filter(|list| !list.is_empty()) else {
            return Err(ResponseError::Empty { usage });
        };
        let each: Vec<_> = embeddings.into_iter().map(|one| normalised(one.values)).collect();
        if each.len() != inputs || !each.iter().all(|vector| is_whole(vector)) {
            let why = format!("it does not hold a vector for each of {inputs} inputs");
            return Err(ResponseError::Malformed(why));
        }
        Ok(Vectors { each, usage })
    }

    /// The client's answer, made of those to all calls in their order.
    pub fn response(&self, calls: &[Vectors]) -> Vec<u8> {
        let vectors = || calls.iter().flat_map(|call| &call.each);
        let numbers: usize = vectors().map(Vec::len).sum();
        let mut out = Vec::with_capacity(numbers * if self.in_base64 { 6 } else { 14 } + 256);
        out.put_slice(br#"{"object":"list","data":["#);
        for (index, vector) in vectors().enumerate() {
            out.put_slice(if index == 0 { b"" } else { b",".as_slice() });
            out.put_slice(br#"{"object":"embedding","index":"#);
            json::push(&mut out, &index);
            out.put_slice(br#","embedding":"#);
            if self.in_base64 {
                push_base64(vector, &mut out);
            } else {
                json::push(&mut out, vector);
            }
            out.put_u8(b'}');
        }
        out.put_slice(br#"],"model":"#);
        json::push(&mut out, &self.model);
        let tokens: u64 = calls.iter().map(|call| call.usage.prompt).sum();
        out.put_slice(br#","usage":{"prompt_tokens":"#);
        json::push_number(&mut out, tokens);
        out.put_slice(br#","total_tokens":"#);
        json::push_number(&mut out, tokens);
        out.put_slice(b"}}");
        out
    }
}

fn is_whole(vector: &[f32]) -> bool {
    !vector.is_empty() && vector.iter().all(|value| value.is_finite())
}

/// Google's count, or our guess where it gives none.
fn usage(metadata: Option<&UsageMetadata<'_>>, guess: u64) -> Usage {
    let mut counts = Counts::default();
    if let Some(metadata) = metadata {
        counts.merge(metadata);
    }
    let counted = counts.usage().prompt;
    let prompt = if counted == 0 { guess } else { counted };
    Usage { prompt, total: prompt, ..Usage::default() }
}

/// Shortened vectors of older models are not of length one.
fn normalised(mut vector: Vec<f32>) -> Vec<f32> {
    let squares: f64 = vector.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
    if squares > 0.0 && squares.is_finite() && (squares - 1.0).abs() > ROUNDING {
        let length = squares.sqrt();
        for value in &mut vector {
            *value = (f64::from(*value) / length) as f32;
        }
    }
    vector
}

/// The string that OpenAI's SDKs read as numbers of 32 bits, the lowest byte first.
fn push_base64(vector: &[f32], out: &mut Vec<u8>) {
    let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
    out.put_u8(b'"');
    out.put_slice(STANDARD.encode(bytes).as_bytes());
    out.put_u8(b'"');
}
