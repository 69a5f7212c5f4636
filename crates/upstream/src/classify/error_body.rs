//! Reading an error body, whatever is left of it.

use std::time::Duration;

use secret::redact;
use serde_json::{Map, Value};

/// The longest message that is passed on, in bytes.
const LONGEST_MESSAGE: usize = 500;

/// The services whose state says something about a key.
const OWN_SERVICES: [&str; 2] = ["generativelanguage.googleapis.com", "aiplatform.googleapis.com"];

/// gRPC status names and the HTTP statuses they travel under. The first name of a status is the
/// usual one.
const STATUSES: [(&str, u16); 16] = [
    ("INVALID_ARGUMENT", 400),
    ("FAILED_PRECONDITION", 400),
    ("OUT_OF_RANGE", 400),
    ("UNAUTHENTICATED", 401),
    ("PERMISSION_DENIED", 403),
    ("NOT_FOUND", 404),
    ("ABORTED", 409),
    ("ALREADY_EXISTS", 409),
    ("RESOURCE_EXHAUSTED", 429),
    ("CANCELLED", 499),
    ("INTERNAL", 500),
    ("UNKNOWN", 500),
    ("DATA_LOSS", 500),
    ("UNIMPLEMENTED", 501),
    ("UNAVAILABLE", 503),
    ("DEADLINE_EXCEEDED", 504),
];

/// What was found in an error body. Everything may be missing.
#[derive(Debug, Default)]
pub(super) struct ErrorBody {
    /// Google's message, in full.
    pub(super) message: String,
    /// `error.code` as a number.
    pub(super) code: Option<u16>,
    /// `error.code` as a word: the Interactions family.
    pub(super) word: Option<String>,
    /// `error.status`, if it is one that is known.
    pub(super) grpc_status: Option<&'static str>,
    /// `ErrorInfo.reason`.
    pub(super) reason: Option<String>,
    /// `ErrorInfo` names a service that is not the one called: its state is not the key's.
    pub(super) other_service: bool,
    /// `ErrorInfo.metadata` of old-style quota errors.
    pub(super) old_quota: Option<Violation>,
    /// `QuotaFailure.violations`.
    pub(super) violations: Vec<Violation>,
    /// `RetryInfo.retryDelay`.
    pub(super) retry_delay: Option<Duration>,
    /// The `Retry-After` header.
    pub(super) retry_after: Option<Duration>,
}

/// One quota that was exceeded.
#[derive(Debug, Default)]
pub(super) struct Violation {
    /// Names window and scope, `GenerateRequestsPerDayPerProjectPerModel-FreeTier` for example.
    pub(super) quota_id: String,
    pub(super) metric: String,
    pub(super) limit: Option<u64>,
    /// The quota counts one model only.
    pub(super) names_model: bool,
}

impl ErrorBody {
    /// Reads `{"error":{…}}`, or the same as the only element of a list.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let object = match &value {
            Value::Array(list) => list.first()?,
            other => other,
        };
        match object.get("error")? {
            Value::Object(error) => Some(Self::from_object(error)),
            Value::String(message) => Some(Self { message: message.clone(), ..Self::default() }),
            _ => None,
        }
    }

    /// A body that is no error object: its beginning becomes the message.
    pub(super) fn unreadable(body: &[u8]) -> Self {
        let start = body.get(..LONGEST_MESSAGE).unwrap_or(body);
        Self { message: String::from_utf8_lossy(start).into_owned(), ..Self::default() }
    }

    fn from_object(error: &Map<String, Value>) -> Self {
        let mut found = Self {
            message: text(error, "message"),
            code: error.get("code").and_then(Value::as_u64).and_then(|code| code.try_into().ok()),
            word: error.get("code").and_then(Value::as_str).map(str::to_owned),
            grpc_status: error.get("status").and_then(Value::as_str).and_then(known_status),
            ..Self::default()
        };
        let details = error.get("details").and_then(Value::as_array);
        for detail in details.into_iter().flatten().filter_map(Value::as_object) {
            found.take_detail(detail);
        }
        found
    }

    fn take_detail(&mut self, detail: &Map<String, Value>) {
        let kind = detail.get("@type").and_then(Value::as_str).unwrap_or_default();
        if kind.ends_with("google.rpc.ErrorInfo") {
            self.reason = detail.get("reason").and_then(Value::as_str).map(str::to_owned);
            let Some(metadata) = detail.get("metadata").and_then(Value::as_object) else { return };
            let service = text(metadata, "service");
            self.other_service = !service.is_empty() && !OWN_SERVICES.contains(&service.as_str());
            if metadata.contains_key("quota_limit") {
                self.old_quota = Some(Violation {
                    quota_id: text(metadata, "quota_limit"),
                    metric: text(metadata, "quota_metric"),
                    limit: number(metadata.get("quota_limit_value")),
                    names_model: metadata.contains_key("model"),
                });
            }
        } else if kind.ends_with("google.rpc.QuotaFailure") {
            let violations = detail.get("violations").and_then(Value::as_array);
            self.violations.extend(
                violations.into_iter().flatten().filter_map(Value::as_object).map(Violation::read),
            );
        } else if kind.ends_with("google.rpc.RetryInfo") {
            self.retry_delay = super::quota::duration(&text(detail, "retryDelay"));
        }
    }

    /// The HTTP status that belongs to an error within a stream.
    pub(super) fn http_status(&self) -> u16 {
        let by_name = || {
            let name = self.grpc_status?;
            STATUSES.iter().find(|(known, _)| *known == name).map(|(_, status)| *status)
        };
        self.code.filter(|code| (400..=599).contains(code)).or_else(by_name).unwrap_or(500)
    }

    /// The message as others may see it: without credentials, and short.
    pub(super) fn shown_message(&self) -> String {
        let mut message = redact(&self.message).into_owned();
        message.truncate(message.floor_char_boundary(LONGEST_MESSAGE));
        message
    }
}

impl Violation {
    fn read(violation: &Map<String, Value>) -> Self {
        let dimensions = violation.get("quotaDimensions").and_then(Value::as_object);
        Self {
            quota_id: text(violation, "quotaId"),
            metric: text(violation, "quotaMetric"),
            limit: number(violation.get("quotaValue")),
            names_model: dimensions.is_some_and(|dimensions| dimensions.contains_key("model")),
        }
    }
}

/// The usual gRPC status name for an HTTP status.
pub(super) fn grpc_status_of(status: u16) -> &'static str {
    let exact = STATUSES.iter().find(|(_, known)| *known == status).map(|(name, _)| *name);
    exact.unwrap_or(match status {
        402 | 407 => "PERMISSION_DENIED",
        408 => "DEADLINE_EXCEEDED",
        400..=499 => "INVALID_ARGUMENT",
        502 | 529 => "UNAVAILABLE",
        _ => "INTERNAL",
    })
}

fn known_status(name: &str) -> Option<&'static str> {
    STATUSES.iter().find(|(known, _)| *known == name).map(|(known, _)| *known)
}

fn text(object: &Map<String, Value>, field: &str) -> String {
    object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Proto JSON writes 64-bit numbers as strings.
fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::String(digits) => digits.trim().parse().ok(),
        other => other.as_u64(),
    }
}
