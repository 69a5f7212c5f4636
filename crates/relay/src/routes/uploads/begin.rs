//! The beginning of a resumable upload. Google makes nothing yet, so any key may answer; from here on
//! it is this one.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde::Deserialize;

use super::{MOST_METADATA, UploadCall, header, plan, session, target};
use crate::answer::Fault;
use crate::attempts::{self, Unusable};
use crate::body::Body;
use crate::bound::not_found;
use crate::exchange::Exchange;
use crate::request_body;
use crate::resources::name::kind_of_root;

pub(super) async fn answer(
    mut exchange: Exchange,
    call: &UploadCall<'_>,
    request: Request<Incoming>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let command = header(&parts.headers, "x-goog-upload-command");
    if !command.eq_ignore_ascii_case("start") {
        return exchange.reject(&not_a_start(command));
    }
    let idle = exchange.configuration.settings.server.body_idle_timeout;
    let metadata = match request_body::read(body, MOST_METADATA, idle).await {
        Ok(metadata) => metadata,
        Err(fault) => return exchange.reject(&fault),
    };
    let query = parts.uri.query().unwrap_or_default();
    let begun = start(&mut exchange, call.upstream_path, query, &parts.headers, metadata).await;
    let (target, mut answered) = match begun {
        Ok(begun) => begun,
        Err(instead) => return *instead,
    };
    match session::begun(&exchange, target, call.upstream_path, &parts.headers).await {
        Ok(url) => {
            session::without_addresses(&mut answered.headers);
            answered.headers.insert(session::URL, url);
            answered.headers.remove(http::header::CONTENT_TYPE);
            Response::from_parts(answered, Body::whole(Bytes::new()))
        }
        Err(fault) => exchange.reject(&fault),
    }
}

/// Begins an upload at Google: where to go on with it, and the answer. The exchange is bound to the
/// key that has begun it.
pub(super) async fn start(
    exchange: &mut Exchange,
    path: &str,
    query: &str,
    headers: &HeaderMap,
    metadata: Bytes,
) -> Result<(String, http::response::Parts), Box<Response<Body>>> {
    if let Err(fault) = is_free(exchange, &metadata).await {
        return Err(Box::new(exchange.reject(&fault)));
    }
    let target = target(path, query);
    let plan = plan(&Method::POST, &target, upstream::forwardable(headers), metadata, true);
    let judge = |_: &HeaderMap, _: &Bytes| Ok::<_, Unusable>(((), keypool::Usage::default()));
    let begun = attempts::whole(exchange, &plan, judge).await;
    let (answered, ()) = begun.map_err(|lost| Box::new(exchange.lose(lost)))?;
    let target = session::google_target(exchange, &answered.headers);
    let target = target.map_err(|fault| Box::new(exchange.reject(&fault)))?;
    if exchange.tie.is_none() {
        exchange.bind_to_answering_key("the upload");
    }
    Ok((target, answered))
}

/// The headers that begin an upload, of a client that did not mean to begin one.
pub(super) fn start_headers(mime: Option<&HeaderValue>, length: Option<u64>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let json = HeaderValue::from_static("application/json");
    headers.insert(http::header::CONTENT_TYPE, json);
    headers.insert("x-goog-upload-protocol", HeaderValue::from_static("resumable"));
    headers.insert("x-goog-upload-command", HeaderValue::from_static("start"));
    if let Some(mime) = mime {
        headers.insert("x-goog-upload-header-content-type", mime.clone());
    }
    if let Some(length) = length {
        headers.insert("x-goog-upload-header-content-length", HeaderValue::from(length));
    }
    headers
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Described {
    file: Named,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
}

/// A client may choose the name of a file. In another project Google would not know that it is taken.
async fn is_free(exchange: &mut Exchange, metadata: &Bytes) -> Result<(), Fault> {
    let Described { file: Named { name } } = serde_json::from_slice(metadata).unwrap_or_default();
    let name = if name.contains('/') || name.is_empty() { name } else { format!("files/{name}") };
    if kind_of_root(&name).is_none() {
        return Ok(());
    }
    match exchange.own(&name).await {
        // Google says that it exists, for it is the same project.
        Ok(Some(known)) => exchange.tie(&name, known),
        Err(fault) if fault == not_found(&name) => {
            let message = format!("The file {name} already exists.");
            Err(Fault::new(StatusCode::CONFLICT, "already_exists", message))
        }
        other => other.map(drop),
    }
}

fn not_a_start(command: &str) -> Fault {
    let message = format!(
        "X-Goog-Upload-Command is `{command}`; an upload begins with `start`, and goes on at the \
         address that the answer gives."
    );
    Fault::new(StatusCode::BAD_REQUEST, "invalid_upload_command", message)
}
