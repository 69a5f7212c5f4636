//! How a client asks for a WebSocket, in HTTP. Pure.

use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::answer::Fault;
use crate::body::Body;
use crate::route::Dialect;

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// The response that opens the WebSocket which these headers ask for, or the one that says what is
/// missing.
pub(crate) fn handshake(
    headers: &HeaderMap,
) -> Result<Response<Body>, Box<(Response<Body>, Fault)>> {
    let asks = lists(headers, &CONNECTION, "upgrade") && lists(headers, &UPGRADE, "websocket");
    if !asks {
        return Err(upgrade_required("This address speaks WebSocket only."));
    }
    if headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(upgrade_required("The WebSocket's version must be 13."));
    }
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24);
    let accept = key.map(|key| derive_accept_key(key.as_bytes()));
    let accept = accept.and_then(|accept| HeaderValue::from_str(&accept).ok());
    let Some(accept) = accept else {
        let message = "Sec-WebSocket-Key must be 16 bytes in base64.";
        let fault = Fault::new(StatusCode::BAD_REQUEST, "invalid_websocket_key", message);
        return Err(Box::new((fault.response(Dialect::Gemini), fault)));
    };
    let mut response = Response::new(Body::whole(""));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let answered = response.headers_mut();
    answered.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    answered.insert(UPGRADE, WEBSOCKET);
    answered.insert(SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(protocol) = first_protocol(headers) {
        answered.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    Ok(response)
}

/// Browsers close a WebSocket for which none of the protocols was chosen that they offered. Google knows
/// none, so any will do.
fn first_protocol(headers: &HeaderMap) -> Option<HeaderValue> {
    let offered = headers.get(SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    let first = offered.split(',').map(str::trim).find(|one| !one.is_empty())?;
    HeaderValue::from_str(first).ok()
}

fn upgrade_required(message: &str) -> Box<(Response<Body>, Fault)> {
    let fault = Fault::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", message);
    let mut response = fault.response(Dialect::Gemini);
    let headers = response.headers_mut();
    headers.insert(UPGRADE, WEBSOCKET);
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    Box::new((response, fault))
}

/// Whether a header's list holds a word, whatever the case of letters.
fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    headers.get_all(name).iter().any(|value| {
        let words = value.to_str().unwrap_or_default().split(',');
        words.map(str::trim).any(|one| one.eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let parsed = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        lines.iter().map(parsed).collect()
    }

    const ASKS: [(&str, &str); 4] = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    #[test]
    fn a_handshake_is_answered_as_the_standard_says() {
        let response = handshake(&headers(&ASKS)).ok().unwrap();
        assert_eq!(response.status(), 101);
        assert_eq!(response.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert!(!response.headers().contains_key("sec-websocket-protocol"));
        let mut offers = headers(&ASKS);
        offers.insert("sec-websocket-protocol", HeaderValue::from_static("one, two"));
        assert_eq!(handshake(&offers).ok().unwrap().headers()["sec-websocket-protocol"], "one");
    }

    #[test]
    fn what_is_missing_is_told() {
        for (left_out, status) in [
            ("connection", 426),
            ("upgrade", 426),
            ("sec-websocket-version", 426),
            ("sec-websocket-key", 400),
        ] {
            let mut headers = headers(&ASKS);
            headers.remove(left_out);
            let (response, fault) = *handshake(&headers).err().unwrap();
            assert_eq!((response.status(), fault.status.as_u16()), (fault.status, status));
        }
    }
}
