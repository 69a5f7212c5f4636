//! The gateway's own answers, in the dialect of the caller.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::body::Body;
use crate::route::Dialect;

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Names fields of the request that were left out.
const DROPPED: HeaderName = HeaderName::from_static("x-gemini-balance-dropped");

/// An error that the gateway itself gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// Machine-readable, for OpenAI's `code`.
    pub(crate) code: Option<&'static str>,
    /// The field at fault.
    pub(crate) param: Option<String>,
    /// Whole seconds after which another try may help.
    pub(crate) retry_after: Option<u64>,
}

impl Fault {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), code: Some(code), param: None, retry_after: None }
    }

    /// Waiting this many seconds helps.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The answer in `dialect`.
    pub(crate) fn response(&self, dialect: Dialect) -> Response<Body> {
        let status = self.status.as_u16();
        let body = match dialect {
            Dialect::OpenAi => dialect::openai::error::body(
                status,
                &self.message,
                None,
                self.param.as_deref(),
                self.code,
            ),
            Dialect::Anthropic => {
                dialect::anthropic::error::body(status, &self.message, self.code, None)
            }
            Dialect::Gemini => dialect::gemini::error::body(status, &self.message, None),
        };
        let mut response = json(self.status, body);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<dialect::DialectError> for Fault {
    fn from(error: dialect::DialectError) -> Self {
        Self {
            status: StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST),
            message: error.message,
            code: error.code,
            param: error.param,
            retry_after: None,
        }
    }
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    with_type(status, JSON, body)
}

/// A plain text answer.
pub(crate) fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    with_type(status, HeaderValue::from_static("text/plain; charset=utf-8"), body)
}

/// The method is not one that the path knows.
pub(crate) fn method_not_allowed(dialect: Dialect, allowed: &'static str) -> Response<Body> {
    let fault = Fault::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        format!("This address answers {allowed} only."),
    );
    let mut response = fault.response(dialect);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

pub(crate) fn with_type(
    status: StatusCode,
    content_type: HeaderValue,
    body: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = Response::new(Body::whole(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// The response, with the names of the fields that were left out.
pub(crate) fn telling(mut response: Response<Body>, dropped: &[&str]) -> Response<Body> {
    if !dropped.is_empty()
        && let Ok(names) = HeaderValue::from_str(&dropped.join(","))
    {
        response.headers_mut().insert(DROPPED, names);
    }
    response
}
