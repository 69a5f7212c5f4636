//! Which of a client's headers are written down with its request: those that tell what it is and what it
//! takes, never a credential, a cookie or an address.

use http::HeaderMap;
use telemetry::LiveRedactor;

/// The names, in the order in which they are shown.
const SHOWN: [&str; 12] = [
    "user-agent",
    "content-type",
    "content-length",
    "accept",
    "accept-encoding",
    "anthropic-version",
    "anthropic-beta",
    "openai-beta",
    "x-goog-api-client",
    "x-stainless-lang",
    "x-stainless-package-version",
    "x-stainless-runtime",
];

/// How much of a value is kept, in characters.
const LENGTH: usize = 200;

/// Those that are there. Values are the caller's word, and callers have put keys anywhere.
pub(crate) fn shown(headers: &HeaderMap, redactor: &LiveRedactor) -> Vec<(&'static str, Box<str>)> {
    let read = |name: &'static str| {
        let text = String::from_utf8_lossy(headers.get(name)?.as_bytes());
        let text: String = redactor.redact(&text).chars().take(LENGTH).collect();
        Some((name, text.into_boxed_str()))
    };
    SHOWN.into_iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_what_carries_no_secret_is_shown() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer canary"),
            ("x-goog-api-key", "canary"),
            ("cookie", "gb_session=canary"),
            ("user-agent", "openai-python/2.1"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert("accept", HeaderValue::from_str(&"a".repeat(500)).unwrap());
        let shown = shown(&headers, &LiveRedactor::default());
        assert_eq!(shown[0], ("user-agent", "openai-python/2.1".into()));
        assert_eq!((shown.len(), shown[1].1.len()), (2, LENGTH));
    }
}
