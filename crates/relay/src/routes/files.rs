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
use upstream::Payload;

use self::object::{google_name, openai_id, to_openai};
use super::resources::LONGEST_TRANSFER;
use super::uploads::{self, Form};
use crate::answer::{self, Fault};
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::bound::not_found;
use crate::exchange::Exchange;
use crate::resources::name::ResourcePath;
use crate::stream;

const KIND: &str = "files";

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
    let name = google_name(id);
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
            content(exchange, &target).await
        }
        (&Method::GET, Wanted::File) => {
            let target = format!("/{version}/{name}");
            match ask(&mut exchange, &Method::GET, &target).await {
                Ok(file) => told(exchange, file).await,
                Err(instead) => *instead,
            }
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
async fn told(mut exchange: Exchange, file: Bytes) -> Response<Body> {
    if let Err(fault) = exchange.learn(&file, Some(KIND)).await {
        return exchange.reject(&fault);
    }
    match to_openai(&file, None) {
        Some(file) => served(&mut exchange, &file),
        None => exchange.reject(&malformed()),
    }
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
    let plan = plan(method, target);
    let judge = |_: &HeaderMap, body: &Bytes| Ok::<_, Unusable>((body.clone(), Usage::default()));
    match attempts::whole(exchange, &plan, judge).await {
        Ok((_, body)) => Ok(body),
        Err(lost) => Err(Box::new(exchange.lose(lost))),
    }
}

fn plan<'p>(method: &'p Method, target: &'p str) -> Plan<'p> {
    Plan {
        method,
        path_and_query: target,
        headers: HeaderMap::new(),
        body: Payload::default(),
        model: None,
        repeatable: true,
        kin: None,
        repair: Repair::No,
    }
}

/// The bytes of a file that Google has made. It hands out none that was uploaded.
async fn content(mut exchange: Exchange, target: &str) -> Response<Body> {
    exchange.deadline = Instant::now() + LONGEST_TRANSFER;
    match attempts::opened(&mut exchange, &plan(&Method::GET, target)).await {
        Ok((held, mut answer)) => {
            let kept = [CONTENT_TYPE, CONTENT_LENGTH];
            let mut headers = HeaderMap::new();
            for name in kept {
                headers.extend(answer.headers.remove(&name).map(|value| (name, value)));
            }
            answer.headers = headers;
            stream::pass(exchange, held, answer, Bytes::new())
        }
        Err(lost) => exchange.lose(lost),
    }
}

/// Uploads the file of a form.
async fn make(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.deadline = Instant::now() + LONGEST_TRANSFER;
    let (parts, body) = request.into_parts();
    if let Err(fault) = exchange.prefer_last_file().await {
        return exchange.reject(&fault);
    }
    let form = match Form::read(&exchange, &parts.headers, body).await {
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
    match uploads::upload_form(&mut exchange, &path, metadata.into(), form).await {
        Ok(answered) => match to_openai(&answered, Some(&purpose)) {
            Some(file) => served(&mut exchange, &file),
            None => exchange.reject(&malformed()),
        },
        Err(instead) => *instead,
    }
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
    let data: Vec<Value> =
        found.iter().filter_map(|one| to_openai(one.body.as_bytes(), None)).collect();
    let id = |file: Option<&Value>| file.map_or(Value::Null, |file| file["id"].clone());
    let (first, last) = (id(data.first()), id(data.last()));
    Ok(
        json!({"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": has_more}),
    )
}
