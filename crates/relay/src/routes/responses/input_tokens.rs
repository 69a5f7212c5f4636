//! `POST /v1/responses/input_tokens`.

use bytes::Bytes;
use dialect::openai::responses;
use http::{Request, Response};
use hyper::body::Incoming;
use upstream::Payload;

use super::earlier::Loaded;
use crate::answer::Fault;
use crate::attempts::Unusable;
use crate::body::Body;
use crate::exchange::Exchange;
use crate::fetching::{Reader, Reading};
use crate::routes::{counting, translated};

const OPERATION: &str = "count_tokens";

/// Counts the tokens of a request for a response.
pub(crate) async fn count(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    let body = match translated::read(&mut exchange, request).await {
        Ok(body) => body,
        Err(instead) => return *instead,
    };
    match translate(&exchange, &body).await {
        Ok((model, body)) => counting::count(exchange, &model, body, told).await,
        Err(fault) => exchange.reject(&fault),
    }
}

async fn translate(exchange: &Exchange, body: &Bytes) -> Result<(String, Payload), Fault> {
    let loaded = Loaded::load(exchange, body).await?;
    let offering = &exchange.configuration.offering;
    let translate = |body: &Bytes, reading: Reading<'_>| {
        responses::input_tokens(body, loaded.earlier(), &offering.responses_options(reading))
    };
    let (model, body) = Reader::new(body.clone()).read(exchange, 0, &translate).await?;
    translated::check_name(&model)?;
    Ok((model, body))
}

fn told(answer: &Bytes) -> Result<Vec<u8>, Unusable> {
    responses::input_tokens_answer(answer)
        .ok_or_else(|| Unusable::Malformed("is no count of tokens.".to_owned()))
}
