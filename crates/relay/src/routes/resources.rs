//! What exists in the project of one key only: files, caches, batches, operations and the rest. Any
//! method passes through, bound to the key that reaches it, for the token that made it.

mod list;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::{Phase, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;
use upstream::Answer;

use super::gemini::target;
use crate::answer::Fault;
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::clock;
use crate::entrance::Size;
use crate::estimate;
use crate::exchange::Exchange;
use crate::lease::Held;
use crate::live;
use crate::lost::Lost;
use crate::outline::Outline;
use crate::request_body;
use crate::resources::name::ResourcePath;
use crate::stream::{self, AsItIs, Heard, Tally};

/// How much of a stream is read to learn what it makes.
const MOST_OF_A_BEGINNING: usize = 256 * 1024;

/// A download may take so long.
pub(super) const LONGEST_TRANSFER: std::time::Duration = std::time::Duration::from_hours(24);

/// A call about a resource.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ResourceCall<'a> {
    /// The path below the host as Google knows it.
    pub(crate) upstream_path: &'a str,
    pub(crate) path: ResourcePath<'a>,
}

/// Answers a call about a resource.
pub(crate) async fn answer(
    mut exchange: Exchange,
    call: &ResourceCall<'_>,
    request: Request<Incoming>,
) -> Response<Body> {
    let path = &call.path;
    exchange.entry.asks(path.family.collection, None, false);
    if let Err(fault) = readable(request.headers()) {
        return exchange.reject(&fault);
    }
    let is_list = path.root.is_none() && path.method.is_none() && *request.method() == Method::GET;
    if is_list && has_own_list(&exchange, path).await {
        return Box::pin(list::answer(exchange, call, request.uri().query().unwrap_or_default()))
            .await;
    }
    if let Err(fault) = exchange.bind_to(path).await {
        return exchange.reject(&fault);
    }
    if makes_store(path, request.method())
        && let Err(fault) = exchange.prefer_last_project().await
    {
        return exchange.reject(&fault);
    }
    let (parts, body) = request.into_parts();
    let server = &exchange.configuration.settings.server;
    let read =
        Box::pin(request_body::read(body, server.max_body_size, server.body_idle_timeout)).await;
    let body = match read {
        Ok(body) => body,
        Err(fault) => return exchange.reject(&fault),
    };
    let asked = Asked::of(path, &parts.method, &body);
    exchange.entry.asks(path.family.collection, asked.model.as_deref(), asked.stream);
    if let Some(model) = asked.model.as_deref() {
        if let Some(fault) = exchange.filtered(model) {
            return exchange.reject(&fault);
        }
        let size = Size::Call(&body);
        if asked.uses_quota
            && let Err(refused) = exchange.enter(model, size).await
        {
            return exchange.refuse(&refused);
        }
    }
    let query = parts.uri.query().unwrap_or_default();
    let target = target(call.upstream_path, query);
    let plan = Plan {
        method: &parts.method,
        path_and_query: &target,
        headers: upstream::forwardable(&parts.headers),
        body: body.into(),
        model: asked.model.as_deref().filter(|_| asked.uses_quota),
        repeatable: matches!(parts.method, Method::GET | Method::HEAD | Method::DELETE),
        kin: None,
        repair: Repair::No,
    };
    if asked.stream || downloads(path, query) {
        return Box::pin(streamed(exchange, path, &plan)).await;
    }
    Box::pin(whole(exchange, path, &plan)).await
}

/// Whether a list is the register's to tell. Of collections that came later it may be one that Google
/// fills itself, as long as no client has made anything there.
async fn has_own_list(exchange: &Exchange, path: &ResourcePath<'_>) -> bool {
    if !path.family.is_new() {
        return true;
    }
    let made = exchange.gateway.resources.list(path.kind, None, None, 1).await;
    made.map_or(true, |made| !made.is_empty())
}

/// Whether files are going to be brought into what is made.
fn makes_store(path: &ResourcePath<'_>, method: &Method) -> bool {
    *method == Method::POST
        && path.family.collection == "fileSearchStores"
        && path.root.is_none()
        && path.method.is_none()
}

/// A body whose names cannot be read must not pass.
pub(super) fn readable(headers: &HeaderMap) -> Result<(), Fault> {
    let refused = |message: &str| {
        Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message))
    };
    if headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return refused("Send the request's body uncompressed: Content-Encoding is not served.");
    }
    let is_binary = |kind: &http::HeaderValue| {
        let kind = kind.as_bytes().to_ascii_lowercase();
        memchr::memmem::find(&kind, b"protobuf").is_some()
    };
    if headers.get(CONTENT_TYPE).is_some_and(is_binary) {
        return refused("Send the request's body as JSON.");
    }
    Ok(())
}

/// What the body of a call says that matters before it is sent.
#[derive(Default)]
struct Asked {
    model: Option<String>,
    stream: bool,
    /// Whether the call counts against the model's quota.
    uses_quota: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    model: Option<String>,
    stream: Option<bool>,
}

impl Asked {
    fn of(path: &ResourcePath<'_>, method: &Method, body: &Bytes) -> Self {
        if *method != Method::POST || path.root.is_some() {
            return Self::default();
        }
        let Named { model, stream } = serde_json::from_slice(body).unwrap_or_default();
        let model = model.map(|model| model.strip_prefix("models/").unwrap_or(&model).to_owned());
        let uses_quota = matches!(path.family.collection, "interactions" | "decisions");
        let streams = uses_quota || path.family.is_new();
        Self { model, stream: stream.unwrap_or_default() && streams, uses_quota }
    }
}

/// Whether what comes may be anything, of any size.
fn downloads(path: &ResourcePath<'_>, query: &str) -> bool {
    path.method == Some("download")
        || query.split('&').any(|pair| matches!(pair, "alt=media" | "$alt=media" | "stream=true"))
        || (path.is_below && matches!(path.family.collection, "environments"))
        || path.root.is_some_and(|root| root.starts_with("fileSearchStores/"))
            && path.is_below
            && path.method.is_none()
            && query.contains("media")
}

async fn whole(mut exchange: Exchange, path: &ResourcePath<'_>, plan: &Plan<'_>) -> Response<Body> {
    let judge = |_: &HeaderMap, body: &Bytes| Ok::<_, Unusable>((body.clone(), usage(body)));
    let (parts, body) = match attempts::whole(&mut exchange, plan, judge).await {
        Ok(answered) => answered,
        Err(lost) => return exchange.lose(lost),
    };
    if let Err(fault) = remember(&mut exchange, path, plan, &body).await {
        return exchange.reject(&fault);
    }
    Response::from_parts(parts, Body::whole(body))
}

/// Writes down what has come of a call that Google has answered well.
async fn remember(
    exchange: &mut Exchange,
    path: &ResourcePath<'_>,
    plan: &Plan<'_>,
    answer: &Bytes,
) -> Result<(), Fault> {
    let method = plan.method;
    if path.family.collection == "auth_tokens" && path.root.is_none() {
        let terms = live::agreed(plan.body.text(), answer, clock::now());
        return exchange.learn(terms.as_ref().unwrap_or(answer), Some(path.kind)).await;
    }
    match path.root {
        // It was answered, and is nowhere.
        _ if path.family.collection == "decisions" => Ok(()),
        Some(root) if *method == Method::DELETE && !path.is_below => {
            exchange.gateway.resources.forget(root).await
        }
        None if *method == Method::GET => Ok(()),
        // Reading what strangers have made does not make it the reader's.
        Some(_) if exchange.tie.is_none() => Ok(()),
        Some(_) if *method == Method::PATCH && !path.is_below => {
            exchange.learn_anew(answer, path.kind).await
        }
        Some(_) if path.is_below && path.family.collection != "interactions" => {
            exchange.learn(answer, None).await
        }
        _ => exchange.learn(answer, Some(path.kind)).await,
    }
}

async fn streamed(
    mut exchange: Exchange,
    path: &ResourcePath<'_>,
    plan: &Plan<'_>,
) -> Response<Body> {
    exchange.deadline = Instant::now() + LONGEST_TRANSFER;
    let (held, mut answer) = match attempts::opened(&mut exchange, plan).await {
        Ok(opened) => opened,
        Err(lost) => return exchange.lose(lost),
    };
    let makes = path.root.is_none() && *plan.method == Method::POST;
    // Who reads an old stream again uses nothing.
    let counts = makes && plan.model.is_some();
    let first = if makes { beginning(&mut answer).await } else { Ok(Bytes::new()) };
    let first = match first {
        Ok(first) => first,
        Err(broken) => return cut(exchange, held, &broken),
    };
    if makes {
        for event in data_of_events(&first) {
            if let Err(fault) = exchange.learn(&event, Some(path.kind)).await {
                return exchange.reject(&fault);
            }
        }
    }
    if counts {
        let limit = exchange.configuration.settings.upstream.max_event_size;
        let prompt = estimate::input_tokens(&plan.body, &Outline::of(plan.body.text()));
        let tally = Tally::new(limit, prompt, heard);
        return stream::pass(exchange, held, answer, first, tally);
    }
    stream::pass(exchange, held, answer, first, AsItIs)
}

fn cut(mut exchange: Exchange, held: Held, broken: &upstream::Broken) -> Response<Body> {
    let (outcome, message) = (broken.outcome(), broken.to_string());
    exchange.entry.attempt_failed(&held, None, &outcome, &message, None);
    held.settle(&outcome);
    let status = match broken.phase {
        Phase::Idle | Phase::FirstByte => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    };
    let fault = Fault::new(status, "upstream_unreachable", message);
    exchange.lose(Lost::Fault(fault, outcome.label()))
}

/// Reads until an event is whole that names something.
async fn beginning(answer: &mut Answer) -> Result<Bytes, upstream::Broken> {
    use http_body_util::BodyExt as _;

    let mut read = bytes::BytesMut::new();
    while read.len() < MOST_OF_A_BEGINNING {
        let Some(frame) = answer.body.frame().await else { break };
        if let Ok(data) = frame?.into_data() {
            read.extend_from_slice(&data);
        }
        let names = |event: &Bytes| memchr::memmem::find(event, b"\"id\"").is_some();
        if data_of_events(&read).iter().any(names) {
            break;
        }
    }
    Ok(read.freeze())
}

/// The data of the events that are whole, or everything that is no event.
fn data_of_events(read: &[u8]) -> Vec<Bytes> {
    let mut decoder = sse::Decoder::new(MOST_OF_A_BEGINNING);
    decoder.push(Bytes::copy_from_slice(read));
    let mut events = Vec::new();
    while let Some(Ok(event)) = decoder.next_event() {
        if !event.data.is_empty() {
            events.push(event.data);
        }
    }
    if events.is_empty() && read.starts_with(b"{") {
        events.push(Bytes::copy_from_slice(read));
    }
    events
}

/// What an event of an interaction's stream says of tokens.
fn heard(data: &[u8]) -> Heard {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Event<'a> {
        #[serde(borrow)]
        interaction: Option<&'a RawValue>,
        delta: Option<Delta>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Delta {
        text: Option<String>,
    }
    let Event { interaction, delta } = serde_json::from_slice(data).unwrap_or_default();
    let usage = interaction.map(|told| usage(told.get().as_bytes()));
    let usage = usage.filter(|usage| *usage != Usage::default());
    Heard { usage, written: delta.and_then(|delta| delta.text).map_or(0, |text| text.len()) }
}

/// What an interaction has used.
fn usage(body: &[u8]) -> Usage {
    let of = used(body);
    Usage {
        prompt: of("total_input_tokens"),
        completion: of("total_output_tokens"),
        thoughts: of("total_thought_tokens"),
        cached: of("total_cached_tokens"),
        tool_prompt: of("total_tool_use_tokens"),
        total: of("total_tokens"),
    }
}

/// The numbers of an answer's `usage`, by name.
pub(super) fn used(body: &[u8]) -> impl Fn(&str) -> u64 + use<> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Answered {
        usage: serde_json::Map<String, serde_json::Value>,
    }
    let Answered { usage } = serde_json::from_slice(body).unwrap_or_default();
    move |field| usage.get(field).and_then(serde_json::Value::as_u64).unwrap_or(0)
}
