//! One request and the head of its answer.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use crate::connect::Wire;
use crate::target::Target;
use crate::{Limits, Reason};

/// The largest head of an answer, in bytes.
const LARGEST_HEAD: usize = 32 * 1024;

/// What a server answered.
pub(crate) enum Reply {
    File(Incoming, Driver),
    /// Elsewhere, by this location.
    Moved(String),
}

/// Drives a connection until it is dropped.
pub(crate) struct Driver(
    #[expect(dead_code, reason = "held only to be dropped")] AbortOnDropHandle<()>,
);

/// Asks for the target over a connection of its own.
pub(crate) async fn exchange(
    wire: Box<dyn Wire>,
    target: &Target,
    limits: &Limits,
) -> Result<Reply, Reason> {
    timeout(limits.idle, ask(wire, target)).await.unwrap_or(Err(Reason::TooSlow))
}

async fn ask(wire: Box<dyn Wire>, target: &Target) -> Result<Reply, Reason> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(LARGEST_HEAD)
        .handshake(TokioIo::new(wire))
        .await
        .map_err(|_| Reason::Broken)?;
    let driver = Driver(AbortOnDropHandle::new(tokio::spawn(async move {
        // The reader of the body hears of errors, too.
        let _ = connection.await;
    })));
    let answer = sender.send_request(request(target)).await.map_err(|_| Reason::Broken)?;
    let (head, body) = answer.into_parts();
    match head.status {
        StatusCode::OK if is_encoded(&head.headers) => Err(Reason::Encoded),
        StatusCode::OK => Ok(Reply::File(body, driver)),
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => location(&head.headers).map(Reply::Moved),
        status => Err(Reason::Status(status.as_u16())),
    }
}

fn request(target: &Target) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = target.path.clone();
    let headers = request.headers_mut();
    headers.insert(header::HOST, target.authority.clone());
    for (name, value) in [
        (header::USER_AGENT, "gemini-balance"),
        (header::ACCEPT, "image/*, audio/*, video/*, application/pdf"),
        (header::ACCEPT_ENCODING, "identity"),
        (header::CONNECTION, "close"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    request
}

fn is_encoded(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn location(headers: &HeaderMap) -> Result<String, Reason> {
    let location = headers.get(header::LOCATION).ok_or(Reason::Redirect)?;
    String::from_utf8(location.as_bytes().to_vec()).map_err(|_| Reason::Redirect)
}
