//! The client's request, translated.

use bytes::BufMut;

use super::{
    MessagesContext, Options,
    body::MessagesBody,
    context::Carrier,
    generation,
    history::{self, Conversation, Reading},
    thinking::{self, Thoughts},
    tools,
};
use crate::{
    DialectError,
    gemini::{
        carrier,
        content::{Content, Part, write_list},
        declarations,
        generation::{GenerationConfig, ToolConfig},
        history::Turns,
        plan::{self, Plan},
        tools::Tools,
    },
    json,
    media::Translation,
    models::{self, Changes, Family, Resolved, Rules},
    written::Draft,
};

/// Translates the body of a request into the body of `generateContent`, where nothing may be
/// fetched.
pub fn request(
    body: &[u8],
    options: &Options<'_>,
) -> Result<(MessagesContext, Vec<u8>), DialectError> {
    translate(body, options)?.without_fetching(body)
}

/// Translates the body of a request into the body of `generateContent`.
pub fn translate<'a>(
    body: &'a [u8],
    options: &Options<'a>,
) -> Result<Translation<MessagesContext>, DialectError> {
    read(json::parse(body)?, options, Purpose::Answer, body)
}

/// Translates the body of a request into the body of `countTokens`.
pub(in crate::anthropic) fn countable<'a>(
    body: &'a [u8],
    options: &Options<'a>,
) -> Result<Translation<MessagesContext>, DialectError> {
    read(json::parse(body)?, options, Purpose::Count, body)
}

/// What is done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Answer,
    /// Nothing that shapes the answer is sent.
    Count,
}

impl Purpose {
    /// Appends what stands before the members of the request.
    fn open(self, model: &str, out: &mut Vec<u8>) {
        out.put_u8(b'{');
        if self == Self::Count {
            let collection = if model.contains('/') { "" } else { "models/" };
            out.put_slice(br#""generateContentRequest":{"model":"#);
            json::push(out, &format!("{collection}{model}"));
            out.put_u8(b',');
        }
    }

    /// Appends what stands behind them.
    fn close(self, out: &mut Vec<u8>) {
        out.put_slice(if self == Self::Count { b"}}" } else { b"}" });
    }
}

fn read<'a>(
    mut body: MessagesBody<'a>,
    options: &Options<'a>,
    purpose: Purpose,
    client: &'a [u8],
) -> Result<Translation<MessagesContext>, DialectError> {
    let (mut context, changes) = begin(&body, options)?;
    let rules = models::rules(&context.model);
    let mut dropped = without_counterpart(&body);
    let (thoughts, thinking_config) = thinking::read(&body, &rules)?;
    let mut generation = match purpose {
        Purpose::Answer => generation::read(&mut body, &rules, &mut dropped)?,
        Purpose::Count => GenerationConfig::default(),
    };
    generation.thinking_config = thinking_config;
    let list = body.tools.take().map(|list| list.0).unwrap_or_default();
    let declared = tools::read(list, &rules, &mut dropped)?;
    let choice = declared.choice(body.tool_choice.as_ref())?;
    let conversation = converse(&mut body, &declared.tools, &rules, options)?;
    let (format, lossy) = generation::format(&mut body)?;
    let has_calls = conversation.turns.has_calls();
    let plan = plan::decide(&rules, &declared.tools, choice, format, has_calls)?;
    dropped.extend((lossy || plan.format_dropped).then_some("output_config.format"));
    dropped.extend(&conversation.dropped);
    if !conversation.wanted.is_empty() {
        return Ok(Translation::Fetch(conversation.wanted));
    }

    let out = Draft::of(client, conversation.turns.long_bytes());
    let mut writer = Writer { out, rules: &rules };
    purpose.open(&context.model, &mut writer.out);
    let generation = (purpose == Purpose::Answer).then_some(generation);
    let lossy = writer.write(conversation.turns, &declared.tools, &plan, generation)?;
    purpose.close(&mut writer.out);
    dropped.extend(lossy.then_some("tools.input_schema"));
    context.thoughts = thoughts;
    context.carrier = match (thoughts, options.recall) {
        (Thoughts::Omitted | Thoughts::Shown, _) => Carrier::Blocks,
        (Thoughts::Off, Some(_)) => Carrier::Memory,
        (Thoughts::Off, None) => Carrier::Ids,
    };
    context.searches = plan.declare_built_ins && declared.searches();
    context.answer_tool = plan.answer_tool.map(|tool| tool.name);
    context.call_ids = conversation.call_ids;
    context.names = declared.tools.names;
    let mut upstream = writer.out.written(client);
    if purpose == Purpose::Answer {
        let complete = options.additions.add(&context.model, &changes, &rules, upstream, client)?;
        dropped.extend(complete.search_dropped.then_some("model"));
        upstream = complete.body;
    }
    context.dropped = each_once(dropped);
    Ok(Translation::Ready(context, upstream))
}

/// What the answer needs to know of the request whatever else is in it.
fn begin(
    body: &MessagesBody<'_>,
    options: &Options<'_>,
) -> Result<(MessagesContext, Changes), DialectError> {
    let (asked, Resolved { model, changes, more_models }) = model(body, options)?;
    // Another model than the client asked for is told by its true name.
    let asked = if options.additions.turn == 0 { asked } else { model.clone() };
    refuse_thread(body)?;
    let choice = body.tool_choice.as_ref();
    let user_id = body.metadata.as_ref().and_then(|metadata| metadata.user_id.as_ref());
    let context = MessagesContext {
        generation: carrier::generation(models::rules(&model).family),
        model,
        more_models,
        asked,
        stream: body.stream == Some(true),
        single_call: choice.is_some_and(|choice| choice.disable_parallel_tool_use == Some(true)),
        user_id: user_id.map(|id| id.decode().into_owned()),
        ..MessagesContext::default()
    };
    Ok((context, changes))
}

fn converse<'a>(
    body: &mut MessagesBody<'a>,
    tools: &Tools<'_>,
    rules: &Rules,
    options: &Options<'a>,
) -> Result<Conversation<'a>, DialectError> {
    let messages = body.messages.take().ok_or_else(|| DialectError::missing("messages"))?.0;
    if messages.is_empty() {
        let message = "Invalid value for 'messages': at least one message is needed.";
        return Err(DialectError::invalid("messages", message));
    }
    let reading = Reading {
        rules,
        names: &tools.names,
        generation: carrier::generation(rules.family),
        recall: options.recall,
        media: options.media,
    };
    history::translate(body.system.take(), messages, &reading)
}

fn each_once(names: Vec<&'static str>) -> Vec<&'static str> {
    let mut once = Vec::with_capacity(names.len());
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

/// The model as the client wrote it, and what is meant by that.
fn model(
    body: &MessagesBody<'_>,
    options: &Options<'_>,
) -> Result<(String, Resolved), DialectError> {
    let asked = body.model.as_ref().ok_or_else(|| DialectError::missing("model"))?.decode();
    let name = models::strip_prefix(options.aliases.resolve(&asked));
    let resolved = options.additions.resolve(name);
    if !models::is_path(&resolved.model) {
        let message = "Invalid value for 'model': expected a model name.";
        return Err(DialectError::invalid("model", message));
    }
    Ok((asked.into_owned(), resolved))
}

/// Conversations that the server holds need a server that holds them.
fn refuse_thread(body: &MessagesBody<'_>) -> Result<(), DialectError> {
    if body.thread.is_none() {
        return Ok(());
    }
    let message = "Unsupported parameter: 'thread'. Send the full conversation without it.";
    let mut mistake = DialectError::unsupported("thread", message);
    mistake.code = Some("thread_unsupported_request");
    Err(mistake)
}

/// Fields that Gemini does not have and that would have changed the answer.
fn without_counterpart(body: &MessagesBody<'_>) -> Vec<&'static str> {
    let fields = [
        (body.container, "container"),
        (body.context_management, "context_management"),
        (body.mcp_servers.filter(|servers| servers.get() != "[]"), "mcp_servers"),
        (body.inference_geo, "inference_geo"),
    ];
    let mut dropped: Vec<_> =
        fields.into_iter().filter(|(field, _)| field.is_some()).map(|(_, name)| name).collect();
    let fast = body.speed.as_ref().is_some_and(|speed| speed.decode() == "fast");
    dropped.extend(fast.then_some("speed"));
    dropped
}

struct Writer<'r> {
    out: Draft<'r>,
    rules: &'r Rules,
}

impl<'r> Writer<'r> {
    /// Writes the members of the request. Says whether a schema of a tool lost something.
    fn write(
        &mut self,
        mut turns: Turns<'r>,
        tools: &Tools<'_>,
        plan: &Plan,
        generation: Option<GenerationConfig>,
    ) -> Result<bool, DialectError> {
        if self.rules.family == Family::Gemma {
            plan.format.instruct(&mut turns.contents);
        }
        self.out.put_slice(br#""contents":"#);
        write_list(&turns.contents, &mut self.out, Content::write);
        if !turns.system.is_empty() {
            self.out.put_slice(br#","systemInstruction":{"parts":"#);
            write_list(&turns.system, &mut self.out, Part::write);
            self.out.put_u8(b'}');
        }
        let lossy = declarations::write(tools, plan, &[], &mut self.out)?;
        if plan.config != ToolConfig::default() {
            self.out.put_slice(br#","toolConfig":"#);
            self.out.push_json(&plan.config);
        }
        if let Some(mut generation) = generation {
            if self.rules.family != Family::Gemma {
                plan.format.clone().configure(&mut generation);
            }
            self.out.put_slice(br#","generationConfig":"#);
            self.out.push_json(&generation);
        }
        Ok(lossy)
    }
}
