//! OpenAI's `/v1/files`, kept as files of the Gemini API: made by the same uploads, bound by the same
//! register. `files/abc` at Google is `file-abc` here, and prompts may name it either way.

mod object;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::Usage;
use serde_json::{Value, json};
use store::ResourcePlace;
use tokio::time::Instant;
use upstream::Outflow;

use self::object::{Own, to_openai};
pub(super) use self::object::{google_name, openai_id};
use super::batches::{self, Part, Telling};
use super::resources::LONGEST_TRANSFER;
use super::uploads::{self, Form};
use crate::answer::{self, Fault};
use crate::attempts::{self, Plan, Unusable};
use crate::body::Body;
use crate::bound::not_found;
use crate::exchange::Exchange;
use crate::resources::name::ResourcePath;
use crate::stream;

const KIND: &str = "files";

/// What Google calls a file of lines.
const LINES: &str = "application/jsonl";

/// What is asked of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The file's description, or its end.
    File,
    /// Its bytes.
    Content,
}

/// Answers `/v1/files`.
pub(crate) async fn all(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks(KIND, None, false);
    match *request.method() {
        Method::GET => match list(&exchange, request.uri().query().unwrap_or_default()).await {
            Ok(list) => served(&mut exchange, &list),
            Err(fault) => exchange.reject(&fault),
        },
        Method::POST => Box::pin(make(exchange, request)).await,
        _ => answer::method_not_allowed(exchange.dialect, "GET, POST"),
    }
}

/// Answers `/v1/files/{id}` and its content.
pub(crate) async fn one(
    mut exchange: Exchange,
    request: &Request<Incoming>,
    id: &str,
    wanted: Wanted,
) -> Response<Body> {
    exchange.entry.asks(KIND, None, false);
    let (part, google_id) = Part::of(id);
    let name = google_name(google_id);
    let path = name.as_deref().and_then(ResourcePath::parse);
    let Some(path) = path.filter(|path| path.root.is_some() && !path.is_below) else {
        return exchange.reject(&not_found(id));
    };
    if let Err(fault) = exchange.bind_to(&path).await {
        let fault = if fault.status == StatusCode::NOT_FOUND { not_found(id) } else { fault };
        return exchange.reject(&fault);
    }
    let version = exchange.configuration.settings.upstream.default_version.clone();
    let name = name.as_deref().unwrap_or_default();
    match (request.method(), wanted) {
        (&Method::GET, Wanted::Content) => {
            let target = format!("/{version}/{name}:download?alt=media");
            match telling(&exchange, name, part).await {
                Ok(telling) => content(exchange, &target, telling).await,
                Err(fault) => exchange.reject(&fault),
            }
        }
        (&Method::GET, Wanted::File) => {
            let own = match own(&exchange, name, part).await {
                Ok(own) => own,
                Err(fault) => return exchange.reject(&fault),
            };
            let target = format!("/{version}/{name}");
            match ask(&mut exchange, &Method::GET, &target).await {
                Ok(file) => told(exchange, file, &own).await,
                Err(instead) => *instead,
            }
        }
        (&Method::DELETE, Wanted::File) if part == Part::Errors => {
            let message = format!("The error file goes with its output file: delete {google_id}.");
            let code = "error_file_of_output";
            exchange.reject(&Fault::new(StatusCode::BAD_REQUEST, code, message))
        }
        (&Method::DELETE, Wanted::File) => {
            let target = format!("/{version}/{name}");
            if let Err(instead) = ask(&mut exchange, &Method::DELETE, &target).await {
                return *instead;
            }
            if let Err(fault) = exchange.gateway.resources.forget(name).await {
                return exchange.reject(&fault);
            }
            let deleted = json!({"id": openai_id(name), "object": "file", "deleted": true});
            served(&mut exchange, &deleted)
        }
        (_, Wanted::File) => answer::method_not_allowed(exchange.dialect, "GET, DELETE"),
        (_, Wanted::Content) => answer::method_not_allowed(exchange.dialect, "GET"),
    }
}

fn served(exchange: &mut Exchange, body: &Value) -> Response<Body> {
    exchange.entry.ends(StatusCode::OK, "served");
    answer::json(StatusCode::OK, body.to_string())
}

/// The file that Google tells of, in OpenAI's words.
async fn told(mut exchange: Exchange, file: Bytes, own: &Own) -> Response<Body> {
    if let Err(fault) = exchange.learn(&file, Some(KIND)).await {
        return exchange.reject(&fault);
    }
    match to_openai(&file, own) {
        Some(file) => served(&mut exchange, &file),
        None => exchange.reject(&malformed()),
    }
}

/// What only the gateway knows of a file.
async fn own(exchange: &Exchange, name: &str, part: Part) -> Result<Own, Fault> {
    let resources = &exchange.gateway.resources;
    let id = batches::id_of(name);
    let purpose = |purpose: &str| Some(purpose.to_owned());
    if part == Part::Answers
        && let Some(kept) = batches::find::<batches::Input>(resources, id).await?
    {
        let bytes = Some(kept.what.bytes);
        return Ok(Own { purpose: purpose("batch"), bytes, ..Own::default() });
    }
    let output = batches::find::<batches::Output>(resources, id).await?;
    match (output, part) {
        (Some(_), _) => {
            Ok(Own { purpose: purpose("batch_output"), part: part.ending(), ..Own::default() })
        }
        (None, Part::Errors) => Err(not_found(&format!("{}{}", openai_id(name), part.ending()))),
        (None, Part::Answers) => Ok(Own::default()),
    }
}

/// How the file's bytes are told, if they are the answers of a batch.
async fn telling(exchange: &Exchange, name: &str, part: Part) -> Result<Option<Telling>, Fault> {
    let resources = &exchange.gateway.resources;
    let output = batches::find::<batches::Output>(resources, batches::id_of(name)).await?;
    let Some(output) = output else {
        let none = not_found(&format!("{}{}", openai_id(name), part.ending()));
        return if part == Part::Errors { Err(none) } else { Ok(None) };
    };
    let batch = batches::find::<batches::Record>(resources, &output.what.batch).await?;
    let most = exchange.configuration.settings.upstream.max_event_size;
    Ok(batch.map(|batch| Telling::new(&batch.what, part, most)))
}

fn malformed() -> Fault {
    let message = "Google's answer describes no file.";
    Fault::new(StatusCode::BAD_GATEWAY, "upstream_malformed_response", message)
}

async fn ask(
    exchange: &mut Exchange,
    method: &Method,
    target: &str,
) -> Result<Bytes, Box<Response<Body>>> {
    let plan = Plan::without_body(method, target);
    let judge = |_: &HeaderMap, body: &Bytes| Ok::<_, Unusable>((body.clone(), Usage::default()));
    match attempts::whole(exchange, &plan, judge).await {
        Ok((_, body)) => Ok(body),
        Err(lost) => Err(Box::new(exchange.lose(lost))),
    }
}

/// The bytes of a file that Google has made. It hands out none that was uploaded.
async fn content(mut exchange: Exchange, target: &str, telling: Option<Telling>) -> Response<Body> {
    exchange.deadline = Instant::now() + LONGEST_TRANSFER;
    match attempts::opened(&mut exchange, &Plan::without_body(&Method::GET, target)).await {
        Ok((held, mut answer)) => {
            let kept = [CONTENT_TYPE, CONTENT_LENGTH];
            let mut headers = HeaderMap::new();
            for name in kept {
                headers.extend(answer.headers.remove(&name).map(|value| (name, value)));
            }
            answer.headers = headers;
            let first = Bytes::new();
            match telling {
                Some(telling) => stream::pass(exchange, held, answer, first, telling),
                None => stream::pass(exchange, held, answer, first, stream::AsItIs),
            }
        }
        Err(lost) => exchange.lose(lost),
    }
}

/// Uploads the file of a form.
async fn make(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.deadline = Instant::now() + LONGEST_TRANSFER;
    let (parts, body) = request.into_parts();
    if let Err(fault) = exchange.prefer_last_project().await {
        return exchange.reject(&fault);
    }
    let mut form = match Form::read(&exchange, &parts.headers, body).await {
        Ok(form) => form,
        Err(fault) => return exchange.reject(&fault),
    };
    let Some(purpose) = form.field("purpose").map(str::to_owned) else {
        return exchange.reject(&missing("purpose", "send it before the file"));
    };
    let name = form.file_name().unwrap_or("file").to_owned();
    let metadata = json!({"file": {"displayName": name}}).to_string();
    let version = exchange.configuration.settings.upstream.default_version.clone();
    let path = format!("/upload/{version}/files");
    let lines = (purpose == "batch").then(batches::Reading::default);
    let flow = |exchange: &Exchange, content| match &lines {
        Some(lines) => lines.flow(exchange, content),
        None => Outflow::new(content, None),
    };
    if lines.is_some() {
        form.is(LINES);
    }
    let answered = uploads::upload_form(&mut exchange, &path, metadata.into(), form, flow).await;
    let answered = match answered {
        Ok(answered) => answered,
        Err(instead) => return *instead,
    };
    let bytes = lines.as_ref().map(batches::Reading::bytes);
    let own = Own { purpose: Some(purpose), bytes, ..Own::default() };
    let Some(file) = to_openai(&answered, &own) else { return exchange.reject(&malformed()) };
    if let (Some(lines), Some(name)) = (lines, file["id"].as_str().and_then(google_name))
        && let Err(fault) = batches::keep_input(&exchange, batches::id_of(&name), &lines).await
    {
        return exchange.reject(&fault);
    }
    served(&mut exchange, &file)
}

fn missing(field: &'static str, how: &str) -> Fault {
    let message = format!("Missing required parameter: '{field}'; {how}.");
    let fault = Fault::new(StatusCode::BAD_REQUEST, "missing_required_parameter", message);
    Fault { param: Some(field.to_owned()), ..fault }
}

/// The client's own files, the newest first.
async fn list(exchange: &Exchange, query: &str) -> Result<Value, Fault> {
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let limit = match value("limit") {
        None => 1000,
        Some(text) => text
            .parse::<u64>()
            .ok()
            .filter(|limit| (1..=10_000).contains(limit))
            .ok_or_else(|| {
                let message = "Invalid value for 'limit': a number from 1 to 10000 is expected.";
                let fault = Fault::new(StatusCode::BAD_REQUEST, "invalid_value", message);
                Fault { param: Some("limit".to_owned()), ..fault }
            })?,
    };
    let resources = &exchange.gateway.resources;
    let behind = match value("after") {
        None => None,
        Some(id) => {
            let name = google_name(id).unwrap_or_default();
            exchange.own(&name).await?;
            let place = |one: store::Resource| {
                let (created_at, name) = (one.created_at, one.name);
                ResourcePlace { created_at, name }
            };
            Some(resources.fetch(&name).await?.map(place).ok_or_else(|| not_found(id))?)
        }
    };
    let owner = exchange.entry.token_id();
    let owner = exchange.files_are_isolated().then_some(&*owner);
    let mut found = resources.list(KIND, owner, behind, limit + 1).await?;
    let has_more = found.len() as u64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut data = Vec::new();
    for one in &found {
        // Files of batches are lines, or only their names are known.
        let is_of_batch = one.mime.as_deref().is_none_or(|mime| mime == LINES);
        let own = if is_of_batch {
            own(exchange, &one.name, Part::Answers).await?
        } else {
            Own::default()
        };
        data.extend(to_openai(one.body.as_bytes(), &own));
    }
    let id = |file: Option<&Value>| file.map_or(Value::Null, |file| file["id"].clone());
    let (first, last) = (id(data.first()), id(data.last()));
    Ok(
        json!({"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": has_more}),
    )
}
