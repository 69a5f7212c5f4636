//! What is said in return, before it is HTTP.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use crate::feed::{Feed, Step, Steps};
use crate::received::InProgress;

pub(crate) const JSON: &str = "application/json; charset=UTF-8";
pub(crate) const HTML: &str = "text/html; charset=UTF-8";
pub(crate) const EVENTS: &str = "text/event-stream";

/// How a request ends.
pub(crate) enum Reply {
    /// With an answer.
    Http(Answered),
    /// With the connection closed before a byte.
    Cut,
    /// Never.
    Hang,
    /// With bytes that are no HTTP.
    Garbage,
}

/// An answer in HTTP.
pub(crate) struct Answered {
    /// How long its head is held back.
    pub(crate) delay: Duration,
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) location: Option<String>,
    /// The length of a whole body; none for a stream.
    pub(crate) length: Option<u64>,
    pub(crate) steps: Steps,
    /// More headers.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// A whole body.
    pub(crate) fn whole(
        status: StatusCode,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let body = body.into();
        Self::Http(Answered {
            delay: Duration::ZERO,
            status,
            content_type,
            location: None,
            length: Some(body.len() as u64),
            steps: Box::new(std::iter::once(Step::Send(body))),
            headers: Vec::new(),
        })
    }

    /// A JSON body, pretty-printed as Google's are.
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        let mut text = serde_json::to_vec_pretty(body).unwrap_or_default();
        text.push(b'\n');
        Self::whole(status, JSON, text)
    }

    /// A body of this length that comes step by step.
    pub(crate) fn sized(content_type: &'static str, length: u64, steps: Steps) -> Self {
        let mut reply = Self::stream(content_type, steps);
        if let Self::Http(answered) = &mut reply {
            answered.length = Some(length);
        }
        reply
    }

    /// The status and the JSON of a whole body.
    pub(crate) fn read(self) -> (StatusCode, Value) {
        let Self::Http(answered) = self else { return (StatusCode::BAD_GATEWAY, Value::Null) };
        let body: Vec<u8> = answered
            .steps
            .filter_map(|step| if let Step::Send(bytes) = step { Some(bytes) } else { None })
            .flatten()
            .collect();
        (answered.status, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// A body that comes step by step.
    pub(crate) fn stream(content_type: &'static str, steps: Steps) -> Self {
        Self::Http(Answered {
            delay: Duration::ZERO,
            status: StatusCode::OK,
            content_type,
            location: None,
            length: None,
            steps,
            headers: Vec::new(),
        })
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Http(answered) = &mut self {
            answered.headers.push((name, value.to_owned()));
        }
        self
    }

    /// The same, later.
    pub(crate) fn delayed(self, by: Duration) -> Self {
        match self {
            Self::Http(answered) => Self::Http(Answered { delay: by, ..answered }),
            other => other,
        }
    }
}

impl Answered {
    pub(crate) fn into_response(self, guard: InProgress) -> Response<Feed> {
        guard.status(self.status.as_u16());
        let mut response = Response::new(Feed::new(self.steps, self.length, guard));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(location) = self.location.and_then(|to| HeaderValue::from_str(&to).ok()) {
            headers.insert(header::LOCATION, location);
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        front_end_headers(headers);
        response
    }
}

/// What Google's front end adds to every answer.
fn front_end_headers(headers: &mut HeaderMap) {
    for (name, value) in [
        ("vary", "Origin, X-Origin, Referer"),
        ("server", "scaffolding on HTTPServer2"),
        ("x-xss-protection", "0"),
        ("x-frame-options", "SAMEORIGIN"),
        ("x-content-type-options", "nosniff"),
        ("server-timing", "gfet4t7; dur=42"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
