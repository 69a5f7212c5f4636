//! Which headers travel on.

use http::header::{CONNECTION, HeaderName};
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
        http::header::TRANSFER_ENCODING,
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

fn stays_here(name: &str) -> bool {
    const PREFIXES: [&str; 9] = [
        "openai-",
        "x-forwarded-",
        "proxy-",
        "cf-",
        "sec-",
        "x-goog-iam-",
        "x-goog-authenticated-",
        "x-envoy-",
        "anthropic-",
    ];
    match name {
        // Of the connection, or made anew for the next one.
        "connection" | "keep-alive" | "te" | "trailer" | "transfer-encoding" | "upgrade"
        | "http2-settings" | "host" | "content-length" | "accept-encoding" | "expect" => true,
        // Credentials: Google refuses a request with more than one.
        "authorization" | "x-api-key" | "x-goog-api-key" | "x-goog-user-project" | "cookie" => true,
        // Who and where the client is; keys may be bound to referrers and addresses.
        "forwarded" | "via" | "x-real-ip" | "true-client-ip" | "cdn-loop" | "origin"
        | "referer" => true,
        _ => PREFIXES.iter().any(|prefix| name.starts_with(prefix)),
    }
}

fn named_by_connection(headers: &HeaderMap, name: &HeaderName) -> bool {
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
        ]);
        keep_end_to_end(&mut headers);
        let names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names.len(), 2);
        assert!(headers.contains_key("content-type") && headers.contains_key("content-length"));
    }
}
