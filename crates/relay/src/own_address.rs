//! The address at which clients reach the gateway, for links to what it keeps.

use http::HeaderMap;
use http::header::HOST;
use settings::Settings;

/// `PUBLIC_URL`, or what a request with these headers says of where it was sent; without a slash at
/// the end. `None` if neither is known.
pub(crate) fn own_address(settings: &Settings, headers: &HeaderMap) -> Option<String> {
    settings.server.public_url.clone().or_else(|| asked_at(headers))
}

fn asked_at(headers: &HeaderMap) -> Option<String> {
    let first = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.split(',').next().unwrap_or_default().trim())
    };
    let host = first("x-forwarded-host").or_else(|| first(HOST.as_str())).filter(|host| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        !host.is_empty() && host.bytes().all(is_plain)
    })?;
    let scheme = if first("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(lines: &[(&'static str, &str)]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.insert(*name, value.parse().unwrap());
        }
        asked_at(&headers)
    }

    #[test]
    fn a_request_says_where_it_was_sent() {
        assert_eq!(asked(&[("host", "a:8000")]).as_deref(), Some("http://a:8000"));
        let secure = [("host", "[::1]:80"), ("x-forwarded-proto", "https")];
        assert_eq!(asked(&secure).as_deref(), Some("https://[::1]:80"));
        let proxied = [("host", "inside"), ("x-forwarded-host", "ai.example.org, inside")];
        assert_eq!(asked(&proxied).as_deref(), Some("http://ai.example.org"));
        assert_eq!(asked(&[]), None);
        for odd in ["a.example/evil", "a b", "a@b", "a)", ""] {
            assert_eq!(asked(&[("host", odd)]), None, "{odd}");
        }
    }
}
