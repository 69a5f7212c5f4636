//! The client's request, translated.

use bytes::BufMut;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    ResponsesContext,
    body::Body,
    carrier, echo, generation,
    input::InputReader,
    item::Item,
    stored::{self, Earlier},
    tool_choice, tools,
};
use crate::{
    DialectError,
    gemini::{
        content::{Content, Part, write_list},
        declarations,
        generation::{GenerationConfig, ToolConfig},
        history::Turns,
        plan,
    },
    json::{self, Text, choice::TextOrList, number::Integer},
    media::{FetchedMedia, Translation},
    models::{self, Additions, Family, Resolved, Rules},
    written::Draft,
};

/// What a translation needs to know besides the request. The default has fetched nothing, and adds
/// nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// What was fetched for this body, after [`Translation::Fetch`].
    pub media: Option<&'o FetchedMedia>,
    /// What the administrator adds.
    pub additions: Additions<'o>,
}

/// A request that was read, and waits for the earlier responses it refers to.
pub struct Asked<'a> {
    body: Body<'a>,
    client: &'a [u8],
    /// What the user says behind the input.
    last: Option<&'static str>,
}

/// The earlier responses that a request refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// The last of the chain to go on from.
    pub previous_response_id: Option<String>,
    /// Responses of which single items are named (`resp_…`), each once.
    pub item_owners: Vec<String>,
}

/// Reads the body of a request.
pub fn read(body: &[u8]) -> Result<Asked<'_>, DialectError> {
    Ok(Asked { body: json::parse(body)?, client: body, last: None })
}

/// Translates the body of a request into the body of `generateContent`, where nothing may be
/// fetched.
pub fn request<'a>(
    body: &'a [u8],
    earlier: Earlier<'a>,
) -> Result<(ResponsesContext, Vec<u8>), DialectError> {
    read(body)?.translate(earlier, &Options::default())?.without_fetching(body)
}

impl<'a> Asked<'a> {
    /// What must be loaded before [`Asked::translate`].
    pub fn references(&self) -> References {
        let previous = self.body.previous_response_id.as_ref().map(Text::decode);
        let mut item_owners: Vec<String> = Vec::new();
        if let Some(TextOrList::List(items)) = &self.body.input {
            for owner in items.iter().filter_map(referenced) {
                if !item_owners.contains(&owner) {
                    item_owners.push(owner);
                }
            }
        }
        References { previous_response_id: previous.map(std::borrow::Cow::into_owned), item_owners }
    }

    /// The same request, with something that the user says at its end.
    pub(super) fn followed_by(self, last: &'static str) -> Self {
        Self { last: Some(last), ..self }
    }

    /// Translates into the body of `generateContent`. After [`Translation::Fetch`] the body needs to
    /// be [`read`] again.
    pub fn translate(
        self,
        earlier: Earlier<'a>,
        options: &Options<'a>,
    ) -> Result<Translation<ResponsesContext>, DialectError> {
        let Self { body, client, last } = self;
        refuse(&body, earlier)?;
        let Resolved { model, changes, more_models } = model(&body, options)?;
        let rules = models::rules(&model);
        let mut context = context(&body, model, &rules, client.len());
        context.more_models = more_models;
        let mut declared = tools::read(body.tools, &rules)?;
        let mut dropped = std::mem::take(&mut declared.dropped);
        let config = generation::read(&body, &declared, &rules, &mut dropped)?;
        let choice = tool_choice::read(body.tool_choice, &declared.tools.names)?;
        let (format, lossy) = generation::format(body.text.as_ref())?;
        dropped.extend(lossy.then_some("text.format"));
        let tier = body.service_tier.as_ref().and_then(|tier| service_tier(&tier.decode()));

        let mut reader =
            InputReader::new(&rules, &declared.tools.names, earlier.referenced, options.media);
        if let Some(instructions) = body.instructions {
            reader.instruct(instructions);
        }
        for response in earlier.chain {
            reader.stored(response)?;
        }
        if let Some(input) = body.input {
            reader.input(input)?;
        }
        if let Some(last) = last {
            reader.input(TextOrList::Text(last.into()))?;
        }
        let conversation = reader.finish();
        if !conversation.wanted.is_empty() {
            return Ok(Translation::Fetch(conversation.wanted));
        }
        dropped.extend(conversation.unknown.then_some("input"));
        let history_has_calls = conversation.turns.has_calls();
        let plan = plan::decide(&rules, &declared.tools, choice, format, history_has_calls)?;
        dropped.extend(plan.format_dropped.then_some("text.format"));
        let mut out = Draft::of(client, conversation.turns.long_bytes());
        write_conversation(conversation.turns, &plan, &rules, config, &mut out, |out| {
            let lossy = declarations::write(&declared.tools, &plan, &[], out)?;
            dropped.extend(lossy.then_some("tools.parameters"));
            Ok(())
        })?;
        if let Some(tier) = tier {
            out.put_slice(br#","serviceTier":"#);
            out.push_json(tier);
        }
        out.put_u8(b'}');
        let written = out.written(client);
        let complete = options.additions.add(&context.model, &changes, &rules, written, client)?;
        dropped.extend(complete.search_dropped.then_some("model"));

        context.answer_tool = plan.answer_tool.map(|tool| tool.name);
        context.call_ids = conversation.call_ids;
        context.names = declared.tools.names;
        context.special = declared.special;
        dropped.dedup();
        context.dropped = dropped;
        Ok(Translation::Ready(context, complete.body))
    }
}

fn referenced(item: &Item<'_>) -> Option<String> {
    let named = match &item.kind {
        Some(kind) => kind.decode() == "item_reference",
        None => item.role.is_none(),
    };
    stored::owner(&item.id.as_ref().filter(|_| named)?.decode())
}

/// Refuses what cannot be done at all.
fn refuse(body: &Body<'_>, earlier: Earlier<'_>) -> Result<(), DialectError> {
    let told = |raw: Option<&RawValue>| raw.is_some_and(|raw| raw.get() != "null");
    if told(body.prompt) {
        return Err(unsupported("prompt", "Prompt templates are kept by OpenAI only."));
    }
    if told(body.conversation) {
        return Err(unsupported("conversation", "Send 'previous_response_id' or the whole input."));
    }
    if let Some(id) = &body.previous_response_id
        && earlier.chain.last().is_none_or(|last| last.id() != id.decode())
    {
        return Err(not_found(&id.decode()));
    }
    if body.input.is_none() && earlier.chain.is_empty() && body.instructions.is_none() {
        return Err(DialectError::missing("input"));
    }
    if body.background == Some(true) && body.store == Some(false) {
        let told = "A background response has to be stored: leave 'store' out, or set it to true.";
        return Err(DialectError::invalid("background", told));
    }
    Ok(())
}

fn unsupported(param: &str, hint: &str) -> DialectError {
    let message = format!("Unsupported parameter: '{param}'. {hint}");
    DialectError {
        code: Some("unsupported_parameter"),
        ..DialectError::unsupported(param, message)
    }
}

fn not_found(id: &str) -> DialectError {
    let message = format!("Previous response with id '{id}' not found.");
    DialectError {
        code: Some("previous_response_not_found"),
        ..DialectError::invalid("previous_response_id", message)
    }
}

fn model(body: &Body<'_>, options: &Options<'_>) -> Result<Resolved, DialectError> {
    let asked = body.model.as_ref().ok_or_else(|| DialectError::missing("model"))?.decode();
    let resolved = options.additions.resolve(models::strip_prefix(&asked));
    if !models::is_path(&resolved.model) {
        let message = "Invalid value for 'model': expected a model name.";
        return Err(DialectError::invalid("model", message));
    }
    Ok(resolved)
}

fn context(body: &Body<'_>, model: String, rules: &Rules, bytes: usize) -> ResponsesContext {
    ResponsesContext {
        model,
        stream: body.stream == Some(true),
        background: body.background == Some(true),
        store: body.store.unwrap_or(true),
        echo: echo::write(body, bytes),
        wants_encrypted: generation::includes(body, "reasoning.encrypted_content"),
        wants_sources: generation::includes(body, "web_search_call.action.sources"),
        single_call: body.parallel_tool_calls == Some(false),
        family: carrier::family(rules.family),
        ..ResponsesContext::default()
    }
}

fn service_tier(name: &str) -> Option<&'static str> {
    match name {
        "flex" => Some("flex"),
        "priority" | "fast" => Some("priority"),
        _ => None,
    }
}

fn write_conversation<'a>(
    mut turns: Turns<'a>,
    plan: &plan::Plan,
    rules: &Rules,
    mut config: GenerationConfig,
    out: &mut Draft<'a>,
    mut write_tools: impl FnMut(&mut Vec<u8>) -> Result<(), DialectError>,
) -> Result<(), DialectError> {
    if rules.family == Family::Gemma {
        plan.format.instruct(&mut turns.contents);
    } else {
        plan.format.clone().configure(&mut config);
    }
    out.put_slice(br#"{"contents":"#);
    write_list(&turns.contents, out, Content::write);
    if !turns.system.is_empty() {
        out.put_slice(br#","systemInstruction":{"parts":"#);
        write_list(&turns.system, out, Part::write);
        out.put_u8(b'}');
    }
    write_tools(out)?;
    if plan.config != ToolConfig::default() {
        out.put_slice(br#","toolConfig":"#);
        out.push_json(&plan.config);
    }
    if config != GenerationConfig::default() {
        out.put_slice(br#","generationConfig":"#);
        out.push_json(&config);
    }
    Ok(())
}

/// Translates the body of `POST /v1/responses/input_tokens` into that of `countTokens`. Gives the
/// model too.
pub fn input_tokens<'a>(
    body: &'a [u8],
    earlier: Earlier<'a>,
    options: &Options<'a>,
) -> Result<Translation<String>, DialectError> {
    let (context, request) = match read(body)?.translate(earlier, options)? {
        Translation::Ready(context, request) => (context, request.whole(body)),
        Translation::Fetch(wanted) => return Ok(Translation::Fetch(wanted)),
    };
    let mut out = br#"{"generateContentRequest":{"model":"#.to_vec();
    let collection = if context.model.contains('/') { "" } else { "models/" };
    json::push(&mut out, &format!("{collection}{}", context.model));
    out.put_u8(b',');
    out.put_slice(request.get(1..).unwrap_or_default());
    out.put_u8(b'}');
    Ok(Translation::Ready(context.model, out.into()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenCount {
    total_tokens: Option<Integer>,
}

/// Translates the answer of `countTokens`; `None` if it is none.
pub fn input_tokens_answer(gemini_body: &[u8]) -> Option<Vec<u8>> {
    let count: TokenCount = serde_json::from_slice(gemini_body).ok()?;
    let mut out = br#"{"object":"response.input_tokens","input_tokens":"#.to_vec();
    json::push(&mut out, &count.total_tokens?.0);
    out.put_u8(b'}');
    Some(out)
}
