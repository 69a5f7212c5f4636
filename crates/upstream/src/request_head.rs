//! Writing the head of a request, from parts that were prepared once.

use bytes::{BufMut, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use keypool::Phase;
use url::Url;

use crate::connection::COPIED_BODY;
use crate::headers::{belongs_to_the_connection, named_by_connection, stays_here};
use crate::{Broken, Call, Outflow};

/// Begins the line of the key.
const KEY: &[u8] = b"x-goog-api-key: ";

/// Begins it where Google takes a key as OpenAI does.
const BEARER: &[u8] = b"authorization: Bearer ";

/// Begins it where Google takes a token of a session in place of a key.
const TOKEN: &[u8] = b"authorization: Token ";

/// Room for the parts of a head that differ, usually.
const TYPICAL_REST: usize = 512;

/// What is the same in every head.
#[derive(Debug)]
pub(crate) struct HeadTemplate {
    /// The base address's path, without a slash at its end.
    prefix: String,
    /// The lines from Host on that every call has.
    begin: Vec<u8>,
    /// The operator's own lines.
    fixed: Vec<u8>,
    /// The operator's own headers.
    custom: HeaderMap,
}

impl HeadTemplate {
    pub(crate) fn new(base: &Url, custom: &HeaderMap) -> Self {
        let mut begin = b" HTTP/1.1\r\nhost: ".to_vec();
        begin.extend_from_slice(base.host_str().unwrap_or_default().as_bytes());
        if let Some(port) = base.port() {
            begin.extend_from_slice(format!(":{port}").as_bytes());
        }
        begin.extend_from_slice(b"\r\naccept-encoding: identity\r\n");
        let mut custom = custom.clone();
        for name in custom.keys().filter(|name| is_ours(name)).cloned().collect::<Vec<_>>() {
            custom.remove(name);
        }
        let mut fixed = Vec::new();
        for (name, value) in &custom {
            push_line(&mut fixed, name, value);
        }
        Self { prefix: base.path().trim_end_matches('/').to_owned(), begin, fixed, custom }
    }

    /// Appends the operator's lines and the name of the key's header.
    fn put_own(&self, call: &Call<'_>, out: &mut BytesMut) {
        let key = line_of_key(call.path_and_query);
        let Some(own) = call.own_headers else {
            out.put_slice(&self.fixed);
            return out.put_slice(key);
        };
        let general = self.custom.iter().filter(|(name, _)| !own.contains_key(*name));
        for (name, value) in general.chain(own.iter().filter(|(name, _)| !is_ours(name))) {
            push_line(out, name, value);
        }
        out.put_slice(key);
    }

    /// Appends the head of `call` to `out`; `outflow` is its body, if that comes bit by bit.
    pub(crate) fn write(
        &self,
        call: &Call<'_>,
        outflow: Option<&Outflow>,
        out: &mut BytesMut,
    ) -> Result<(), Broken> {
        if !is_request_target(call.path_and_query) {
            return Err(Broken::unsent(Phase::Protocol, "the path cannot stand in a request line"));
        }
        out.reserve(
            self.begin.len()
                + self.fixed.len()
                + call.path_and_query.len()
                + TYPICAL_REST
                + call.body.len().min(COPIED_BODY),
        );
        out.put_slice(call.method.as_str().as_bytes());
        out.put_u8(b' ');
        out.put_slice(self.prefix.as_bytes());
        out.put_slice(call.path_and_query.as_bytes());
        out.put_slice(&self.begin);
        self.put_own(call, out);
        out.put_slice(call.key.expose().as_bytes());
        out.put_slice(b"\r\n");
        let own_connection = call.headers.contains_key(http::header::CONNECTION);
        for (name, value) in call.headers {
            let dropped = stays_here(name.as_str())
                || self.custom.contains_key(name)
                || call.own_headers.is_some_and(|own| own.contains_key(name))
                || (own_connection && named_by_connection(call.headers, name));
            if !dropped {
                push_line(out, name, value);
            }
        }
        let length = match outflow {
            Some(outflow) => outflow.length(),
            None => Some(call.body.len() as u64),
        };
        match length {
            None => out.put_slice(b"transfer-encoding: chunked\r\n"),
            Some(0) if !has_usually_a_body(call.method) => {}
            Some(length) => {
                out.put_slice(b"content-length: ");
                put_number(out, length);
                out.put_slice(b"\r\n");
            }
        }
        out.put_slice(b"\r\n");
        Ok(())
    }
}

/// Google's OpenAI-compatible layer knows no `x-goog-api-key`, and the constrained methods of the Live
/// API take no keys at all.
fn line_of_key(path_and_query: &str) -> &'static [u8] {
    let path = path_and_query.split('?').next().unwrap_or_default();
    if path.split('/').nth(2) == Some("openai") {
        BEARER
    } else if path.starts_with("/ws/") && path.ends_with("Constrained") {
        TOKEN
    } else {
        KEY
    }
}

fn has_usually_a_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// What an operator cannot set: it would break the framing or add a second key.
fn is_ours(name: &HeaderName) -> bool {
    belongs_to_the_connection(name.as_str()) || name.as_str() == "x-goog-api-key"
}

fn is_request_target(target: &str) -> bool {
    target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

fn push_line(out: &mut impl BufMut, name: &HeaderName, value: &HeaderValue) {
    out.put_slice(name.as_str().as_bytes());
    out.put_slice(b": ");
    out.put_slice(value.as_bytes());
    out.put_slice(b"\r\n");
}

fn put_number(out: &mut BytesMut, number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut left = number;
    loop {
        at -= 1;
        if let Some(digit) = digits.get_mut(at) {
            *digit = b'0' + (left % 10) as u8;
        }
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.put_slice(digits.get(at..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use secret::PoolKey;

    use super::*;

    fn written(
        base: &str,
        method: &Method,
        path: &str,
        lines: &[(&str, &str)],
        body: &'static [u8],
    ) -> Result<String, Broken> {
        let headers: HeaderMap = lines
            .iter()
            .map(|(name, value)| {
                (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
            })
            .collect();
        let custom: HeaderMap =
            [("x-own", "1"), ("host", "elsewhere"), ("x-goog-api-key", "other")]
                .iter()
                .map(|(name, value)| {
                    (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
                })
                .collect();
        let own = [("x-own", "3"), ("x-more", "4"), ("x-goog-api-key", "other")]
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let own = HeaderMap::from_iter(own);
        let key = PoolKey::parse("AIzaSyTEST").unwrap();
        let call = Call {
            method,
            path_and_query: path,
            headers: &headers,
            own_headers: path.contains("own").then_some(&own),
            key: &key,
            egress: keypool::EgressId::DIRECT,
            body: Bytes::from_static(body).into(),
            deadline: None,
        };
        let mut out = BytesMut::new();
        HeadTemplate::new(&base.parse().unwrap(), &custom).write(&call, None, &mut out)?;
        Ok(String::from_utf8(out.to_vec()).unwrap())
    }

    #[test]
    fn a_head_holds_one_credential_and_what_may_travel() {
        let lines = [
            ("authorization", "Bearer gk_x"),
            ("x-goog-api-key", "gk_x"),
            ("content-type", "application/json"),
            ("content-length", "99"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("x-own", "2"),
        ];
        let head =
            written("http://h:81/p/", &Method::POST, "/v1beta/models/m:x?alt=sse", &lines, b"{}");
        assert_eq!(
            head.unwrap(),
            "POST /p/v1beta/models/m:x?alt=sse HTTP/1.1\r\nhost: h:81\r\naccept-encoding: identity\r\n\
             x-own: 1\r\nx-goog-api-key: AIzaSyTEST\r\ncontent-type: application/json\r\n\
             content-length: 2\r\n\r\n"
        );
    }

    #[test]
    fn a_calls_own_headers_replace_the_others() {
        let lines = [("x-own", "2"), ("x-more", "2"), ("x-other", "2")];
        let head = written("http://h", &Method::GET, "/own", &lines, b"").unwrap();
        assert_eq!(
            head,
            "GET /own HTTP/1.1\r\nhost: h\r\naccept-encoding: identity\r\nx-own: 3\r\nx-more: 4\r\n\
             x-goog-api-key: AIzaSyTEST\r\nx-other: 2\r\n\r\n"
        );
    }

    #[test]
    fn the_compatible_layer_is_given_the_key_as_it_wants_it() {
        let path = "/v1beta/openai/chat/completions";
        let head = written("http://h", &Method::POST, path, &[], b"{}").unwrap();
        assert!(head.contains("\r\nauthorization: Bearer AIzaSyTEST\r\n"), "{head}");
        assert!(!head.contains("x-goog-api-key"), "{head}");
    }

    #[test]
    fn a_constrained_method_is_given_a_token_of_a_session() {
        let service = "/ws/google.ai.generativelanguage.v1alpha.GenerativeService";
        let path = format!("{service}.BidiGenerateContentConstrained?more=1");
        let head = written("http://h", &Method::GET, &path, &[], b"").unwrap();
        assert!(head.contains("\r\nauthorization: Token AIzaSyTEST\r\n"), "{head}");
        assert!(!head.contains("x-goog-api-key"), "{head}");
        let path = format!("{service}.BidiGenerateContent?x=Constrained");
        let head = written("http://h", &Method::GET, &path, &[], b"").unwrap();
        assert!(head.contains("\r\nx-goog-api-key: AIzaSyTEST\r\n"), "{head}");
    }

    #[test]
    fn a_get_has_no_length_and_a_post_always() {
        let get = written("https://h", &Method::GET, "/v1beta/models", &[], b"").unwrap();
        assert!(get.starts_with("GET /v1beta/models HTTP/1.1\r\nhost: h\r\n"));
        assert!(!get.contains("content-length"));
        let post = written("https://h", &Method::POST, "/v1beta/x:cancel", &[], b"").unwrap();
        assert!(post.ends_with("content-length: 0\r\n\r\n"));
    }

    #[test]
    fn a_path_that_would_break_out_of_its_line_is_refused() {
        for path in ["v1beta", "", "/a b", "/a\r\nx: y", "/a#b", "/\u{e9}", "@127.0.0.1:9/"] {
            assert!(
                !written("http://h", &Method::GET, path, &[], b"").unwrap_err().sent,
                "{path:?}"
            );
        }
    }
}
