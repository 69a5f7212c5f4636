//! `GET /images/{name}`: pictures that answers named by their address. The name is the credential.

use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use store::KeptPicture;

use crate::answer::{self, Fault};
use crate::body::Body;
use crate::clock;
use crate::gateway::Gateway;
use crate::route::Dialect;

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// No name is longer.
const MAX_NAME: usize = 256;

/// What is shown as a picture; anything else is only handed over.
const SHOWN: [&str; 5] = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"];

/// Answers a request for a picture.
pub(crate) async fn answer(
    gateway: &Gateway,
    name: &str,
    request: &Request<Incoming>,
) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return answer::method_not_allowed(Dialect::OpenAi, "GET, HEAD");
    }
    let found = if name.len() > MAX_NAME { Ok(None) } else { gateway.gallery.find(name).await };
    match found {
        Ok(Some(picture)) => shown(picture),
        Ok(None) => missing().response(Dialect::OpenAi),
        Err(error) => {
            tracing::error!(%error, "the database could not be asked for a picture");
            let message = "The gateway's database, which keeps pictures, cannot be asked now.";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Fault::new(status, "store_unavailable", message).response(Dialect::OpenAi)
        }
    }
}

fn shown(picture: KeptPicture) -> Response<Body> {
    let KeptPicture { mime, bytes, until } = picture;
    let shown = SHOWN.into_iter().find(|shown| *shown == mime);
    let content_type = HeaderValue::from_static(shown.unwrap_or("application/octet-stream"));
    let mut response = answer::with_type(StatusCode::OK, content_type, bytes);
    let headers = response.headers_mut();
    let disposition = if shown.is_some() { "inline" } else { "attachment" };
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
        (REFERRER_POLICY, "no-referrer"),
        (RESOURCE_POLICY, "cross-origin"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (CONTENT_DISPOSITION, disposition),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let seconds = until.saturating_since(clock::now()).as_millis() / 1000;
    if let Ok(value) = HeaderValue::from_str(&format!("private, max-age={seconds}, immutable")) {
        headers.insert(CACHE_CONTROL, value);
    }
    response
}

fn missing() -> Fault {
    let message = "There is no such picture, or its time is over.";
    Fault::new(StatusCode::NOT_FOUND, "not_found", message)
}
