//! Which headers travel on.

use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue};

/// The headers of a client's request that may go to Google: end-to-end ones that are neither a
/// credential, nor tell who the client is, nor steer the way back. Anything else passes, known or
/// not.
pub fn forwardable(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if !stays_here(name.as_str()) && !named_by_connection(headers, name) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

/// Removes from an answer what concerned only the connection to Google, and what would set up
/// something between the client and Google behind the gateway's back.
pub(crate) fn keep_end_to_end(headers: &mut HeaderMap) {
    const DROPPED: [HeaderName; 10] = [
        TRANSFER_ENCODING,
        http::header::ALT_SVC,
        http::header::SET_COOKIE,
        http::header::STRICT_TRANSPORT_SECURITY,
        http::header::TRAILER,
        http::header::UPGRADE,
        http::header::PROXY_AUTHENTICATE,
        CONNECTION,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("report-to"),
    ];
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(listed_names)
        .filter_map(|name| name.parse().ok())
        .collect();
    for name in DROPPED.into_iter().chain(named) {
        headers.remove(name);
    }
}

pub(crate) fn stays_here(name: &str) -> bool {
    const PREFIXES: [&str; 9] = [
        "openai-",
        "anthropic-",
        "x-forwarded-",
        "x-envoy-",
        "x-goog-iam-",
        "x-goog-authenticated-",
        "proxy-",
        "cf-",
        "sec-",
    ];
    belongs_to_the_connection(name)
        || is_credential(name)
        || changes_the_method(name)
        || tells_of_the_client(name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Of one connection, or made anew for the next.
pub(crate) fn belongs_to_the_connection(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
            | "host"
            | "content-length"
            | "accept-encoding"
            | "expect"
    )
}

/// Google's front end would take the call for another one than was let through.
fn changes_the_method(name: &str) -> bool {
    matches!(name, "x-http-method-override" | "x-http-method" | "x-method-override")
}

/// Google refuses a request with more than one.
fn is_credential(name: &str) -> bool {
    matches!(
        name,
        "authorization" | "x-api-key" | "x-goog-api-key" | "x-goog-user-project" | "cookie"
    )
}

/// Who and where the client is; keys may be bound to referrers and addresses.
fn tells_of_the_client(name: &str) -> bool {
    matches!(
        name,
        "forwarded" | "via" | "x-real-ip" | "true-client-ip" | "cdn-loop" | "origin" | "referer"
    )
}

pub(crate) fn named_by_connection(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.contains_key(CONNECTION)
        && headers
            .get_all(CONNECTION)
            .iter()
            .flat_map(listed_names)
            .any(|listed| listed.eq_ignore_ascii_case(name.as_str()))
}

fn listed_names(value: &HeaderValue) -> impl Iterator<Item = &str> {
    value.to_str().unwrap_or_default().split(',').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn credentials_and_traces_of_the_client_stay_here() {
        let headers = map(&[
            ("authorization", "Bearer gk_x"),
            ("x-api-key", "gk_x"),
            ("x-goog-api-key", "gk_x"),
            ("x-goog-user-project", "p"),
            ("cookie", "a=b"),
            ("host", "gateway"),
            ("content-length", "3"),
            ("accept-encoding", "gzip"),
            ("openai-organization", "o"),
            ("openai-project", "o"),
            ("x-forwarded-for", "1.2.3.4"),
            ("forwarded", "for=1.2.3.4"),
            ("via", "1.1 x"),
            ("proxy-authorization", "Basic x"),
            ("sec-fetch-mode", "cors"),
            ("connection", "close, x-private"),
            ("x-private", "1"),
            ("x-http-method-override", "DELETE"),
        ]);
        assert_eq!(forwardable(&headers), HeaderMap::new());
    }

    #[test]
    fn everything_else_passes_repeated_values_too() {
        let headers = map(&[
            ("content-type", "application/json"),
            ("user-agent", "google-genai-sdk/3"),
            ("x-goog-api-client", "gl-node/22"),
            ("x-goog-upload-protocol", "resumable"),
            ("x-server-timeout", "60"),
            ("x-unknown", "1"),
            ("x-unknown", "2"),
        ]);
        assert_eq!(forwardable(&headers), headers);
    }

    #[test]
    fn an_answer_loses_what_was_about_the_connection() {
        let mut headers = map(&[
            ("transfer-encoding", "chunked"),
            ("connection", "keep-alive, x-hop"),
            ("x-hop", "1"),
            ("alt-svc", "h3=\":443\""),
            ("content-type", "application/json"),
            ("content-length", "2"),
            ("etag", "x"),
        ]);
        keep_end_to_end(&mut headers);
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "etag"]);
    }
}
