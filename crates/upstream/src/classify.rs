//! What an error answer means: one table for every body that Google is known to send.
//!
//! Words of a message count only where Google begins it with them. Messages also repeat what the
//! client sent (field names, model names); were they searched, a client could write "API key not
//! valid" into its request and have healthy keys taken out.

mod class;
mod close;
mod error_body;
mod quota;
#[cfg(test)]
mod tests;

use http::HeaderMap;
use keypool::{DeathReason, Outcome, QuotaSpent, Scope, Timestamp, Window};

pub use self::class::Class;
pub use self::close::classify_close;
use self::error_body::ErrorBody;

/// How long a model that a project may not use is left alone.
const NOT_OFFERED: std::time::Duration = std::time::Duration::from_hours(24);

/// What an error answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// What the pool is told.
    pub outcome: Outcome,
    /// The kind of error, for deciding about retries and for clients' error codes.
    pub class: Class,
    /// The HTTP status, or for an error within a stream the one that its gRPC status stands for.
    pub status: u16,
    /// The gRPC status name, `RESOURCE_EXHAUSTED` for example: Google's, or the usual one for the
    /// HTTP status.
    pub grpc_status: &'static str,
    /// Google's words without credentials, at most 500 bytes. The start of the body if it was not
    /// JSON.
    pub message: String,
}

/// Judges an answer with an error status.
///
/// `body` may be cut off; whatever cannot be read is judged by its status alone.
pub fn classify(status: u16, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Verdict {
    let mut error = ErrorBody::parse(body).unwrap_or_else(|| ErrorBody::unreadable(body));
    error.retry_after = quota::retry_after(headers);
    judge(status, &error, now)
}

/// Judges an error object found in a stream that began with status 200.
///
/// `None` if `data` is not an object, or a list of one object, with an `error` in it.
pub fn classify_event_error(data: &[u8], now: Timestamp) -> Option<Verdict> {
    let error = ErrorBody::parse(data)?;
    Some(judge(error.http_status(), &error, now))
}

fn judge(status: u16, error: &ErrorBody, now: Timestamp) -> Verdict {
    let class = class::class_of(status, error);
    let (class, outcome) = match class {
        Found::Class(class) => (class, outcome_of(class, now)),
        Found::Dead(reason) => (Class::KeyDead, Outcome::KeyDead(reason)),
        Found::Quota => {
            let spent = quota::spent(error, now);
            (Class::of_window(spent.window), Outcome::QuotaSpent(spent))
        }
    };
    Verdict {
        outcome,
        class,
        status,
        grpc_status: error.grpc_status.unwrap_or_else(|| error_body::grpc_status_of(status)),
        message: error.shown_message(),
    }
}

/// What the table says about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// A kind of error that says all by itself.
    Class(Class),
    /// The key is of no use any more.
    Dead(DeathReason),
    /// A quota is spent; which one and until when stands in the details.
    Quota,
}

fn outcome_of(class: Class, now: Timestamp) -> Outcome {
    match class {
        Class::Request
        | Class::ContextLength
        | Class::UnknownModel
        | Class::Repairable
        | Class::ForeignResource => Outcome::ClientFault,
        Class::Egress => Outcome::RegionRefused,
        Class::ModelDenied => Outcome::QuotaSpent(QuotaSpent {
            window: Window::NotOffered,
            scope: Scope::Model,
            until: Some(now + NOT_OFFERED),
            limit: None,
            quota_id: None,
        }),
        Class::Overloaded | Class::Transient | Class::Cancelled => Outcome::ModelBusy,
        _ => Outcome::KeyRefused,
    }
}
