//! Responses that are there: shown, listed and deleted.

use dialect::DialectError;
use dialect::openai::responses::{self, Page, StoredResponse};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::OPERATION;
use crate::answer::{self, Fault};
use crate::body::Body;
use crate::exchange::Exchange;

/// `GET` and `DELETE /v1/responses/{id}`.
pub(crate) async fn one(
    mut exchange: Exchange,
    request: &Request<Incoming>,
    id: &str,
) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    let body = match *request.method() {
        Method::GET => shown(&exchange, request, id).await,
        Method::DELETE => deleted(&exchange, id).await,
        _ => return answer::method_not_allowed(exchange.dialect, "GET, DELETE"),
    };
    told(exchange, body)
}

/// `GET /v1/responses/{id}/input_items`.
pub(crate) async fn input_items(
    mut exchange: Exchange,
    request: &Request<Incoming>,
    id: &str,
) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    if *request.method() != Method::GET {
        return answer::method_not_allowed(exchange.dialect, "GET");
    }
    let body = listed(&exchange, request, id).await;
    told(exchange, body)
}

fn told(mut exchange: Exchange, body: Result<Vec<u8>, Fault>) -> Response<Body> {
    match body {
        Ok(body) => {
            exchange.entry.ends(StatusCode::OK, "served");
            answer::json(StatusCode::OK, body)
        }
        Err(fault) => exchange.reject(&fault),
    }
}

async fn shown(
    exchange: &Exchange,
    request: &Request<Incoming>,
    id: &str,
) -> Result<Vec<u8>, Fault> {
    if Query::of(request).value("stream") == Some("true") {
        let message = "A response that has ended is not streamed again: leave 'stream' out.";
        return Err(DialectError::unsupported("stream", message).into());
    }
    Ok(find(exchange, id).await?.response().as_bytes().to_vec())
}

async fn listed(
    exchange: &Exchange,
    request: &Request<Incoming>,
    id: &str,
) -> Result<Vec<u8>, Fault> {
    let query = Query::of(request);
    let page = Page::read(query.value("after"), query.value("limit"), query.value("order"))?;
    Ok(responses::input_items(&find(exchange, id).await?, &page))
}

async fn deleted(exchange: &Exchange, id: &str) -> Result<Vec<u8>, Fault> {
    if exchange.gateway.archive.delete(&exchange.entry.token_id(), id).await? {
        return Ok(responses::deleted(id));
    }
    Err(not_found(id))
}

async fn find(exchange: &Exchange, id: &str) -> Result<StoredResponse, Fault> {
    let found = exchange.gateway.archive.find(&exchange.entry.token_id(), id).await?;
    found.ok_or_else(|| not_found(id))
}

fn not_found(id: &str) -> Fault {
    let message = format!("Response with id '{id}' not found.");
    Fault::new(StatusCode::NOT_FOUND, "not_found", message)
}

/// The parameters of a query.
struct Query<'r>(Vec<(std::borrow::Cow<'r, str>, std::borrow::Cow<'r, str>)>);

impl<'r> Query<'r> {
    fn of(request: &'r Request<Incoming>) -> Self {
        let query = request.uri().query().unwrap_or_default();
        Self(url::form_urlencoded::parse(query.as_bytes()).collect())
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }
}
