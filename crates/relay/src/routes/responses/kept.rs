//! Responses that are there: shown, streamed again, listed, cancelled and deleted.

use dialect::DialectError;
use dialect::openai::responses::{self, Page, StoredResponse};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::OPERATION;
use super::query::Query;
use crate::answer::{self, Fault};
use crate::background::{Follower, Source};
use crate::body::Body;
use crate::exchange::{Exchange, InProgress};
use crate::routes::translated;

/// `GET` and `DELETE /v1/responses/{id}`.
pub(crate) async fn one(
    mut exchange: Exchange,
    request: &Request<Incoming>,
    id: &str,
) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    let body = match *request.method() {
        Method::GET => match Wanted::read(&Query::of(request)) {
            Ok(Wanted::Object) => shown(&exchange, id).await,
            Ok(Wanted::Stream { after }) => return streamed(exchange, id, after).await,
            Err(mistake) => Err(mistake.into()),
        },
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

/// What is wanted of a response. `include` changes nothing, since an object holds what was asked for
/// when it was made; nor does `include_obfuscation`, since there is none.
enum Wanted {
    Object,
    /// Its events, without those up to this one.
    Stream {
        after: Option<u64>,
    },
}

impl Wanted {
    fn read(query: &Query<'_>) -> Result<Self, DialectError> {
        query.flag("include_obfuscation")?;
        let after = query.number("starting_after")?;
        Ok(if query.flag("stream")? { Self::Stream { after } } else { Self::Object })
    }
}

async fn shown(exchange: &Exchange, id: &str) -> Result<Vec<u8>, Fault> {
    Ok(find(exchange, id).await?.response().as_bytes().to_vec())
}

async fn streamed(mut exchange: Exchange, id: &str, after: Option<u64>) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, true);
    let found = match find(&exchange, id).await {
        Ok(found) => found,
        Err(fault) => return exchange.reject(&fault),
    };
    if !found.is_background() {
        let message = "Only background responses are streamed again: leave 'stream' out.";
        return exchange.reject(&DialectError::unsupported("stream", message).into());
    }
    let silence = exchange.configuration.settings.stream.keep_alive;
    let InProgress { gateway, entry, .. } = *exchange;
    let source = match gateway.background.job(id) {
        Some(job) => Source::Tape(job.tape.follow()),
        None => Source::Store { owner: entry.token_id(), id: id.to_owned() },
    };
    let follower = Follower { gateway, source, after, silence, entry: Some(entry) };
    translated::event_stream(follower.body())
}

/// `POST /v1/responses/{id}/cancel`.
pub(crate) async fn cancel(
    mut exchange: Exchange,
    request: &Request<Incoming>,
    id: &str,
) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    if *request.method() != Method::POST {
        return answer::method_not_allowed(exchange.dialect, "POST");
    }
    let body = cancelled(&exchange, id).await;
    told(exchange, body)
}

/// What has ended stays as it is.
async fn cancelled(exchange: &Exchange, id: &str) -> Result<Vec<u8>, Fault> {
    let response = find(exchange, id).await?;
    if !response.is_background() {
        let message = "Only background responses can be cancelled, and this is none.";
        return Err(Fault::new(StatusCode::BAD_REQUEST, "not_a_background_response", message));
    }
    if response.is_running() {
        match exchange.gateway.background.job(id) {
            Some(job) => {
                job.unwanted.cancel();
                job.tape.ended().await;
            }
            // Whoever works on it elsewhere learns of it by the store.
            None => drop(exchange.gateway.archive.end(&response.cancelled()).await?),
        }
    }
    shown(exchange, id).await
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
        if let Some(job) = exchange.gateway.background.job(id) {
            job.unwanted.cancel();
        }
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
