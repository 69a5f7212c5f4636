//! What is refused before anybody asks who it is from.

use http::header::HOST;
use http::{Method, Request, StatusCode, Version};
use hyper::body::Incoming;

use crate::answer::Fault;

const MAX_HEADER_BYTES: usize = 64 * 1024;

/// What hyper lets through although two readers of it could disagree about its meaning.
pub(super) fn is_strict(request: &Request<Incoming>) -> Result<(), Fault> {
    let bad = |code, message: &str| Err(Fault::new(StatusCode::BAD_REQUEST, code, message));
    let headers = request.headers();
    // hyper's own limit is as coarse as its reads.
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > MAX_HEADER_BYTES {
        return Err(Fault::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers_too_large",
            "The request's headers are larger than 64 KiB.",
        ));
    }
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), None) => {}
        (None, _) if request.version() < Version::HTTP_11 => {}
        _ => return bad("invalid_host", "The request must carry exactly one Host header."),
    }
    let mut encodings = headers.get_all(http::header::TRANSFER_ENCODING).iter();
    if let Some(encoding) = encodings.next() {
        let chunked = encoding.as_bytes().eq_ignore_ascii_case(b"chunked");
        if !chunked || encodings.next().is_some() {
            return bad("invalid_transfer_encoding", "Transfer-Encoding must be `chunked`.");
        }
    }
    if headers.get_all(http::header::AUTHORIZATION).iter().count() > 1 {
        return bad("invalid_authorization", "Send one Authorization header.");
    }
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        return Err(Fault::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This method is not served.",
        ));
    }
    Ok(())
}
