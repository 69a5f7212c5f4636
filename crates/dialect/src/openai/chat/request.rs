//! The client's request, translated.

mod writer;

use serde_json::Value;

use super::{
    ChatContext, Options,
    body::ChatBody,
    extra::{self, Extra},
    messages::{self, Conversation},
    response_format, sampling, tool_choice, tools,
};
use crate::{
    DialectError,
    gemini::plan::{self, Plan},
    json,
    media::Translation,
    models::{self, Resolved},
    written::Draft,
};
use writer::Writer;

/// Translates the body of a chat request into the body of `generateContent`, where nothing may be
/// fetched and every option has its default.
pub fn request(body: &[u8]) -> Result<(ChatContext, Vec<u8>), DialectError> {
    translate(body, &Options::default())?.without_fetching(body)
}

/// Translates the body of a chat request into the body of `generateContent`.
pub fn translate<'a>(
    body: &'a [u8],
    options: &Options<'a>,
) -> Result<Translation<ChatContext>, DialectError> {
    let mut chat: ChatBody<'_> = json::parse(body)?;
    let Resolved { model, changes, more_models } = model(&chat, options)?;
    let rules = models::rules(&model);
    let messages = chat.messages.take().ok_or_else(|| DialectError::missing("messages"))?.0;
    if messages.is_empty() {
        let message = "Invalid value for 'messages': at least one message is needed.";
        return Err(DialectError::invalid("messages", message));
    }
    let mut dropped = without_counterpart(&chat);
    let mut context = ChatContext::new(&chat, options);
    context.audio = sampling::audio_format(&chat)?;
    let mut extra = extra::read(&chat.places())?;
    let generation = sampling::read(&mut chat, &rules, options, &mut dropped)?;
    let calls = sampling::calls(chat.n, &rules, options.fan_out)?;
    let mut tools = tools::read(&mut chat)?;
    tools.more_built_ins = !extra.tools.iter().all(declares_functions);
    let choice = tool_choice::read(&mut chat, &tools.names)?;
    let conversation = messages::translate(messages, &rules, &tools.names, options)?;
    let (format, lossy) = response_format::read(chat.response_format.take())?;
    dropped.extend(lossy.then_some("response_format"));
    let plan = plan::decide(&rules, &tools, choice, format, conversation.turns.has_calls())?;
    if !plan.declare_built_ins {
        extra.tools.retain(declares_functions);
    }
    refuse_beside_cache(&extra, &conversation, &plan)?;
    dropped.extend(plan.format_dropped.then_some("response_format"));
    dropped.extend(extra.unknown.then_some("extra_body.google"));
    if !conversation.wanted.is_empty() {
        return Ok(Translation::Fetch(conversation.wanted));
    }

    context.more_calls = calls - 1;
    context.list_sources = options.list_sources && changes.search;
    context.answer_tool = plan.answer_tool.as_ref().map(|tool| tool.name.clone());
    // Older models do without.
    context.signatures_in_ids &= rules.is_generation_3() && !conversation.keeps_extra;
    context.grounded = plan.declare_built_ins || changes.search || changes.may_search;
    let brings_safety = extra.request.contains_key("safetySettings");
    let mut writer = Writer {
        out: Draft::of(body, conversation.turns.long_bytes()),
        rules: &rules,
        extra,
        tier: chat.service_tier.as_ref().and_then(|tier| service_tier(&tier.decode())),
    };
    context.call_ids = writer.write(conversation, &tools, &plan, generation, &mut dropped)?;
    let written = writer.out.written(body);
    let complete = if brings_safety {
        changes.applied(&rules, written, body)?
    } else {
        options.additions.add(&model, &changes, &rules, written, body)?
    };
    dropped.extend(complete.search_dropped.then_some("model"));
    context.model = model;
    context.more_models = more_models;
    context.names = tools.names;
    context.dropped = dropped;
    Ok(Translation::Ready(context, complete.body))
}

/// Google's name of the model, and what the client's name for it asks for besides.
fn model(chat: &ChatBody<'_>, options: &Options<'_>) -> Result<Resolved, DialectError> {
    let asked = chat.model.as_ref().ok_or_else(|| DialectError::missing("model"))?.decode();
    let asked = models::strip_prefix(&asked);
    let resolved = options.additions.resolve(asked);
    if !models::is_path(&resolved.model) {
        let message = "Invalid value for 'model': expected a model name.";
        return Err(DialectError::invalid("model", message));
    }
    Ok(resolved)
}

/// Fields that Gemini does not have and that would have changed the answer.
fn without_counterpart(chat: &ChatBody<'_>) -> Vec<&'static str> {
    let mut dropped = Vec::new();
    let bias = chat.logit_bias.is_some_and(|bias| !matches!(bias.get(), "{}" | "null"));
    dropped.extend(bias.then_some("logit_bias"));
    dropped.extend(chat.verbosity.map(|_| "verbosity"));
    dropped.extend(chat.prediction.map(|_| "prediction"));
    if let Some(search) = &chat.web_search_options {
        dropped.extend(search.user_location.map(|_| "web_search_options.user_location"));
        dropped
            .extend(search.search_context_size.map(|_| "web_search_options.search_context_size"));
    }
    dropped
}

fn declares_functions(tool: &Value) -> bool {
    tool.get("functionDeclarations").is_some()
}

/// What a cache holds may not be said again; Google's own refusal does not name the field.
fn refuse_beside_cache(
    extra: &Extra,
    conversation: &Conversation<'_>,
    plan: &Plan,
) -> Result<(), DialectError> {
    let beside = if !conversation.turns.system.is_empty() {
        "system messages"
    } else if plan.declare_functions || plan.declare_built_ins {
        "tools"
    } else {
        return Ok(());
    };
    if !extra.request.contains_key("cachedContent") {
        return Ok(());
    }
    let param = "extra_body.google.cached_content";
    let message = format!(
        "Unsupported value for '{param}': a request with a cache has no {beside}, which are part of the cache."
    );
    Err(DialectError::unsupported(param, message))
}

fn service_tier(name: &str) -> Option<&'static str> {
    match name {
        "flex" => Some("flex"),
        "priority" | "fast" => Some("priority"),
        _ => None,
    }
}
