//! Uploads in one request. Their bytes can be read once, so they are begun like any other first: a
//! key that turns out to be dead or spent costs the client nothing.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body::Body as HttpBody;
use hyper::body::Incoming;
use upstream::{Outflow, SourceFailed};

use super::begin::{start, start_headers};
use super::incoming::{Failed, guarded};
use super::related::Related;
use super::{UploadCall, header, plan, session, target};
use crate::answer::Fault;
use crate::attempts;
use crate::body::Body;
use crate::exchange::Exchange;

/// The bytes of a file, and how many they are if that was announced.
struct Bytewise<B> {
    body: B,
    failed: Failed,
    length: Option<u64>,
    mime: Option<HeaderValue>,
    metadata: Bytes,
}

/// The bytes alone.
pub(super) async fn raw(
    exchange: Exchange,
    call: &UploadCall<'_>,
    request: Request<Incoming>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let (body, length) = guarded(&exchange, body);
    let file = Bytewise {
        failed: body.failed(),
        body,
        length,
        mime: parts.headers.get(CONTENT_TYPE).cloned(),
        metadata: Bytes::from_static(b"{}"),
    };
    let query = parts.uri.query().unwrap_or_default();
    Box::pin(upload(exchange, call, query, &parts.headers, file)).await
}

/// A description, then the bytes: `multipart/related`.
pub(super) async fn related(
    mut exchange: Exchange,
    call: &UploadCall<'_>,
    request: Request<Incoming>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let (body, _) = guarded(&exchange, body);
    let failed = body.failed();
    let media_type = header(&parts.headers, CONTENT_TYPE.as_str());
    let read = async {
        let mut related = Related::new(body, media_type, failed.clone())?;
        related.next_part().await?;
        let metadata = related.text().await?;
        let mime = related.next_part().await?.mime;
        Ok::<_, Fault>((related, metadata, mime))
    };
    let (body, metadata, mime) = match read.await {
        Ok(read) => read,
        Err(fault) => return exchange.reject(&failed.take().unwrap_or(fault)),
    };
    let file = Bytewise { body, failed, length: None, mime, metadata };
    let query = parts.uri.query().unwrap_or_default();
    Box::pin(upload(exchange, call, query, &parts.headers, file)).await
}

async fn upload<B>(
    mut exchange: Exchange,
    call: &UploadCall<'_>,
    query: &str,
    asked: &HeaderMap,
    file: Bytewise<B>,
) -> Response<Body>
where
    B: HttpBody<Data = Bytes, Error = SourceFailed> + Send + 'static,
{
    let Bytewise { body, failed, length, mime, metadata } = file;
    let mut headers = start_headers(mime.as_ref(), length);
    if let Some(name) = asked.get("x-goog-upload-file-name") {
        headers.insert("x-goog-upload-file-name", name.clone());
    }
    let is_protocol =
        |pair: &&str| !pair.starts_with("uploadType=") && !pair.starts_with("upload_protocol=");
    let query = query.split('&').filter(is_protocol).collect::<Vec<_>>().join("&");
    let begun = start(&mut exchange, call.upstream_path, &query, &headers, metadata).await;
    let (target, _) = match begun {
        Ok(begun) => begun,
        Err(instead) => return *instead,
    };
    let mut headers = HeaderMap::new();
    headers.insert("x-goog-upload-command", HeaderValue::from_static("upload, finalize"));
    headers.insert("x-goog-upload-offset", HeaderValue::from_static("0"));
    let plan = plan(&Method::POST, &target, headers, Bytes::new(), false);
    let sent = attempts::once(&mut exchange, &plan, Outflow::new(body, length)).await;
    finish(exchange, sent, &failed).await
}

/// The bytes, put where they belong, with nothing to begin before.
pub(super) async fn put(
    mut exchange: Exchange,
    call: &UploadCall<'_>,
    request: Request<Incoming>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = target(call.upstream_path, parts.uri.query().unwrap_or_default());
    let (body, length) = guarded(&exchange, body);
    let failed = body.failed();
    let headers = upstream::forwardable(&parts.headers);
    let plan = plan(&parts.method, &target, headers, Bytes::new(), false);
    let sent = attempts::once(&mut exchange, &plan, Outflow::new(body, length)).await;
    finish(exchange, sent, &failed).await
}

async fn finish(
    mut exchange: Exchange,
    sent: Result<(http::response::Parts, Bytes), crate::lost::Lost>,
    failed: &Failed,
) -> Response<Body> {
    match sent {
        Ok((mut answered, body)) => {
            if let Err(fault) = exchange.learn(&body, None).await {
                return exchange.reject(&fault);
            }
            session::without_addresses(&mut answered.headers);
            answered.headers.remove("x-goog-upload-status");
            Response::from_parts(answered, Body::whole(body))
        }
        Err(lost) => match failed.take() {
            Some(fault) => exchange.reject(&fault),
            None => exchange.lose(lost),
        },
    }
}
