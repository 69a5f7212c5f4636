//! OpenAI's `POST /v1/embeddings`.

use std::sync::Arc;

use bytes::Bytes;
use dialect::openai::embeddings::{self, Embeddings, Vectors};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use upstream::Payload;

use super::translated::{self, JSON_BODY};
use crate::answer;
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::entrance::Size;
use crate::exchange::Exchange;
use crate::fetching::{Reader, Reading};
use crate::lost::Lost;
use crate::stream::pool_usage;

/// So many calls of one request run at a time.
const SIDE_BY_SIDE: usize = 8;

/// Answers a request for embeddings.
pub(crate) async fn answer(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks("embeddings", None, false);
    let body = match translated::read(&mut exchange, request).await {
        Ok(body) => body,
        Err(instead) => return *instead,
    };
    let configuration = Arc::clone(&exchange.configuration);
    let translate = |body: &Bytes, reading: Reading<'_>| {
        embeddings::translate(body, &configuration.offering.embeddings_options(reading))
    };
    let read = Box::pin(Reader::new(body).read(&exchange, 0, &translate)).await;
    let checked = read.and_then(|(embeddings, body)| {
        translated::check_name(embeddings.model())?;
        Ok((embeddings, body))
    });
    let (mut embeddings, first) = match checked {
        Ok(read) => read,
        Err(fault) => return exchange.reject(&fault),
    };
    let model = embeddings.model().to_owned();
    exchange.entry.asks("embeddings", Some(&model), false);
    if let Some(fault) = exchange.filtered(&model) {
        return exchange.reject(&fault);
    }
    let bodies =
        std::iter::once(first).chain(embeddings.take_more().into_iter().map(Payload::from));
    let bodies: Vec<Payload> = bodies.collect();
    if let Err(refused) = exchange.enter(&model, Size::Calls(&bodies)).await {
        return exchange.refuse(&refused);
    }
    match call_all(&exchange, &embeddings, bodies).await {
        Ok(calls) => {
            let usage =
                calls.iter().fold(dialect::Usage::default(), |sum, call| sum.plus(&call.usage));
            exchange.entry.usage(pool_usage(usage));
            exchange.entry.ends(StatusCode::OK, "served");
            answer::json(StatusCode::OK, embeddings.response(&calls))
        }
        Err(lost) => exchange.lose(lost),
    }
}

/// The answers to all calls, in their order; a call that fails ends the others.
async fn call_all(
    exchange: &Exchange,
    embeddings: &Embeddings,
    bodies: Vec<Payload>,
) -> Result<Vec<Vectors>, Lost> {
    let version = &exchange.configuration.settings.upstream.default_version;
    let model = embeddings.model();
    let collection = if model.contains('/') { "" } else { "models/" };
    let target = format!("/{version}/{collection}{model}:batchEmbedContents");
    let calls = bodies.into_iter().enumerate();
    let calls: Vec<_> = calls
        .map(|(number, body)| call(exchange.branch(false), embeddings, &target, number, body))
        .collect();
    stream::iter(calls).buffered(SIDE_BY_SIDE).try_collect().await
}

async fn call(
    mut exchange: Exchange,
    embeddings: &Embeddings,
    target: &str,
    number: usize,
    body: Payload,
) -> Result<Vectors, Lost> {
    let plan = Plan {
        method: &Method::POST,
        path_and_query: target,
        headers: HeaderMap::from_iter([JSON_BODY]),
        body,
        model: Some(embeddings.model()),
        repeatable: true,
        kin: None,
        repair: Repair::No,
    };
    let judge = |_: &HeaderMap, answer: &Bytes| match embeddings.read(number, answer) {
        Ok(vectors) => {
            let usage = pool_usage(vectors.usage);
            Ok((vectors, usage))
        }
        Err(error) => Err(Unusable::translating(error, answer)),
    };
    let (_, vectors) = attempts::whole(&mut exchange, &plan, judge).await?;
    Ok(vectors)
}
