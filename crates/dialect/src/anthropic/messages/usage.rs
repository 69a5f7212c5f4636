//! The usage object.

use bytes::BufMut;
use serde::Serialize;

use crate::{Usage, gemini::counts::Counts, json};

#[derive(Serialize)]
struct Total<'a> {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    cache_creation: CacheCreation,
    output_tokens: u64,
    output_tokens_details: OutputDetails,
    server_tool_use: Option<ServerTools>,
    service_tier: &'a str,
    speed: Option<&'static str>,
    inference_geo: Option<&'static str>,
}

#[derive(Serialize)]
struct AtTheEnd {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    output_tokens: u64,
    output_tokens_details: OutputDetails,
    server_tool_use: Option<ServerTools>,
}

#[derive(Serialize)]
struct CacheCreation {
    ephemeral_5m_input_tokens: u64,
    ephemeral_1h_input_tokens: u64,
}

#[derive(Serialize)]
struct OutputDetails {
    thinking_tokens: u64,
}

#[derive(Serialize)]
struct ServerTools {
    web_search_requests: u64,
    web_fetch_requests: u64,
}

/// Appends the object of a whole answer.
pub(super) fn write(counts: &Counts, searches: u64, tier: &str, out: &mut impl BufMut) {
    let usage = counts.usage();
    total(&usage, usage.completion + usage.thoughts, usage.thoughts, searches, tier, out);
}

/// Appends the object with which a stream begins: the answer is not counted yet, and Anthropic
/// never says zero.
pub(super) fn write_start(counts: &Counts, tier: &str, out: &mut impl BufMut) {
    total(&counts.usage(), 1, 0, 0, tier, out);
}

fn total(
    usage: &Usage,
    output_tokens: u64,
    thinking_tokens: u64,
    searches: u64,
    tier: &str,
    out: &mut impl BufMut,
) {
    let total = Total {
        input_tokens: input(usage),
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: usage.cached,
        cache_creation: CacheCreation {
            ephemeral_5m_input_tokens: 0,
            ephemeral_1h_input_tokens: 0,
        },
        output_tokens,
        output_tokens_details: OutputDetails { thinking_tokens },
        server_tool_use: server_tools(searches),
        service_tier: if tier.eq_ignore_ascii_case("priority") { "priority" } else { "standard" },
        speed: None,
        inference_geo: None,
    };
    json::push(out, &total);
}

/// Appends the object with which a stream ends; it replaces the first one.
pub(super) fn write_end(counts: &Counts, searches: u64, out: &mut impl BufMut) {
    let usage = counts.usage();
    let end = AtTheEnd {
        input_tokens: input(&usage),
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: usage.cached,
        output_tokens: usage.completion + usage.thoughts,
        output_tokens_details: OutputDetails { thinking_tokens: usage.thoughts },
        server_tool_use: server_tools(searches),
    };
    json::push(out, &end);
}

/// Anthropic leaves out what came from a cache, Google does not.
fn input(usage: &Usage) -> u64 {
    usage.prompt.saturating_sub(usage.cached) + usage.tool_prompt
}

fn server_tools(searches: u64) -> Option<ServerTools> {
    (searches > 0).then_some(ServerTools { web_search_requests: searches, web_fetch_requests: 0 })
}
