//! Where others of the same process answer requests that come in at this front door.

use std::net::IpAddr;
use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;

/// Why a body of somebody else's broke off.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// An answer that is being made; `None` if whoever makes it has failed.
pub type Answering =
    Pin<Box<dyn Future<Output = Option<Response<UnsyncBoxBody<Bytes, BodyError>>>> + Send>>;

/// Where a mounted request came from, behind trusted proxies; whoever answers finds it among the
/// request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// Whoever answers what lies below `/admin` and `/api/admin`.
pub trait Mounted: Send + Sync {
    /// Answers one request. Who may in is up to whoever answers.
    fn answer(&self, request: Request<Incoming>) -> Answering;
}
