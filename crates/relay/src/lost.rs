//! Why a request found no answer, and what its caller is told.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use keypool::{Census, Platform, Refusal, Timestamp, WaitCause, WaitFor};

use crate::answer::{self, Fault};
use crate::body::Body;
use crate::route::Dialect;

/// An answer of Google that is handed to the client as it is, in the client's dialect.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The outcome's label, for the request log.
    pub(crate) outcome: &'static str,
    /// Google's own sentence.
    pub(crate) message: String,
    /// Whole seconds after which another try may help.
    pub(crate) retry_after: Option<u64>,
    /// Another model may take the request.
    pub(crate) is_of_model: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Lost {
    /// Google refused, and it is the client who must know.
    Refused(Box<Refused>),
    /// The gateway itself has to say no.
    Fault(Fault, &'static str),
    /// No key can serve this model at present.
    Exhausted(Fault, &'static str),
}

impl Lost {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refused) => refused.status,
            Self::Fault(fault, _) | Self::Exhausted(fault, _) => fault.status,
        }
    }

    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.outcome,
            Self::Fault(_, outcome) | Self::Exhausted(_, outcome) => outcome,
        }
    }

    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Refused(refused) => &refused.message,
            Self::Fault(fault, _) | Self::Exhausted(fault, _) => &fault.message,
        }
    }

    /// The reason lies with the model, so another model may serve.
    pub(crate) fn is_of_model(&self) -> bool {
        match self {
            Self::Refused(refused) => refused.is_of_model,
            Self::Exhausted(..) => true,
            Self::Fault(..) => false,
        }
    }

    /// Seconds after which a key can serve this model again.
    pub(crate) fn frees_in(&self) -> Option<u64> {
        match self {
            Self::Exhausted(fault, _) => fault.retry_after,
            Self::Refused(_) | Self::Fault(..) => None,
        }
    }

    /// The response in the caller's dialect.
    pub(crate) fn response(self, dialect: Dialect) -> Response<Body> {
        match self {
            Self::Fault(fault, _) | Self::Exhausted(fault, _) => fault.response(dialect),
            Self::Refused(refused) => refused.response(dialect),
        }
    }
}

impl Refused {
    /// It is for people: what Google answers where it has nothing, not even an API.
    fn is_page(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        self.status == StatusCode::NOT_FOUND
            && kind.is_some_and(|kind| kind.starts_with(b"text/html"))
    }

    fn response(self, dialect: Dialect) -> Response<Body> {
        let mut response = match dialect {
            Dialect::Gemini if self.is_page() => {
                let message = "Google knows no such address.";
                Fault::new(self.status, "unknown_url", message).response(dialect)
            }
            Dialect::Gemini => {
                let mut response = Response::new(Body::whole(self.body));
                *response.status_mut() = self.status;
                *response.headers_mut() = self.headers;
                response
            }
            Dialect::OpenAi => {
                let body = dialect::openai::error::from_gemini(self.status.as_u16(), &self.body);
                answer::json(self.status, body)
            }
            Dialect::Anthropic => {
                let status = self.status.as_u16();
                let told = dialect::anthropic::error::from_gemini(status, &self.body, None);
                let status = StatusCode::from_u16(told.status).unwrap_or(self.status);
                answer::json(status, told.body)
            }
        };
        if let Some(seconds) = self.retry_after {
            response.headers_mut().entry(RETRY_AFTER).or_insert(HeaderValue::from(seconds));
        }
        response
    }
}

/// No key can serve before `until`: they are out of quota, or Google fails for everybody.
pub(crate) fn exhausted(
    model: Option<&str>,
    cause: &WaitCause,
    until: Timestamp,
    now: Timestamp,
    census: Census,
) -> Lost {
    let seconds = whole_seconds(until, now);
    let model = model.map(|model| format!(" for {model}")).unwrap_or_default();
    if cause.what != WaitFor::Quota {
        let message = format!(
            "Google fails for every key{model} at present; the next try is in {seconds} s."
        );
        let fault = Fault::new(StatusCode::SERVICE_UNAVAILABLE, "upstream_outage", message);
        return Lost::Exhausted(fault.retry_after(seconds), "upstream_outage");
    }
    let message = format!(
        "All usable keys of the pool are out of quota{model}; the next is free in {seconds} s ({}).",
        describe(census)
    );
    let fault = Fault::new(StatusCode::TOO_MANY_REQUESTS, "pool_exhausted", message);
    Lost::Exhausted(fault.retry_after(seconds), "pool_exhausted")
}

/// One key after another turned out to be spent: the pool is still learning their limits. That the
/// next ones are spent as well is likely, so what those said counts that were asked.
pub(crate) fn hopped_enough(frees: Option<Timestamp>, now: Timestamp) -> Lost {
    let seconds = frees.map_or(1, |until| whole_seconds(until, now));
    let message = format!(
        "One key after another turned out to be out of quota; the first is free in {seconds} s."
    );
    let fault = Fault::new(StatusCode::TOO_MANY_REQUESTS, "pool_exhausted", message);
    Lost::Exhausted(fault.retry_after(seconds), "pool_exhausted")
}

/// Rounded up: who comes then is served.
fn whole_seconds(until: Timestamp, now: Timestamp) -> u64 {
    until.saturating_since(now).as_millis().div_ceil(1000).max(1) as u64
}

/// No key can serve, and waiting does not help.
pub(crate) fn unavailable(platform: Platform, refusal: Refusal, census: Census) -> Lost {
    let (code, why) = match refusal {
        Refusal::NoKeys => ("no_keys", no_keys(platform)),
        Refusal::NoneTagged => (
            "no_tagged_keys",
            "No key of the pool has any of the tags that this client token is restricted to",
        ),
        Refusal::BondBroken => (
            "resource_out_of_reach",
            "What the request names was made with a key that the pool has no more, or cannot use; \
             no other key can reach it",
        ),
        Refusal::AllDisabled => ("all_keys_disabled", "All keys of the pool are disabled"),
        Refusal::AllDead => ("all_keys_dead", "No key of the pool is alive"),
        Refusal::AllTried => ("no_usable_key", "No key of the pool could serve this request"),
    };
    let message = format!("{why} ({}).", describe(census));
    Lost::Fault(Fault::new(StatusCode::SERVICE_UNAVAILABLE, code, message), code)
}

fn no_keys(platform: Platform) -> &'static str {
    match platform {
        Platform::Gemini => "The pool has no key yet: add one with `gemini-balance keys add`",
        Platform::Vertex => {
            "There is no key of Vertex AI yet: add one with `gemini-balance keys add --vertex`"
        }
    }
}

fn describe(census: Census) -> String {
    let Census { total, ready, blocked, dead, disabled } = census;
    format!("{total} keys: {ready} ready, {blocked} out of quota, {dead} dead, {disabled} disabled")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_told_in_whole_seconds_and_never_as_zero() {
        let now = Timestamp::from_millis(1_000_000);
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_500, 60)] {
            let until = Timestamp::from_millis(1_000_000 + millis);
            let lost = exhausted(Some("m"), &cause(WaitFor::Quota), until, now, Census::default());
            let Lost::Exhausted(fault, _) = lost else { panic!("a fault of ours") };
            assert_eq!(fault.status, StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(fault.retry_after, Some(seconds), "{millis} ms");
        }
    }

    fn cause(what: WaitFor) -> WaitCause {
        WaitCause { what, window: keypool::Window::Unknown, limit: None, quota_id: None }
    }

    #[test]
    fn an_outage_of_google_is_a_503_that_says_when() {
        let (now, until) = (Timestamp::from_millis(0), Timestamp::from_millis(1500));
        let lost = exhausted(None, &cause(WaitFor::Google), until, now, Census::default());
        assert!(lost.is_of_model() && lost.frees_in() == Some(2));
        let Lost::Exhausted(fault, _) = lost else { panic!("a fault of ours") };
        assert_eq!((fault.status.as_u16(), fault.retry_after), (503, Some(2)));
    }

    #[test]
    fn what_waiting_does_not_mend_is_a_503_that_says_what_to_do() {
        let census = Census { total: 3, dead: 2, disabled: 1, ..Census::default() };
        let lost = unavailable(Platform::Gemini, Refusal::AllDead, census);
        assert_eq!(lost.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(lost.message().contains("3 keys: 0 ready, 0 out of quota, 2 dead, 1 disabled"));
        let lost = unavailable(Platform::Vertex, Refusal::NoKeys, Census::default());
        assert!(lost.message().contains("gemini-balance keys add --vertex"));
        let lost = unavailable(Platform::Gemini, Refusal::NoneTagged, census);
        assert_eq!(lost.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(lost.message().contains("restricted to"), "{}", lost.message());
    }
}
