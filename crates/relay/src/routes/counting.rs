//! Google's `countTokens`, for the dialects that ask for a count.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use keypool::Usage;
use upstream::Payload;

use crate::answer;
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::entrance::Size;
use crate::exchange::Exchange;

/// Has the tokens of a translated request counted; `told` is how the client is told.
pub(super) async fn count(
    mut exchange: Exchange,
    model: &str,
    body: Payload,
    told: impl Fn(&Bytes) -> Result<Vec<u8>, Unusable>,
) -> Response<Body> {
    exchange.entry.asks("count_tokens", Some(model), false);
    if let Some(fault) = exchange.filtered(model) {
        return exchange.reject(&fault);
    }
    if let Err(fault) = exchange.enter(model, Size::Nothing).await {
        return exchange.refuse(&fault);
    }
    let version = &exchange.configuration.settings.upstream.default_version;
    let collection = if model.contains('/') { "" } else { "models/" };
    let target = format!("/{version}/{collection}{model}:countTokens");
    let json = HeaderValue::from_static("application/json");
    let plan = Plan {
        method: &Method::POST,
        path_and_query: &target,
        headers: HeaderMap::from_iter([(CONTENT_TYPE, json)]),
        body,
        model: Some(model),
        repeatable: true,
        kin: None,
        repair: Repair::No,
    };
    let judge = |_: &HeaderMap, bytes: &Bytes| Ok((told(bytes)?, Usage::default()));
    match attempts::whole(&mut exchange, &plan, judge).await {
        Ok((_, body)) => answer::json(StatusCode::OK, body),
        Err(lost) => exchange.lose(lost),
    }
}
