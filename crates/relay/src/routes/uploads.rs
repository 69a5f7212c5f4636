//! Uploads: begun with a credential, gone on with by the address of the upload alone, streamed through
//! whatever their size. Nothing of a file stays here.

mod begin;
mod copy;
mod form;
mod incoming;
mod related;
mod session;
mod whole;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response};
use hyper::body::Incoming;
use tokio::time::Instant;
use upstream::Outflow;

pub(crate) use self::copy::upload_copy;
pub(crate) use self::form::{Content, Form, upload_form};
use self::incoming::{Guarded, guarded};
pub(crate) use self::session::{Session, is_named, unknown};
use super::gemini::target;
use super::resources::{LONGEST_TRANSFER, readable};
use crate::answer::Fault;
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::exchange::Exchange;
use crate::request_body;
use crate::resources::name::ResourcePath;

/// Largest description of an upload.
const MOST_METADATA: usize = 1 << 20;

/// A call below `/upload`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UploadCall<'a> {
    /// The path below the host as Google knows it.
    pub(crate) upstream_path: &'a str,
    /// What is uploaded to.
    pub(crate) path: ResourcePath<'a>,
}

/// How a client wants to upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    /// It asks for an address first.
    Resumable,
    /// All at once, the bytes alone.
    Raw,
    /// All at once, a description first.
    Multipart,
}

/// Answers the beginning of an upload, or a whole one.
pub(crate) async fn answer(
    mut exchange: Exchange,
    call: &UploadCall<'_>,
    request: Request<Incoming>,
) -> Response<Body> {
    exchange.entry.asks("upload", None, false);
    exchange.deadline = Instant::now() + LONGEST_TRANSFER;
    let prepared = async {
        readable(request.headers())?;
        exchange.bind_to(&call.path).await?;
        exchange.prefer_last_project().await
    };
    if let Err(fault) = prepared.await {
        return exchange.reject(&fault);
    }
    let protocol = match protocol(&request) {
        Some(protocol) => protocol,
        None if *request.method() == Method::PUT => Protocol::Raw,
        None => return exchange.reject(&no_protocol()),
    };
    match protocol {
        Protocol::Resumable => Box::pin(begin::answer(exchange, call, request)).await,
        Protocol::Raw if *request.method() == Method::PUT => {
            Box::pin(whole::put(exchange, call, request)).await
        }
        Protocol::Raw => Box::pin(whole::raw(exchange, call, request)).await,
        Protocol::Multipart => Box::pin(whole::related(exchange, call, request)).await,
    }
}

fn protocol(request: &Request<Incoming>) -> Option<Protocol> {
    let query = request.uri().query().unwrap_or_default();
    let named = query.split('&').filter_map(|pair| pair.split_once('='));
    let named = named.filter(|(name, _)| matches!(*name, "uploadType" | "upload_protocol"));
    let header = request.headers().get("x-goog-upload-protocol");
    let header = header.and_then(|value| value.to_str().ok());
    let protocol = header.or_else(|| named.map(|(_, value)| value).next_back());
    match protocol.map(str::to_ascii_lowercase).as_deref() {
        Some("resumable") => Some(Protocol::Resumable),
        Some("raw" | "media") => Some(Protocol::Raw),
        Some("multipart") => Some(Protocol::Multipart),
        _ => None,
    }
}

/// Answers what follows the beginning of an upload: pieces, questions, its end.
pub(crate) async fn go_on(
    mut exchange: Exchange,
    session: Session,
    request: Request<Incoming>,
) -> Response<Body> {
    exchange.entry.asks("upload", None, false);
    exchange.deadline = Instant::now() + LONGEST_TRANSFER;
    if let Err(fault) = exchange.tie(session.name(), session.known()) {
        return exchange.reject(&fault);
    }
    let (parts, body) = request.into_parts();
    let command = header(&parts.headers, "x-goog-upload-command").to_ascii_lowercase();
    let brings_bytes = command.contains("upload");
    let sent = if brings_bytes {
        let (guarded, length) = guarded(&exchange, body);
        stream(&mut exchange, session.target(), &parts.method, &parts.headers, guarded, length)
            .await
    } else {
        ask(&mut exchange, session.target(), &parts, body).await
    };
    match sent {
        Ok((answered, body)) => session::answered(exchange, &session, answered, body).await,
        Err(instead) => *instead,
    }
}

/// Sends a body as it comes; what the client is answered instead, if Google does not take it.
async fn stream(
    exchange: &mut Exchange,
    target: &str,
    method: &Method,
    headers: &HeaderMap,
    body: Guarded,
    length: Option<u64>,
) -> Result<(http::response::Parts, Bytes), Box<Response<Body>>> {
    let plan = plan(method, target, upstream::forwardable(headers), Bytes::new(), false);
    let failed = body.failed();
    let sent = attempts::once(exchange, &plan, Outflow::new(body, length)).await;
    sent.map_err(|lost| match failed.take() {
        Some(fault) => Box::new(exchange.reject(&fault)),
        None => Box::new(exchange.lose(lost)),
    })
}

/// Sends what brings no bytes of the file.
async fn ask(
    exchange: &mut Exchange,
    target: &str,
    parts: &Parts,
    body: Incoming,
) -> Result<(http::response::Parts, Bytes), Box<Response<Body>>> {
    let idle = exchange.configuration.settings.server.body_idle_timeout;
    let body = match request_body::read(body, MOST_METADATA, idle).await {
        Ok(body) => body,
        Err(fault) => return Err(Box::new(exchange.reject(&fault))),
    };
    let plan = plan(&parts.method, target, upstream::forwardable(&parts.headers), body, true);
    let judge =
        |_: &HeaderMap, body: &Bytes| Ok::<_, Unusable>((body.clone(), keypool::Usage::default()));
    let sent = attempts::whole(exchange, &plan, judge).await;
    sent.map_err(|lost| Box::new(exchange.lose(lost)))
}

fn plan<'p>(
    method: &'p Method,
    target: &'p str,
    headers: HeaderMap,
    body: Bytes,
    repeatable: bool,
) -> Plan<'p> {
    Plan {
        method,
        path_and_query: target,
        headers,
        body: body.into(),
        model: None,
        repeatable,
        kin: None,
        repair: Repair::No,
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn no_protocol() -> Fault {
    let message = "Say how to upload: X-Goog-Upload-Protocol (or uploadType) must be resumable, \
                   multipart or raw (media).";
    Fault::new(http::StatusCode::BAD_REQUEST, "no_upload_protocol", message)
}
