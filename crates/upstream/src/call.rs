//! What goes out, and what comes back.

use http::{HeaderMap, Method, StatusCode};
use keypool::EgressId;
use secret::PoolKey;
use tokio::time::Instant;

use crate::{AnswerBody, Payload};

/// One request to Google.
#[derive(Debug)]
pub struct Call<'a> {
    /// The method, as the client used it.
    pub method: &'a Method,
    /// Path and query below the base address, with the version (`/v1beta/models/…`). Must not hold
    /// a credential.
    pub path_and_query: &'a str,
    /// The client's headers, as they came or chosen: those that [`crate::forwardable`] would leave
    /// out stay out. Host, key, length and the operator's own headers are added.
    pub headers: &'a HeaderMap,
    /// The operator's own for this call, in place of all others of these names.
    pub own_headers: Option<&'a HeaderMap>,
    /// The one credential, sent as `x-goog-api-key`, or as the method of this path wants it. A
    /// constrained method of the Live API wants a token of a session in place of a key.
    pub key: &'a PoolKey,
    /// The way out: one of [`Client::egresses`](crate::Client::egresses).
    pub egress: EgressId,
    /// The whole body; cheap to keep for another attempt.
    pub body: Payload,
    /// When the whole exchange, the answer's body included, must be over.
    pub deadline: Option<Instant>,
}

/// The head of an answer, and its body as it comes.
#[derive(Debug)]
pub struct Answer {
    /// Any status but 1xx and 3xx: redirects are refused, so that a key goes nowhere else.
    pub status: StatusCode,
    /// End-to-end headers only.
    pub headers: HeaderMap,
    /// The body; dropping it before its end closes the connection, which cancels the request.
    pub body: AnswerBody,
}
