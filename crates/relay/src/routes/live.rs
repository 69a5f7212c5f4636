//! The Live API's addresses: plain HTTP up to the answer that makes the connection a WebSocket.

use http::{Method, Request, Response};
use hyper::body::Incoming;

use super::gemini::target;
use crate::answer;
use crate::body::Body;
use crate::exchange::Exchange;
use crate::live::{Session, SessionToken, handshake};
use crate::route::LiveCall;
use crate::takeover::Takeover;

/// Answers a client that wants a WebSocket.
pub(crate) fn answer(
    mut exchange: Exchange,
    call: &LiveCall<'_>,
    token: Option<SessionToken>,
    mut request: Request<Incoming>,
) -> Response<Body> {
    exchange.entry.asks("live", None, true);
    if *request.method() != Method::GET {
        let response = answer::method_not_allowed(exchange.dialect, "GET");
        exchange.entry.fails(response.status(), "rejected", "A WebSocket is opened by GET.");
        return response;
    }
    let mut response = match handshake(request.headers()) {
        Ok(response) => response,
        Err(refused) => {
            let (response, fault) = *refused;
            exchange.entry.fails(fault.status, "rejected", &fault.message);
            return response;
        }
    };
    let session = Session {
        target: target(&call.path(token.is_some()), request.uri().query().unwrap_or_default()),
        headers: upstream::forwardable(request.headers()),
        begins_with_setup: call.begins_with_setup(),
        token,
        exchange,
    };
    let upgrade = hyper::upgrade::on(&mut request);
    response.extensions_mut().insert(Takeover::new(session.run(upgrade)));
    response
}
