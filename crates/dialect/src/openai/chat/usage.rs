//! The usage object.

use bytes::BufMut;
use serde::Serialize;

use crate::{gemini::counts::Counts, json};

#[derive(Serialize)]
struct ChatUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Serialize)]
struct PromptDetails {
    cached_tokens: u64,
    audio_tokens: u64,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "OpenAI's names")]
struct CompletionDetails {
    reasoning_tokens: u64,
    audio_tokens: u64,
    accepted_prediction_tokens: u64,
    rejected_prediction_tokens: u64,
}

/// Appends the usage object. Thoughts are part of the completion, results of Google's tools part of
/// the prompt, as they are billed.
pub(super) fn write(counts: &Counts, out: &mut impl BufMut) {
    let usage = counts.usage();
    let prompt_tokens = usage.prompt + usage.tool_prompt;
    let completion_tokens = usage.completion + usage.thoughts;
    json::push(
        out,
        &ChatUsage {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens + completion_tokens,
            prompt_tokens_details: PromptDetails {
                cached_tokens: usage.cached,
                audio_tokens: counts.prompt_audio,
            },
            completion_tokens_details: CompletionDetails {
                reasoning_tokens: usage.thoughts,
                audio_tokens: counts.answer_audio,
                accepted_prediction_tokens: 0,
                rejected_prediction_tokens: 0,
            },
        },
    );
}
