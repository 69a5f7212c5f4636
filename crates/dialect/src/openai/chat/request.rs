//! The client's request, translated.

use bytes::BufMut;
use serde_json::{Map, Value, json};

use super::{
    ChatContext, Options, Signatures,
    body::ChatBody,
    extra::{self, Extra},
    messages::{self, Conversation},
    plan::{self, Plan},
    response_format::{self, Format},
    sampling, tool_choice,
    tools::{self, Tools},
};
use crate::{
    DialectError,
    gemini::{
        content::{Content, Part, Role, write_list},
        generation::GenerationConfig,
    },
    json,
    media::Translation,
    models::{self, Changes, Family, Resolved, Rules},
};

/// Translates the body of a chat request into the body of `generateContent`, where nothing may be
/// fetched and every option has its default.
pub fn request(body: &[u8]) -> Result<(ChatContext, Vec<u8>), DialectError> {
    translate(body, &Options::default())?.without_fetching()
}

/// Translates the body of a chat request into the body of `generateContent`.
pub fn translate<'a>(
    body: &'a [u8],
    options: &Options<'a>,
) -> Result<Translation<ChatContext>, DialectError> {
    let mut chat: ChatBody<'_> = json::parse(body)?;
    let (model, changes) = model(&chat, options)?;
    let rules = models::rules(&model);
    let messages = chat.messages.take().ok_or_else(|| DialectError::missing("messages"))?.0;
    if messages.is_empty() {
        let message = "Invalid value for 'messages': at least one message is needed.";
        return Err(DialectError::invalid("messages", message));
    }
    let mut dropped = without_counterpart(&chat);
    let legacy_functions = chat.functions.is_some();
    let extra = extra::read(&chat)?;
    let generation = sampling::read(&mut chat, &rules, &mut dropped)?;
    let calls = sampling::calls(chat.n, &rules, options.fan_out)?;
    let tools = tools::read(&mut chat)?;
    let choice = tool_choice::read(&mut chat, &tools.names)?;
    let conversation = messages::translate(messages, &rules, &tools.names, options)?;
    let (format, lossy) = response_format::read(chat.response_format.take())?;
    dropped.extend(lossy.then_some("response_format"));
    let plan = plan::decide(&rules, &tools, choice, format, conversation.has_calls)?;
    dropped.extend(plan.format_dropped.then_some("response_format"));
    dropped.extend(extra.unknown.then_some("extra_body.google"));
    if !conversation.wanted.is_empty() {
        return Ok(Translation::Fetch(conversation.wanted));
    }

    let mut context = ChatContext {
        model,
        more_calls: calls - 1,
        stream: chat.stream == Some(true),
        include_usage: chat
            .stream_options
            .is_some_and(|options| options.include_usage == Some(true)),
        legacy_functions,
        single_call: chat.parallel_tool_calls == Some(false),
        answer_tool: plan.answer_tool.as_ref().map(|tool| tool.name.clone()),
        signatures_in_ids: options.signatures != Signatures::InExtraContent
            && !conversation.keeps_extra,
        grounded: plan.declare_built_ins || !extra.tools.is_empty() || changes.search,
        ..ChatContext::default()
    };
    let mut writer = Writer {
        out: Vec::with_capacity(body.len() + 256),
        rules: &rules,
        extra,
        tier: chat.service_tier.as_ref().and_then(|tier| service_tier(&tier.decode())),
    };
    context.call_ids = writer.write(conversation, &tools, &plan, generation, &mut dropped)?;
    let mut upstream = writer.out;
    if !changes.is_empty() {
        let applied = changes.apply(&rules, &upstream)?;
        dropped.extend(applied.search_dropped.then_some("model"));
        upstream = applied.body;
    }
    context.names = tools.names;
    context.dropped = dropped;
    Ok(Translation::Ready(context, upstream))
}

/// Google's name of the model, and what the client's name for it asks for besides.
fn model(chat: &ChatBody<'_>, options: &Options<'_>) -> Result<(String, Changes), DialectError> {
    let asked = chat.model.as_ref().ok_or_else(|| DialectError::missing("model"))?.decode();
    let asked = models::strip_prefix(&asked);
    let Resolved { model: name, changes } = match options.offers {
        Some(offers) => offers.resolve(asked),
        None => Resolved { model: asked.to_owned(), changes: Changes::default() },
    };
    // The name becomes part of the upstream path.
    let clean = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:@".contains(&byte);
    let segments = || name.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
    if name.is_empty() || !name.bytes().all(clean) || !segments() {
        let message = "Invalid value for 'model': expected a model name.";
        return Err(DialectError::invalid("model", message));
    }
    Ok((name, changes))
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

fn service_tier(name: &str) -> Option<&'static str> {
    match name {
        "flex" => Some("flex"),
        "priority" | "fast" => Some("priority"),
        _ => None,
    }
}

struct Writer<'r> {
    out: Vec<u8>,
    rules: &'r Rules,
    extra: Extra,
    tier: Option<&'static str>,
}

impl Writer<'_> {
    /// Writes the request. Gives back the ids of the history's calls.
    fn write(
        &mut self,
        mut conversation: Conversation<'_>,
        tools: &Tools<'_>,
        plan: &Plan,
        mut generation: GenerationConfig,
        dropped: &mut Vec<&'static str>,
    ) -> Result<Vec<String>, DialectError> {
        if self.rules.family == Family::Gemma {
            instruct_format(&plan.format, &mut conversation.contents);
        } else {
            sampling::set_format(plan.format.clone(), &mut generation);
        }
        self.out.put_slice(br#"{"contents":"#);
        write_list(&conversation.contents, &mut self.out, Content::write);
        if !conversation.system.is_empty() {
            self.out.put_slice(br#","systemInstruction":{"parts":"#);
            write_list(&conversation.system, &mut self.out, Part::write);
            self.out.put_u8(b'}');
        }
        if self.tools(tools, plan)? {
            dropped.push("tools.function.parameters");
        }
        let tool_config = to_object(&plan.config);
        let over = std::mem::take(&mut self.extra.tool_config);
        self.object("toolConfig", tool_config, over);
        self.generation(&generation);
        self.rest();
        self.out.put_u8(b'}');
        Ok(conversation.call_ids)
    }

    /// Writes all tools. Says whether a schema lost something.
    fn tools(&mut self, tools: &Tools<'_>, plan: &Plan) -> Result<bool, DialectError> {
        let out = &mut self.out;
        let start = out.len();
        let mut lossy = false;
        let mut separator: &[u8] = br#","tools":["#;
        if plan.declare_functions {
            out.put_slice(br#","tools":[{"functionDeclarations":["#);
            for (position, function) in tools.functions.iter().enumerate() {
                if position > 0 {
                    out.put_u8(b',');
                }
                lossy |= function.write(out)?;
            }
            if let Some(tool) = &plan.answer_tool {
                let description = "Respond with a JSON object.";
                let declaration = json!({"name": tool.name, "description": description,
                    "parametersJsonSchema": tool.schema});
                out.put_u8(b',');
                json::push(out, &declaration);
            }
            out.put_slice(b"]}");
            separator = b",";
        }
        let built_ins = plan.declare_built_ins.then_some(tools.built_ins.as_slice());
        for tool in built_ins.unwrap_or_default() {
            out.put_slice(separator);
            json::push(out, &json!({ tool.wire_name(): {} }));
            separator = b",";
        }
        for tool in &self.extra.tools {
            out.put_slice(separator);
            json::push(out, tool);
            separator = b",";
        }
        if out.len() > start {
            out.put_u8(b']');
        }
        Ok(lossy)
    }

    fn generation(&mut self, generation: &GenerationConfig) {
        if *generation == GenerationConfig::default() && self.extra.generation.is_empty() {
            return;
        }
        let over = std::mem::take(&mut self.extra.generation);
        if over.is_empty() {
            self.out.put_slice(br#","generationConfig":"#);
            json::push(&mut self.out, generation);
            return;
        }
        let mut config = to_object(generation);
        // Level and budget exclude each other; the client's own words count.
        if let (Some(Value::Object(ours)), Some(Value::Object(theirs))) =
            (config.get_mut("thinkingConfig"), over.get("thinkingConfig"))
            && (theirs.contains_key("thinkingLevel") || theirs.contains_key("thinkingBudget"))
        {
            ours.remove("thinkingLevel");
            ours.remove("thinkingBudget");
        }
        self.object("generationConfig", config, over);
    }

    fn object(&mut self, name: &str, mut members: Map<String, Value>, over: Map<String, Value>) {
        extra::merge(&mut members, over);
        if !members.is_empty() {
            self.member(name);
            json::push(&mut self.out, &members);
        }
    }

    fn rest(&mut self) {
        if let Some(tier) = self.tier.filter(|_| !self.extra.request.contains_key("serviceTier")) {
            self.member("serviceTier");
            json::push(&mut self.out, tier);
        }
        for (name, value) in std::mem::take(&mut self.extra.request) {
            self.member(&name);
            json::push(&mut self.out, &value);
        }
    }

    fn member(&mut self, name: &str) {
        self.out.put_slice(b",\"");
        self.out.put_slice(name.as_bytes());
        self.out.put_slice(b"\":");
    }
}

fn to_object<T: serde::Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// Models without JSON mode are told in words.
fn instruct_format(format: &Format, contents: &mut [Content<'_>]) {
    let text = match format {
        Format::Text => return,
        Format::Json => "Respond with a JSON object only.".to_owned(),
        Format::Schema(schema) => {
            format!("Respond only with a JSON object that matches this JSON Schema:\n{schema}")
        }
    };
    if let Some(last) = contents.iter_mut().rfind(|content| content.role == Role::User) {
        last.parts.push(Part::text(text));
    }
}
